//! Enrolling by the desk's own search, ending an enrolment, taking one back.

use askama::Template;

use super::activity::{ActivityPage, left_told, share_told};
use super::{NotDone, Told, say_moved_up, sentence, title};
use crate::activities;
use crate::activities::forms::Wrong;
use crate::activities::rules::{Ending, Place};
use crate::activities::store::{self, enrolments, register};
use crate::kit::id::{ActivityId, EnrolmentId, PersonId, SessionId};
use crate::people::{self, Brief, forms::told_apart, search};
use crate::settings;
use crate::vault::{Db, Event, Refusal};
use crate::web::{Answer, Call, Choice, Ctx, Field, Result, choices};

/// As many rows as the desk's search shows.
const SHOWN: usize = 8;
/// Letters that a search begins with, and the longest one.
const FEWEST: usize = 2;
const LONGEST: usize = 120;

/// One person found, as the desk's rows show them.
pub struct Row {
    pub brief: Brief,
    /// What tells them apart from namesakes.
    pub facts: Vec<String>,
    pub last: Option<String>,
    /// Their name may only sound like what was typed.
    pub perhaps: bool,
    /// They are here already.
    pub there: bool,
    /// The cursor goes here.
    pub first: bool,
}

/// Whom a search found, and what can be done with them.
pub struct Found {
    pub typed: String,
    pub searched: bool,
    /// What was looked for instead of what was typed.
    pub meant: Option<String>,
    pub rows: Vec<Row>,
    /// Where the button of a row posts to, and what it says.
    pub action: String,
    pub button: String,
    /// What is said of somebody for whom there is nothing to do.
    pub there: String,
    /// Enter was pressed in the search box: the first who can be taken gets the cursor.
    pub sent: bool,
}

#[derive(Template)]
#[template(path = "activities/found.html")]
pub struct FoundPage<'p> {
    pub c: &'p Ctx,
    pub found: Found,
}

impl Found {
    pub fn for_activity(c: &Ctx, db: &Db<'_>, id: ActivityId, typed: &str) -> Result<Self> {
        let there: Vec<PersonId> = activities::enrolled(db, id)?
            .iter()
            .map(|enrolled| enrolled.enrolment.person)
            .collect();
        Ok(Self {
            action: format!("/activities/{id}/enrolments"),
            button: c.t("activities.enrol"),
            there: c.t("activities.enrolled_already"),
            ..Self::of(c, db, typed, &there)?
        })
    }

    /// As the page of their own that Enter leads to.
    pub fn sent(mut self) -> Self {
        if let Some(first) = self.rows.iter_mut().find(|row| !row.there) {
            first.first = !first.perhaps;
            self.sent = true;
        }
        self
    }

    pub fn for_session(
        c: &Ctx,
        db: &Db<'_>,
        session: SessionId,
        typed: &str,
        there: &[PersonId],
    ) -> Result<Self> {
        Ok(Self {
            action: format!("/sessions/{session}/named"),
            button: c.t("activities.was_here"),
            there: c.t("activities.on_register"),
            ..Self::of(c, db, typed, there)?
        })
    }

    fn of(c: &Ctx, db: &Db<'_>, typed: &str, there: &[PersonId]) -> Result<Self> {
        let short: String = typed.chars().take(LONGEST).collect();
        let searched = short.trim().chars().count() >= FEWEST;
        let looked = match searched {
            true => search::as_meant(db, &short, SHOWN)?,
            false => search::Found::default(),
        };
        let mut found = looked.people();
        found.truncate(looked.shown(SHOWN));
        let sure = looked.sure();
        Ok(Self {
            typed: short,
            searched,
            meant: looked.meant,
            rows: people::briefs(db, &found)?
                .into_iter()
                .enumerate()
                .map(|(place, brief)| Row {
                    perhaps: place >= sure,
                    facts: told_apart(c, &brief),
                    last: None,
                    there: there.contains(&brief.id),
                    first: false,
                    brief,
                })
                .collect(),
            action: String::new(),
            button: String::new(),
            there: String::new(),
            sent: false,
        })
    }
}

