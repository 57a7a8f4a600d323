//! A wage claim as a caseworker works on it, in the real window: from the first visit to three
//! instalments, one of them late, and the closing. The journey's test walks it, and so does the task
//! that takes the manual's pictures.

use std::io::Cursor;
use std::path::{Path, PathBuf};

use chrono::{Days, Local, NaiveDate};
use darna::kit::id::CentreId;
use darna::kit::lang::Lang;
use darna::kit::world::World;
use darna::vault::keyfile::Cost;
use darna::vault::secret::Passphrase;
use darna::vault::words::RecoveryWords;
use darna::vault::{Founding, Roles, Vault};
use image::{GrayImage, ImageFormat, Luma};
use serde_json::json;

use crate::pdf;
use crate::window::Window;

const MANAGERS: &str = "lantern orbit velvet cactus harbour seven";
const WORKERS: &str = "orchid tunnel mirror falcon pepper glacier";
const MAIN: &str = "main .button-main";

/// What is typed and what is read, in one language.
pub struct Words {
    pub lang: Lang,
    pub worker: &'static str,
    pub visitor: &'static str,
    pub happened: &'static str,
    pub goal: &'static str,
    pub safety: &'static str,
    pub employer: &'static str,
    pub wages: &'static str,
    pub facts: &'static str,
    pub basis: &'static str,
    pub agreed: &'static str,
    /// What the pages and papers say.
    pub demand: &'static str,
    pub overdue: &'static str,
    pub late: &'static str,
    pub money_open: &'static str,
    pub paid: &'static str,
}

pub const ENGLISH: Words = Words {
    lang: Lang::En,
    worker: "Leila",
    visitor: "Almaz Tesfaye",
    happened: "She cleaned in their house since March. Since August she got no money.",
    goal: "Her wages, and to go home for her sister’s wedding",
    safety: "She sleeps at a friend’s. The employer does not know where.",
    employer: "Marjoram Household Services",
    wages: "Wages, August to October",
    facts: "She worked as a cleaner from March to October and was not paid from August on.",
    basis: "Work contract of 1 March, article 4: 600 USD a month",
    agreed: "Meeting of both sides at the centre",
    demand: "Demand for payment",
    overdue: "Overdue",
    late: "Received late",
    money_open: "Money was agreed",
    paid: "Paid in full",
};

pub const ARABIC: Words = Words {
    lang: Lang::Ar,
    worker: "ليلى",
    visitor: "مريم عبد الله",
    happened: "عملت في التنظيف في بيتهم منذ آذار. ومنذ آب لم تتقاضَ أي مال.",
    goal: "أجورها، والسفر لحضور عرس أختها",
    safety: "تنام عند صديقة. لا يعرف صاحب العمل أين.",
    employer: "شركة المردقوش للخدمات المنزلية",
    wages: "أجور آب حتى تشرين الأول",
    facts: "عملت في التنظيف من آذار إلى تشرين الأول ولم تُدفع أجورها منذ آب.",
    basis: "عقد العمل المؤرخ 1 آذار، المادة 4: 600 دولار في الشهر",
    agreed: "اجتماع الطرفين في المركز",
    demand: "مطالبة بالدفع",
    overdue: "متأخر",
    late: "استُلم متأخرًا",
    money_open: "هناك مبلغ متفق عليه",
    paid: "دُفع المبلغ كاملا",
};

/// A centre with a manager and a caseworker, in the words' language.
pub fn founded(data: &Path, words: &Words) {
    let world = World::system();
    let vault = Vault::at(data, world.clone()).expect("a vault");
    let passphrase = Passphrase::new(MANAGERS);
    let manager = vault
        .found(&Founding {
            centre: CentreId::new(&world),
            centre_name: "House of Thyme",
            manager_name: "Samira",
            language: words.lang,
            roles: Roles::MANAGER.and(Roles::DESK),
            passphrase: &passphrase,
            recovery: &RecoveryWords::random(&world),
            cost: Cost::FLOOR,
        })
        .expect("a centre");
    let manager = vault.unlock(manager.user, &passphrase).expect("let in");
    let own = Passphrase::new(WORKERS);
    let roles = Roles::CASEWORKER;
    vault
        .add_user(manager, words.worker, roles, words.lang, &own, Cost::FLOOR)
        .expect("a caseworker");
}

/// A claim on its way, on one window.
pub struct Claim<'w> {
    pub window: &'w Window,
    pub words: &'w Words,
    /// Papers that were shown so far.
    shown: usize,
    days: i64,
    case: String,
}

impl<'w> Claim<'w> {
    pub fn new(window: &'w Window, words: &'w Words) -> Self {
        let (shown, days, case) = (0, 0, String::new());
        Self {
            window,
            words,
            shown,
            days,
            case,
        }
    }

