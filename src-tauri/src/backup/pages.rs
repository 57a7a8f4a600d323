//! The page of backups, and what is done from it.

use std::path::PathBuf;
use std::sync::Arc;

use askama::Template;

use super::targets::{self, State, Target};
use super::told::{self, Reminded};
use crate::kit::id::{CentreId, StickId};
use crate::vault::backup::sticks::{self, Shelf};
use crate::vault::backup::{CaseworkInIt, Failure, Known, Made, PART, Stick, note};
use crate::vault::{Refusal, words};
use crate::web::access::Route;
use crate::web::{Answer, Call, Ctx, Result, Work};

const BACKUP: &str = "backup";
const REREAD: &str = "reread";

/// What comes out of the work that this page begins.
enum Outcome {
    Made(std::result::Result<Made, Failure>, End),
    Reread(u64, std::result::Result<(), Failure>),
}

/// Where a backup lies at the end of the work.
#[derive(Clone, Copy)]
enum End {
    Folder,
    Stick,
    /// A stick that the system has let go.
    Released,
}

/// The work as the page shows it.
pub enum WorkView {
    Running(Running),
    Made(MadeView),
    Reread(u64),
    Failed(FailedView),
}

pub struct Running {
    pub step: String,
    pub percent: u64,
    pub amount: String,
    pub left: Option<String>,
    pub silent: bool,
}

pub struct MadeView {
    number: u64,
    persons: u64,
    size: String,
    fingerprint: String,
    casework: CaseworkInIt,
    /// Whether the stick can come out.
    pull: String,
    files_lost: Option<String>,
    /// The stick that should come next.
    next: Option<String>,
}

pub struct FailedView {
    why: String,
    still_good: Option<String>,
    /// Where the stick is full: its handle, and the backup that could go.
    room: Option<(String, u64)>,
}

struct TargetView {
    target: Target,
    /// Newest backup on it, in words.
    newest: Option<String>,
    /// The number that would be read again.
    reread: Option<u64>,
}

#[derive(Template)]
#[template(path = "backup/backups.html")]
struct Page<'p> {
    c: &'p Ctx,
    last: Option<String>,
    last_persons: u64,
    reminder: Option<Reminded>,
    work: Option<WorkView>,
    targets: Vec<TargetView>,
    /// A folder has just been taken into use: the cursor goes to its button.
    folder_kept: bool,
    sticks: Vec<(Stick, String)>,
    rehearsal: Option<String>,
}

impl Page<'_> {
    /// While one is being made no other can begin.
    fn running(&self) -> bool {
        matches!(self.work, Some(WorkView::Running(_)))
    }
}

pub fn page(call: &Call) -> Result {
    let c = &call.context();
    let known = call.read(|db| Known::of(db, c.today()))?;
    let centre = centre(call)?;
    // Asked before the sticks are: one that is let go at the end of the work must not stand there still.
    let work = call.app.workshop.work().map(|work| (work.is_done(), work));
    let targets = targets::targets(call, centre, &known.sticks);
    Answer::page(&Page {
        work: work.and_then(|(done, work)| match done {
            true => ended(call, c, &work, &known, &targets),
            false => [BACKUP, REREAD]
                .contains(&work.kind)
                .then(|| WorkView::Running(running(c, &work))),
        }),
        targets: targets.into_iter().map(|target| view(c, target)).collect(),
        folder_kept: call.sent.get("kept") == "folder",
        last: known.last.as_ref().map(|backup| {
            let number = backup.number.to_string();
            c.tw(
                "backup.last",
                &[("number", &number), ("day", &c.weekday(backup.day))],
            )
        }),
        last_persons: known.last.as_ref().map_or(0, |backup| backup.persons),
        reminder: known.reminder.map(|reminder| told::in_words(c, reminder)),
        sticks: known
            .sticks
            .into_iter()
            .map(|stick| {
                let seen = c.day(stick.seen);
                (stick, seen)
            })
            .collect(),
        rehearsal: known.rehearsal.map(|rehearsal| {
            let (number, minutes) = (
                rehearsal.number.to_string(),
                rehearsal.seconds.div_ceil(60).to_string(),
            );
            let day = c.day(rehearsal.day);
            c.tw(
                "backup.rehearsal.last",
                &[("number", &number), ("day", &day), ("minutes", &minutes)],
            )
        }),
        c,
    })
}

fn centre(call: &Call) -> Result<CentreId> {
    call.app.vault.centre().map_err(refusal)
}

fn view(c: &Ctx, target: Target) -> TargetView {
    let newest = match &target.state {
        State::Ours { newest, .. } => *newest,
        _ => None,
    };
    TargetView {
        newest: newest
            .map(|number| c.tw("backup.target.newest", &[("number", &number.to_string())])),
        reread: newest,
        target,
    }
}

