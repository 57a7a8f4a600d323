//! `shots`: a picture of every screen, through the real window, into `target/shots`: each page of
//! the route table, with the records that the pages themselves link to. `--only NAME`, `--lang en`
//! and `--width 1024` take fewer, `--lang fr` another language, `--height 2000` what lies
//! below the fold; `--dark` and `--large` take them otherwise. The cover
//! is not among them: no driver gets a picture of a window whose history was emptied.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use axum::http::Method;
use darna::kit::id::CaseId;
use darna::kit::lang::Lang;
use darna::kit::world::World;
use darna::sample::{self, Amount, Casework};
use darna::vault::Roles;
use darna::vault::keyfile::Cost;
use darna::vault::secret::Passphrase;
use darna::web::access::{TABLE, Who};
use darna_tests::window::{Screen, Window};
use lexopt::prelude::*;

use crate::seed::{self, NAME, PASSPHRASE};
use crate::test::root;

const USUAL: [&str; 2] = ["en", "ar"];
const SIZES: [(u32, u32); 2] = [(1366, 768), (1024, 768)];
/// What is said after an action hides the foot of a page until it is dismissed.
const CALM: &str = "document.querySelectorAll('[data-toast]').forEach((toast) => toast.remove())";

struct Look {
    only: String,
    lang: Option<String>,
    width: Option<u32>,
    height: Option<u32>,
    dark: bool,
    large: bool,
}

pub fn task(mut arguments: lexopt::Parser) -> Result<()> {
    let mut look = Look {
        only: String::new(),
        lang: None,
        width: None,
        height: None,
        dark: false,
        large: false,
    };
    while let Some(argument) = arguments.next()? {
        match argument {
            Long("only") => look.only = arguments.value()?.string()?,
            Long("lang") => look.lang = Some(arguments.value()?.string()?),
            Long("width") => look.width = Some(arguments.value()?.parse()?),
            Long("height") => look.height = Some(arguments.value()?.parse()?),
            Long("dark") => look.dark = true,
            Long("large") => look.large = true,
            other => return Err(other.unexpected().into()),
        }
    }
    let built = Command::new("cargo")
        .args(["build", "--workspace", "--bin", "darna", "--locked"])
        .current_dir(root())
        .status()?;
    ensure!(built.success(), "the window does not build");
    let asked = look.lang.as_deref().map(|only| [only]);
    for lang in asked.as_ref().map_or(&USUAL[..], |only| &only[..]) {
        for size in SIZES {
            if look.width.is_none_or(|only| only == size.0) {
                let size = (size.0, look.height.unwrap_or(size.1));
                set_up(&look, lang, size)?;
                inside(&look, lang, size)?;
            }
        }
    }
    Ok(())
}

struct Album<'w> {
    window: &'w Window,
    look: &'w Look,
    folder: PathBuf,
    taken: usize,
}

impl<'w> Album<'w> {
    fn new(window: &'w Window, look: &'w Look, part: &str, lang: &str, size: (u32, u32)) -> Self {
        let dark = if look.dark { "-dark" } else { "" };
        let large = if look.large { "-large" } else { "" };
        let name = format!("{lang}-{}{dark}{large}/{part}", size.0);
        Self {
            window,
            look,
            folder: root().join("target/shots").join(name),
            taken: 0,
        }
    }

    /// Only what is asked for is kept, so that one page can be looked at again quickly.
    fn take(&mut self, name: &str) {
        self.taken += 1;
        if !name.contains(&self.look.only) {
            return;
        }
        if self.look.large {
            self.window
                .script("document.documentElement.dataset.text = 'largest'");
        }
        self.window.script(CALM);
        std::thread::sleep(std::time::Duration::from_millis(150));
        let file = format!("{:02}-{name}.png", self.taken);
        self.window.picture(&self.folder.join(file));
    }
}