pub fn find(call: &Call) -> Result {
    let c = &call.context();
    let id: ActivityId = call.part("activity")?;
    let typed = call.sent.get("q").to_owned();
    let found = call.read(|db| {
        store::activity(db, id)?.ok_or(Refusal::Missing)?;
        Found::for_activity(c, db, id, &typed)
    })?;
    Answer::page(&FoundPage { c, found })
}

pub fn enrol(call: &Call) -> Result {
    let c = &call.context();
    let activity: ActivityId = call.part("activity")?;
    let person: PersonId = call
        .sent
        .get("person")
        .parse()
        .map_err(|_| Refusal::Missing)?;
    match put(call, activity, person) {
        Ok(()) => Answer::see(format!("/activities/{activity}")),
        Err(why) => {
            let mut page = ActivityPage::of(call, c)?;
            page.refusal = Some(sentence(c, why)?);
            Answer::refused(&page)
        }
    }
}

/// Through the write door, and says where they are now: in, waiting, or in two places at once.
pub fn put(
    call: &Call,
    activity: ActivityId,
    person: PersonId,
) -> std::result::Result<(), NotDone> {
    let (world, actor) = (&call.app.world, call.actor()?);
    let (enrolment, place) = call.write(|tx| {
        let (enrolment, place) = enrolments::enrol(tx, world, actor, activity, person)?;
        let enrolled = Event::Enrolled {
            enrolment,
            activity,
            person,
        };
        Ok::<_, NotDone>(((enrolment, place), enrolled))
    })?;
    let (name, elsewhere) = call.read(|db| {
        let brief = people::briefs(db, &[person])?.pop();
        let name = brief.and_then(|brief| brief.names.into_iter().next());
        let elsewhere = enrolments::elsewhere(db, activity, world.today())?;
        Ok::<_, Refusal>((name.unwrap_or_default(), elsewhere.contains_key(&person)))
    })?;
    let key = match (place, elsewhere) {
        (Place::Waiting, _) => "activities.said.waiting",
        (Place::Seat, true) => "activities.said.enrolled_elsewhere",
        (Place::Seat, false) => "activities.said.enrolled",
    };
    call.say_of(key, &name, Some(format!("/enrolments/{enrolment}/undo")));
    Ok(())
}

pub fn undo(call: &Call) -> Result {
    let c = &call.context();
    let id: EnrolmentId = call.part("enrolment")?;
    let activity = call
        .read(|db| enrolments::enrolment(db, id))?
        .ok_or(Refusal::Missing)?
        .activity;
    let undone: std::result::Result<_, NotDone> = call.write(|tx| {
        let (_, up) = enrolments::take_back(tx, &call.app.world, id)?;
        let moved_up = u32::try_from(up.len()).unwrap_or(u32::MAX);
        let event = Event::EnrolmentUndone {
            enrolment: id,
            moved_up,
        };
        Ok((up, event))
    });
    match undone {
        Ok(up) => {
            let alone = "activities.said.undone";
            say_moved_up(call, c, &up, alone, "activities.said.undone_moved_up")?;
        }
        Err(NotDone::Vault(refusal)) => return Err(refusal),
        Err(_) => call.say("visits.refusal.too_late"),
    }
    Answer::see(format!("/activities/{activity}"))
}

#[derive(Template)]
#[template(path = "activities/enrolment.html")]
struct EnrolmentPage<'p> {
    c: &'p Ctx,
    id: EnrolmentId,
    activity: ActivityId,
    person: PersonId,
    name: String,
    title: String,
    since: String,
    share: Option<String>,
    left: Option<String>,
    ending: Field,
    endings: Vec<Choice>,
    result: Field,
}

