//! A child that writes through the real doors and makes backups, tells what was acknowledged, and
//! is killed at a moment that nobody chose. Then both files and the stick are looked through:
//! everything told must be there, at most one more, and no change in one file alone.

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use darna::cases::rules::NoteKind;
use darna::cases::store::{self, Expected, Opening};
use darna::kit::id::{CaseId, PersonId};
use darna::kit::progress::Progress;
use darna::kit::world::World;
use darna::vault::backup::medium::{Disk, Medium};
use darna::vault::backup::restore::{Aim, Secret, unlock};
use darna::vault::backup::sticks::Shelf;
use darna::vault::words::RecoveryWords;
use darna::vault::{Actor, CaseworkEvent, Event, Refusal, Vault};
use tempfile::TempDir;

use crate::bare::{Bare, opened};
use crate::casework::story;
use crate::sticks::quick_folder;

const FOLDER: &str = "DARNA_KILLS_FOLDER";
const STICK: &str = "DARNA_KILLS_STICK";
const WORDS: &str = "DARNA_KILLS_WORDS";

/// After so many kills the centre is a new one, so that looking through it stays quick.
const ROUND: u32 = 200;
/// From the first sign of life to the kill, at most. Each fourth lives long enough for a backup to
/// end, each eighth dies while it is coming in.
const SHORT: Duration = Duration::from_millis(150);
const LONG: Duration = Duration::from_millis(600);
const COMING_IN: Duration = Duration::from_millis(60);
/// Parts as small as can be.
const PART: u64 = 1024 * 1024;

/// What so many kills came to. From `lost` on all should be 0.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    pub kills: u32,
    /// Writes that were told as done.
    pub acknowledged: u64,
    /// Done, but killed before it was told.
    pub untold: u64,
    /// Kills that left something to be rolled back.
    pub hot: u32,
    /// Kills that left a backup half-written.
    pub partial: u32,
    /// Backups that were on the stick and came back.
    pub backups: u64,
    /// Told as done, and not there.
    pub lost: u64,
    /// In one file, and not in the other.
    pub split: u64,
    /// More than the one write under way was there.
    pub surplus: u64,
    /// Journals, pages or references that did not hold.
    pub damaged: u64,
    /// Backups that were offered and did not come back.
    pub torn: u64,
}

impl Tally {
    pub fn is_clean(&self) -> bool {
        [self.lost, self.split, self.surplus, self.damaged, self.torn] == [0; 5]
    }
}

/// Kills `program` so many times. `seen` is told how it stands after each.
pub fn drill(kills: u32, program: impl Fn() -> Command, mut seen: impl FnMut(&Tally)) -> Tally {
    let mut tally = Tally::default();
    while tally.kills < kills {
        let mut scene = Scene::new();
        for _ in 0..ROUND.min(kills - tally.kills) {
            scene.kill(program(), &mut tally);
            seen(&tally);
        }
    }
    tally
}

struct Scene {
    centre: Bare,
    stick: TempDir,
    /// What the files had after the last kill: a word and an id.
    known: BTreeSet<String>,
    /// The newest backup that came back.
    newest: u64,
}

impl Scene {
    /// A centre with a first visitor, a first case and a stick.
    fn new() -> Self {
        let (centre, vault) = Bare::new();
        let stick = quick_folder();
        let (world, actor) = (World::system(), centre.manager);
        let person = registered(&vault, &world, actor).expect("a visitor");
        vault
            .write_casework(actor, None, |tx| {
                let opening = Opening {
                    story: &story("Not paid for three months"),
                    person,
                    issues: &[],
                    worker: Some(actor.user),
                };
                let case = store::open(tx, &world, actor, &opening)?;
                Ok::<_, Refusal>(((), CaseworkEvent::CaseOpened { case, person }))
            })
            .expect("a case");
        let shelf = shelf(&vault, stick.path());
        vault.enrol(actor, &shelf, "BLUE", None).expect("enrolled");
        let known = found(&vault, actor).expect("what is there").0;
        Self {
            centre,
            stick,
            known,
            newest: 0,
        }
    }

    fn kill(&mut self, mut program: Command, tally: &mut Tally) {
        let mut child = program
            .env(FOLDER, self.centre.folder.path())
            .env(STICK, self.stick.path())
            .env(WORDS, self.centre.sheet.words().join(" "))
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("a child");
        let heard = listen(child.stdout.take().expect("its output"));
        let mut told = Vec::new();
        let longest = match tally.kills % 8 {
            7 => COMING_IN,
            longest => {
                wait_for_ready(&heard, &mut told);
                if longest % 4 == 0 { LONG } else { SHORT }
            }
        };
        std::thread::sleep(some_of(longest));
        child.kill().expect("killed");
        let ended = child.wait().expect("its end");
        assert_eq!(ended.signal(), Some(9), "it did not end by itself");
        told.extend(heard);
        self.look(&told, tally);
        tally.kills += 1;
    }

