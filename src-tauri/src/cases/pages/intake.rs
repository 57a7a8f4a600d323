//! Intake, in the order of a conversation; and writing it anew later.

use askama::Template;

use super::{change, enter, refused};
use crate::cases::forms::StoryForm;
use crate::cases::rules::Stage;
use crate::cases::store::{self, Opening};
use crate::kit::id::{CaseId, PersonId};
use crate::people::{self, Brief, forms::told_apart, search};
use crate::vault::{CaseworkEvent, Refusal};
use crate::web::{Answer, Call, Ctx, Field, Result};

/// The first step: whose case it is.
#[derive(Template)]
#[template(path = "cases/who.html")]
struct Whose<'p> {
    c: &'p Ctx,
    q: Field,
    /// Each with what tells namesakes apart.
    found: Vec<(Brief, Vec<String>)>,
    searched: bool,
}

#[derive(Template)]
#[template(path = "cases/intake.html")]
struct Intake<'p> {
    c: &'p Ctx,
    person: PersonId,
    name: String,
    alert: Option<String>,
    /// The cases that the person has already: each with whose it is, or how one's own stands.
    known: Vec<(CaseId, String, String)>,
    form: StoryForm,
}

pub fn ask(call: &Call) -> Result {
    let c = &call.context();
    let Ok(person) = call.sent.get("person").parse::<PersonId>() else {
        return whose(call, c);
    };
    let brief = brief(call, person)?;
    Answer::page(&Intake {
        c,
        person,
        name: brief.names.into_iter().next().unwrap_or_default(),
        alert: brief.alert,
        known: known(call, c, person)?,
        form: StoryForm::blank(c),
    })
}

/// The open cases that somebody has. Of another's only whose it is, as on the person's page.
fn known(call: &Call, c: &Ctx, person: PersonId) -> Result<Vec<(CaseId, String, String)>> {
    let actor = call.actor()?;
    let lines = call.list_casework(|casework| {
        let cases = store::cases_of_person(casework, person)?;
        store::lines(casework, actor, &cases)
    })?;
    Ok(lines
        .into_iter()
        .filter(|line| line.stage != Stage::Closed)
        .map(|line| {
            let about = match (line.own, line.worker_name) {
                (true, _) => c.t(line.stage.label_key()),
                (false, worker) => {
                    let worker = worker.unwrap_or_default();
                    c.tw("cases.in_charge", &[("name", &worker)])
                }
            };
            (line.case, line.number.to_string(), about)
        })
        .collect())
}

fn whose(call: &Call, c: &Ctx) -> Result {
    let typed: String = call.sent.get("q").chars().take(120).collect();
    let searched = typed.trim().chars().count() > 1;
    let found = call.read(|db| {
        if !searched {
            return Ok(Vec::new());
        }
        people::briefs(db, &search::as_meant(db, &typed, 8)?.people())
    })?;
    Answer::page(&Whose {
        c,
        q: Field::new("q", 120).typed(&typed),
        found: found
            .into_iter()
            .map(|brief| {
                let told = told_apart(c, &brief);
                (brief, told)
            })
            .collect(),
        searched,
    })
}

fn brief(call: &Call, person: PersonId) -> Result<Brief> {
    call.read(|db| people::briefs(db, &[person]))?
        .pop()
        .ok_or(Refusal::Missing)
}

pub fn open(call: &Call) -> Result {
    let c = &call.context();
    let Ok(person) = call.sent.get("person").parse::<PersonId>() else {
        return Answer::see("/cases/new");
    };
    let brief = brief(call, person)?;
    let mut form = StoryForm::blank(c);
    let Some((story, issues)) = form.read(c, &call.sent, c.today()) else {
        return refused(&Intake {
            c,
            person,
            name: brief.names.into_iter().next().unwrap_or_default(),
            alert: brief.alert,
            known: known(call, c, person)?,
            form,
        });
    };
    let (world, actor) = (&call.app.world, call.actor()?);
    let for_me = call.sent.get("whose") != "nobody";
    let case = call.write_casework(|tx| {
        let opening = Opening {
            story: &story,
            person,
            issues: &issues,
            worker: for_me.then_some(actor.user),
        };
        let case = store::open(tx, world, actor, &opening)?;
        Ok::<_, Refusal>((case, CaseworkEvent::CaseOpened { case, person }))
    })?;
    call.say("cases.said.opened");
    Answer::see(format!("/cases/{case}"))
}

#[derive(Template)]
#[template(path = "cases/edit.html")]
struct Edit<'p> {
    c: &'p Ctx,
    case: CaseId,
    number: String,
    form: StoryForm,
    /// What somebody else has written meanwhile.
    theirs: Option<(String, Option<String>, Option<String>)>,
}

pub fn edit(call: &Call) -> Result {
    let c = &call.context();
    let (head, file) = match enter(call, c, "story")? {
        Ok(entered) => entered,
        Err(asked) => return Ok(asked),
    };
    if !head.writable() {
        return Err(Refusal::Role);
    }
    Answer::page(&Edit {
        c,
        case: file.id,
        number: head.number,
        form: StoryForm::of(c, &file.story, file.version),
        theirs: None,
    })
}

pub fn revise(call: &Call) -> Result {
    let c = &call.context();
    let case: CaseId = call.part("case")?;
    let (head, file) = match enter(call, c, "story")? {
        Ok(entered) => entered,
        Err(asked) => return Ok(asked),
    };
    let mut form = StoryForm::of(c, &file.story, file.version);
    let read = form.read(c, &call.sent, c.today());
    let version: i64 = form.version.parse().unwrap_or(0);
    let Some((story, _)) = read else {
        return refused(&Edit {
            c,
            case,
            number: head.number,
            form,
            theirs: None,
        });
    };
    let (world, actor) = (&call.app.world, call.actor()?);
    // The door is asked only by a version that still stands: a stale form writes nothing.
    if file.version != version {
        form.version = file.version.to_string();
        let story = file.story;
        return refused(&Edit {
            c,
            case,
            number: head.number,
            form,
            theirs: Some((story.words, story.goal, story.safety)),
        });
    }
    change(call, case, |tx, known| {
        if !store::revise(tx, world, actor, known, &story, version)? {
            return Err(Refusal::NotSaved);
        }
        Ok(((), CaseworkEvent::CaseRevised { case }))
    })?;
    super::back(call, case, "", "cases.said.saved")
}
