//! Back from a stick, in four steps: choose a backup, open it, see what was found, take it into
//! use. The same pages serve set-up on a new laptop, the restore over a live centre, and the
//! rehearsal.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use askama::Template;

use super::pages::{Running, refusal, running};
use super::{targets, told};
use crate::kit::id::UserId;
use crate::kit::text::western_digits;
use crate::vault::backup::Failure;
use crate::vault::backup::restore::{Aim, Found, Secret};
use crate::vault::backup::sticks::{self, Shelf};
use crate::vault::secret::Passphrase;
use crate::vault::words::{self, RecoveryWords};
use crate::vault::{Refusal, journal_head};
use crate::web::{Answer, Call, Choice, Ctx, Field, Result};

const RESTORE: &str = "restore";
const SET_UP: &str = "/setup/stick";
const INSIDE: &str = "/backup/restore";

/// What was chosen so far.
#[derive(Clone)]
struct Draft {
    /// A folder that was chosen in the dialog.
    folder: Option<PathBuf>,
    backup: Option<(Shelf, u64)>,
    aim: Aim,
}

type Outcome = (Aim, u64, std::result::Result<Found, Failure>);

/// One step, as the two frames (at the door, inside) show it.
pub enum View {
    Choose(Choose),
    Key(Key),
    Work(WorkPage),
}

pub struct Choose {
    aim: Aim,
    places: Vec<Place>,
    folder_empty: bool,
}

pub struct Place {
    name: String,
    backups: Vec<Row>,
    other_centre: bool,
}

pub struct Row {
    handle: String,
    number: u64,
    at: String,
    /// Why it cannot be taken.
    wrong: Option<String>,
    newest: bool,
}

pub struct Key {
    number: u64,
    at: String,
    passphrase: Field,
    words: Field,
    refused: Option<String>,
}

pub enum WorkPage {
    Running(Running, Aim),
    Failed(Failed),
    Found(Box<FoundView>),
    Rehearsed(RehearsedView),
}

pub struct Failed {
    why: String,
    /// The next older backup: its handle and number.
    older: Option<(String, u64, String)>,
}

pub struct FoundView {
    number: u64,
    /// Which backup it is, of when, and whether it is whole.
    lead: String,
    persons: u64,
    events: i64,
    fingerprint: String,
    /// There is no casework in it.
    desk_only: bool,
    /// So many scans do not come back.
    lost: Option<String>,
    /// Why it is not the newest state, in words.
    behind: Vec<String>,
    confirm: Option<Field>,
    managers: Vec<Choice>,
    manager: Field,
    passphrase: Field,
    again: Field,
    offered: String,
}

pub struct RehearsedView {
    /// Which backup comes back, how wholly, and in how many minutes.
    said: String,
    persons: u64,
    events: i64,
    live_persons: u64,
    live_events: i64,
    /// So many scans would not come back.
    lost: Option<String>,
}

#[derive(Template)]
#[template(path = "backup/at_the_door.html")]
struct AtTheDoor<'p> {
    c: &'p Ctx,
    base: &'static str,
    view: View,
}

#[derive(Template)]
#[template(path = "backup/inside.html")]
struct Inside<'p> {
    c: &'p Ctx,
    base: &'static str,
    view: View,
}

fn base(call: &Call) -> &'static str {
    if call.path().starts_with(SET_UP) {
        SET_UP
    } else {
        INSIDE
    }
}

fn show(call: &Call, c: &Ctx, view: View, refused: bool) -> Result {
    let base = base(call);
    match (base, refused) {
        (SET_UP, false) => Answer::page(&AtTheDoor { c, base, view }),
        (SET_UP, true) => Answer::refused(&AtTheDoor { c, base, view }),
        (_, false) => Answer::page(&Inside { c, base, view }),
        (_, true) => Answer::refused(&Inside { c, base, view }),
    }
}

