//! A medical referral in the real window, in English and in Arabic: from a need to a partner that
//! is safe, the agreement, the letter on paper, an appointment that was missed and a new one, what
//! came of it, and the report back to whoever had sent the person.

use std::path::{Path, PathBuf};
use std::time::Duration;

use chrono::Days;
use darna::cases::rules::{Kind, Urgency};
use darna::kit::hours::Hours;
use darna::kit::id::PartnerId;
use darna::kit::lang::Lang;
use darna::kit::lists::Service;
use darna::partners::rules::{Cost, Kind as PartnerKind, Known, Name, Profile, Safety};
use darna::referrals::incoming::{self, Coming};
use darna::referrals::rules::{In, InStep};
use darna::vault::{Event, Refusal};
use darna_tests::office::{Office, founded, morning, unlock};
use darna_tests::pdf;
use darna_tests::window::{Screen, Window};

const MAIN: &str = "main .button-main";

struct Words {
    lang: Lang,
    screen: (u32, u32),
    manager: &'static str,
    worker: &'static str,
    person: &'static str,
    speaks: &'static str,
    /// A clinic that reports people, in the words of the page.
    warns: &'static str,
    why: &'static str,
    health: &'static str,
    ask: &'static str,
    place: &'static str,
    result: &'static str,
    report: &'static str,
    /// Of the letter, in its first language.
    agreed: &'static str,
    done: &'static str,
}

#[test]
fn a_medical_referral_in_english() {
    journey(&Words {
        lang: Lang::En,
        screen: (1366, 768),
        manager: "Samira",
        worker: "Leila",
        person: "Almaz Tesfaye",
        speaks: "eng",
        warns: "Write down why you choose it all the same",
        why: "The only one at night",
        health: "Fever and cough for a week",
        ask: "Please see her today",
        place: "Main door",
        result: "Treated for pneumonia, comes again in a month",
        report: "She came, and she is treated",
        agreed: "What the person agreed that we tell you",
        done: "Completed",
    });
}

#[test]
fn a_medical_referral_in_arabic() {
    journey(&Words {
        lang: Lang::Ar,
        screen: (1024, 768),
        manager: "سميرة",
        worker: "ليلى",
        person: "مريم عبد الله",
        speaks: "eng",
        warns: "اكتب لماذا تختاره",
        why: "الوحيدة المفتوحة ليلًا",
        health: "حرارة وسعال منذ أسبوع",
        ask: "نرجو معاينتها اليوم",
        place: "الباب الرئيسي",
        result: "عولجت من التهاب الرئة وتعود بعد شهر",
        report: "لقد حضرت وهي تتلقى العلاج",
        agreed: "ما وافق الشخص على أن نخبركم به",
        done: "اكتمل",
    });
}

/// Where pictures and papers can be looked at.
fn kept(words: &Words) -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/pictures");
    folder.join(words.lang.tag())
}

/// Kept where it can be looked at, and taken over into the manual.
fn look(window: &Window, words: &Words, name: &str) {
    window.script("document.querySelectorAll('[data-toast]').forEach((toast) => toast.remove())");
    window.picture(&kept(words).join(format!("referral-{name}.png")));
}

/// Whether every word stands on the paper. Letters that Arabic joins into one shape come back from
/// a PDF in another order: a word is known by its letters.
fn says(text: &str, told: &str) -> bool {
    let letters = |word: &str| {
        let mut letters: Vec<char> = word.chars().filter(|c| c.is_alphanumeric()).collect();
        letters.sort_unstable();
        letters
    };
    let there: Vec<Vec<char>> = text.split_whitespace().map(letters).collect();
    told.split_whitespace()
        .all(|word| there.contains(&letters(word)))
}

/// What a person's hands and head would need, by the Keystroke-Level Model (Card, Moran and Newell
/// 1980): 0.28 s a key of somebody who types seldom, 1.3 s to point and click, and 1.35 s to think
/// before each click and each field.
#[derive(Default)]
struct Hands {
    keys: u32,
    clicks: u32,
    thoughts: u32,
}