impl<'p> EnrolmentPage<'p> {
    fn of(call: &Call, c: &'p Ctx) -> Result<Self> {
        let id: EnrolmentId = call.part("enrolment")?;
        call.read(|db| {
            let enrolment = enrolments::enrolment(db, id)?.ok_or(Refusal::Missing)?;
            let activity = store::activity(db, enrolment.activity)?.ok_or(Refusal::Missing)?;
            let brief = people::briefs(db, &[enrolment.person])?.pop();
            let name = brief.and_then(|brief| brief.names.into_iter().next());
            let none = register::none(db, activity.id)?;
            let shares = register::shares(db, activity.id)?;
            let share = shares.get(&enrolment.person).copied().unwrap_or(none);
            Ok(Self {
                c,
                id,
                activity: activity.id,
                person: enrolment.person,
                name: name.unwrap_or_default(),
                title: title(c, &settings::of(db)?, &activity.details.titles),
                since: c.tw("activities.since", &[("day", &c.day(enrolment.since))]),
                share: share_told(c, &enrolment, share),
                left: left_told(c, &enrolment),
                ending: Field::new("ending", 20),
                endings: endings(c, &Field::new("ending", 20)),
                result: Field::new("result", 80),
            })
        })
    }
}

fn endings(c: &Ctx, field: &Field) -> Vec<Choice> {
    choices(
        Ending::ALL,
        |e| (e.code(), c.t(e.label_key())),
        &field.value,
    )
}

pub fn page(call: &Call) -> Result {
    let c = &call.context();
    Answer::page(&EnrolmentPage::of(call, c)?)
}

pub fn end(call: &Call) -> Result {
    let c = &call.context();
    let mut page = EnrolmentPage::of(call, c)?;
    let ending = page.ending.read(c, &call.sent, |typed, _| {
        Ending::from_code(typed).ok_or(Wrong::Choice)
    });
    let result = page.result.optional(c, &call.sent);
    let (Some(ending), Some(result)) = (ending, result) else {
        page.endings = endings(c, &page.ending);
        return Answer::refused(&page);
    };
    let id = page.id;
    let up = call.write(|tx| {
        let up = enrolments::end(tx, &call.app.world, id, ending, result.as_deref())?;
        let moved_up = u32::try_from(up.len()).unwrap_or(u32::MAX);
        let event = Event::EnrolmentEnded {
            enrolment: id,
            moved_up,
        };
        Ok::<_, Refusal>((up, event))
    })?;
    let alone = "activities.said.ended";
    say_moved_up(call, c, &up, alone, "activities.said.ended_moved_up")?;
    Answer::see(format!("/activities/{}", page.activity))
}

/// One activity of a person, in words.
pub struct Mine {
    pub enrolment: EnrolmentId,
    pub activity: ActivityId,
    pub title: String,
    pub when: String,
    pub waiting: bool,
    /// When and why it ended.
    pub left: Option<String>,
    pub share: Option<String>,
}

/// What somebody is in, then what they were in.
pub fn mine(c: &Ctx, db: &Db<'_>, person: PersonId) -> Result<Vec<Mine>> {
    let settings = settings::of(db)?;
    enrolments::of_person(db, person)?
        .into_iter()
        .map(|enrolment| {
            let activity = store::activity(db, enrolment.activity)?.ok_or(Refusal::Missing)?;
            let share = register::shares(db, activity.id)?.get(&person).copied();
            let told = Told::of(c, &settings, &activity, store::Taken::default());
            Ok(Mine {
                enrolment: enrolment.id,
                activity: activity.id,
                title: told.title,
                when: told.when,
                waiting: enrolment.place == Place::Waiting && enrolment.ended.is_none(),
                left: left_told(c, &enrolment),
                share: share.and_then(|share| share_told(c, &enrolment, share)),
            })
        })
        .collect()
}

/// What runs, with the places left, for a list to choose from.
pub fn offers(c: &Ctx, db: &Db<'_>, chosen: &str) -> Result<Vec<Choice>> {
    let settings = settings::of(db)?;
    let mut offers = vec![Choice::new("", c.t("activities.choose"), chosen.is_empty())];
    for activity in store::running(db, c.today())? {
        let taken = enrolments::taken(db, activity.id)?;
        let told = Told::of(c, &settings, &activity, taken);
        let id = activity.id.to_string();
        let label = format!("{} · {}", told.title, told.places);
        let is = id == chosen;
        offers.push(Choice::new(id, label, is));
    }
    Ok(offers)
}
