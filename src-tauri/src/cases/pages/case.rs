//! What happened: the story, the issues, the notes; and the steps from state to state.

use std::result::Result as Either;

use askama::Template;

use super::{Head, Stopped, back, change, enter, on_page, refused};
use crate::cases::forms::{self, LONG, find_issues, issue_label};
use crate::cases::issues::{self, Issue};
use crate::cases::rules::{self, CaseFile, NextStep, NoteKind, Reach, State, Step, Wait};
use crate::cases::store::{self, IssueTold};
use crate::kit::date::ToldDate;
use crate::kit::id::{CaseId, CaseNoteId};
use crate::kit::text;
use crate::vault::{CaseworkEvent, Refusal, user_called};
use crate::web::{Answer, Call, Choice, Ctx, Field, Result, choices};

/// Notes on one page; older ones are a page further.
const NOTES: usize = 25;

#[derive(Template)]
#[template(path = "cases/ask.html")]
struct Ask<'p> {
    c: &'p Ctx,
    case: CaseId,
    number: String,
    worker: String,
    reason: Field,
}

/// The page that asks for a reason: it shows the number and whose it is, nothing else.
pub fn asks(c: &Ctx, file: &CaseFile, worker: String, reason: Field) -> Result {
    let wrong = reason.error.is_some();
    let page = Ask {
        c,
        case: file.id,
        number: file.number.to_string(),
        worker,
        reason,
    };
    if wrong {
        Answer::refused(&page)
    } else {
        Answer::page(&page)
    }
}

pub fn ask(call: &Call) -> Result {
    let c = &call.context();
    let case: CaseId = call.part("case")?;
    let mut field = Field::new("reason", 400);
    let (file, worker) = call.list_casework(|casework| {
        let file = store::case_file(casework, case)?.ok_or(Refusal::Missing)?;
        let worker = match file.worker {
            Some(worker) => user_called(casework, worker)?,
            None => String::new(),
        };
        Ok::<_, Refusal>((file, worker))
    })?;
    let Some(reason) = field.required(c, &call.sent) else {
        return asks(c, &file, worker, field);
    };
    let (world, actor) = (&call.app.world, call.actor()?);
    call.write_casework(|tx| {
        let reading = store::ask(tx, world, actor, case, &reason)?;
        Ok::<_, Refusal>(((), CaseworkEvent::CaseAskedFor { case, reading }))
    })?;
    Answer::see(format!("/cases/{case}"))
}

struct NoteLine {
    id: CaseNoteId,
    when: String,
    by: String,
    kind: NoteKind,
    label: String,
    words: String,
    /// What it corrects, and when that was written.
    corrects: Option<String>,
    corrected: bool,
}

struct IssueLine {
    issue: Issue,
    label: String,
    since: Option<String>,
    main: bool,
}

/// How a closed case ended, when, and what the person said of it.
struct Ended {
    outcome: String,
    day: String,
    said: String,
    note: Option<String>,
}

#[derive(Template)]
#[template(path = "cases/case.html")]
struct Page<'p> {
    c: &'p Ctx,
    head: Head,
    words: String,
    goal: Option<String>,
    safety: Option<String>,
    issues: Vec<IssueLine>,
    indicators: Vec<String>,
    issue_search: Field,
    found: Vec<(Issue, String)>,
    since: Field,
    notes: Vec<NoteLine>,
    older: Option<usize>,
    newer: Option<usize>,
    note: Field,
    note_kind: Field,
    note_kinds: Vec<Choice>,
    correcting: Option<(CaseNoteId, String)>,
    next: Vec<(NextStep, String)>,
    may_wait: bool,
    wait_on: Field,
    wait_until: Field,
    befores: Vec<(String, String, String)>,
    closing: Option<Ended>,
    /// When, by whom and why it was opened again, and how it had been closed.
    reopenings: Vec<(String, String, String, Vec<String>)>,
    /// What stands in the way of a step, and where it can be put right.
    hindrances: Vec<(String, String)>,
}

pub fn page(call: &Call) -> Result {
    let c = &call.context();
    on_page(call, c, case_page, |_, page| Answer::page(&page))
}