impl Hands {
    fn seconds(&self) -> f64 {
        f64::from(self.keys) * 0.28 + f64::from(self.clicks) * 1.3 + f64::from(self.thoughts) * 1.35
    }

    fn press(&mut self, window: &Window, css: &str, then: &str) {
        self.clicks += 1;
        self.thoughts += 1;
        window.press(css, then);
    }

    fn tick(&mut self, window: &Window, css: &str) {
        self.clicks += 1;
        self.thoughts += 1;
        window.wait(css);
        window.script(&format!("document.querySelector({css:?}).click()"));
    }

    fn type_in(&mut self, window: &Window, css: &str, text: &str) {
        self.clicks += 1;
        self.thoughts += 1;
        self.keys += u32::try_from(text.chars().count()).expect("a few keys");
        window.type_in(css, text);
    }
}

fn journey(words: &Words) {
    let screen = Screen {
        size: words.screen,
        ..Screen::default()
    };
    let window = Window::on(screen, |data| fill(data, words));
    unlock(&window, words.worker);
    window.press("a.place[href='/cases']", "#now");
    window.press("#overdue a, #now a", "main a[href$='/referrals']");
    assert!(window.text("main h1").contains(words.person));

    unsafe_partner(&window, words);
    let hands = to_a_letter(&window, words);
    let needs = hands.seconds();
    println!("from the case to the printed letter: {needs:.0} s of hands and head");
    assert!(needs < 180.0, "{needs:.0} s");
    let letter = window.outside().wait_shown(1);
    std::fs::copy(&letter, kept(words).join("referral-letter.pdf")).expect("a copy");
    let text = pdf::text(&letter);
    for told in [words.agreed, words.health, words.ask] {
        assert!(says(&text, told), "{told}: {text}");
    }
    assert!(!says(&text, words.why), "{text}");
    window.press("button[value=send]", "button[value=accept]");

    // Two days later they give an appointment, which the person misses.
    morning(&window, words.worker, 2);
    from_the_work_list(&window, "/referrals/", "button[value=accept]", "/referrals");
    look(&window, words, "answer");
    appointment(&window, words, 3, "button[value=accept]");
    look(&window, words, "appointment");
    window.press("form[action$='/slip'] .button", ".toast");
    window.outside().wait_shown(2);
    morning(&window, words.worker, 3);
    window.press("a.place[href='/cases']", "#now");
    look(&window, words, "work");
    from_the_work_list(&window, "/referrals/", "button[value=miss]", "");
    window.press("button[value=miss]", "button[value=appoint]");
    look(&window, words, "missed");
    appointment(&window, words, 5, "button[value=appoint]");
    morning(&window, words.worker, 5);
    from_the_work_list(&window, "/referrals/", "button[value=arrive]", "");
    window.press("button[value=arrive]", "#result");
    window.type_in("#result", words.result);
    window.press("button[value=complete]", ".badge-good");
    window.shows(words.done);
    window.shows(words.result);
    look(&window, words, "completed");
    // The slip that comes back has the number alone.
    window.press("a.place[href='/cases']", "#q");
    window.type_in("#q", "0001");
    window.press("form[action='/cases/notes'] .button", ".rows .code");
    look(&window, words, "found");
    window.press(
        ".rows a[href^='/referrals/']",
        "details form[action$='/withdrawal']",
    );
    // At any time, also afterwards: then the page says who has to be called.
    window.press(
        "details:has(form[action$='/withdrawal']) summary",
        "details[open] form",
    );
    window.press("form[action$='/withdrawal'] .button", "section .notice");
    look(&window, words, "withdrawn");

    report_back(&window, words);
}