fn set_up(look: &Look, lang: &str, size: (u32, u32)) -> Result<()> {
    let dark = look.dark;
    let window = Window::on(Screen { size, dark }, |_| {});
    window.outside().swaps();
    let mut album = Album::new(&window, look, "setup", lang, size);
    let main = "main .button-main";
    window.wait("button.tongue");
    album.take("language");
    window.press(
        &format!("button.tongue[value={lang}]"),
        "button[value=real]",
    );
    album.take("kind");
    window.press("button[value=real]", "#place");
    album.take("centre");
    window.press(main, "[aria-invalid=true]");
    album.take("centre-refused");
    window.type_in("#name", "House of Thyme");
    window.press(main, "form[action='/setup/week']");
    album.take("week");
    window.press(main, "form[action='/setup/languages']");
    album.take("languages");
    window.press(main, "form[action='/setup/keeping']");
    album.take("keeping");
    window.press(main, "#manager");
    album.take("manager");
    window.type_in("#manager", "Samira");
    window.type_in("#passphrase", PASSPHRASE);
    window.type_in("#again", PASSPHRASE);
    window.press(main, "ol.words li");
    album.take("sheet");
    window.press(main, "#word-4");
    album.take("check");
    Ok(())
}

fn inside(look: &Look, lang: &str, size: (u32, u32)) -> Result<()> {
    let dark = look.dark;
    let mut first = String::new();
    let window = Window::on(Screen { size, dark }, |data| {
        first = invented(data, lang).expect("an invented centre");
    });
    window.outside().swaps();
    let mut album = Album::new(&window, look, "inside", lang, size);
    window.wait("#passphrase");
    window.press(
        &format!(".langs button[value={lang}]"),
        &format!("html[lang={lang}] #passphrase"),
    );
    album.take("lock");
    window.type_in("#name", NAME);
    window.type_in("#passphrase", PASSPHRASE);
    window.press("main .button-main", "#desk");
    let spoken = format!("html[lang={lang}] #desk");
    window.press(&format!(".langs button[value={lang}]"), &spoken);
    crawl(&mut album, &first);
    person_found(&mut album);
    key_taken_away(&mut album);
    sealed_by_two(&mut album);
    Ok(())
}

/// Every page of the table, each record by the first link that leads to one; of cases the pages of
/// `first`, which has something on each.
fn crawl(album: &mut Album<'_>, first: &str) {
    let mut open: BTreeMap<&str, bool> = TABLE
        .iter()
        .filter(|row| row.method == Method::GET && matches!(row.who, Who::Inside(_)))
        .map(|row| (row.path, false))
        .collect();
    let of_first = open.keys().filter(|path| path.starts_with("/cases/{case}"));
    let of_first = of_first.map(|path| path.replace("{case}", first));
    let plain = open.keys().map(|path| (*path).to_owned());
    let all = of_first.chain(plain).filter(|path| !path.contains('{'));
    let mut next: VecDeque<String> = all.collect();
    let mut seen: BTreeSet<String> = next.iter().cloned().collect();
    while let Some(address) = next.pop_front() {
        let pattern = open.keys().copied().find(|path| fits(path, &address));
        let Some(pattern) = pattern.filter(|pattern| !open[pattern]) else {
            continue;
        };
        open.insert(pattern, true);
        let window = album.window;
        window.script(&format!("location.assign({address:?})"));
        std::thread::sleep(std::time::Duration::from_millis(400));
        window.wait("body");
        window.settle();
        if window.script("return document.querySelector('#desk') !== null") != true {
            // A piece of a page, or a paper.
            window.script("location.assign('/')");
            window.wait("#desk");
            continue;
        }
        let name = pattern
            .trim_matches('/')
            .replace(['{', '}'], "")
            .replace('/', "-");
        album.take(if name.is_empty() { "home" } else { &name });
        for link in links(window) {
            if seen.insert(link.clone()) {
                next.push_back(link);
            }
        }
    }
    for (path, _) in open.iter().filter(|(_, taken)| !**taken) {
        println!("no link leads to {path}");
    }
}

fn links(window: &Window) -> Vec<String> {
    let found = window.script(
        "return [...document.querySelectorAll('a[href^=\"/\"]')].map((link) => link.getAttribute('href').split(/[?#]/)[0])",
    );
    let found = found.as_array().cloned().unwrap_or_default();
    found
        .iter()
        .filter_map(|link| link.as_str().map(str::to_owned))
        .collect()
}

fn fits(pattern: &str, address: &str) -> bool {
    let (has, asked) = (pattern.split('/'), address.split('/'));
    has.clone().count() == asked.clone().count()
        && has
            .zip(asked)
            .all(|(h, a)| h == a || h.starts_with('{') && !a.is_empty())
}