/// What came out of it; nothing for a work of another page.
fn ended(call: &Call, c: &Ctx, work: &Work, known: &Known, targets: &[Target]) -> Option<WorkView> {
    work.outcome_of(|outcome: &Outcome| match outcome {
        Outcome::Made(Ok(made), end) => WorkView::Made(made_view(c, made, *end, known)),
        Outcome::Reread(number, Ok(())) => WorkView::Reread(*number),
        Outcome::Made(Err(why), _) | Outcome::Reread(_, Err(why)) => WorkView::Failed(FailedView {
            why: told::failure(c, why),
            still_good: known.last.as_ref().map(|backup| {
                let number = backup.number.to_string();
                let day = c.weekday(backup.day);
                c.tw("backup.still_good", &[("number", &number), ("day", &day)])
            }),
            room: matches!(why, Failure::Full { .. })
                .then(|| room(call, targets))
                .flatten(),
        }),
    })
}

pub fn running(c: &Ctx, work: &Work) -> Running {
    let seen = work.progress.seen();
    let (done, total) = (told::size(c, seen.done), told::size(c, seen.total));
    Running {
        step: c.t(seen.step),
        percent: seen.percent(),
        amount: c.tw("backup.amount", &[("done", &done), ("total", &total)]),
        left: seen.left.map(|left| told::left(c, left)),
        silent: seen.silent,
    }
}

fn made_view(c: &Ctx, made: &Made, end: End, known: &Known) -> MadeView {
    // Two sticks in turn: the one that was away longest comes next.
    let own: Vec<&Stick> = known.sticks.iter().filter(|s| s.folder.is_none()).collect();
    let next = own.iter().min_by_key(|stick| stick.seen);
    MadeView {
        number: made.number,
        persons: made.persons,
        size: told::size(c, made.bytes),
        fingerprint: words::fingerprint(&made.head),
        casework: made.casework,
        pull: c.t(match (end, made.flushed) {
            (End::Released, _) => "backup.made.released",
            (End::Folder, true) => "backup.made.in_folder",
            (End::Stick, true) => "backup.made.pull",
            (_, false) => "backup.made.not_flushed",
        }),
        files_lost: (made.files_lost > 0).then(|| made.files_lost.to_string()),
        next: next
            .filter(|_| own.len() > 1)
            .map(|stick| c.tw("backup.made.next", &[("stick", &stick.name)])),
    }
}

/// The full stick among the targets and what could go from it; only the manager lets it go.
fn room(call: &Call, targets: &[Target]) -> Option<(String, u64)> {
    let actor = call.actor().ok()?;
    if !crate::web::access::may(actor.roles, Route::MakeRoom) {
        return None;
    }
    let centre = centre(call).ok()?;
    targets
        .iter()
        .filter(|target| matches!(target.state, State::Ours { .. }))
        .find_map(|target| {
            let number = call.app.vault.room_in(&targets::shelf(target, centre))?;
            Some((target.handle.clone(), number))
        })
}

/// The target that a form names; gone where it was pulled meanwhile.
fn target(call: &Call) -> Result<(Target, Shelf)> {
    let centre = centre(call)?;
    let known = call.read(note::sticks)?;
    let named = call.sent.get("target");
    targets::targets(call, centre, &known)
        .into_iter()
        .find(|target| target.handle == named)
        .map(|target| {
            let shelf = targets::shelf(&target, centre);
            (target, shelf)
        })
        .ok_or(Refusal::Missing)
}

/// As `target`; where it was pulled before the button was pressed, the page says so.
fn ready(call: &Call) -> Result<Option<(Target, Shelf)>> {
    match target(call) {
        Ok(found) if matches!(found.0.state, State::Ours { .. }) => Ok(Some(found)),
        Ok(_) | Err(Refusal::Missing) => {
            call.say("backup.said.not_there");
            Ok(None)
        }
        Err(other) => Err(other),
    }
}

pub fn make(call: &Call) -> Result {
    let actor = call.actor()?;
    if let Some((target, shelf)) = ready(call)? {
        let app = Arc::clone(&call.app);
        call.app.workshop.begin(
            BACKUP,
            "backup.step.ready",
            || Outcome::Made(Err(Failure::Died), End::Stick),
            move |progress| {
                let made = app.vault.back_up(actor, &shelf, PART, progress);
                let end = match target.folder {
                    Some(_) => End::Folder,
                    None if made.is_ok() && app.outside.release(&target.path) => End::Released,
                    None => End::Stick,
                };
                Outcome::Made(made, end)
            },
        );
    }
    Answer::see("/backup")
}

pub fn reread(call: &Call) -> Result {
    let actor = call.actor()?;
    let Some((target, shelf)) = ready(call)? else {
        return Answer::see("/backup");
    };
    if let State::Ours {
        newest: Some(number),
        ..
    } = target.state
    {
        let app = Arc::clone(&call.app);
        call.app.workshop.begin(
            REREAD,
            "backup.step.reading",
            move || Outcome::Reread(number, Err(Failure::Died)),
            move |progress| {
                Outcome::Reread(number, app.vault.reread(actor, &shelf, number, progress))
            },
        );
    }
    Answer::see("/backup")
}