/// A case that an invented partner sent here, an unsafe clinic among the safe ones.
fn fill(data: &Path, words: &Words) {
    let office = founded(data, words.lang, words.manager, words.worker);
    office.people(20);
    unsafe_clinic(&office, words);
    let person = office.person(words.person, words.speaks);
    office.write(|tx| {
        let (world, worker) = (&office.world, office.worker);
        let case = office.case(tx, person, Kind::Medical, words.ask);
        let action = darna::cases::store::Planned {
            kind: darna::cases::rules::ActionKind::Other,
            what: words.ask,
            due: world.today(),
            by: worker.user,
        };
        darna::cases::store::plan_action(tx, world, case, &action)?;
        let coming = Coming {
            partner: None,
            received: world.today(),
            called: "K-417".to_owned(),
            need: Service::MedRefer,
            urgency: Urgency::Normal,
            words: None,
        };
        let id = incoming::receive(tx, world, worker, &coming)?;
        let accepted = In::Received.step(InStep::Accept).expect("accepted");
        incoming::put(tx, world, id, &accepted)
    });
}

fn unsafe_clinic(office: &Office, words: &Words) {
    let clinic = Profile {
        names: vec![Name {
            language: words.lang,
            written: match words.lang {
                Lang::Ar => "عيادة الميناء الليلية",
                _ => "Night Clinic at the Quay",
            }
            .to_owned(),
        }],
        kind: PartnerKind::Clinic,
        services: vec![Service::MedRefer],
        area: None,
        address: None,
        hours: Hours::default(),
        languages: Vec::new(),
        phones: Vec::new(),
        focal: None,
        cost: Cost::Free,
        cost_note: None,
        safety: Safety::Unsafe,
        safety_note: Some(words.why.to_owned()),
        women_staff: Known::Unknown,
        wheelchair: Known::Unknown,
        letters_in: words.lang,
        agreement_until: None,
        verified: None,
        note: None,
    };
    let partner = PartnerId::new(&office.world);
    office
        .vault
        .write(office.manager, None, |tx| {
            let (world, actor) = (&office.world, office.manager);
            darna::partners::insert(tx, world, actor, partner, &clinic)?;
            Ok::<_, Refusal>(((), Event::PartnerAdded { partner }))
        })
        .expect("a clinic");
}

/// The last of the list reports people: without a typed reason it cannot be chosen.
fn unsafe_partner(window: &Window, words: &Words) {
    let case = window.script("return location.pathname.split('/').slice(0, 3).join('/')");
    window.press("main a[href$='/referrals']", "a[href$='/referrals/new']");
    window.press("a[href$='/referrals/new']", ".rows .row-act a");
    window.wait(".rows .row:first-child .badge-good");
    window.wait(".rows .row:last-child .badge-stop");
    look(window, words, "choose");
    another_need(window);
    window.press(".rows .row:last-child .row-act a", "#reason");
    window.type_in("#reason", words.why);
    window.press(MAIN, "fieldset[aria-invalid=true]");
    is_in_sight(window, "#told-error");
    look(window, words, "nothing-told");
    window.script("document.getElementById('reason').value = ''");
    window.script("document.getElementById('told-name').click()");
    window.press(MAIN, "#reason[aria-invalid=true]");
    is_in_sight(window, "#reason-error");
    window.shows(words.warns);
    look(window, words, "unsafe");
    let case = case.as_str().expect("an address");
    let back = format!("a.button[href^='{case}/referrals/new']");
    window.press(&back, ".rows .row-act a");
}

/// The list follows what is asked, and whoever asks stays where they are.
fn another_need(window: &Window) {
    for need in ["MED", "MED.refer"] {
        window.script(&format!(
            "const need = document.getElementById('need'); need.focus(); need.value = '{need}';
             need.dispatchEvent(new Event('change', {{ bubbles: true }}))"
        ));
        window.wait(&format!(".rows .row-act a[href*='need={need}&']"));
        assert_eq!(window.script("return document.activeElement.id"), "need");
        let address = window.script("return location.search");
        let address = address.as_str().expect("an address");
        assert!(address.contains(&format!("need={need}&")), "{address}");
    }
}