fn draft(call: &Call) -> Draft {
    let kept = call.seat(|seat| seat.draft.as_ref()?.downcast_ref::<Draft>().cloned());
    kept.unwrap_or(Draft {
        folder: None,
        backup: None,
        aim: Aim::Restore,
    })
}

fn keep(call: &Call, draft: Draft) {
    call.seat(|seat| seat.draft = Some(Box::new(draft)));
}

/// Where to look: the drives, the folder that was chosen, the folders the centre knows.
fn shelves(call: &Call) -> Vec<(String, Vec<Shelf>)> {
    let medium = sticks::disk();
    let mut found: Vec<(String, PathBuf)> = call
        .app
        .outside
        .drives()
        .into_iter()
        .map(|drive| (drive.name, drive.path))
        .collect();
    if let Some(folder) = draft(call).folder {
        found.push((name(&folder), folder));
    }
    let known = call
        .read(crate::vault::backup::note::sticks)
        .unwrap_or_default();
    let folders = known
        .into_iter()
        .filter_map(|stick| Some((stick.name, stick.folder?)));
    found.extend(folders.map(|(name, folder)| (name, PathBuf::from(folder))));
    found.dedup_by(|a, b| a.1 == b.1);
    found
        .into_iter()
        .map(|(name, path)| (name, Shelf::found(&medium, &path)))
        .collect()
}

fn name(folder: &std::path::Path) -> String {
    let name = folder.file_name().unwrap_or(folder.as_os_str());
    name.to_string_lossy().into_owned()
}

pub fn choose(call: &Call) -> Result {
    let c = &call.context();
    let mut drafted = draft(call);
    match call.sent.get("aim") {
        "rehearse" => drafted.aim = Aim::Rehearse,
        "restore" => drafted.aim = Aim::Restore,
        _ => {}
    }
    let aim = drafted.aim;
    keep(call, drafted);
    let view = choose_view(call, c, aim);
    show(call, c, View::Choose(view), false)
}

fn choose_view(call: &Call, c: &Ctx, aim: Aim) -> Choose {
    let own = call.app.vault.centre().ok();
    let mut places = Vec::new();
    for (name, shelves) in shelves(call) {
        for shelf in shelves {
            // Over a live centre only its own backups come.
            let other_centre = own.is_some_and(|own| own != shelf.centre);
            let backups = if other_centre {
                Vec::new()
            } else {
                rows(call, c, &shelf)
            };
            places.push(Place {
                name: name.clone(),
                backups,
                other_centre,
            });
        }
    }
    Choose {
        aim,
        folder_empty: draft(call).folder.is_some() && places.is_empty(),
        places,
    }
}

fn rows(call: &Call, c: &Ctx, shelf: &Shelf) -> Vec<Row> {
    let listed = shelf.backups().unwrap_or_default();
    let newest = listed.iter().find(|b| b.manifest.is_ok()).map(|b| b.number);
    listed
        .into_iter()
        .map(|backup| Row {
            handle: targets::handle(call, &shelf.folder(backup.number)),
            number: backup.number,
            at: backup
                .manifest
                .as_ref()
                .map_or(String::new(), |manifest| told::moment(c, manifest.at)),
            wrong: backup.manifest.err().map(|why| c.because(&why)),
            newest: newest == Some(backup.number),
        })
        .collect()
}

/// Asks for a folder: a stick that was not found by itself, or a copy elsewhere.
pub fn folder(call: &Call) -> Result {
    let c = &call.context();
    if let Some(folder) = call.app.outside.folder(&c.t("backup.restore.find")) {
        let drafted = draft(call);
        keep(
            call,
            Draft {
                folder: Some(folder),
                ..drafted
            },
        );
    }
    Answer::see(base(call))
}

