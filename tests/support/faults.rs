//! A disk that fails at its n-th call. A child does a day's work through the real pages, over real
//! encrypted files and a stick; `strace` lets one call of it fail, or all from one on, after every
//! other before it was let through. What the child was shown is compared with what is there then:
//! all that was told as saved, nothing in one file alone, and no wrong word about the rest.
//!
//! `strace` because it fails the calls of the very program, whatever library makes them: a layer
//! inside the program would miss those of SQLite, and one under it those of Rust.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{BufRead, BufReader, IoSlice, IoSliceMut, Lines, Read, Write};
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, Command, Stdio};
use std::sync::mpsc::Receiver;
use std::time::Duration;

use axum::http::StatusCode;
use darna::kit::progress::Progress;
use darna::kit::world::World;
use darna::vault::backup::restore::{Aim, Secret, unlock};
use darna::vault::secret::Passphrase;
use darna::vault::words::RecoveryWords;
use darna::vault::{Actor, Refusal, Roles, Unopened, Vault};
use tempfile::TempDir;

use crate::backups;
use crate::bare::opened;
use crate::casework::{WORDS, add, enter, open, visitor};
use crate::centre::{Centre, PASSPHRASE, Page, encoded};
use crate::courses;
use crate::kills::{self, MARK, READY};
use crate::office::copy;
use crate::sticks::{Stick, quick_folder};

const FOLDER: &str = "DARNA_FAULTS_FOLDER";
const ACT: &str = "DARNA_FAULTS_ACT";
const CASE: &str = "DARNA_FAULTS_CASE";

/// A child that says nothing for so long hangs.
const SILENCE: Duration = Duration::from_secs(120);

/// Calls that change the disk, and those that only read it.
const WRITES: &[&str] = &[
    "openat",
    "write",
    "pwrite64",
    "fsync",
    "fdatasync",
    "ftruncate",
    "fallocate",
    "rename",
    "renameat",
    "renameat2",
    "unlink",
    "unlinkat",
    "mkdir",
    "mkdirat",
    "rmdir",
    "copy_file_range",
    "sendfile",
    "syncfs",
];
const READS: &[&str] = &[
    "read",
    "pread64",
    "lseek",
    "statx",
    "newfstatat",
    "fstat",
    "access",
    "getdents64",
];

const MANAGER: &str = "Samira";
const WORKER: &str = "Noor";
/// Who is shut out.
const FORMER: &str = "Leila";
/// Who is let in.
const NEWCOMER: &str = "Farid Haddad";
const OTHER_WORDS: &str = "walnut ribbon copper violin meadow anchor";

/// What the child does while its disk fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// Register, check in, attendance, a note, an appointment in both files, a scan; lock, come in.
    Desk,
    /// One backup to a stick that has one.
    Backup,
    /// Another passphrase, a new user, and one shut out: the key file and a new generation.
    Keys,
}

impl Act {
    pub const ALL: [Self; 3] = [Self::Desk, Self::Backup, Self::Keys];

    pub fn name(self) -> &'static str {
        match self {
            Self::Desk => "desk",
            Self::Backup => "backup",
            Self::Keys => "keys",
        }
    }

    fn named(name: &str) -> Self {
        let found = Self::ALL.into_iter().find(|act| act.name() == name);
        found.expect("an act")
    }
}

/// How the disk fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    /// As the system names it.
    pub error: &'static str,
    pub calls: &'static [&'static str],
    /// All calls from the n-th on fail, or that one alone.
    pub lasting: bool,
}

impl Fault {
    pub const ALL: [Self; 6] = [
        Self::of("EIO", WRITES, false),
        Self::of("EIO", WRITES, true),
        Self::of("ENOSPC", WRITES, false),
        Self::of("ENOSPC", WRITES, true),
        Self::of("EIO", READS, false),
        Self::of("EIO", READS, true),
    ];

