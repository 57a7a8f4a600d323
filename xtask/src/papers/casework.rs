//! The papers of casework: letters, agreements, slips and receipts, for people whose language is not
//! the office's and partners who are written to in a third one.

use anyhow::{Context, Result, ensure};
use axum::http::StatusCode;
use darna::vault::{Actor, Roles};
use darna_tests::casework::{WORDS, add, enter};
use darna_tests::centre::Page;

use super::Printing;

/// Whose papers an office prints: the place in the names, the first language, and the language that
/// the other side reads.
type Reader = (usize, &'static str, &'static str);

fn readers(office: &str) -> &'static [Reader] {
    match office {
        "ar" => &[
            (2, "amh", "fr"),
            (13, "mal", "ar"),
            (14, "fra", "en"),
            (15, "urd", "en"),
        ],
        "fr" => &[
            (3, "ara", "fr"),
            (8, "sin", "ar"),
            (7, "ben", "en"),
            (6, "hin", "fr"),
        ],
        _ => &[
            (3, "ara", "en"),
            (9, "tam", "fr"),
            (5, "nep", "ar"),
            (10, "tgl", "fr"),
            (14, "fra", "ar"),
        ],
    }
}

/// A partner for each language that letters are written in: the language, and the names.
const PARTNERS: [(&str, [&str; 3]); 3] = [
    ("en", ["Cedar Clinic", "عيادة الأرز", "Dispensaire du Cèdre"]),
    (
        "ar",
        ["Olive Clinic", "عيادة الزيتون", "Dispensaire de l’Olivier"],
    ),
    (
        "fr",
        ["Palm Clinic", "عيادة النخيل", "Dispensaire du Palmier"],
    ),
];

const CLINIC: [(&str, &str); 12] = [
    ("kind", "clinic"),
    ("services", "MED.refer"),
    ("services", "LEG.advice"),
    ("area", "Old harbour"),
    ("address", "12 Lemon Street, behind the invented market"),
    ("phone", "+999 20 555 000"),
    ("focal", "Dr Hana Example"),
    ("safety", "tested"),
    ("cost", "free"),
    ("women-staff", "yes"),
    ("wheelchair", "yes"),
    ("checked", "yes"),
];

const STORY: &str = "Worked as a cleaner for three families of one house from March to October 2026.\nنامت في المطبخ ولم يكن لها يوم عطلة.\nThe wage of 300 USD was agreed; since August nothing was paid, and the passport lies with the employer.";

/// Written as a worker types: several paragraphs, in the language of the letter.
fn facts(language: &str) -> &'static str {
    match language {
        "ar" => {
            "عملت في التنظيف لثلاث عائلات من آذار إلى تشرين الأول 2026، ستة أيام في الأسبوع.\nالأجر المتفق عليه 300 دولار في الشهر. لم يُدفع شيء منذ آب، ولا أجر الساعات الإضافية (85 ساعة).\nجواز السفر EP 0417 محتجز لدى صاحب العمل."
        }
        "fr" => {
            "Elle a fait le ménage pour trois familles de mars à octobre 2026, six jours par semaine.\nLe salaire convenu était de 300 USD par mois. Rien n’a été payé depuis août, ni les 85 heures supplémentaires.\nLe passeport EP 0417 est retenu par l’employeur."
        }
        _ => {
            "She cleaned for three families from March to October 2026, six days a week.\nThe wage agreed was 300 USD a month. Nothing was paid since August, nor the 85 hours of overtime.\nThe passport EP 0417 is kept by the employer."
        }
    }
}

impl Printing {
    pub fn casework(&self) -> Result<()> {
        let centre = &self.centre;
        let roles = Roles::CASEWORKER.and(Roles::DESK);
        let [leila, omar] = ["Leila", "Omar"].map(|name| add(centre, name, roles));
        let named = centre
            .app
            .vault
            .name_sealed(centre.manager(), leila.user, Some(omar.user));
        ensure!(named.is_ok(), "the pair is named");
        self.come_in("Omar");
        self.come_in("Leila");
        self.sealed_sheet()?;
        self.partners()?;
        for reader in readers(self.office) {
            self.papers_of(omar, reader)?;
        }
        self.feedback()
    }