    /// Opens what the kill left, as the program does: by turns desk.db alone first, or both.
    fn look(&mut self, told: &[String], tally: &mut Tally) {
        let files = ["desk.db", "casework.db"].map(|name| self.centre.file(name));
        tally.hot += u32::from(files.iter().any(|file| is_hot(file)));
        let keys = self.centre.key_file().open_recovery(&self.centre.sheet);
        let keys = keys.expect("the sheet opens");
        if tally.kills.is_multiple_of(2) {
            let desk = opened(&files[0], keys.desk());
            tally.damaged += u64::from(!sound(&desk));
        }
        let vault = self.centre.again();
        let sheet = again(&self.centre.sheet);
        let actor = vault
            .unlock_by_sheet(&sheet, self.centre.manager.user)
            .expect("the centre opens");
        tally.damaged += u64::from(vault.verify_journals().is_err());
        let (here, split) = found(&vault, actor).expect("what is there");
        tally.split += split;
        self.compare(told, here, tally);
        self.look_at_stick(&vault, told, tally);
        drop(vault);
        let casework = keys.casework().expect("the sheet opens both");
        for (file, key) in files.iter().zip([keys.desk(), casework]) {
            tally.damaged += u64::from(!sound(&opened(file, key)));
        }
        let orphans = every_name(files[0].parent().expect("a folder"))
            .filter(|name| name.contains("-mj"))
            .count();
        tally.damaged += orphans as u64;
    }

    fn compare(&mut self, told: &[String], here: BTreeSet<String>, tally: &mut Tally) {
        let written = told
            .iter()
            .filter(|line| !line.starts_with("backup ") && *line != READY);
        let mut sure = self.known.clone();
        for line in written {
            tally.acknowledged += 1;
            sure.insert(line.clone());
        }
        tally.lost += sure.difference(&here).count() as u64;
        let untold = here.difference(&sure).count() as u64;
        tally.untold += untold.min(1);
        tally.surplus += untold.saturating_sub(1);
        self.known = here;
    }

    /// The newest that is offered is at least the one that was told, and it comes back with at
    /// least those who were there before this child began.
    fn look_at_stick(&mut self, vault: &Vault, told: &[String], tally: &mut Tally) {
        let shelf = shelf(vault, self.stick.path());
        let partial = every_name(&shelf.root).any(|name| name.ends_with(".partial"));
        tally.partial += u32::from(partial);
        let listed = shelf.backups().expect("a stick");
        let newest = listed.first().map_or(0, |backup| backup.number);
        let said = told
            .iter()
            .filter_map(|line| line.strip_prefix("backup ")?.parse().ok())
            .max();
        tally.lost += u64::from(newest < said.unwrap_or(0));
        if newest == self.newest {
            return;
        }
        let sheet = Secret::Words(again(&self.centre.sheet));
        let progress = Progress::new("backup.step.fetching");
        let back = unlock(&shelf, newest, &sheet)
            .and_then(|unlocked| vault.rebuild(&shelf, unlocked, Aim::Rehearse, None, &progress));
        match back {
            Ok(_) => tally.backups += newest - self.newest,
            Err(_) => tally.torn += 1,
        }
        self.newest = newest;
    }
}

/// The visitors, appointments and notes of both files; and how many changes only one of them has.
pub(crate) fn found(vault: &Vault, actor: Actor) -> Result<(BTreeSet<String>, u64), Refusal> {
    let hex = |row: &rusqlite::Row<'_>| row.get::<_, String>(0);
    vault.list_casework(actor, |db| {
        let of = |sql: &str| db.all(sql, [], hex);
        let mut here = BTreeSet::new();
        here.extend(of("select 'person ' || lower(hex(id)) from person")?);
        here.extend(of(
            "select 'both ' || lower(hex(appointment)) from casework.case_appointment",
        )?);
        here.extend(of(
            "select 'note ' || lower(hex(id)) from casework.case_note",
        )?);
        let rows: i64 = db
            .one(
                "select (select count(*) from appointment where id not in
                           (select appointment from casework.case_appointment))
                      + (select count(*) from casework.case_appointment where appointment not in
                           (select id from appointment))
                      + (select count(*) from journal where name = 'appointment-made'
                            and event not in (select event from casework.journal))
                      + (select count(*) from casework.journal where name = 'appointment-made'
                            and event not in (select event from main.journal))",
                [],
                |row| row.get(0),
            )?
            .unwrap_or(0);
        Ok((here, u64::try_from(rows).unwrap_or(0)))
    })
}

fn shelf(vault: &Vault, drive: &Path) -> Shelf {
    let medium: Arc<dyn Medium> = Arc::new(Disk);
    Shelf::new(&medium, drive, vault.centre().expect("a centre"))
}

fn again(words: &RecoveryWords) -> RecoveryWords {
    RecoveryWords::parse(&words.words().join(" ")).expect("the same words")
}