    const fn of(error: &'static str, calls: &'static [&'static str], lasting: bool) -> Self {
        Self {
            error,
            calls,
            lasting,
        }
    }

    pub fn told(&self) -> String {
        let calls = if self.calls == READS {
            "reading"
        } else {
            "writing"
        };
        let until = if self.lasting { "from then on" } else { "once" };
        format!("{} at {calls}, {until}", self.error)
    }

    /// What `strace` is asked for so that it fails at the n-th of these calls. It counts each kind
    /// of call by itself, and in each thread.
    fn at(&self, made: &[String], n: usize) -> Vec<String> {
        let Some(hit) = made.get(n) else {
            return Vec::new();
        };
        let before = |call: &str| made[..n].iter().filter(|made| *made == call).count();
        let error = self.error;
        if !self.lasting {
            let nth = before(hit) + 1;
            return vec![format!("inject={hit}:error={error}:when={nth}")];
        }
        let from_then_on = |call: &&str| {
            let nth = before(call) + 1;
            format!("inject={call}:error={error}:when={nth}+")
        };
        self.calls.iter().map(from_then_on).collect()
    }
}

/// What so many runs came to. From `lost` on all should be 0.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    pub runs: u64,
    /// Calls that failed.
    pub faults: u64,
    /// Steps that were told as done.
    pub acknowledged: u64,
    /// Answers that told of the failure.
    pub refused: u64,
    /// Backups that were on the stick and came back.
    pub backups: u64,
    /// Told as done, and not there.
    pub lost: u64,
    /// In one file, and not in the other.
    pub split: u64,
    /// There though it was told as not saved.
    pub surplus: u64,
    /// Journals, pages, references or keys that did not hold.
    pub damaged: u64,
    /// The newest backup that is offered did not come back.
    pub torn: u64,
    /// The program failed at it, or hung.
    pub panics: u64,
    /// Another status, or other words than those of a disk that fails.
    pub odd: u64,
    /// What was typed was not on the page any more.
    pub forgotten: u64,
    /// One call failed, and the next try did not do it.
    pub stuck: u64,
    /// What each of these was.
    pub problems: Vec<String>,
}

impl Tally {
    pub fn is_clean(&self) -> bool {
        self.problems.is_empty()
    }

    pub fn told(&self) -> String {
        let Self {
            runs,
            faults,
            acknowledged,
            refused,
            backups,
            lost,
            split,
            surplus,
            damaged,
            torn,
            panics,
            odd,
            forgotten,
            stuck,
            problems: _,
        } = self;
        format!(
            "{runs} runs, {faults} calls failed, {acknowledged} steps acknowledged, {refused} refused, \
             {backups} backups came back; lost {lost}, split {split}, surplus {surplus}, damaged \
             {damaged}, torn {torn}, panics {panics}, wrongly told {odd}, forgotten {forgotten}, \
             not done when tried again {stuck}"
        )
    }

    pub fn add(&mut self, other: Self) {
        self.runs += other.runs;
        self.faults += other.faults;
        self.acknowledged += other.acknowledged;
        self.refused += other.refused;
        self.backups += other.backups;
        self.lost += other.lost;
        self.split += other.split;
        self.surplus += other.surplus;
        self.damaged += other.damaged;
        self.torn += other.torn;
        self.panics += other.panics;
        self.odd += other.odd;
        self.forgotten += other.forgotten;
        self.stuck += other.stuck;
        self.problems.extend(other.problems);
    }
}

/// A centre with all that the acts need, copied anew for each run.
pub struct Scene {
    folder: TempDir,
    sheet: RecoveryWords,
    case: String,
}

impl Scene {
    #[expect(clippy::new_without_default, reason = "it founds a centre")]
    pub fn new() -> Self {
        let folder = quick_folder();
        let (centre, words) = Centre::unfounded().begun();
        let stick = Stick::quick("BLUE");
        centre.outside.plug_in(&stick);
        backups::enrolled(&centre);
        add(&centre, FORMER, Roles::DESK);
        let worker = add(&centre, WORKER, Roles::DESK.and(Roles::CASEWORKER));
        let person = visitor(&centre, "Almaz Tesfaye");
        courses::meeting_today(&centre, &person.to_string());
        enter(&centre, WORKER);
        let case = open(&centre, worker, person, "Not paid for three months", &[]);
        let page = backups::backed_up(&centre);
        assert!(page.all("#failed-title").is_empty(), "{}", page.html);
        centre.post("/", "/lock", &[]);
        let template = folder.path().join("template");
        for (from, name) in [(centre.folder.path(), "data"), (stick.path(), "stick")] {
            let to = template.join(name);
            fs::create_dir_all(&to).expect("a folder");
            copy(from, &to);
        }
        let scan = format!("%PDF-1.7\n{}\n%%EOF\n", "a ".repeat(50_000));
        fs::write(template.join("contract.pdf"), scan).expect("a scan");
        Self {
            folder,
            sheet: RecoveryWords::parse(&words.join(" ")).expect("a sheet"),
            case: case.to_string(),
        }
    }

