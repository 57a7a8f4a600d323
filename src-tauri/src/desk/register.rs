//! Registering somebody who is new, under a name or under a code word.

use askama::Template;
use chrono::NaiveDate;

use super::home::{self, Row};
use crate::kit::id::PersonId;
use crate::people::consent::{self, Agreement, Purpose};
use crate::people::forms::{ConsentAnswer, PersonForm, Wrong};
use crate::people::pages::Lists;
use crate::people::rules::{Profile, Resemblance};
use crate::people::{self, search};
use crate::vault::{Event, Refusal};
use crate::visits::pages::paper_list;
use crate::visits::{self, Visitor, rules};
use crate::web::{Answer, Call, Ctx, Result};

/// As many as can be compared at a glance.
const ALIKE: usize = 3;

#[derive(Template)]
#[template(path = "desk/register.html")]
struct Register<'p> {
    c: &'p Ctx,
    form: PersonForm,
    lists: Lists,
    pseudonymous: bool,
    alike: Vec<(Row, String)>,
    consent_words: String,
    /// The day of a paper list on which they came, and that in words.
    paper: Option<(NaiveDate, String)>,
}

impl<'p> Register<'p> {
    fn new(call: &Call, c: &'p Ctx, form: PersonForm, lists: Lists) -> Self {
        Self {
            c,
            form,
            lists,
            pseudonymous: pseudonymous(call),
            paper: paper(call).map(|day| (day, c.day(day))),
            alike: Vec::new(),
            consent_words: c.t(consent::words_key(Purpose::Register)),
        }
    }
}

pub fn ask(call: &Call) -> Result {
    let c = &call.context();
    let mut form = PersonForm::blank();
    // What was searched for in vain is the name, unless it was a number.
    let typed = call.sent.get("name");
    if typed.chars().any(char::is_alphabetic) {
        form.name.value = typed.chars().take(form.name.limit).collect();
    } else {
        form.phone.number.value = typed.chars().take(form.phone.number.limit).collect();
    }
    let lists = call.read(|db| Lists::of(db, c, &form))?;
    Answer::page(&Register::new(call, c, form, lists))
}

/// As the form was asked for, unless it was just left for the other one.
fn pseudonymous(call: &Call) -> bool {
    let asked = match call.sent.get("instead") {
        "" => call.sent.get("as"),
        instead => instead,
    };
    asked == "code-word"
}

/// The day of the paper list from which somebody is typed in.
fn paper(call: &Call) -> Option<NaiveDate> {
    let day = call.sent.get("day").parse().ok()?;
    rules::paper_day(day, call.app.world.today()).ok()
}

pub fn register(call: &Call) -> Result {
    let c = &call.context();
    let world = &call.app.world;
    let pseudonymous = pseudonymous(call);
    if !call.sent.get("instead").is_empty() {
        let form = PersonForm::otherwise(c, &call.sent, world.today());
        let lists = call.read(|db| Lists::of(db, c, &form))?;
        return Answer::page(&Register::new(call, c, form, lists));
    }
    let mut form = PersonForm::blank();
    let read = form.read(c, &call.sent, world.today(), pseudonymous);
    let refused = matches!(read, Some((_, ConsentAnswer::Refused))) && !pseudonymous;
    if refused {
        form.consent.wrong(c.t("people.refusal.consent"));
    }
    let taken = match &read {
        Some((profile, _)) => call.read(|db| people::code_word_taken(db, profile, None))?,
        None => false,
    };
    if taken {
        form.code_word.wrong(c.because(&Wrong::CodeWordTaken));
    }
    let lists = call.read(|db| Lists::of(db, c, &form))?;
    let (Some((profile, answer)), false) = (read, refused) else {
        return Answer::refused(&Register::new(call, c, form, lists));
    };
    if taken || call.sent.get("sure") != "yes" {
        let alike = call.read(|db| alike(db, c, &profile))?;
        if taken || !alike.is_empty() {
            let page = Register::new(call, c, form, lists);
            return Answer::refused(&Register { alike, ..page });
        }
    }
    let person = write(call, c, &profile, answer)?;
    let undo = Some(format!("/people/{person}/undo"));
    if call.sent.get("then") == "stay" {
        call.say_of("desk.said.registered", profile.called(), undo);
        return Answer::see(format!("/people/{person}"));
    }
    let (actor, visitor) = (call.actor()?, Visitor::Person(person));
    let day = paper(call);
    // The form's own id was used up by the registration.
    let visit = call.app.vault.write(actor, None, |tx| match day {
        Some(day) => {
            let visit = visits::type_later(tx, world, actor, &visitor, day, None)?;
            Ok::<_, Refusal>((visit, Event::VisitTypedLater { visit, person }))
        }
        None => {
            let visit = visits::check_in(tx, world, actor, &visitor, None)?;
            Ok((visit, Event::CheckedIn { visit, person }))
        }
    })?;
    if let Some(day) = day {
        call.say_of("desk.said.registered_on_paper", profile.called(), undo);
        return Answer::see(format!("{}&in={visit}", paper_list(day)));
    }
    call.say_of("desk.said.registered_in", profile.called(), undo);
    Answer::see(format!("/?in={visit}"))
}

fn write(call: &Call, c: &Ctx, profile: &Profile, answer: ConsentAnswer) -> Result<PersonId> {
    let (world, actor) = (&call.app.world, call.actor()?);
    call.write(|tx| {
        let person = people::register(tx, world, actor, profile)?;
        if let ConsentAnswer::Given(how) = answer {
            let agreement = Agreement {
                purpose: Purpose::Register,
                how,
                words: &c.t(consent::words_key(Purpose::Register)),
                language: c.language(),
                read_in: profile.languages.first().map_or("", String::as_str),
                expires: None,
            };
            consent::give(tx, world, actor, person, &agreement)?;
        }
        Ok::<_, Refusal>((person, Event::PersonRegistered { person }))
    })
}

fn alike(db: &crate::vault::Db<'_>, c: &Ctx, profile: &Profile) -> Result<Vec<(Row, String)>> {
    let found = search::resembling(db, profile, ALIKE)?;
    let ids: Vec<PersonId> = found.iter().map(|(person, _)| *person).collect();
    let reasons = found.iter().map(|(_, why)| because(c, why));
    Ok(home::rows(db, c, &ids)?.into_iter().zip(reasons).collect())
}

/// Why two records look like one person, in words.
fn because(c: &Ctx, why: &Resemblance) -> String {
    let mut reasons = Vec::new();
    if why.same_phone {
        reasons.push(c.t("people.alike.phone"));
    }
    if why.same_code_word {
        reasons.push(c.t("people.alike.code_word"));
    }
    let names = format!("{:.0}", f64::from(why.names) * 100.0);
    reasons.push(c.tw("people.alike.names", &[("share", &names)]));
    reasons.join(" · ")
}