/// Stops what goes on, or puts away what it said.
pub fn stop(call: &Call) -> Result {
    let running = call.app.workshop.work().filter(|work| !work.is_done());
    match running {
        // A stick that does not answer cannot be waited for.
        Some(work) if !work.progress.seen().silent => work.progress.cancel(),
        _ => call.app.workshop.clear(),
    }
    Answer::see("/backup")
}

pub fn make_room(call: &Call) -> Result {
    if let Some((_, shelf)) = ready(call)? {
        let gone = call.app.vault.make_room(&shelf).map_err(refusal)?;
        if let Some(number) = gone {
            call.app.workshop.clear();
            call.say_of("backup.said.room", &number.to_string(), None);
        }
    }
    Answer::see("/backup")
}

pub fn enrol(call: &Call) -> Result {
    let actor = call.actor()?;
    match target(call) {
        Ok((target, shelf)) if target.state == State::Unknown => {
            let enrolled = call.app.vault.enrol(actor, &shelf, &target.name, None);
            enrolled.map_err(refusal)?;
            call.say_of("backup.said.enrolled", &target.name, None);
        }
        Ok(_) | Err(Refusal::Missing) => call.say("backup.said.not_there"),
        Err(other) => return Err(other),
    }
    Answer::see("/backup")
}

pub fn forget(call: &Call) -> Result {
    let id: StickId = call.part("stick")?;
    let world = &call.app.world;
    let stick = call
        .read(|db| note::stick(db, id))?
        .ok_or(Refusal::Missing)?;
    call.write(|tx| Ok::<_, Refusal>(((), note::forget(tx, world, id)?)))?;
    call.say_of("backup.said.forgotten", &stick.name, None);
    Answer::see("/backup")
}

/// A folder that was chosen and is not yet taken into use.
struct Chosen(PathBuf);

#[derive(Template)]
#[template(path = "backup/folder.html")]
struct FolderPage<'p> {
    c: &'p Ctx,
    path: String,
    /// It lies on the laptop's own disk.
    own_disk: bool,
    other_centre: bool,
}

/// Asks for a folder in the system's own dialog.
pub fn choose_folder(call: &Call) -> Result {
    let c = &call.context();
    let Some(path) = call.app.outside.folder(&c.t("backup.folder.choose")) else {
        return Answer::see("/backup");
    };
    call.seat(|seat| seat.draft = Some(Box::new(Chosen(path))));
    Answer::see("/backup/folder")
}

fn chosen(call: &Call) -> Option<PathBuf> {
    call.seat(|seat| {
        let chosen = seat.draft.as_ref()?.downcast_ref::<Chosen>()?;
        Some(chosen.0.clone())
    })
}

pub fn folder_page(call: &Call) -> Result {
    let Some(path) = chosen(call) else {
        return Answer::see("/backup");
    };
    let centre = centre(call)?;
    let found = Shelf::found(&sticks::disk(), &path);
    Answer::page(&FolderPage {
        c: &call.context(),
        own_disk: call.app.vault.lies_on(&path),
        other_centre: !found.is_empty() && found.iter().all(|shelf| shelf.centre != centre),
        path: path.display().to_string(),
    })
}

pub fn keep_folder(call: &Call) -> Result {
    let actor = call.actor()?;
    let Some(path) = chosen(call) else {
        return Answer::see("/backup");
    };
    let centre = centre(call)?;
    let found = Shelf::found(&sticks::disk(), &path);
    let own = found.iter().find(|shelf| shelf.centre == centre);
    // Whoever chose the centre's own folder means the folder it lies in.
    let path = own
        .and_then(|shelf| shelf.root.parent())
        .map_or(path, PathBuf::from);
    if own.is_none() && !found.is_empty() {
        return Answer::see("/backup/folder");
    }
    let shelf = Shelf::new(&sticks::disk(), &path, centre);
    let name = path.file_name().unwrap_or(path.as_os_str());
    let name = name.to_string_lossy();
    let folder = path.to_str().ok_or(Refusal::Missing)?;
    let enrolled = call.app.vault.enrol(actor, &shelf, &name, Some(folder));
    enrolled.map_err(refusal)?;
    call.seat(|seat| seat.draft = None);
    call.say_of("backup.said.folder_kept", &name, None);
    Answer::see("/backup?kept=folder")
}

/// A failure outside the work has a page of its own.
pub fn refusal(failure: Failure) -> Refusal {
    match failure {
        Failure::Vault(refusal) => refusal,
        Failure::Locked => Refusal::Locked,
        Failure::LaptopFull => Refusal::Full,
        other => Refusal::Stick(Box::new(other)),
    }
}
