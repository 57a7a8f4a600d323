//! The register of one session: a grid for the keyboard, each mark saved by itself.

use askama::Template;

use super::enrol::{Found, FoundPage};
use super::{NotDone, Sat, sentence, title};
use crate::activities::forms::{Wrong, whole};
use crate::activities::rules::Mark;
use crate::activities::store::register::MOST_WALK_INS;
use crate::activities::store::{self, register, sessions};
use crate::kit::id::{ActivityId, PersonId, SessionId};
use crate::people::{self, Brief};
use crate::settings;
use crate::vault::{Db, Event, Refusal};
use crate::web::{Answer, Call, Ctx, Field, Result};

/// One person's row.
struct Row {
    brief: Brief,
    /// What a typed name is looked for in: names and card code.
    sought: String,
    mark: Option<Mark>,
    walk_in: bool,
}

/// The register in numbers.
struct Counts {
    here: u32,
    away: u32,
    open: u32,
    walk_ins: u32,
}

#[derive(Template)]
#[template(path = "activities/register.html")]
struct Register<'p> {
    c: &'p Ctx,
    activity: ActivityId,
    title: String,
    sat: Sat,
    rows: Vec<Row>,
    counts: Counts,
    /// Why no marks can be made.
    shut: Option<String>,
    walk_ins: Field,
    found: Found,
    refusal: Option<String>,
}

/// What a mark made by key is answered with: the counts, or why it was not saved.
#[derive(Template)]
#[template(path = "activities/marked.html")]
struct Marked<'p> {
    c: &'p Ctx,
    counts: Counts,
}

#[derive(Template)]
#[template(path = "activities/unmarked.html")]
struct Unmarked {
    why: String,
}

impl Row {
    /// Each mark with its key, and whether it is the one given.
    fn marks(&self) -> impl Iterator<Item = (usize, Mark, bool)> {
        let given = self.mark;
        let marks = Mark::ALL.iter().enumerate();
        marks.map(move |(place, mark)| (place + 1, *mark, given == Some(*mark)))
    }
}

impl<'p> Register<'p> {
    fn of(call: &Call, c: &'p Ctx) -> Result<Self> {
        let id: SessionId = call.part("session")?;
        call.read(|db| {
            let session = sessions::session(db, id)?.ok_or(Refusal::Missing)?;
            let activity = store::activity(db, session.activity)?.ok_or(Refusal::Missing)?;
            let rows = rows(db, &session)?;
            let there: Vec<PersonId> = rows.iter().map(|row| row.brief.id).collect();
            let open = session.status.open_for_marks(session.slot.day, c.today());
            let typed = call.sent.get("q");
            Ok(Self {
                c,
                activity: activity.id,
                title: title(c, &settings::of(db)?, &activity.details.titles),
                counts: counts(db, &session)?,
                shut: open.err().map(|why| c.because(&why)),
                walk_ins: Field::new("number", 3).typed(&session.walk_ins.to_string()),
                found: Found::for_session(c, db, id, typed, &there)?,
                rows,
                sat: Sat::of(c, db, session)?,
                refusal: None,
            })
        })
    }
}

fn rows(db: &Db<'_>, session: &sessions::Session) -> Result<Vec<Row>> {
    let lines = register::lines(db, session)?;
    let ids: Vec<PersonId> = lines.iter().map(|line| line.person).collect();
    let briefs = people::briefs(db, &ids)?;
    Ok(lines
        .into_iter()
        .filter_map(|line| {
            let brief = briefs.iter().find(|brief| brief.id == line.person)?.clone();
            let mut sought = brief.names.clone();
            sought.push(brief.code.clone());
            Some(Row {
                sought: sought.join("|"),
                brief,
                mark: line.mark,
                walk_in: line.walk_in,
            })
        })
        .collect())
}

fn counts(db: &Db<'_>, session: &sessions::Session) -> Result<Counts> {
    let came = register::came(db, session.id)?;
    let lines = register::lines(db, session)?;
    let open = lines.iter().filter(|line| line.mark.is_none()).count();
    Ok(Counts {
        here: came.here,
        away: came.away,
        open: u32::try_from(open).unwrap_or(u32::MAX),
        walk_ins: session.walk_ins,
    })
}

pub fn page(call: &Call) -> Result {
    let c = &call.context();
    Answer::page(&Register::of(call, c)?)
}