    /// All of it, in order. `look` is told of each moment that is worth a picture.
    pub fn walk(&mut self, look: &mut dyn FnMut(&Window, &str)) {
        self.unlock();
        self.register();
        self.intake(look);
        self.begin();
        self.other_side();
        self.scan(look);
        self.claim();
        self.demand(look);
        self.later(9);
        self.answered(look);
        self.settle(look);
        self.not_closed_yet(look);
        self.later(6);
        self.receive(1);
        self.receipt(look);
        self.later(45);
        self.one_is_late(look);
        self.receive(2);
        self.later(12);
        self.receive(3);
        self.close(look);
    }

    fn unlock(&self) {
        self.window.type_in("#name", self.words.worker);
        self.window.type_in("#passphrase", WORKERS);
        self.window.press(MAIN, "#desk");
    }

    fn register(&self) {
        let window = self.window;
        window.press("a.place[href='/people/new']", "form[action='/people/new']");
        window.type_in("#name", self.words.visitor);
        self.tick("input[name=consent][value=spoken]");
        window.press("button[name=then]", ".who h1");
        window.press("a[href^='/cases/new?person=']", "#words");
    }

    fn intake(&mut self, look: &mut dyn FnMut(&Window, &str)) {
        let (window, words) = (self.window, self.words);
        self.tick("input[name=kind][value=legal]");
        window.type_in("#words", words.happened);
        self.choose("#issue-1", "W01");
        window.type_in("#goal", words.goal);
        window.type_in("#safety", words.safety);
        window.script("window.scrollTo(0, 0)");
        look(window, "intake");
        window.press(MAIN, ".tabs");
        let address = window.script("return location.pathname");
        address
            .as_str()
            .expect("an address")
            .clone_into(&mut self.case);
    }

    fn begin(&self) {
        self.go("button[value=assess]");
        self.go("button[value=start]");
    }

    fn other_side(&self) {
        let window = self.window;
        self.part("/people");
        window.type_in("#party", self.words.employer);
        self.go("form:has(#party) .button");
        self.go("form[action$='/parties'] .button");
        assert!(window.text("main").contains(self.words.employer));
    }

    /// The contract comes in as a picture and is looked at; payslips are still needed.
    fn scan(&self, look: &mut dyn FnMut(&Window, &str)) {
        let window = self.window;
        self.part("/papers");
        self.go("button[name=need][value=payslip]");
        let file = window.folder.path().join("contract.jpg");
        std::fs::write(&file, contract()).expect("a file");
        window.outside().choose(&file);
        self.choose("#scan-kind", "contract");
        window.type_in("#scan-dated", "2025");
        self.go("form[action$='/attachments'] .button");
        look(window, "papers");
        self.go("a[href*='/attachments/']");
        window.wait(".scan img");
        let drawn = "return document.querySelector('.scan img').complete && document.querySelector('.scan img').naturalWidth";
        assert_eq!(window.script(drawn), json!(600), "the picture is shown");
        look(window, "scan");
    }

    fn claim(&self) {
        self.part("/money");
        self.sum("claimed", "1800", self.words.wages);
        assert!(self.window.text("main").contains("1,800.00"));
    }

    fn demand(&mut self, look: &mut dyn FnMut(&Window, &str)) {
        let (window, words) = (self.window, self.words);
        self.part("/papers");
        self.go("a[href$='/letter']");
        window.type_in("#facts", words.facts);
        window.type_in("#basis", words.basis);
        window.type_in("#until", &self.day(7));
        self.tick("#agreed");
        window.script("window.scrollTo(0, 0)");
        look(window, "demand");
        self.go(MAIN);
        let letter = self.paper();
        for said in [words.demand, words.visitor, "1,800.00 USD"] {
            assert!(letter.contains(&bare(said)), "{said} in {letter}");
        }
    }

    /// They answered in time, and came to a meeting.
    fn answered(&self, look: &mut dyn FnMut(&Window, &str)) {
        self.window.press("a.place[href='/cases']", "main .row");
        look(self.window, "work");
        self.go("main .row a");
        self.part("/steps");
        self.go("button[name=answer][value=met]");
    }

    fn settle(&self, look: &mut dyn FnMut(&Window, &str)) {
        let window = self.window;
        self.part("/money");
        self.sum("agreed", "1500", self.words.agreed);
        for days in [7, 37, 67] {
            window.type_in("#plan-amount", "500");
            self.choose("#plan-currency", "USD");
            window.type_in("#plan-due", &self.day(days));
            self.go("form[action$='/instalments'] .button");
        }
        window.script("window.scrollTo(0, 0)");
        look(window, "money");
        self.part("");
        self.go("button[value=settle]");
    }

    fn not_closed_yet(&self, look: &mut dyn FnMut(&Window, &str)) {
        self.go("a[href$='/closing']");
        let told = self.window.text("main .notice-stop");
        assert!(told.contains(self.words.money_open), "{told}");
        look(self.window, "not-yet");
    }