/// The backup that a handle names.
fn named(call: &Call, handle: &str) -> Option<(Shelf, u64)> {
    let own = call.app.vault.centre().ok();
    shelves(call)
        .into_iter()
        .flat_map(|(_, shelves)| shelves)
        .filter(|shelf| own.is_none_or(|own| own == shelf.centre))
        .find_map(|shelf| {
            let listed = shelf.backups().ok()?;
            let chosen = listed
                .iter()
                .filter(|backup| backup.manifest.is_ok())
                .find(|backup| targets::handle(call, &shelf.folder(backup.number)) == handle)?;
            Some((shelf.clone(), chosen.number))
        })
}

pub fn chosen(call: &Call) -> Result {
    let Some(backup) = named(call, call.sent.get("backup")) else {
        call.say("backup.said.not_there");
        return Answer::see(base(call));
    };
    call.app.workshop.clear();
    let drafted = draft(call);
    keep(
        call,
        Draft {
            backup: Some(backup),
            ..drafted
        },
    );
    Answer::see(format!("{}/key", base(call)))
}

fn key_view(c: &Ctx, drafted: &Draft) -> Option<Key> {
    let (shelf, number) = drafted.backup.as_ref()?;
    let manifest = shelf.manifest(*number).ok().flatten();
    let at = manifest
        .and_then(|told| told.ok())
        .map(|(manifest, _)| manifest.at);
    Some(Key {
        number: *number,
        at: at.map_or(String::new(), |at| told::moment(c, at)),
        passphrase: Field::new("passphrase", words::LONGEST),
        words: Field::new("sheet-words", 400),
        refused: None,
    })
}

pub fn key(call: &Call) -> Result {
    let c = &call.context();
    match key_view(c, &draft(call)) {
        Some(view) => show(call, c, View::Key(view), false),
        None => Answer::see(base(call)),
    }
}

pub fn key_told(call: &Call) -> Result {
    let c = &call.context();
    let drafted = draft(call);
    let (Some(mut view), Some((shelf, number))) = (key_view(c, &drafted), drafted.backup.clone())
    else {
        return Answer::see(base(call));
    };
    let Some(secret) = secret(call, c, &mut view) else {
        return show(call, c, View::Key(view), true);
    };
    let unlocked = match call.app.vault.unlock_backup(&shelf, number, &secret) {
        Ok(unlocked) => unlocked,
        Err(why) => {
            let told = told::failure(c, &why);
            match &why {
                Failure::Passphrase { .. }
                | Failure::DeskOnly
                | Failure::Vault(Refusal::Wait(_)) => view.passphrase.wrong(told),
                Failure::Words => view.words.wrong(told),
                _ => view.refused = Some(told),
            }
            return show(call, c, View::Key(view), true);
        }
    };
    let all: Vec<Shelf> = shelves(call).into_iter().flat_map(|(_, all)| all).collect();
    let newer = call.app.vault.newer(&all, &unlocked);
    let (app, aim) = (Arc::clone(&call.app), drafted.aim);
    let actor = call.actor().ok();
    call.app.workshop.begin(
        RESTORE,
        "backup.step.fetching",
        move || (aim, 0, Err(Failure::Died)),
        move |progress| -> Outcome {
            let started = Instant::now();
            let found = app.vault.rebuild(&shelf, unlocked, aim, newer, progress);
            let seconds = started.elapsed().as_secs();
            let found = match (found, aim, actor) {
                (Ok(found), Aim::Rehearse, Some(actor)) => app
                    .vault
                    .rehearsed(actor, &shelf, &found, seconds)
                    .map(|()| found),
                (found, ..) => found,
            };
            (aim, seconds, found)
        },
    );
    Answer::see(format!("{}/work", base(call)))
}