pub fn mark(call: &Call) -> Result {
    let session: SessionId = call.part("session")?;
    let person = person(call)?;
    let mark = match call.sent.get("mark") {
        "" => None,
        code => Some(Mark::from_code(code).ok_or(Refusal::Missing)?),
    };
    let (world, actor) = (&call.app.world, call.actor()?);
    // Counted in the same breath: a mark that was saved is told as saved, also where the disk fails
    // at the very next thing that is asked of it.
    let done = call.write(|tx| {
        register::mark(tx, world, actor, session, person, mark)?;
        let sat = sessions::session(tx, session)?.ok_or(Refusal::Missing)?;
        let counts = counts(tx, &sat)?;
        Ok::<_, NotDone>((counts, Event::AttendanceMarked { session, person }))
    });
    if call.sent.get("by") == "key" {
        return by_key(call, done);
    }
    after(call, session, done.map(drop), None)
}

fn person(call: &Call) -> Result<PersonId> {
    let person = call.sent.get("person").parse();
    person.map_err(|_| Refusal::Missing)
}

/// A mark made in the grid stays on the page: it is told there whether it was saved.
fn by_key(call: &Call, done: std::result::Result<Counts, NotDone>) -> Result {
    let c = &call.context();
    match done {
        Ok(counts) => Answer::page(&Marked { c, counts }),
        Err(NotDone::Vault(locked @ Refusal::Locked)) => Err(locked),
        Err(why) => Answer::refused(&Unmarked {
            why: c.because(&why),
        }),
    }
}

/// The page again, with what was refused.
fn after(
    call: &Call,
    session: SessionId,
    done: std::result::Result<(), NotDone>,
    said: Option<&'static str>,
) -> Result {
    if let Err(why) = done {
        let c = &call.context();
        let refusal = Some(sentence(c, why)?);
        let page = Register::of(call, c)?;
        return Answer::refused(&Register { refusal, ..page });
    }
    if let Some(said) = said {
        call.say(said);
    }
    Answer::see(format!("/sessions/{session}"))
}

pub fn undo(call: &Call) -> Result {
    let session: SessionId = call.part("session")?;
    let person: PersonId = call.part("person")?;
    let done = call.write(|tx| {
        register::take_back(tx, &call.app.world, session, person)?;
        Ok::<_, NotDone>(((), Event::AttendanceUndone { session, person }))
    });
    after(call, session, done, Some("activities.said.mark_undone"))
}

pub fn rest(call: &Call) -> Result {
    let session: SessionId = call.part("session")?;
    let (world, actor) = (&call.app.world, call.actor()?);
    let done = call.write(|tx| {
        let number = register::rest_absent(tx, world, actor, session)?;
        let event = if number == 0 {
            Event::RegisterTaken { session }
        } else {
            Event::AbsencesMarked { session, number }
        };
        Ok::<_, NotDone>(((), event))
    });
    after(call, session, done, Some("activities.said.register_taken"))
}

/// The number itself, or one more with `add`.
pub fn count(call: &Call) -> Result {
    let c = &call.context();
    let mut page = Register::of(call, c)?;
    let session = page.sat.session.id;
    let number = if call.sent.get("add") == "1" {
        Some((page.sat.session.walk_ins + 1).min(MOST_WALK_INS))
    } else {
        page.walk_ins.read(c, &call.sent, |typed, _| {
            whole(typed, 0, MOST_WALK_INS).ok_or(Wrong::WalkIns)
        })
    };
    let Some(number) = number else {
        return Answer::refused(&page);
    };
    let done = call.write(|tx| {
        register::count_walk_ins(tx, &call.app.world, session, number)?;
        Ok::<_, NotDone>(((), Event::WalkInsCounted { session, number }))
    });
    after(call, session, done, Some("activities.said.counted"))
}

pub fn find(call: &Call) -> Result {
    let c = &call.context();
    let id: SessionId = call.part("session")?;
    let typed = call.sent.get("q").to_owned();
    let found = call.read(|db| {
        let session = sessions::session(db, id)?.ok_or(Refusal::Missing)?;
        let lines = register::lines(db, &session)?;
        let there: Vec<PersonId> = lines.iter().map(|line| line.person).collect();
        Found::for_session(c, db, id, &typed, &there)
    })?;
    Answer::page(&FoundPage { c, found })
}

pub fn name(call: &Call) -> Result {
    let session: SessionId = call.part("session")?;
    let person = person(call)?;
    let (world, actor) = (&call.app.world, call.actor()?);
    let done = call.write(|tx| {
        register::name_walk_in(tx, world, actor, session, person)?;
        Ok::<_, NotDone>(((), Event::WalkInNamed { session, person }))
    });
    after(call, session, done, Some("activities.said.named"))
}