    /// The calls that one run makes when none fails, in their order: those of the thread that
    /// makes the most.
    pub fn calls(&self, act: Act, fault: Fault, program: impl Fn() -> Command) -> Vec<String> {
        let run = self.run(act, fault, &[], &program);
        let refused = run.told.iter().any(|line| !line.starts_with("did "));
        assert!(
            run.ended_well && !refused && run.told.len() >= act.claims().len(),
            "without a fault: {:?}",
            run.told
        );
        let mut threads: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for line in run.log.lines() {
            let (thread, call) = line.split_once(' ').unwrap_or_default();
            if let Some((name, _)) = call.trim_start().split_once('(')
                && fault.calls.contains(&name)
            {
                threads.entry(thread).or_default().push(name.to_owned());
            }
        }
        let most = threads.into_values().max_by_key(Vec::len);
        most.expect("some calls")
    }

    /// Lets one run fail at the n-th, from 0, of those calls.
    pub fn fail(
        &self,
        act: Act,
        fault: Fault,
        made: &[String],
        n: usize,
        program: impl Fn() -> Command,
    ) -> Tally {
        let run = self.run(act, fault, &fault.at(made, n), &program);
        let first = run.log.lines().find(|line| line.contains(INJECTED));
        let mut look = Look {
            scene: self,
            at: format!("{}, {}, call {}", act.name(), fault.told(), n + 1),
            first: first.unwrap_or_default().to_owned(),
            tally: Tally {
                runs: 1,
                faults: run.log.matches(INJECTED).count() as u64,
                ..Tally::default()
            },
        };
        if !run.ended_well {
            look.tally.panics += 1;
            look.problem(&format!("did not end well: {}", run.errors));
        }
        look.at_words(&run.told, fault);
        look.at_files(run.folder.path(), act, &run.told);
        look.tally
    }

    fn run(&self, act: Act, fault: Fault, asked: &[String], program: &impl Fn() -> Command) -> Run {
        let folder = TempDir::new_in(self.folder.path()).expect("a folder");
        let (errors, log) = (folder.path().join("errors"), folder.path().join("calls"));
        let mut child = program()
            .env(FOLDER, folder.path())
            .env(ACT, act.name())
            .env(CASE, &self.case)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(File::create(&errors).expect("a file"))
            .spawn()
            .expect("a child");
        let heard = kills::listen(child.stdout.take().expect("its output"));
        let mut told = Vec::new();
        while heard.recv().expect("the child is ready") != READY {}
        let tracer = Tracer::at(&child, fault, asked, &log);
        let mut go = child.stdin.take().expect("its input");
        go.write_all(b"go\n").expect("it goes");
        let hung = hear(&heard, &mut told);
        if hung {
            child.kill().expect("killed");
        }
        let ended = child.wait().expect("its end");
        tracer.end();
        let errors = fs::read_to_string(&errors).unwrap_or_default();
        Run {
            ended_well: !hung && ended.success() && !errors.contains("panicked"),
            log: fs::read_to_string(&log).expect("what strace saw"),
            errors: errors.lines().take(4).collect::<Vec<_>>().join(" "),
            told,
            folder,
        }
    }
}

/// What `strace` writes behind a call that it let fail.
const INJECTED: &str = "(INJECTED)";

/// What one child did.
struct Run {
    folder: TempDir,
    told: Vec<String>,
    log: String,
    errors: String,
    ended_well: bool,
}

/// `strace`, holding on to a child.
struct Tracer {
    tracer: Child,
    /// Held open: it tells of every thread, and would end where nobody listens.
    says: Lines<BufReader<ChildStderr>>,
}