/// The passphrase, or the words of the recovery sheet where no passphrase was typed.
fn secret(call: &Call, c: &Ctx, view: &mut Key) -> Option<Secret> {
    let typed = call.sent.get("sheet-words").trim();
    let passphrase = Passphrase::new(call.sent.get("passphrase"));
    if !passphrase.as_str().is_empty() {
        return Some(Secret::Passphrase(passphrase));
    }
    if typed.is_empty() {
        view.passphrase.wrong(c.t("shared.refusal.required"));
        return None;
    }
    if typed.chars().count() > view.words.limit {
        view.words.wrong(c.t("vault.refusal.recovery_words"));
        return None;
    }
    match RecoveryWords::parse(typed) {
        Ok(words) => Some(Secret::Words(words)),
        Err(why) => {
            view.words.wrong(c.because(&why));
            None
        }
    }
}

pub fn work(call: &Call) -> Result {
    let c = &call.context();
    match work_view(call, c)? {
        Some(view) => show(call, c, View::Work(view), false),
        None => Answer::see(base(call)),
    }
}

fn work_view(call: &Call, c: &Ctx) -> Result<Option<WorkPage>> {
    let Some(work) = call.app.workshop.work().filter(|work| work.kind == RESTORE) else {
        return Ok(None);
    };
    if !work.is_done() {
        let aim = draft(call).aim;
        return Ok(Some(WorkPage::Running(running(c, &work), aim)));
    }
    let live = live(call);
    let drafted = draft(call);
    Ok(
        work.outcome_of(|(aim, seconds, found): &Outcome| match found {
            Err(why) => WorkPage::Failed(Failed {
                why: told::failure(c, why),
                older: older(call, c, &drafted),
            }),
            Ok(found) if *aim == Aim::Rehearse => {
                let (live_persons, live_events) = live.unwrap_or_default();
                let (number, minutes) =
                    (found.number.to_string(), seconds.div_ceil(60).to_string());
                let said = match found.files_lost {
                    0 => "backup.rehearsed.good",
                    _ => "backup.rehearsed.almost",
                };
                WorkPage::Rehearsed(RehearsedView {
                    said: c.tw(said, &[("number", &number), ("minutes", &minutes)]),
                    persons: found.persons,
                    events: found.head.seq,
                    live_persons,
                    live_events,
                    lost: lost(found),
                })
            }
            Ok(found) => WorkPage::Found(Box::new(found_view(call, c, found, live))),
        }),
    )
}

/// People and events that the live centre has; `None` on a new laptop.
fn live(call: &Call) -> Option<(u64, i64)> {
    call.read(|db| {
        let persons = db.one("select count(*) from person", [], |row| row.get(0))?;
        Ok::<_, Refusal>((persons.unwrap_or_default(), journal_head(db)?.seq))
    })
    .ok()
}

fn found_view(call: &Call, c: &Ctx, found: &Found, live: Option<(u64, i64)>) -> FoundView {
    let mut behind = Vec::new();
    let number = found.number.to_string();
    if let Some(newer) = found.newer {
        let newest = newer.number.to_string();
        behind.push(c.tw(
            "backup.found.newer",
            &[("number", &number), ("newest", &newest)],
        ));
        if let Some(at) = newer.at {
            behind.push(c.tw("backup.found.newer_at", &[("moment", &told::moment(c, at))]));
            let days = (at - found.at) / (24 * 3600);
            behind.push(c.tw("backup.found.days", &[("days", &days.to_string())]));
        }
        if let Some(events) = newer.events {
            behind.push(c.tw("backup.found.events", &[("events", &events.to_string())]));
        }
    }
    if let Some((_, events)) = live {
        let lost = (events - found.head.seq).max(0).to_string();
        behind.push(c.tw("backup.found.live", &[("events", &lost)]));
    }
    FoundView {
        number: found.number,
        lead: c.tw(
            match found.files_lost {
                0 => "backup.found.lead",
                _ => "backup.found.lead_almost",
            },
            &[("number", &number), ("moment", &told::moment(c, found.at))],
        ),
        persons: found.persons,
        events: found.head.seq,
        fingerprint: words::fingerprint(&found.head.hash),
        confirm: (!behind.is_empty()).then(|| Field::new("confirm", 12)),
        behind,
        desk_only: found.desk_only,
        lost: lost(found),
        managers: found
            .managers
            .iter()
            .map(|(id, name)| Choice::new(id.to_string(), name.clone(), found.managers.len() == 1))
            .collect(),
        manager: Field::new("manager", 40),
        passphrase: Field::new("passphrase", words::LONGEST),
        again: Field::new("again", words::LONGEST),
        offered: words::offered(&call.app.world),
    }
}