fn is_hot(database: &Path) -> bool {
    let mut journal = database.as_os_str().to_owned();
    journal.push("-journal");
    fs::read(journal).is_ok_and(|bytes| bytes.first().is_some_and(|first| *first != 0))
}

pub(crate) fn sound(file: &rusqlite::Connection) -> bool {
    let told = file.query_row("pragma integrity_check(1)", [], |row| {
        row.get::<_, String>(0)
    });
    let dangling = file
        .prepare("pragma foreign_key_check")
        .and_then(|mut look| look.exists([]));
    told.is_ok_and(|told| told == "ok") && dangling.is_ok_and(|dangling| !dangling)
}

fn every_name(folder: &Path) -> impl Iterator<Item = String> {
    let entries = fs::read_dir(folder).expect("a folder").flatten();
    entries.filter_map(|entry| entry.file_name().into_string().ok())
}

fn some_of(longest: Duration) -> Duration {
    let chance = u32::from_le_bytes(World::system().bytes());
    longest.mul_f64(f64::from(chance) / f64::from(u32::MAX))
}

/// What the child says, line by line, until it is no more.
pub(crate) fn listen(output: impl std::io::Read + Send + 'static) -> Receiver<String> {
    let (tell, heard) = channel();
    std::thread::spawn(move || {
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            // The test harness talks too.
            if let Some(line) = line.strip_prefix(MARK)
                && tell.send(line.to_owned()).is_err()
            {
                return;
            }
        }
    });
    heard
}

fn wait_for_ready(heard: &Receiver<String>, told: &mut Vec<String>) {
    loop {
        let line = heard.recv().expect("the child comes in");
        let ready = line == READY;
        told.push(line);
        if ready {
            return;
        }
    }
}

pub(crate) const MARK: &str = "~ ";
pub(crate) const READY: &str = "ready";

/// The child's part: it never ends by itself.
pub fn writes_until_killed() -> Result<(), Refusal> {
    let told = |name: &str| std::env::var(name).expect("told by the drill");
    let words = RecoveryWords::parse(&told(WORDS)).expect("a sheet");
    let world = World::system();
    let vault = Vault::at(&PathBuf::from(told(FOLDER)), world.clone())?;
    let (user, _) = vault.by_words(&words)?.managers.remove(0);
    let actor = vault.unlock_by_sheet(&words, user)?;
    let first = vault.list_casework(actor, |db| {
        db.one(
            "select case_file, person from casework.case_person limit 1",
            [],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
    });
    let (case, person) = first?.ok_or(Refusal::Missing)?;
    let shelf = shelf(&vault, &PathBuf::from(told(STICK)));
    say(READY);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            loop {
                let progress = Progress::new("backup.step.ready");
                let made = vault.back_up(actor, &shelf, PART, &progress);
                say(&format!("backup {}", made.expect("a backup").number));
            }
        });
        for turn in 0_u64.. {
            match turn % 4 {
                0 => say(&format!("person {}", registered(&vault, &world, actor)?)),
                2 => say(&format!("note {}", noted(&vault, &world, actor, case)?)),
                _ => say(&format!(
                    "both {}",
                    met(&vault, &world, actor, case, person)?
                )),
            }
        }
        Ok(())
    })
}

/// One write of one line: a kill cannot cut it.
fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    let _ = out.write_all(format!("{MARK}{line}\n").as_bytes());
    let _ = out.flush();
}

fn registered(vault: &Vault, world: &World, actor: Actor) -> Result<PersonId, Refusal> {
    let person = PersonId::new(world);
    vault.write(actor, None, |tx| {
        tx.execute(
            "insert into person (id, code, gender, nationality, created, created_by)
             values (?1, ?2, 'not-recorded', 'not_recorded', ?3, ?4)",
            rusqlite::params![person, person.to_string(), world.stamp(), actor.user],
        )?;
        Ok::<_, Refusal>((person, Event::PersonRegistered { person }))
    })
}

fn noted(vault: &Vault, world: &World, actor: Actor, case: CaseId) -> Result<String, Refusal> {
    vault.write_casework(actor, None, |tx| {
        let words = "The employer did not answer.";
        let note = store::add_note(tx, world, actor, case, NoteKind::Note, None, words)?;
        Ok::<_, Refusal>((note.to_string(), CaseworkEvent::NoteAdded { case, note }))
    })
}

/// A change to both files in one commit.
fn met(
    vault: &Vault,
    world: &World,
    actor: Actor,
    case: CaseId,
    person: PersonId,
) -> Result<String, Refusal> {
    vault.write_both(actor, None, |desk, casework| {
        let expected = Expected {
            person,
            day: world.today(),
            hour: "14:30",
            room: None,
        };
        let made = store::make_appointment(desk, casework, world, actor, case, &expected)?;
        let (plain, confidential) = (
            Event::AppointmentMade {
                appointment: made,
                person,
            },
            CaseworkEvent::AppointmentMade {
                case,
                appointment: made,
            },
        );
        Ok::<_, Refusal>((made.to_string(), confidential, plain))
    })
}
