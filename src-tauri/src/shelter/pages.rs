//! The stays of a case, and the page on which a place is opened.

use std::result::Result as Either;

use askama::Template;

use super::rules::{self, Left, LeftWhy};
use super::store::{self, NewStay, Stay};
use crate::cases::forms::{chosen, day_gone, if_told};
use crate::cases::rules::CaseFile;
use crate::cases::store as cases;
use crate::cases::{
    Head, Stopped, back, change, enter, on_page, one_of, own, people_choices, refused,
};
use crate::kit::date;
use crate::kit::id::{CaseId, StayId, UserId};
use crate::kit::text;
use crate::vault::sealed::{self, Pair, Unsealed};
use crate::vault::{CaseworkEvent, Refusal, user_called};
use crate::web::access::Route;
use crate::web::{Answer, Call, Choice, Ctx, Field, Handler, Result, choices};

pub const ROUTES: &[(Route, Handler)] = &[
    (Route::CaseShelter, page),
    (Route::BeginStay, begin),
    (Route::EndStay, end),
    (Route::PlacePage, place),
    (Route::SealPlace, seal),
    (Route::SharePlace, share),
];

struct Line {
    stay: Stay,
    person: String,
    came: String,
    rules_signed: Option<String>,
    left: Option<(String, String, Option<String>)>,
}

#[derive(Template)]
#[template(path = "shelter/stays.html")]
struct Page<'p> {
    c: &'p Ctx,
    head: Head,
    lines: Vec<Line>,
    named: bool,
    /// Whether the places may be opened by whoever reads the list.
    opens: bool,
    who: Field,
    whos: Vec<Choice>,
    came: Field,
    children: Field,
    rules: Field,
    plan: Field,
    place: Field,
    /// The stay whose end was refused.
    ending: Option<StayId>,
    left: Field,
    why: Field,
    whys: Vec<Choice>,
    words: Field,
}

impl Page<'_> {
    /// Whether this is the stay whose end was refused.
    fn ends(&self, line: &Line) -> bool {
        self.ending == Some(line.stay.id)
    }
}

fn page(call: &Call) -> Result {
    let c = &call.context();
    on_page(call, c, stays_page, |_, page| Answer::page(&page))
}

fn stays_page<'p>(call: &Call, c: &'p Ctx) -> Result<Either<Page<'p>, Answer>> {
    let (head, file) = match enter(call, c, "shelter")? {
        Ok(entered) => entered,
        Err(asked) => return Ok(Err(asked)),
    };
    let (stays, pair) = call.list_casework(|casework| {
        Ok::<_, Refusal>((store::stays(casework, file.id)?, sealed::pair(casework)?))
    })?;
    let user = call.actor()?.user;
    let now = date::typed(c.today());
    Ok(Ok(Page {
        c,
        lines: stays.into_iter().map(|stay| line(c, &head, stay)).collect(),
        opens: opens(user, &file, pair.as_ref()),
        named: pair.is_some(),
        who: Field::new("who", 40),
        whos: people_choices(&head, ""),
        came: Field::new("came", 12).typed(&now),
        children: Field::new("children", 2),
        rules: Field::new("rules-signed", 12),
        plan: Field::new("exit-plan", 2_000),
        place: Field::new("place", 400),
        ending: None,
        left: Field::new("left-on", 12).typed(&now),
        why: Field::new("left-why", 20),
        whys: whys(c, LeftWhy::OwnHome.code()),
        words: Field::new("left-words", 400),
        head,
    }))
}

fn opens(user: UserId, file: &CaseFile, pair: Option<&Pair>) -> bool {
    let named = pair.map(Pair::named).unwrap_or_default();
    rules::may_open(user, &file.workers(), &named)
}

fn line(c: &Ctx, head: &Head, stay: Stay) -> Line {
    Line {
        person: head.name_of(stay.person),
        came: c.day(stay.came),
        rules_signed: stay.rules_signed.map(|day| c.day(day)),
        left: stay.left.as_ref().map(|left| {
            (
                c.day(left.on),
                c.t(left.why.label_key()),
                left.words.clone(),
            )
        }),
        stay,
    }
}

fn whys(c: &Ctx, chosen: &str) -> Vec<Choice> {
    choices(LeftWhy::ALL, |w| (w.code(), c.t(w.label_key())), chosen)
}

fn begin(call: &Call) -> Result {
    let c = &call.context();
    on_page(call, c, stays_page, |case, mut page| {
        let (head, today, sent) = (&page.head, c.today(), &call.sent);
        let person = page.who.read(c, sent, |v, _| chosen(one_of(head, v)));
        let came = page.came.read(c, sent, |v, _| day_gone(v, today));
        let children = page.children.read(c, sent, |v, _| rules::children(v));
        let signed = page
            .rules
            .read(c, sent, |v, _| if_told(v, |v| day_gone(v, today)));
        let plan = page.plan.read(c, sent, text::lines);
        let place = page.place.read(c, sent, text::lines);
        page.whos = people_choices(&page.head, &page.who.value);
        let (Some(person), Some(came), Some(children), Some(signed), Some(plan), Some(place)) =
            (person, came, children, signed, plan, place)
        else {
            return refused(&page);
        };
        let (world, actor) = (&call.app.world, call.actor()?);
        let done = call.write_casework(|tx| {
            let file = own(call, tx, case)?;
            rules::comes(&store::nights_of(tx, person)?, came).map_err(Stopped::Rule)?;
            let new = NewStay {
                person,
                came,
                children,
                rules_signed: signed,
                exit_plan: plan.as_deref(),
                place: place.as_deref(),
            };
            let stay = store::begin(tx, world, actor, case, &file.workers(), &new)?;
            Ok(((), CaseworkEvent::StayBegun { case, stay }))
        });
        match done {
            Ok(()) => back(call, case, "/shelter", "shelter.said.begun"),
            Err(Stopped::Rule(why)) => {
                page.came.wrong(c.because(&why));
                refused(&page)
            }
            Err(Stopped::Vault(why @ Refusal::NobodyNamed)) => {
                page.place.wrong(c.because(&why));
                refused(&page)
            }
            Err(Stopped::Vault(why)) => Err(why),
        }
    })
}

