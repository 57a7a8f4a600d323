//! Activities: courses, talks, celebrations; their sessions, who is enrolled, and the register.
//! Words: term, session, place, waiting list, register, mark, walk-in. Rules: domain.md 2, 3.4, 4.5.
//!
//! What a paper or another page may ask for:
//! [`activity`] (title in languages, teachers, room, term, places), [`sessions`] of one activity and
//! [`between`] two days for a month or a week, both in the order of time; [`enrolled`] gives the
//! people of an activity with card code, names and phone tail, those with a place before those who
//! wait; [`register`] the marks of one session; [`shares`] what each person was at, for a certificate
//! (`Share::earns` with the activity’s own percent). `Titles::best` picks a title for a language.
//!
//! What is wrong can be taken back for five minutes: an enrolment by a post to
//! `/enrolments/{enrolment}/undo`, a mark by one to `/sessions/{session}/marks/{person}/undo`.

pub mod calendar_file;
pub mod forms;
pub mod pages;
pub mod papers;
pub mod print;
pub mod recurrence;
pub mod rules;
mod store;

pub use pages::ROUTES;
pub use store::enrolments::{Enrolment, enrol, of_person, taken};
pub use store::register::{
    Came, Line, came, count_walk_ins, lines as register, mark, name_walk_in, shares,
};
pub use store::sessions::{
    Session, add_holidays, between, holidays, of_activity as sessions, session,
};
pub use store::{Activity, Details, NotDone, Taken, activity, over, plan, running};

use crate::kit::id::ActivityId;
use crate::people::{self, Brief};
use crate::vault::{Db, Refusal};

/// One person of an activity, as a list of paper shows them.
#[derive(Clone, Debug)]
pub struct Enrolled {
    pub enrolment: Enrolment,
    pub brief: Brief,
}

/// Those with a place, then those who wait, each in the order of coming; nobody who has left.
pub fn enrolled(db: &Db<'_>, activity: ActivityId) -> Result<Vec<Enrolled>, Refusal> {
    let enrolments = store::enrolments::of_activity(db, activity)?;
    with_names(
        db,
        enrolments
            .into_iter()
            .filter(|e| e.ended.is_none())
            .collect(),
    )
}

fn with_names(db: &Db<'_>, enrolments: Vec<Enrolment>) -> Result<Vec<Enrolled>, Refusal> {
    let ids: Vec<_> = enrolments.iter().map(|e| e.person).collect();
    let briefs = people::briefs(db, &ids)?;
    Ok(enrolments
        .into_iter()
        .filter_map(|enrolment| {
            let brief = briefs.iter().find(|brief| brief.id == enrolment.person)?;
            Some(Enrolled {
                brief: brief.clone(),
                enrolment,
            })
        })
        .collect())
}
