//! The list of interpreters with its finder, and the form of one.

use askama::Template;

use super::forms::{Around, InterpreterForm, languages};
use super::rules::{self, Interpreter, Profile, Wanted};
use super::store;
use crate::kit::hours::{Door, clock};
use crate::kit::id::InterpreterId;
use crate::kit::lists::{COUNTRIES, SpokenLanguage, nationality_key};
use crate::people::rules::Gender;
use crate::settings::{self, Settings};
use crate::vault::{Db, Event, Refusal};
use crate::web::access::Route;
use crate::web::{Answer, Call, Choice, Ctx, Field, Handler, Result, choices};

pub const ROUTES: &[(Route, Handler)] = &[
    (Route::Interpreters, list),
    (Route::NewInterpreter, new),
    (Route::AddInterpreter, add),
    (Route::InterpreterPage, page),
    (Route::ReviseInterpreter, revise),
    (Route::EndInterpreter, end),
];

/// The languages of an interpreter, each with how well.
pub fn spoken(c: &Ctx, profile: &Profile) -> String {
    let spoken = profile.languages.iter().filter_map(|spoken| {
        let language = SpokenLanguage::from_code(&spoken.language)?;
        let (language, level) = (c.t(&language.label_key()), c.t(spoken.level.label_key()));
        let with = [("language", &*language), ("level", &*level)];
        Some(c.tw("interpreters.speaks", &with))
    });
    spoken.collect::<Vec<_>>().join(" · ")
}

/// One interpreter in a list.
struct Line {
    id: InterpreterId,
    name: String,
    gender: Option<String>,
    spoken: String,
    door: Option<String>,
    phone: Option<String>,
    fee: String,
    signed: bool,
    avoid: Option<String>,
    ended: bool,
}

impl Line {
    fn of(c: &Ctx, interpreter: &Interpreter) -> Self {
        let profile = &interpreter.profile;
        let avoid: Vec<String> = profile
            .conflicts
            .iter()
            .map(|code| c.t(&nationality_key(code)))
            .collect();
        Self {
            id: interpreter.id,
            name: profile.name.clone(),
            gender: (profile.gender != Gender::NotRecorded)
                .then(|| c.t(profile.gender.label_key())),
            spoken: spoken(c, profile),
            door: match profile.hours.at(c.wall()) {
                Door::NotKnown => None,
                Door::Open(until) => {
                    Some(c.tw("interpreters.free_until", &[("hour", &clock(until))]))
                }
                Door::Closed(day, minute) => {
                    let (day, hour) = (c.day_name(day), clock(minute));
                    let with = [("day", &*day), ("hour", &*hour)];
                    Some(c.tw("interpreters.free_from", &with))
                }
            },
            phone: profile.phone.clone(),
            fee: profile.fee.map_or_else(
                || c.t("interpreters.no_fee"),
                |fee| {
                    let (fee, per) = (fee.written(), c.t(profile.per.label_key()));
                    format!("{fee} · {per}")
                },
            ),
            signed: profile.has_signed(c.today()),
            avoid: (!avoid.is_empty()).then(|| {
                let who = avoid.join(" · ");
                c.tw("interpreters.avoid", &[("who", &who)])
            }),
            ended: interpreter.ended.is_some(),
        }
    }
}

#[derive(Template)]
#[template(path = "interpreters/list.html")]
struct List<'p> {
    c: &'p Ctx,
    found: Vec<Line>,
    ended: Vec<Line>,
    some: bool,
    sought: bool,
    count: String,
    language: Field,
    languages: Vec<Choice>,
    gender: Field,
    genders: Vec<Choice>,
    now: Field,
}

fn list(call: &Call) -> Result {
    let c = &call.context();
    let (all, settings) = call.read(|db| Ok::<_, Refusal>((store::all(db)?, settings::of(db)?)))?;
    let typed = |name: &str, limit| Field::new(name, limit).typed(call.sent.get(name));
    let (language, gender, now) = (typed("language", 3), typed("gender", 20), typed("now", 3));
    let wanted = Wanted {
        language: SpokenLanguage::from_code(&language.value).map(|l| l.code.to_owned()),
        gender: Gender::from_code(&gender.value),
        now: !now.value.is_empty(),
    };
    let some = !all.is_empty();
    let ended = all.iter().filter(|one| one.ended.is_some());
    let ended: Vec<Line> = ended.map(|one| Line::of(c, one)).collect();
    let found = rules::find(&wanted, all, c.wall());
    let number = found.len().to_string();
    let mut genders = vec![Choice::new(
        "",
        c.t("interpreters.any"),
        gender.value.is_empty(),
    )];
    let asked = &[Gender::Female, Gender::Male];
    genders.extend(choices(
        asked,
        |g| (g.code(), c.t(g.label_key())),
        &gender.value,
    ));
    Answer::page(&List {
        c,
        found: found.iter().map(|one| Line::of(c, one)).collect(),
        ended,
        some,
        sought: wanted != Wanted::default(),
        count: c.tw("interpreters.count", &[("number", &number)]),
        languages: languages(c, &language, &settings.languages),
        language,
        gender,
        genders,
        now,
    })
}