/// How many scans do not come back, where some do not.
fn lost(found: &Found) -> Option<String> {
    (found.files_lost > 0).then(|| found.files_lost.to_string())
}

/// The next older backup of the same stick that can be read.
fn older(call: &Call, c: &Ctx, drafted: &Draft) -> Option<(String, u64, String)> {
    let (shelf, number) = drafted.backup.as_ref()?;
    let listed = shelf.backups().ok()?;
    let next = listed
        .iter()
        .filter(|backup| backup.number < *number)
        .find_map(|backup| Some((backup.number, backup.manifest.as_ref().ok()?.at)))?;
    let handle = targets::handle(call, &shelf.folder(next.0));
    Some((handle, next.0, told::moment(c, next.1)))
}

/// Takes what was found into use.
pub fn adopt(call: &Call) -> Result {
    let c = &call.context();
    let Some(WorkPage::Found(mut view)) = work_view(call, c)? else {
        return Answer::see(format!("{}/work", base(call)));
    };
    let mut right = true;
    if let Some(confirm) = &mut view.confirm {
        let typed = western_digits(call.sent.get("confirm").trim());
        call.sent.get("confirm").clone_into(&mut confirm.value);
        if typed != view.number.to_string() {
            confirm.wrong(c.t("backup.refusal.confirm"));
            right = false;
        }
    }
    let renewal = if view.managers.is_empty() {
        None
    } else {
        let renewal = renewal(call, c, &mut view);
        right &= renewal.is_some();
        renewal
    };
    if !right {
        return show(call, c, View::Work(WorkPage::Found(view)), true);
    }
    let renewal = renewal
        .as_ref()
        .map(|(user, passphrase)| (*user, passphrase));
    let language = c.language();
    call.app.vault.adopt(renewal, language).map_err(refusal)?;
    call.app.workshop.clear();
    // The answer below shows the lock itself, with what it has to say.
    call.app.leave();
    call.say_of("backup.said.restored", &view.number.to_string(), None);
    Answer::see("/lock")
}

/// Who the manager is from now on, and their new passphrase.
fn renewal(call: &Call, c: &Ctx, view: &mut FoundView) -> Option<(UserId, Passphrase)> {
    let chosen = call.sent.get("manager");
    for choice in &mut view.managers {
        choice.chosen = choice.value == chosen;
    }
    let known = view.managers.iter().find(|choice| choice.chosen);
    let name = known.map_or("", |choice| &choice.label);
    let user: Option<UserId> = known.and_then(|choice| choice.value.parse().ok());
    if user.is_none() {
        view.manager.wrong(c.t("backup.refusal.manager"));
    }
    let passphrase = Passphrase::new(call.sent.get("passphrase"));
    let strong = words::strong_enough(&passphrase, true, &[name]);
    if let Err(weak) = &strong {
        view.passphrase.wrong(c.because(weak));
    }
    let same = passphrase.as_str() == Passphrase::new(call.sent.get("again")).as_str();
    if !same {
        view.again.wrong(c.t("setup.refusal.again"));
    }
    let user = user?;
    (strong.is_ok() && same).then_some((user, passphrase))
}

/// Goes back without having changed anything.
pub fn stop(call: &Call) -> Result {
    call.app.workshop.clear();
    call.app.vault.abandon();
    if base(call) == SET_UP {
        return Answer::see("/setup/kind");
    }
    call.seat(|seat| seat.draft = None);
    Answer::see("/backup")
}