impl Tracer {
    fn at(child: &Child, fault: Fault, asked: &[String], log: &Path) -> Self {
        let mut tracer = Command::new("strace");
        tracer
            .args(["-f", "-y", "-e"])
            .arg(format!("trace={}", fault.calls.join(",")));
        for inject in asked {
            tracer.arg("-e").arg(inject);
        }
        let mut tracer = tracer
            .arg("-o")
            .arg(log)
            .arg("-p")
            .arg(child.id().to_string())
            .stderr(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .expect("strace is there (package strace)");
        let says = tracer.stderr.take().expect("what it says");
        let mut says = BufReader::new(says).lines();
        let holds = says
            .by_ref()
            .map_while(Result::ok)
            .any(|line| line.contains("attached"));
        assert!(holds, "strace may hold on to a process");
        Self { tracer, says }
    }

    /// It ends with what it holds.
    fn end(mut self) {
        self.says.by_ref().for_each(drop);
        self.tracer.wait().expect("its end");
    }
}

/// Until the child says that it is at its end; whether it fell silent before.
fn hear(heard: &Receiver<String>, told: &mut Vec<String>) -> bool {
    loop {
        match heard.recv_timeout(SILENCE) {
            Ok(line) if line == END => return false,
            Ok(line) => told.push(line),
            Err(std::sync::mpsc::RecvTimeoutError::Timeout) => return true,
            Err(std::sync::mpsc::RecvTimeoutError::Disconnected) => return false,
        }
    }
}

impl Act {
    /// The steps that leave something, in their order, and how it shows in the files.
    fn claims(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Desk => &[
                (
                    "register",
                    "select 1 from person_name where written = 'Hana Bekele'",
                ),
                ("check-in", "select 1 from visit where undone is null"),
                ("attendance", "select 1 from attendance"),
                (
                    "note",
                    "select 1 from casework.case_note where words = 'The employer did not answer.'",
                ),
                (
                    "appointment",
                    "select 1 from casework.case_appointment c join appointment a on a.id = c.appointment",
                ),
                ("scan", "select 1 from casework.case_attachment"),
            ],
            Self::Backup => &[("backup", "select 1 from backup where number > 1")],
            Self::Keys => &[
                (
                    "passphrase",
                    "select 1 from journal where name = 'passphrase-changed'",
                ),
                ("newcomer", "select 1 from user where name = 'Farid Haddad'"),
                (
                    "former",
                    "select 1 from user where name = 'Leila' and disabled is not null",
                ),
            ],
        }
    }
}

/// Looks through what one run left.
struct Look<'s> {
    scene: &'s Scene,
    at: String,
    first: String,
    tally: Tally,
}