fn case_page<'p>(call: &Call, c: &'p Ctx) -> Result<Either<Page<'p>, Answer>> {
    let (head, file) = match enter(call, c, "story")? {
        Ok(entered) => entered,
        Err(asked) => return Ok(Err(asked)),
    };
    let (told, all, befores, reopenings) = call.list_casework(|casework| {
        Ok::<_, Refusal>((
            store::issues(casework, file.id)?,
            store::notes(casework, file.id)?,
            store::befores(casework, file.id)?,
            store::reopenings(casework, file.id)?,
        ))
    })?;
    let from: usize = call.sent.get("from").parse().unwrap_or(0).min(all.len());
    let searched = call.sent.get("issue");
    let correcting = call.sent.get("correct").parse::<CaseNoteId>().ok();
    let correcting = correcting.and_then(|id| all.iter().find(|note| note.id == id));
    Ok(Ok(Page {
        c,
        words: file.story.words.clone(),
        goal: file.story.goal.clone(),
        safety: file.story.safety.clone(),
        indicators: issues::indicators(told.iter().map(|told| told.issue))
            .into_iter()
            .map(|indicator| c.t(indicator.label_key()))
            .collect(),
        issues: told.iter().map(|told| issue_line(c, told)).collect(),
        issue_search: Field::new("issue", 60).typed(searched),
        found: find_issues(c, searched)
            .into_iter()
            .take(12)
            .map(|issue| (issue, issue_label(c, issue)))
            .collect(),
        since: Field::new("issue-since", 12),
        older: (from + NOTES < all.len()).then_some(from + NOTES),
        newer: (from > 0).then(|| from.saturating_sub(NOTES)),
        note: Field::new("note", LONG),
        note_kind: Field::new("note-kind", 12).typed(NoteKind::Note.code()),
        note_kinds: note_kinds(c, NoteKind::Note.code()),
        correcting: correcting.map(|note| (note.id, note.words.clone())),
        notes: note_lines(c, &all, from),
        next: rules::next_stages(&file.state)
            .iter()
            .map(|next| (*next, c.t(next.label_key())))
            .collect(),
        may_wait: file.state == State::Active,
        wait_on: Field::new("wait-on", 120),
        wait_until: Field::new("wait-until", 12),
        befores: befores
            .into_iter()
            .map(|(at, by, story)| (c.moment(at), by, story.words))
            .collect(),
        closing: match &file.state {
            State::Closed(closing) => Some(Ended {
                outcome: c.t(closing.outcome.label_key()),
                day: c.day(closing.day),
                said: c.t(closing.satisfaction.label_key()),
                note: closing.note.clone(),
            }),
            _ => None,
        },
        reopenings: reopenings
            .into_iter()
            .map(|was| {
                let (closed, outcome) = (c.day(was.closed), c.t(was.outcome.label_key()));
                let with = [("day", &*closed), ("outcome", &*outcome)];
                let said = was.satisfaction.map(|said| c.t(said.label_key()));
                let said = said.map(|said| c.tw("cases.closed_said", &[("said", &said)]));
                let told = std::iter::once(c.tw("cases.reopened_was", &with));
                let told = told.chain(said).chain(was.note).collect();
                (c.moment(was.at), was.by, was.reason, told)
            })
            .collect(),
        hindrances: Vec::new(),
        head,
    }))
}

fn note_kinds(c: &Ctx, chosen: &str) -> Vec<Choice> {
    let kinds = [NoteKind::Note, NoteKind::Fact, NoteKind::Contact];
    choices(&kinds, |k| (k.code(), c.t(k.label_key())), chosen)
}

fn issue_line(c: &Ctx, told: &IssueTold) -> IssueLine {
    IssueLine {
        issue: told.issue,
        label: c.t(told.issue.label_key()),
        since: told.since.map(|since| c.told(since)),
        main: told.main,
    }
}

fn note_lines(c: &Ctx, all: &[store::Note], from: usize) -> Vec<NoteLine> {
    all.iter()
        .skip(from)
        .take(NOTES)
        .map(|note| NoteLine {
            id: note.id,
            when: c.moment(note.at),
            by: note.by.clone(),
            kind: note.kind,
            label: c.t(note.kind.label_key()),
            words: note.words.clone(),
            corrects: note
                .corrects
                .and_then(|id| all.iter().find(|other| other.id == id))
                .map(|other| c.moment(other.at)),
            corrected: all.iter().any(|other| other.corrects == Some(note.id)),
        })
        .collect()
}

pub fn add_note(call: &Call) -> Result {
    let c = &call.context();
    on_page(call, c, case_page, |case, mut page| {
        let words = page.note.read(c, &call.sent, text::some_lines);
        let corrects = page.correcting.as_ref().map(|(id, _)| *id);
        let kind = match corrects {
            Some(_) => Some(NoteKind::Correction),
            None => page.note_kind.read(c, &call.sent, |typed, _| {
                forms::chosen(
                    NoteKind::from_code(typed).filter(|kind| *kind != NoteKind::Correction),
                )
            }),
        };
        let (Some(words), Some(kind)) = (words, kind) else {
            page.note_kinds = note_kinds(c, &page.note_kind.value);
            return refused(&page);
        };
        let (world, actor) = (&call.app.world, call.actor()?);
        change(call, case, |tx, _| {
            let note = store::add_note(tx, world, actor, case, kind, corrects, &words)?;
            Ok(((), CaseworkEvent::NoteAdded { case, note }))
        })?;
        back(call, case, "", "cases.said.noted")
    })
}

