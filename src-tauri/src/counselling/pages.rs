//! The talks of a case, and one talk with its notes.

use std::result::Result as Either;

use askama::Template;

use super::rules::{Minutes, TalkKind};
use super::store::{self, NewTalk, Talk};
use crate::cases::forms::{LONG, chosen, day_gone};
use crate::cases::{self, Head, back, change, enter, on_page, one_of, people_choices, refused};
use crate::kit::date;
use crate::kit::id::CounsellingId;
use crate::kit::text;
use crate::vault::sealed::{self, Unsealed};
use crate::vault::{CaseworkEvent, Refusal};
use crate::web::access::Route;
use crate::web::{Answer, Call, Choice, Ctx, Field, Handler, Result, choices};

pub const ROUTES: &[(Route, Handler)] = &[
    (Route::CaseCounselling, page),
    (Route::NoteTalk, note),
    (Route::TalkPage, talk),
    (Route::AddTalkNote, add_note),
];

struct Line {
    talk: Talk,
    day: String,
    kind: String,
    minutes: String,
    person: String,
}

#[derive(Template)]
#[template(path = "counselling/talks.html")]
struct Page<'p> {
    c: &'p Ctx,
    head: Head,
    lines: Vec<Line>,
    /// Whether there is anybody for whom a note could be sealed.
    named: bool,
    who: Field,
    whos: Vec<Choice>,
    day: Field,
    minutes: Field,
    kind: Field,
    kinds: Vec<Choice>,
    words: Field,
}

fn page(call: &Call) -> Result {
    let c = &call.context();
    on_page(call, c, talks_page, |_, page| Answer::page(&page))
}

fn talks_page<'p>(call: &Call, c: &'p Ctx) -> Result<Either<Page<'p>, Answer>> {
    let (head, file) = match enter(call, c, "counselling")? {
        Ok(entered) => entered,
        Err(asked) => return Ok(Err(asked)),
    };
    let (talks, pair) = call.list_casework(|casework| {
        Ok::<_, Refusal>((store::talks(casework, file.id)?, sealed::pair(casework)?))
    })?;
    let kind = TalkKind::Alone.code();
    Ok(Ok(Page {
        c,
        lines: talks.into_iter().map(|talk| line(c, &head, talk)).collect(),
        named: pair.is_some(),
        who: Field::new("who", 40),
        whos: people_choices(&head, ""),
        day: Field::new("talk-day", 12).typed(&date::typed(c.today())),
        minutes: Field::new("minutes", 4).typed("50"),
        kind: Field::new("talk-kind", 12).typed(kind),
        kinds: kinds(c, kind),
        words: Field::new("talk-words", LONG),
        head,
    }))
}

fn line(c: &Ctx, head: &Head, talk: Talk) -> Line {
    Line {
        day: c.day(talk.day),
        kind: c.t(talk.kind.label_key()),
        minutes: c.tw(
            "counselling.minutes_long",
            &[("minutes", &talk.minutes.to_string())],
        ),
        person: head.name_of(talk.person),
        talk,
    }
}

fn kinds(c: &Ctx, chosen: &str) -> Vec<Choice> {
    choices(TalkKind::ALL, |k| (k.code(), c.t(k.label_key())), chosen)
}

fn note(call: &Call) -> Result {
    let c = &call.context();
    on_page(call, c, talks_page, |case, mut page| {
        let (head, today) = (&page.head, c.today());
        let person = page.who.read(c, &call.sent, |v, _| chosen(one_of(head, v)));
        let day = page.day.read(c, &call.sent, |v, _| day_gone(v, today));
        let minutes = page.minutes.read(c, &call.sent, |v, _| Minutes::parse(v));
        let kind = page
            .kind
            .read(c, &call.sent, |v, _| chosen(TalkKind::from_code(v)));
        let words = page.words.read(c, &call.sent, text::some_lines);
        page.kinds = kinds(c, &page.kind.value);
        page.whos = people_choices(&page.head, &page.who.value);
        let (Some(person), Some(day), Some(minutes), Some(kind), Some(words)) =
            (person, day, minutes, kind, words)
        else {
            return refused(&page);
        };
        let (world, actor) = (&call.app.world, call.actor()?);
        let noted = change(call, case, |tx, _| {
            let new = NewTalk {
                person,
                day,
                minutes,
                kind,
                note: &words,
            };
            let session = store::add(tx, world, actor, case, &new)?;
            Ok(((), CaseworkEvent::TalkNoted { case, session }))
        });
        match noted {
            Err(why @ Refusal::NobodyNamed) => {
                page.words.wrong(c.because(&why));
                refused(&page)
            }
            noted => {
                noted?;
                back(call, case, "/counselling", "counselling.said.noted")
            }
        }
    })
}

struct NoteLine {
    when: String,
    by: String,
    /// `None` where it is closed to whoever is in.
    words: Option<String>,
}

#[derive(Template)]
#[template(path = "counselling/talk.html")]
struct TalkPage<'p> {
    c: &'p Ctx,
    head: Head,
    line: Line,
    notes: Vec<NoteLine>,
    words: Field,
}

fn talk(call: &Call) -> Result {
    let c = &call.context();
    on_page(call, c, talk_page, |_, page| Answer::page(&page))
}

fn talk_page<'p>(call: &Call, c: &'p Ctx) -> Result<Either<TalkPage<'p>, Answer>> {
    let session: CounsellingId = call.part("session")?;
    let (head, file) = match enter(call, c, "counselling")? {
        Ok(entered) => entered,
        Err(asked) => return Ok(Err(asked)),
    };
    let case = file.id;
    let known = call.list_casework(|casework| store::talk(casework, case, session))?;
    let reading = CaseworkEvent::TalkRead { case, session };
    let notes = call.read_casework(&reading, |casework| store::notes(casework, session))?;
    Ok(Ok(TalkPage {
        c,
        line: line(c, &head, known),
        notes: notes
            .into_iter()
            .map(|note| NoteLine {
                when: c.moment(note.at),
                by: note.by,
                words: match note.words {
                    Unsealed::Words(words) => Some(words),
                    Unsealed::Closed | Unsealed::Nothing => None,
                },
            })
            .collect(),
        words: Field::new("talk-words", LONG),
        head,
    }))
}

fn add_note(call: &Call) -> Result {
    let c = &call.context();
    let session: CounsellingId = call.part("session")?;
    on_page(call, c, talk_page, |case, mut page| {
        let Some(words) = page.words.read(c, &call.sent, text::some_lines) else {
            return refused(&page);
        };
        let (world, actor) = (&call.app.world, call.actor()?);
        change(call, case, |tx, file| {
            store::talk(tx, file.id, session)?;
            store::add_note(tx, world, actor, session, &words)?;
            Ok(((), CaseworkEvent::TalkNoted { case, session }))
        })?;
        cases::back(
            call,
            case,
            &format!("/counselling/{session}"),
            "counselling.said.added",
        )
    })
}