impl Look<'_> {
    fn problem(&mut self, what: &str) {
        let problem = format!("{}: {what}; {}", self.at, self.first);
        self.tally.problems.push(problem);
    }

    fn at_words(&mut self, told: &[String], fault: Fault) {
        for line in told {
            let (word, what) = line.split_once(' ').unwrap_or((line, ""));
            match word {
                "did" => self.tally.acknowledged += 1,
                "no" | "unsure" => self.tally.refused += 1,
                "forgot" => self.tally.forgotten += 1,
                "stuck" if fault.lasting => continue,
                "stuck" => self.tally.stuck += 1,
                _ => self.tally.odd += 1,
            }
            if !["did", "no", "unsure"].contains(&word) {
                self.problem(&format!("{word} {what}"));
            }
        }
    }

    /// Opens the files as the program does the next time, with a disk that works again.
    fn at_files(&mut self, run: &Path, act: Act, told: &[String]) {
        let data = only_folder(&run.join("own-data"));
        let stick = only_folder(&run.join("own-stick"));
        let sheet = || backups::again(&self.scene.sheet);
        let opened = Vault::at(&data, World::system()).and_then(|vault| {
            let managers = vault.by_words(&sheet())?.managers;
            let found = managers.iter().find(|(_, name)| name == MANAGER);
            let actor = vault.unlock_by_sheet(&sheet(), found.ok_or(Refusal::Missing)?.0)?;
            Ok((vault, actor))
        });
        let (vault, actor) = match opened {
            Ok(opened) => opened,
            Err(why) => {
                self.tally.damaged += 1;
                return self.problem(&format!("the centre does not open: {why:?}"));
            }
        };
        if let Err(why) = vault.verify_journals() {
            self.tally.damaged += 1;
            self.problem(&format!("a journal: {why:?}"));
        }
        self.compare(&vault, actor, act, told);
        self.try_newcomer(&vault, told);
        self.try_stick(&vault, actor, &stick);
        drop(vault);
        self.try_pages(&data);
        self.try_passphrase(&data, actor, told);
    }

    fn compare(&mut self, vault: &Vault, actor: Actor, act: Act, told: &[String]) {
        let split = kills::found(vault, actor).map(|(_, split)| split);
        if !matches!(split, Ok(0)) {
            self.tally.split += 1;
            self.problem(&format!("split: {split:?}"));
        }
        let there: BTreeSet<&str> = act
            .claims()
            .iter()
            .filter(|(_, sql)| {
                let found =
                    vault.list_casework::<_, Refusal>(actor, |db| db.one(sql, [], |_| Ok(())));
                found.expect("a look").is_some()
            })
            .map(|(name, _)| *name)
            .collect();
        for (name, _) in act.claims() {
            let did = told
                .iter()
                .any(|line| line.strip_prefix("did ") == Some(name));
            let unsure = told
                .iter()
                .any(|line| line.strip_prefix("unsure ") == Some(name));
            if did && !there.contains(name) {
                self.tally.lost += 1;
                self.problem(&format!("lost: {name}"));
            }
            if !did && !unsure && there.contains(name) {
                self.tally.surplus += 1;
                self.problem(&format!("not told, and there: {name}"));
            }
        }
    }

    /// Whoever was told to be let in comes in by name.
    fn try_newcomer(&mut self, vault: &Vault, told: &[String]) {
        if !told.iter().any(|line| line == "did newcomer") {
            return;
        }
        if let Err(why) = vault.unlock_named(NEWCOMER, &Passphrase::new(WORDS)) {
            self.tally.lost += 1;
            self.problem(&format!("the new user does not come in: {why:?}"));
        }
    }

    /// The passphrase that was told opens, and no other; shut out is shut out.
    fn try_passphrase(&mut self, data: &Path, actor: Actor, told: &[String]) {
        let vault = Vault::at(data, World::system()).expect("the vault of the centre");
        let did = |name: &str| {
            told.iter()
                .any(|line| line.strip_prefix("did ") == Some(name))
        };
        let new = did("passphrase");
        let right = if new { OTHER_WORDS } else { PASSPHRASE };
        let opened = vault.unlock(actor.user, &Passphrase::new(right));
        let unsure = !new && told.iter().any(|line| line == "unsure passphrase");
        let opened = match opened {
            Err(Refusal::Passphrase) if unsure => {
                vault.unlock(actor.user, &Passphrase::new(OTHER_WORDS))
            }
            opened => opened,
        };
        if let Err(why) = opened {
            self.tally.lost += 1;
            self.problem(&format!(
                "the passphrase told (new: {new}) does not open: {why:?}"
            ));
            return;
        }
        if did("former") && vault.unlock_named(FORMER, &Passphrase::new(WORDS)).is_ok() {
            self.tally.surplus += 1;
            self.problem("who was shut out comes in");
        }
    }

    /// The newest that is offered comes back, and the next one is made.
    fn try_stick(&mut self, vault: &Vault, actor: Actor, stick: &Path) {
        let shelf = backups::shelf_on(vault, stick);
        let listed = shelf.backups().expect("a stick");
        let newest = listed.first().map_or(0, |backup| backup.number);
        let secret = Secret::Words(backups::again(&self.scene.sheet));
        let progress = Progress::new("backup.step.fetching");
        let back = unlock(&shelf, newest, &secret)
            .and_then(|unlocked| vault.rebuild(&shelf, unlocked, Aim::Rehearse, None, &progress));
        match back {
            Ok(_) => self.tally.backups += 1,
            Err(why) => {
                self.tally.torn += 1;
                self.problem(&format!("backup {newest} does not come back: {why:?}"));
            }
        }
        let progress = Progress::new("backup.step.ready");
        if let Err(why) = vault.back_up(actor, &shelf, backups::SMALL, &progress) {
            self.tally.stuck += 1;
            self.problem(&format!("the next backup: {why:?}"));
        }
    }

    fn try_pages(&mut self, data: &Path) {
        let current = fs::read_to_string(data.join("CURRENT")).expect("CURRENT");
        let folder = data.join("gen").join(current.trim());
        let bytes = fs::read(folder.join("keys.mrc")).expect("the key file");
        let file = darna::vault::keyfile::KeyFile::read(&bytes).expect("a key file");
        let keys = file.open_recovery(&self.scene.sheet).expect("the sheet");
        let casework = keys.casework().expect("both files");
        for (name, key) in [("desk.db", keys.desk()), ("casework.db", casework)] {
            if !kills::sound(&opened(&folder.join(name), key)) {
                self.tally.damaged += 1;
                self.problem(name);
            }
        }
    }
}