fn end(call: &Call) -> Result {
    let c = &call.context();
    let stay: StayId = call.part("stay")?;
    on_page(call, c, stays_page, |case, mut page| {
        page.ending = Some(stay);
        let (today, sent) = (c.today(), &call.sent);
        let on = page.left.read(c, sent, |v, _| day_gone(v, today));
        let why = page.why.read(c, sent, |v, _| chosen(LeftWhy::from_code(v)));
        let words = page.words.optional(c, sent);
        page.whys = whys(c, &page.why.value);
        let (Some(on), Some(why), Some(words)) = (on, why, words) else {
            return refused(&page);
        };
        let done = call.write_casework(|tx| {
            own(call, tx, case)?;
            let known = store::stay(tx, case, stay)?;
            rules::leaves(known.nights(), on).map_err(Stopped::Rule)?;
            store::end(tx, stay, &Left { on, why, words })?;
            Ok(((), CaseworkEvent::StayEnded { case, stay }))
        });
        match done {
            Ok(()) => back(call, case, "/shelter", "shelter.said.ended"),
            Err(Stopped::Rule(why @ rules::Refusal::Over)) => {
                page.head.problem = Some(c.because(&why));
                refused(&page)
            }
            Err(Stopped::Rule(why)) => {
                page.left.wrong(c.because(&why));
                refused(&page)
            }
            Err(Stopped::Vault(why)) => Err(why),
        }
    })
}

#[derive(Template)]
#[template(path = "shelter/place.html")]
struct PlacePage<'p> {
    c: &'p Ctx,
    head: Head,
    line: Line,
    /// `None` where nobody wrote one down.
    place: Option<String>,
    /// It is there, and closed to whoever is in.
    closed: bool,
    /// Who works on the case and cannot read it.
    without: Vec<String>,
    named: bool,
    words: Field,
}

fn place(call: &Call) -> Result {
    let c = &call.context();
    on_page(call, c, place_page, |_, page| Answer::page(&page))
}

fn place_page<'p>(call: &Call, c: &'p Ctx) -> Result<Either<PlacePage<'p>, Answer>> {
    let stay: StayId = call.part("stay")?;
    let (head, file) = match enter(call, c, "shelter")? {
        Ok(entered) => entered,
        Err(asked) => return Ok(Err(asked)),
    };
    let case = file.id;
    let (known, pair) = call.list_casework(|casework| {
        Ok::<_, Refusal>((store::stay(casework, case, stay)?, sealed::pair(casework)?))
    })?;
    if !opens(call.actor()?.user, &file, pair.as_ref()) {
        return Err(Refusal::Role);
    }
    let me = call.actor()?.user;
    let reading = CaseworkEvent::PlaceRead { case, stay };
    let (place, without) = call.read_casework(&reading, |casework| {
        let readers = store::place_readers(casework, stay)?;
        let mut without = Vec::new();
        for worker in file.workers() {
            // One of the two who open what is sealed reads it without a box of their own.
            if !readers.contains(&worker) && worker != me {
                without.push(user_called(casework, worker)?);
            }
        }
        Ok::<_, Refusal>((store::place(casework, stay)?, without))
    })?;
    let closed = place == Unsealed::Closed;
    let place = match place {
        Unsealed::Words(words) => Some(words),
        Unsealed::Closed | Unsealed::Nothing => None,
    };
    Ok(Ok(PlacePage {
        c,
        line: line(c, &head, known),
        without: if place.is_some() { without } else { Vec::new() },
        named: pair.is_some(),
        words: Field::new("place", 400).typed(place.as_deref().unwrap_or("")),
        place,
        closed,
        head,
    }))
}

fn seal(call: &Call) -> Result {
    let c = &call.context();
    let stay: StayId = call.part("stay")?;
    on_page(call, c, place_page, |case, mut page| {
        let words = page.words.read(c, &call.sent, text::some_lines);
        let Some(words) = words else {
            return refused(&page);
        };
        let world = &call.app.world;
        let sealed = change(call, case, |tx, file| {
            store::stay(tx, case, stay)?;
            store::seal_place(tx, world, stay, &file.workers(), &words)?;
            Ok(((), CaseworkEvent::StayNoted { case, stay }))
        });
        match sealed {
            Err(why @ Refusal::NobodyNamed) => {
                page.words.wrong(c.because(&why));
                refused(&page)
            }
            sealed => {
                sealed?;
                back(call, case, "/shelter", "shelter.said.sealed")
            }
        }
    })
}

/// Whoever reads a place lets all read it who work on the case; nobody else can.
fn share(call: &Call) -> Result {
    let case: CaseId = call.part("case")?;
    let stay: StayId = call.part("stay")?;
    let world = &call.app.world;
    call.write_casework(|tx| {
        let file = cases::case_file(tx, case)?.ok_or(Refusal::Missing)?;
        store::stay(tx, case, stay)?;
        if !opens(call.actor()?.user, &file, sealed::pair(tx)?.as_ref()) {
            return Err(Refusal::Role);
        }
        store::share_place(tx, world, stay, &file.workers())?;
        Ok::<_, Refusal>(((), CaseworkEvent::PlaceShared { case, stay }))
    })?;
    let place = format!("/shelter/{stay}/place");
    back(call, case, &place, "shelter.said.shared")
}