/// The cursor is in what is wrong, and that, its reason and the line that nothing was done stand
/// where nothing lies over them.
fn is_in_sight(window: &Window, reason: &str) {
    let covered = format!(
        "const bar = document.querySelector('.main > form > .actions').getBoundingClientRect();
         const place = document.activeElement.getBoundingClientRect();
         const why = document.querySelector({reason:?}).getBoundingClientRect();
         const line = document.querySelector('.actions > .refused').getBoundingClientRect();
         const told = [place.top, why.top, bar.top - place.bottom, bar.top - why.bottom,
           line.top - bar.top, innerHeight - line.bottom];
         return told.every((space) => space >= 0) ? '' : told.join(' ')"
    );
    // The page is taken to the place a moment after it stands.
    let mut tries = 0..40;
    while window.script(&covered) != "" {
        let more = tries.next().is_some();
        assert!(more, "{reason}: {}", window.script(&covered));
        std::thread::sleep(Duration::from_millis(50));
    }
    let wrong = window.script(
        "return document.activeElement.closest('[aria-invalid=true]') !== null && document.querySelector('.refused').innerText !== ''",
    );
    assert_eq!(wrong, true, "{reason}");
}

fn to_a_letter(window: &Window, words: &Words) -> Hands {
    let mut hands = Hands::default();
    // As if it began at the case: its two links stand for those that were pressed before.
    hands.clicks += 2;
    hands.thoughts += 2;
    hands.press(window, ".rows .row:first-child .row-act a", "#told-name");
    hands.type_in(window, "#ask", words.ask);
    hands.tick(window, "#told-name");
    hands.tick(window, "#told-health");
    hands.tick(window, "#told-language");
    hands.type_in(window, "#health", words.health);
    hands.tick(window, "input[name=payer][value=centre]");
    look(window, words, "draft");
    hands.press(window, MAIN, "form[action$='/consent']");
    look(window, words, "agree");
    hands.tick(window, "input[name=how][value=thumbprint]");
    hands.press(
        window,
        "form[action$='/consent'] .button-main",
        "form[action$='/letter']",
    );
    hands.press(window, "form[action$='/letter'] .button", ".toast");
    hands
}

/// From the day's list to what is to be done.
fn from_the_work_list(window: &Window, href: &str, then: &str, otherwise: &str) {
    window.press("a.place[href='/cases']", "#lists-title");
    let link = format!("main .rows a[href^='{href}']:not([href^='/referrals/in'])");
    let there = format!("return document.querySelector({link:?}) !== null");
    if window.script(&there) == true {
        return window.press(&link, then);
    }
    assert!(!otherwise.is_empty(), "{}", window.text("main"));
    window.press(&format!("a.place[href='{otherwise}']"), ".rows .row");
    window.press(".rows .row-names a", then);
}

/// `day` is counted from the day on which the test began.
fn appointment(window: &Window, words: &Words, day: u64, button: &str) {
    let day = chrono::Local::now().date_naive() + Days::new(day);
    window.type_in("#day", &day.format("%d/%m/%Y").to_string());
    window.type_in("#hour", "9:30");
    if window.script("return document.querySelector('#place').value") == "" {
        window.type_in("#place", words.place);
    }
    window.press(button, "button[value=arrive]");
}

/// The one who sent the person hears what she agrees to.
fn report_back(window: &Window, words: &Words) {
    window.press("a.place[href='/referrals']", "a[href='/referrals/in']");
    window.press("a[href='/referrals/in']", ".rows .row-names a");
    window.press(".rows .row-names a", "#case");
    look(window, words, "in-link");
    window.script("document.querySelector('#case').selectedIndex = 1");
    window.press("button[value=link]", "#report");
    look(window, words, "in-report");
    window.type_in("#report", words.report);
    window.wait("input[name=how][value=spoken]");
    window.script("document.querySelector('input[name=how][value=spoken]').click()");
    window.press("button[value=report]", ".badge-good");
    window.shows(words.report);
    window.press("form[action$='/feedback'] .button", ".toast");
    let letter = window.outside().wait_shown(3);
    let text = pdf::text(&letter);
    assert!(
        says(&text, words.report) && text.contains("K-417"),
        "{text}"
    );
    assert!(!says(&text, words.person), "{text}");
}