    fn come_in(&self, name: &str) {
        enter(&self.centre, name);
        self.speak("/cases");
    }

    /// Sends what must be taken.
    fn done(&self, from: &str, at: &str, told: &[(&str, &str)]) -> Result<Page> {
        let page = self.centre.post(from, at, told);
        let errors = page.all(".error span, .notice-stop strong");
        ensure!(page.status == StatusCode::SEE_OTHER, "{at}: {errors:?}");
        Ok(page)
    }

    fn sealed_sheet(&self) -> Result<()> {
        let told = [("passphrase", WORDS)];
        self.done("/sealed/sheet", "/sealed/sheet", &told)?;
        self.print("sealed-sheet", "/sealed/sheet", "/sealed/words", &[])
    }

    /// One partner for each language that letters are written in; then the list to hand out.
    fn partners(&self) -> Result<()> {
        for (language, [english, arabic, french]) in PARTNERS {
            let names = [
                ("name-en", english),
                ("name-ar", arabic),
                ("name-fr", french),
                ("letters-in", language),
            ];
            let told = [&CLINIC[..], &names[..]].concat();
            self.done("/partners/new", "/partners/new", &told)?;
        }
        for (name, beside) in [
            ("partner-list", ""),
            ("partner-list-english", "eng"),
            ("partner-list-arabic", "ara"),
            ("partner-list-french", "fra"),
        ] {
            let told = [("beside", beside)];
            self.print(name, "/partners", "/partners/handout", &told)?;
        }
        Ok(())
    }

    fn papers_of(&self, omar: Actor, (place, speaks, to): &Reader) -> Result<()> {
        let person = self.people[*place].to_string();
        let told = [
            ("person", &*person),
            ("kind", "legal"),
            ("words", STORY),
            ("issue-1", "W01"),
            ("goal", "The wages, and the passport.\nأجوري وجواز سفري."),
            ("urgency", "normal"),
            ("safety", "Safe with a friend"),
            ("whose", "me"),
        ];
        let new = format!("/cases/new?person={person}");
        let of = Of {
            printing: self,
            witness: omar.user.to_string(),
            case: self.done(&new, "/cases/new", &told)?.to,
            person,
            speaks,
            to,
        };
        of.told()?;
        of.demand()?;
        of.sharing()?;
        of.custody()?;
        of.receipt()?;
        of.help()?;
        of.referral()
    }

    /// What a partner hears back who sent somebody: at first, and in the end.
    fn feedback(&self) -> Result<()> {
        let case = self.centre.get("/cases/list");
        let case = case.attribute(".row-names a", "href");
        let case = case.trim_start_matches("/cases/").to_owned();
        for (to, names) in PARTNERS {
            let options = self.centre.get("/referrals/in/new");
            let partner = option(&options, &names)?;
            let told = [
                ("partner", &*partner),
                ("called", "K-417"),
                ("received", "01/11/2026"),
                ("need", "LEG.advice"),
                ("urgency", "urgent"),
                ("words", "Not paid for a year"),
            ];
            let new = "/referrals/in/new";
            let page = self.done(new, new, &told)?.to;
            let (steps, paper) = (format!("{page}/steps"), format!("{page}/feedback"));
            self.done(&page, &steps, &[("step", "accept")])?;
            self.print(&format!("feedback-yes-{to}"), &page, &paper, &[])?;
            self.done(&page, &steps, &[("step", "link"), ("case", &case)])?;
            let report = [
                ("step", "report"),
                (
                    "report",
                    "She came, and is advised on her wages. جاءت وهي بخير.",
                ),
                ("how", "spoken"),
            ];
            self.done(&page, &steps, &report)?;
            self.print(&format!("feedback-result-{to}"), &page, &paper, &[])?;
        }
        Ok(())
    }
}

/// The partner of these names among those that a page offers.
fn option(page: &Page, names: &[&str]) -> Result<String> {
    let mut labels = page.all("#partner option").into_iter();
    let at = labels.position(|label| names.iter().any(|name| label.starts_with(name)));
    let nth = at.context("a partner to choose")? + 1;
    Ok(page.attribute(&format!("#partner option:nth-child({nth})"), "value"))
}