pub fn add_issue(call: &Call) -> Result {
    let c = &call.context();
    on_page(call, c, case_page, |case, mut page| {
        let since = page.since.read(c, &call.sent, |typed, _| {
            if typed.trim().is_empty() {
                return Ok(None);
            }
            ToldDate::parse(typed).map(Some)
        });
        let issue = Issue::from_code(call.sent.get("add"));
        let (Some(issue), Some(since)) = (issue, since) else {
            return refused(&page);
        };
        let main = call.sent.get("main") == "yes" || page.issues.is_empty();
        change(call, case, |tx, _| {
            store::put_issue(tx, case, &IssueTold { issue, since, main })?;
            Ok(((), CaseworkEvent::CaseRevised { case }))
        })?;
        back(call, case, "", "cases.said.issue")
    })
}

pub fn drop_issue(call: &Call) -> Result {
    let case: CaseId = call.part("case")?;
    let issue = Issue::from_code(call.sent.get("drop")).ok_or(Refusal::Missing)?;
    change(call, case, |tx, _| {
        store::drop_issue(tx, case, issue)?;
        Ok(((), CaseworkEvent::CaseRevised { case }))
    })?;
    back(call, case, "", "cases.said.issue_dropped")
}

pub fn step(call: &Call) -> Result {
    let case: CaseId = call.part("case")?;
    let next = NextStep::from_code(call.sent.get("step")).ok_or(Refusal::Missing)?;
    let moved = take_step(call, case, Step::from(next))?;
    match moved {
        Ok(()) => back(call, case, "", "cases.said.moved"),
        Err(all) => not_moved(call, case, &all),
    }
}

/// The same page, with why the step is not taken.
fn not_moved(call: &Call, case: CaseId, all: &[rules::Refusal]) -> Result {
    let c = &call.context();
    match case_page(call, c)? {
        Ok(mut page) => {
            page.hindrances = put_right(c, case, all);
            refused(&page)
        }
        Err(asked) => Ok(asked),
    }
}

/// Each with the place where it can be put right.
pub fn put_right(c: &Ctx, case: CaseId, all: &[rules::Refusal]) -> Vec<(String, String)> {
    use rules::Refusal::*;
    let place = |why: &rules::Refusal| match why {
        MainIssue => "#issues-title",
        Goal => "/edit#goal",
        Safety => "/edit#safety",
        DeadlineOpen => "/steps#deadlines-title",
        OriginalHeld => "/papers#originals-title",
        MoneyOpen => "/money",
        TransferOpen => "/hands",
        Order | WaitPast | NotSettled | NotStarted => "#step-title",
    };
    all.iter()
        .map(|why| (c.because(why), format!("/cases/{case}{}", place(why))))
        .collect()
}

/// A step that the rules refuse is told with all that stands in its way, and nothing is written.
pub fn take_step(call: &Call, case: CaseId, step: Step) -> Result<Either<(), Vec<rules::Refusal>>> {
    let today = call.app.world.today();
    let (world, actor) = (&call.app.world, call.actor()?);
    let done = call.write_casework(|tx| {
        let file = store::case_file(tx, case)?.ok_or(Refusal::Missing)?;
        let reach = rules::reach(actor.user, file.worker, file.second_worker, false);
        if reach != Reach::Own {
            return Err(Stopped::Vault(Refusal::Role));
        }
        let facts = store::facts(tx, &file, today)?;
        let event = match &step {
            Step::Close(_) => CaseworkEvent::CaseClosed { case },
            Step::Reopen(reason) => {
                store::note_reopening(tx, world, actor, &file, reason)?;
                CaseworkEvent::CaseReopened { case }
            }
            _ => CaseworkEvent::CaseMoved { case },
        };
        let hindered = rules::hindrances(&file.state, &step, &facts);
        if !hindered.is_empty() {
            return Err(Stopped::Rule(hindered));
        }
        let state = rules::step(&file.state, step, &facts);
        let state = state.map_err(|why| Stopped::Rule(vec![why]))?;
        store::put_state(tx, case, &state)?;
        Ok(((), event))
    });
    match done {
        Ok(()) => Ok(Ok(())),
        Err(Stopped::Rule(why)) => Ok(Err(why)),
        Err(Stopped::Vault(refusal)) => Err(refusal),
    }
}

pub fn wait(call: &Call) -> Result {
    let c = &call.context();
    on_page(call, c, case_page, |case, mut page| {
        let today = c.today();
        let on = page.wait_on.required(c, &call.sent);
        let until = page
            .wait_until
            .read(c, &call.sent, |typed, _| forms::day_to_come(typed, today));
        let (Some(on), Some(until)) = (on, until) else {
            return refused(&page);
        };
        match take_step(call, case, Step::Wait(Wait { on, until }))? {
            Ok(()) => back(call, case, "", "cases.said.waiting"),
            Err(all) => not_moved(call, case, &all),
        }
    })
}