/// What the table cannot show: a search, a check-in, a form refused, the keys.
fn person_found(album: &mut Album<'_>) {
    let window = album.window;
    window.script("location.assign('/?q=mar')");
    std::thread::sleep(std::time::Duration::from_millis(400));
    window.wait("#found .row");
    album.take("found");
    window.script("location.assign('/?q=maria+ndirangu')");
    std::thread::sleep(std::time::Duration::from_millis(400));
    window.wait("a[href^='/people/new?name=maria']");
    album.take("perhaps");
    window.script("location.assign('/?q=mar')");
    std::thread::sleep(std::time::Duration::from_millis(400));
    window.wait("#found .row");
    window.press("#found .row button", ".just");
    album.take("checked-in");
    window.script("document.getElementById('shortcuts').showModal()");
    album.take("keys");
    window.script("document.getElementById('shortcuts').close()");
    window.press("a[data-key=new]", "form[action='/people/new']");
    window.press("button[name=then]", "[aria-invalid=true]");
    album.take("new-refused");
}

/// What is asked before somebody loses the key to casework.
fn key_taken_away(album: &mut Album<'_>) {
    let window = album.window;
    window.script("location.assign('/users')");
    window.wait("form[action='/users']");
    window.press(".row-names a", "form[action$='/roles']");
    window.script(
        "document.querySelectorAll('input[name=roles]').forEach((role) => { role.checked = role.value === 'desk' })",
    );
    window.press("form[action$='/roles'] button", ".notice-warm");
    album.take("user-asked");
}

/// The sheet of what is sealed, made by the one of the two who is in beside the other.
fn sealed_by_two(album: &mut Album<'_>) {
    let window = album.window;
    window.script("location.assign('/sealed')");
    window.wait("form[action='/sealed/handed-over']");
    album.take("sealed-hand-over");
    window.press(
        "form[action='/sealed/handed-over'] button",
        "body:not(:has(form[action='/sealed/handed-over'])) a[href='/sealed/sheet']",
    );
    album.take("sealed-handed-over");
    window.press("a[href='/sealed/sheet']", "#passphrase");
    window.type_in("#passphrase", PASSPHRASE);
    window.press("main .button-main", "ol.words li");
    album.take("sealed-words");
    let words = window.script(
        "return [...document.querySelectorAll('ol.words li')].map((word) => word.innerText)",
    );
    window.press("a[href='/sealed/check']", "#word-4");
    album.take("sealed-check");
    for place in [4, 13, 22] {
        let word = words[place - 1].as_str().unwrap_or_default().trim();
        window.type_in(&format!("#word-{place}"), word);
    }
    window.press("main .button-main", "a[href='/sealed/sheet']");
    album.take("sealed-sheet-made");
}

/// The case that has most to show; the other one of the two has the same passphrase.
fn invented(data: &Path, lang: &str) -> Result<String> {
    let world = World::system();
    let language = Lang::from_tag(lang).context("a language of the program")?;
    let (vault, actor) = seed::founded_in(data, &world, language)?;
    let amount = Amount {
        persons: 150,
        visits: 900,
        years: 1,
        seed: 1,
        until: world.utc(),
    };
    let people = sample::fill(&vault, actor, &amount).map_err(seed::told)?;
    let casework = Casework {
        cases: 60,
        notes: 240,
        referrals: 30,
        incoming: 6,
        cared: 24,
        years: 1,
        seed: 1,
        until: amount.until,
    };
    sample::casework(&vault, actor, &casework, &people).map_err(seed::told)?;
    let (case, other) = vault
        .list_casework(actor, |casework| {
            casework.one(
                "select h.case_file, f.second_worker from casework.help h
                   join casework.case_file f on f.id = h.case_file
                  where f.second_worker is not null limit 1",
                [],
                |row| Ok((row.get::<_, CaseId>(0)?, row.get(1)?)),
            )
        })
        .map_err(seed::told)?
        .context("a case that two work on")?;
    let (roles, passphrase) = (Roles::CASEWORKER, Passphrase::new(PASSPHRASE));
    let renewed = vault.renew_user(actor, other, roles, &passphrase, Cost::FLOOR);
    renewed.map_err(seed::told)?;
    Ok(case.to_string())
}