/// One case whose papers are printed.
struct Of<'p> {
    printing: &'p Printing,
    person: String,
    witness: String,
    /// The address of the case.
    case: String,
    speaks: &'p str,
    /// The language of the other side.
    to: &'p str,
}

impl Of<'_> {
    fn done(&self, path: &str, told: &[(&str, &str)]) -> Result<Page> {
        let path = format!("{}{path}", self.case);
        self.printing.done(&self.case, &path, told)
    }

    fn get(&self, path: &str) -> Page {
        self.printing.centre.get(&format!("{}{path}", self.case))
    }

    fn print(&self, name: &str, at: &str, asked: &[(&str, &str)]) -> Result<()> {
        let name = format!("{name}-{}", self.speaks);
        self.printing.print(&name, &self.case, at, asked)
    }

    /// All that a summary can tell.
    fn told(&self) -> Result<()> {
        let party = [
            ("party-name", "Abdel Rahman Trading & Cleaning Services"),
            ("party-kind", "employer"),
        ];
        self.done("/parties", &party)?;
        for issue in ["D01", "H02"] {
            self.done("/issues", &[("add", issue), ("issue-since", "08/2026")])?;
        }
        let notes = [
            ("Paid in cash before; three slips were seen.", "fact"),
            (facts(self.to), "fact"),
        ];
        for (note, kind) in notes {
            self.done("/notes", &[("note", note), ("note-kind", kind)])?;
        }
        for step in ["assess", "start"] {
            self.done("/step", &[("step", step)])?;
        }
        for (kind, amount, currency, note) in [
            ("claimed", "1800", "USD", "Wages August to October"),
            ("claimed", "200", "USD", ""),
            (
                "claimed",
                "85.250",
                "KWD",
                "ساعات إضافية (85 ساعة) بين آذار وتشرين الأول",
            ),
            ("agreed", "1500", "USD", ""),
        ] {
            let sum = [
                ("sum-kind", kind),
                ("sum-amount", amount),
                ("sum-currency", currency),
                ("sum-day", "01/11/2026"),
                ("sum-note", note),
            ];
            self.done("/sums", &sum)?;
        }
        for due in ["01/12/2026", "01/01/2027", "01/02/2027"] {
            let part = [
                ("plan-amount", "500"),
                ("plan-currency", "USD"),
                ("plan-due", due),
            ];
            self.done("/instalments", &part)?;
        }
        let deadline = [
            ("deadline-kind", "court"),
            ("deadline-day", "01/12/2026"),
            ("source", "Letter of the sample court"),
        ];
        self.done("/deadlines", &deadline)?;
        let hearing = [
            ("hearing-day", "14/12/2026"),
            ("hearing-hour", "9:30"),
            ("hearing-place", "Sample court, room 3"),
        ];
        self.done("/hearings", &hearing)?;
        Ok(())
    }

    fn demand(&self) -> Result<()> {
        let told = [
            ("language", self.to),
            (
                "addressed",
                "Abdel Rahman Trading & Cleaning Services\nOld harbour, house 7",
            ),
            ("facts", facts(self.to)),
            ("basis", "Sample Labour Act, sections 12 and 44"),
            ("answer-to", "House of Thyme, +999 20 234 567"),
            ("agreed", "yes"),
            ("until", "01/12/2026"),
        ];
        self.print("demand-letter", &format!("{}/letter", self.case), &told)
    }

    /// The one that is written to in the language of the other side.
    fn partner(&self) -> Result<String> {
        let known = PARTNERS.iter().find(|(to, _)| *to == self.to);
        let (_, names) = known.context("a partner")?;
        option(&self.get("/sharing"), names)
    }

    fn sharing(&self) -> Result<()> {
        let partner = self.partner()?;
        let mut told = vec![
            ("partner", &*partner),
            ("person", &*self.person),
            ("how", "signed"),
        ];
        let parts = [
            "name",
            "phone",
            "nationality",
            "language",
            "story",
            "goal",
            "issues",
            "other-side",
            "facts",
            "money",
            "deadlines",
            "hearings",
            "documents",
        ];
        told.extend(parts.map(|part| ("parts", part)));
        self.print(
            "sharing-consent",
            &format!("{}/sharing/form", self.case),
            &told,
        )?;
        self.done("/sharing", &told)?;
        let summary = self
            .get("/sharing")
            .attribute("form[action$='/summary']", "action");
        let ask = [("ask", "Can she claim overtime?\nHow much time is left?")];
        self.print("case-summary", &summary, &ask)
    }

    fn custody(&self) -> Result<()> {
        let paper = [
            ("paper-person", &*self.person),
            ("paper-what", "Passport EP 0417, green cover"),
            ("paper-place", "Green safe"),
            ("witness", &*self.witness),
        ];
        self.done("/originals", &paper)?;
        let slip = self
            .get("/papers")
            .attribute("form[action$='/slip']", "action");
        self.print("custody-slip", &slip, &[])
    }

    fn receipt(&self) -> Result<()> {
        let receive = self
            .get("/money")
            .attribute("form[action$='/received']", "action");
        let received = [("received-amount", "500"), ("received-day", "01/11/2026")];
        self.printing.done(&self.case, &receive, &received)?;
        let receipt = self
            .get("/money")
            .attribute("form[action$='/receipt']", "action");
        self.print("money-receipt", &receipt, &[])
    }

    /// Asked by one, decided by the other.
    fn help(&self) -> Result<()> {
        let cash = [
            ("help-kind", "cash"),
            ("sum-amount", "60"),
            ("sum-currency", "USD"),
        ];
        let things = [
            ("help-kind", "in-kind"),
            (
                "what",
                "Winter coat, two blankets and a food parcel for two weeks",
            ),
            ("sum-amount", "45"),
            ("sum-currency", "USD"),
        ];
        for (name, asked) in [("help-cash", &cash[..]), ("help-things", &things[..])] {
            let why = [
                ("who", &*self.person),
                ("need", "Nothing came in for two months"),
                ("criteria", "no-income"),
            ];
            self.done("/help", &[&why[..], asked].concat())?;
            self.printing.come_in("Omar");
            let request = self.printing.centre.get("/help");
            let request = request.attribute(".row-names a", "href");
            let decision = format!("{request}/decision");
            self.printing
                .done(&request, &decision, &[("answer", "approve")])?;
            self.printing.come_in("Leila");
            let receipt = format!("{}{request}/receipt", self.case);
            self.print(&format!("{name}-receipt"), &receipt, &[])?;
        }
        Ok(())
    }

    fn referral(&self) -> Result<()> {
        let new = format!("{}/referrals/new", self.case);
        let partner = self.partner()?;
        let form = format!("{new}?need=MED.refer&partner={partner}");
        let told = [
            ("need", "MED.refer"),
            ("partner", &partner),
            ("person", &self.person),
            ("urgency", "urgent"),
            ("payer", "centre"),
            ("currency", "LBP"),
            ("told", "name"),
            ("told", "health"),
            (
                "health",
                "Fever and cough for a week; takes no medicine. حرارة وسعال منذ أسبوع.",
            ),
        ];
        let referral = self.printing.done(&form, &new, &told)?.to;
        let agreed = [("how", "spoken"), ("read-in", "amh"), ("expires", "")];
        let done = |path: &str, told: &[(&str, &str)]| {
            self.printing
                .done(&referral, &format!("{referral}{path}"), told)
        };
        done("/consent", &agreed)?;
        let print = |name: &str, path: &str, told: &[(&str, &str)]| {
            let name = format!("{name}-{}", self.speaks);
            self.printing
                .print(&name, &referral, &format!("{referral}{path}"), told)
        };
        print("referral-letter", "/letter", &[])?;
        done("/steps", &[("step", "send")])?;
        let accepted = [
            ("step", "accept"),
            ("day", "01/12/2026"),
            ("hour", "9:15"),
            ("place", "Main door"),
        ];
        done("/steps", &accepted)?;
        let shown = [("place", "Main door"), ("named", "yes"), ("centre", "yes")];
        print("referral-slip", "/slip", &shown)?;
        print("referral-slip-bare", "/slip", &[])
    }
}