fn only_folder(parent: &Path) -> PathBuf {
    let mut entries = fs::read_dir(parent).expect("the child's folder").flatten();
    entries.next().expect("one in it").path()
}

const END: &str = "end";

/// One thing that is done at a page, written down before the disk begins to fail.
struct Step {
    name: &'static str,
    to: String,
    write: String,
    fields: Vec<(&'static str, String)>,
    /// What must stand on the page of a refusal: the field's value.
    typed: Option<&'static str>,
    /// Where it leads: a lock leads out.
    leads_out: bool,
}

/// The child's part.
pub fn works_on_a_failing_disk() -> ! {
    let told = |name: &str| std::env::var(name).expect("told by the drill");
    let run = PathBuf::from(told(FOLDER));
    let act = Act::named(&told(ACT));
    let template = run.with_file_name("template");
    let own = |name: &str| {
        let parent = run.join(format!("own-{name}"));
        fs::create_dir(&parent).expect("a folder");
        let own = TempDir::new_in(parent).expect("a folder");
        copy(&template.join(name), own.path());
        own
    };
    let stick = Stick {
        folder: own("stick"),
        name: "BLUE",
    };
    let centre = Centre::of(own("data"));
    centre.outside.plug_in(&stick);
    let mut work = Work {
        csrf: String::new(),
        say: say_past_the_faults(),
        scan: template.join("contract.pdf"),
        known: known(),
        who: match act {
            Act::Keys => (MANAGER, PASSPHRASE),
            _ => (WORKER, WORDS),
        },
        centre,
    };
    assert!(work.comes_in(), "before anything fails");
    let steps = work.steps(act, &told(CASE));
    work.say(READY);
    wait_past_the_faults();
    for step in steps {
        work.take(&step);
    }
    work.say(END);
    // As a process ends that is killed: nothing is tidied up, and what lies on the disk stays.
    std::process::exit(0)
}

/// What is told goes out by a call that does not fail.
fn say_past_the_faults() -> File {
    let out = std::io::stdout();
    File::from(out.as_fd().try_clone_to_owned().expect("the output"))
}

/// Until the drill says that it goes.
fn wait_past_the_faults() {
    let input = std::io::stdin().as_fd().try_clone_to_owned();
    let mut line = [0; 8];
    let read =
        File::from(input.expect("the input")).read_vectored(&mut [IoSliceMut::new(&mut line)]);
    assert!(read.expect("told to go") > 0, "told to go");
}

struct Work {
    centre: Centre,
    csrf: String,
    say: File,
    scan: PathBuf,
    known: Vec<String>,
    who: (&'static str, &'static str),
}

impl Work {
    fn say(&mut self, line: &str) {
        let line = format!("{MARK}{}\n", line.replace('\n', " "));
        let _ = self.say.write_vectored(&[IoSlice::new(line.as_bytes())]);
    }

    fn comes_in(&mut self) -> bool {
        if self.csrf.is_empty() {
            self.csrf = self.centre.get("/lock").value("csrf");
        }
        let (name, passphrase) = self.who;
        let body = format!(
            "csrf={}&name={}&passphrase={}",
            self.csrf,
            encoded(name),
            encoded(passphrase)
        );
        let page = self.centre.send("/unlock", body);
        page.status == StatusCode::SEE_OTHER && page.to != "/lock"
    }