    /// The `nth` instalment comes, today.
    fn receive(&self, nth: usize) {
        self.part("/money");
        self.go("form[action$='/received'] .button");
        let left = "return document.querySelectorAll(\"form[action$='/received']\").length";
        assert_eq!(self.window.script(left), json!(3 - nth));
    }

    fn receipt(&mut self, look: &mut dyn FnMut(&Window, &str)) {
        look(self.window, "received");
        self.go("form[action$='/receipt'] .button");
        let receipt = self.paper();
        assert_eq!(receipt.matches("500.00USD").count(), 2, "{receipt}");
        assert!(receipt.contains("1/3"), "{receipt}");
    }

    /// The second should have come two weeks ago: the day begins with it.
    fn one_is_late(&self, look: &mut dyn FnMut(&Window, &str)) {
        let window = self.window;
        window.press("a.place[href='/cases']", "#overdue-title");
        assert!(window.text("main").contains(self.words.visitor));
        self.part("/money");
        assert!(window.text("main").contains(self.words.overdue));
        look(window, "late");
    }

    fn close(&self, look: &mut dyn FnMut(&Window, &str)) {
        let window = self.window;
        assert!(window.text("main").contains(self.words.late));
        self.go("a[href$='/closing']");
        self.choose("#outcome", "paid-in-full");
        self.tick("input[name=satisfaction][value=good]");
        look(window, "closing");
        self.go(MAIN);
        assert!(window.text(".notice-good").contains(self.words.paid));
        look(window, "closed");
    }

    /// The centre is locked, and days pass.
    fn later(&mut self, days: i64) {
        self.days += days;
        self.window.press("#lock-form button", "#passphrase");
        self.window.outside().days_ahead(self.days);
        self.unlock();
    }

    /// A day so many days from the window's today, as it is typed.
    fn day(&self, days: u64) -> String {
        let ahead = u64::try_from(self.days).expect("never back");
        let today: NaiveDate = Local::now().date_naive();
        let day = today + Days::new(ahead + days);
        day.format("%d/%m/%Y").to_string()
    }

    fn sum(&self, kind: &str, amount: &str, note: &str) {
        self.tick(&format!("input[name=sum-kind][value={kind}]"));
        self.window.type_in("#sum-amount", amount);
        self.choose("#sum-currency", "USD");
        self.window.type_in("#sum-note", note);
        self.go("form[action$='/sums'] .button");
    }

    /// What the next paper says that the viewer is given, without spaces: joined letters of Arabic
    /// are told apart by gaps that nobody sees.
    fn paper(&mut self) -> String {
        self.shown += 1;
        let file: PathBuf = self.window.outside().wait_shown(self.shown);
        bare(&pdf::words(&file))
    }

    /// Goes to a part of the case by its tab; from elsewhere by the case's own address.
    fn part(&self, path: &str) {
        let here = format!(".tabs a[href='{}{path}']", self.case);
        let tab = format!("return document.querySelector({}) !== null", json!(here));
        if self.window.script(&tab) != json!(true) {
            self.window
                .script(&format!("location.assign({})", json!(self.case)));
            self.window.wait(".tabs");
        }
        self.go(&here);
        self.window.wait(&format!("{here}[aria-current]"));
    }

    /// Presses and waits until another page stands there.
    fn go(&self, css: &str) {
        let window = self.window;
        window.wait(css);
        window.script("document.querySelector('main').insertAdjacentHTML('beforeend', '<i id=\"before\"></i>')");
        window.script(&format!("document.querySelector({}).click()", json!(css)));
        window.wait("body:not(:has(#before)) main");
        window.settle();
        let wrong = window.text(".error:not(:empty)");
        assert!(wrong.is_empty(), "{css}: {wrong}");
    }

    fn tick(&self, css: &str) {
        self.window.wait(css);
        let css = json!(css);
        self.window
            .script(&format!("document.querySelector({css}).click()"));
    }

    fn choose(&self, css: &str, value: &str) {
        self.window.wait(css);
        self.window.script(&format!(
            "const list = document.querySelector({}); list.value = {}; list.dispatchEvent(new Event('change'))",
            json!(css),
            json!(value)
        ));
    }
}

fn bare(words: &str) -> String {
    words.split_whitespace().collect()
}

/// A page of writing that nobody can read, as a scanner would give it.
fn contract() -> Vec<u8> {
    let page = GrayImage::from_fn(600, 800, |x, y| {
        let margin = !(70..=530).contains(&x) || !(90..=720).contains(&y);
        let word = (x / 7 + y / 24 * 3) % 9 != 0;
        let ink = !margin && y % 24 < 7 && word && (x * 7 + y * 13) % 5 < 3;
        Luma([if ink { 60 } else { 244 }])
    });
    let mut bytes = Cursor::new(Vec::new());
    page.write_to(&mut bytes, ImageFormat::Jpeg).expect("drawn");
    bytes.into_inner()
}