#[derive(Template)]
#[template(path = "interpreters/edit.html")]
struct Edit<'p> {
    c: &'p Ctx,
    /// `None` for a new one.
    line: Option<Line>,
    title: String,
    form: InterpreterForm,
}

/// The settings and nationalities that the form offers.
fn offered(db: &Db<'_>, c: &Ctx) -> Result<(Settings, Vec<String>)> {
    let mut named: Vec<(String, &str)> = COUNTRIES
        .iter()
        .map(|country| (c.t(&country.label_key()), country.code))
        .collect();
    named.sort();
    let codes = named.into_iter().map(|(_, code)| code.to_owned()).collect();
    Ok((settings::of(db)?, codes))
}

fn around<'a>((settings, nationalities): &'a (Settings, Vec<String>)) -> Around<'a> {
    Around {
        week_starts: settings.week_start.weekday(),
        currency: &settings.currency,
        languages: &settings.languages,
        nationalities,
    }
}

fn new(call: &Call) -> Result {
    let c = &call.context();
    let offered = call.read(|db| offered(db, c))?;
    Answer::page(&Edit {
        c,
        line: None,
        title: c.t("interpreters.new"),
        form: InterpreterForm::blank(c, &around(&offered)),
    })
}

fn add(call: &Call) -> Result {
    let c = &call.context();
    let offered = call.read(|db| offered(db, c))?;
    let around = around(&offered);
    let mut form = InterpreterForm::blank(c, &around);
    let Some(profile) = form.read(c, &call.sent, &around) else {
        return Answer::refused(&Edit {
            c,
            line: None,
            title: c.t("interpreters.new"),
            form,
        });
    };
    let (world, actor) = (&call.app.world, call.actor()?);
    let interpreter = InterpreterId::new(world);
    call.write(|tx| {
        store::insert(tx, world, actor, interpreter, &profile)?;
        Ok::<_, Refusal>(((), Event::InterpreterAdded { interpreter }))
    })?;
    call.say_of("interpreters.said.added", &profile.name, None);
    Answer::see("/interpreters")
}

fn page(call: &Call) -> Result {
    let c = &call.context();
    let id: InterpreterId = call.part("interpreter")?;
    let (one, offered) = call.read(|db| {
        let one = store::interpreter(db, id)?.ok_or(Refusal::Missing)?;
        Ok::<_, Refusal>((one, offered(db, c)?))
    })?;
    Answer::page(&Edit {
        c,
        line: Some(Line::of(c, &one)),
        title: one.profile.name.clone(),
        form: InterpreterForm::of(c, &around(&offered), &one.profile),
    })
}

fn revise(call: &Call) -> Result {
    let c = &call.context();
    let id: InterpreterId = call.part("interpreter")?;
    let (one, offered) = call.read(|db| {
        let one = store::interpreter(db, id)?.ok_or(Refusal::Missing)?;
        Ok::<_, Refusal>((one, offered(db, c)?))
    })?;
    let around = around(&offered);
    let mut form = InterpreterForm::blank(c, &around);
    let Some(profile) = form.read(c, &call.sent, &around) else {
        return Answer::refused(&Edit {
            c,
            line: Some(Line::of(c, &one)),
            title: one.profile.name.clone(),
            form,
        });
    };
    call.write(|tx| {
        store::revise(tx, id, &profile)?;
        Ok::<_, Refusal>(((), Event::InterpreterRevised { interpreter: id }))
    })?;
    call.say_of("interpreters.said.saved", &profile.name, None);
    Answer::see("/interpreters")
}

/// Ends somebody's work as an interpreter, or takes it up again.
fn end(call: &Call) -> Result {
    let id: InterpreterId = call.part("interpreter")?;
    let ended = call.sent.get("ended") == "yes";
    call.write(|tx| {
        store::end(tx, &call.app.world, id, ended)?;
        let interpreter = id;
        Ok::<_, Refusal>(((), Event::InterpreterEnded { interpreter, ended }))
    })?;
    call.say(if ended {
        "interpreters.said.ended"
    } else {
        "interpreters.said.resumed"
    });
    Answer::see("/interpreters")
}