    fn steps(&self, act: Act, case: &str) -> Vec<Step> {
        let step = |name, from: &str, to: &str, fields: &[(&'static str, &str)]| {
            let page = self.centre.get(from);
            let write = page.value("write");
            let fields = fields.iter().map(|(n, v)| (*n, (*v).to_owned())).collect();
            Step {
                name,
                to: to.to_owned(),
                write,
                fields,
                typed: None,
                leads_out: false,
            }
        };
        let typed = |step: Step, typed| Step {
            typed: Some(typed),
            ..step
        };
        match act {
            Act::Desk => {
                let found = self.centre.get("/search?q=Almaz");
                let person = found.attribute("a[href^='/people/']", "href");
                let id = person.trim_start_matches("/people/");
                let activities = self.centre.get("/activities");
                let activity = activities.attribute("main a[href^='/activities/0']", "href");
                let session = self
                    .centre
                    .get(&activity)
                    .attribute("a[href^='/sessions/']", "href");
                let case = format!("/cases/{case}");
                let hana = [
                    ("name", "Hana Bekele"),
                    ("consent", "spoken"),
                    ("sure", "yes"),
                    ("then", "stay"),
                ];
                let mark = [("by", "key"), ("person", id), ("mark", "present")];
                let note = [
                    ("note", "The employer did not answer."),
                    ("note-kind", "note"),
                ];
                let day = self.centre.app.world.today().to_string();
                let expected = [
                    ("who", id),
                    ("day", &day),
                    ("hour", "14:30"),
                    ("room", "Room 2"),
                ];
                let scan = [("scan-kind", "contract"), ("scan-what", "Pages 1 to 3")];
                let people = format!("{case}/people");
                vec![
                    typed(
                        step("register", "/people/new", "/people/new", &hana),
                        "Hana Bekele",
                    ),
                    step("check-in", &person, &format!("{person}/visits"), &[]),
                    step("attendance", &session, &format!("{session}/marks"), &mark),
                    typed(
                        step("note", &case, &format!("{case}/notes"), &note),
                        "The employer did not answer.",
                    ),
                    typed(
                        step(
                            "appointment",
                            &people,
                            &format!("{case}/appointments"),
                            &expected,
                        ),
                        "Room 2",
                    ),
                    typed(
                        step("scan", &case, &format!("{case}/attachments"), &scan),
                        "Pages 1 to 3",
                    ),
                    Step {
                        leads_out: true,
                        ..step("lock", "/", "/lock", &[])
                    },
                    step(
                        "come-in",
                        "/",
                        "/unlock",
                        &[("name", WORKER), ("passphrase", WORDS)],
                    ),
                ]
            }
            Act::Backup => {
                let target = backups::handle(&self.centre.get("/backup"), "/backup");
                vec![step("backup", "/backup", "/backup", &[("target", &target)])]
            }
            Act::Keys => {
                let own = [
                    ("old", PASSPHRASE),
                    ("passphrase", OTHER_WORDS),
                    ("again", OTHER_WORDS),
                ];
                let newcomer = [
                    ("name", NEWCOMER),
                    ("roles", "desk"),
                    ("passphrase", WORDS),
                    ("again", WORDS),
                ];
                let users = self.centre.get("/users");
                let at = users.all(".row-names a");
                let at = at.iter().position(|name| name == FORMER);
                let row = at.expect("in the list") + 1;
                let former = users.attribute(&format!(".row:nth-child({row}) a"), "href");
                vec![
                    step("passphrase", "/passphrase", "/passphrase", &own),
                    step("newcomer", "/users", "/users", &newcomer),
                    step("former", &former, &format!("{former}/disabled"), &[]),
                ]
            }
        }
    }

    /// Once, and once more where it was refused. Whoever is out meanwhile comes in again.
    fn take(&mut self, step: &Step) {
        let mut write = step.write.clone();
        let mut unsure = false;
        // A backup begins in a thread of its own, whose calls are counted anew: the drill itself
        // makes the next one.
        let tries = if step.name == "backup" { 1 } else { 2 };
        for _ in 0..tries {
            let page = self.send(step, &write);
            match page {
                Told::Did => {
                    if step.name == "passphrase" {
                        self.who.1 = OTHER_WORDS;
                    }
                    return self.say(&format!("did {}", step.name));
                }
                Told::Out => {
                    self.say(&format!("no {}", step.name));
                    self.comes_in();
                }
                Told::Refused(page) => {
                    // It was not sure whether it was done, and it was.
                    if unsure && page.html.contains(&in_english(&Refusal::Missing)) {
                        return self.say(&format!("did {}", step.name));
                    }
                    unsure |= page.html.contains(&in_english(&Refusal::Undecided));
                    if let Some(again) = self.refused(step, &page) {
                        write = again;
                    }
                }
            }
            self.reads_on();
        }
        if step.name != "backup" {
            self.say(&format!("stuck {}", step.name));
        }
    }

    fn send(&self, step: &Step, write: &str) -> Told {
        if step.name == "scan" {
            self.centre.outside.choose(&self.scan);
        }
        let mut body = format!("csrf={}&write={write}", self.csrf);
        for (name, value) in &step.fields {
            body.push_str(&format!("&{name}={}", encoded(value)));
        }
        let page = self.centre.send(&step.to, body);
        let page = match step.name {
            "backup" if page.status == StatusCode::SEE_OTHER => self.backup_ended(),
            _ => page,
        };
        let out = page.to == "/lock";
        match page.status {
            StatusCode::SEE_OTHER if out == step.leads_out => Told::Did,
            StatusCode::SEE_OTHER => Told::Out,
            StatusCode::OK if step.name == "attendance" => Told::Did,
            StatusCode::OK if !page.all("#made-title").is_empty() => Told::Did,
            _ => Told::Refused(page),
        }
    }

    /// Says what the page told, and gives the id under which it can be sent again.
    fn refused(&mut self, step: &Step, page: &Page) -> Option<String> {
        let failed = !page.all("#failed-title").is_empty() || page.html.contains(NO_STICK);
        let right = page.status == StatusCode::UNPROCESSABLE_ENTITY || failed;
        let known = self.known.iter().any(|known| page.html.contains(known));
        // A page of backups that cannot be shown says nothing of the one that was begun.
        let unshown = step.name == "backup" && !failed;
        if right && (unshown || page.html.contains(&self.known[2])) {
            self.say(&format!("unsure {}", step.name));
        } else if right && (known || failed) {
            self.say(&format!("no {}", step.name));
        } else {
            let said = page.all("main").join(" ");
            let said: String = said.split_whitespace().collect::<Vec<_>>().join(" ");
            self.say(&format!("odd {} {} {said}", step.name, page.status));
        }
        if step.typed.is_some_and(|typed| !page.html.contains(typed)) {
            self.say(&format!("forgot {}", step.name));
        }
        let has_id = !page.all("input[name='write']").is_empty();
        has_id.then(|| page.value("write"))
    }

    fn backup_ended(&self) -> Page {
        for _ in 0..1_000 {
            let page = self.centre.get("/backup");
            let idle = self
                .centre
                .app
                .workshop
                .work()
                .is_none_or(|work| work.is_done());
            if idle && page.all("progress").is_empty() {
                return page;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        self.centre.get("/backup")
    }

    /// The disk may fail again at that; the page says so then, and nothing worse.
    fn reads_on(&mut self) {
        for path in ["/", "/today"] {
            let page = self.centre.get(path);
            let told = match page.status {
                StatusCode::OK => true,
                StatusCode::SEE_OTHER => page.to == "/lock",
                StatusCode::UNPROCESSABLE_ENTITY => {
                    self.known.iter().any(|known| page.html.contains(known))
                }
                _ => false,
            };
            if !told {
                self.say(&format!("odd {path} {} {}", page.status, page.to));
            }
        }
    }
}

enum Told {
    Did,
    /// The centre is locked.
    Out,
    Refused(Page),
}

/// Told beside the scan: its own file could not be read.
const SCAN_GONE: &str = "The file disappeared or changed while it was read. Is the stick or scanner still connected? Choose it again.";

/// Told where the stick does not answer when a backup is to begin.
const NO_STICK: &str = "It was taken out meanwhile.";

fn in_english(refusal: &Refusal) -> String {
    let said = darna::sentence(refusal);
    said.lines().next().unwrap_or_default().to_owned()
}

/// The words of a disk that fails.
fn known() -> Vec<String> {
    let refusals = [
        Refusal::Full,
        Refusal::NotSaved,
        Refusal::Undecided,
        Refusal::Folder(std::io::ErrorKind::Other.into()),
        Refusal::Database(Unopened::Sqlite(rusqlite::Error::InvalidQuery)),
    ];
    let mut known: Vec<String> = refusals.iter().map(in_english).collect();
    known.extend([SCAN_GONE.to_owned(), NO_STICK.to_owned()]);
    known
}
