//! A person's record as pages show it; editing it; giving and withdrawing consent.

use askama::Template;

use super::consent::{self, Agreement, How, Purpose};
use super::forms::{self, PersonForm};
use super::rules::{Asked, DayOff, Gender, Phone, Profile};
use super::store;
use crate::kit::date::ToldDate;
use crate::kit::id::{ConsentId, PersonId};
use crate::kit::lists::{
    COUNTRIES, LANGUAGES, NO_COUNTRY, Occupation, SpokenLanguage, nationality_key,
};
use crate::settings;
use crate::vault::{Db, Event, Refusal};
use crate::web::access::Route;
use crate::web::form::{Difference, Fact, day, differing, theirs};
use crate::web::{Answer, Call, Choice, Ctx, Field, Handler, Result, choices};

pub const ROUTES: &[(Route, Handler)] = &[
    (Route::EditPerson, edit),
    (Route::RevisePerson, revise),
    (Route::GiveConsent, give),
    (Route::WithdrawConsent, withdraw),
];

/// The nationalities of most of the centre's people come first in the list.
const FIRST: usize = 10;

/// What the form's lists offer, the answer given marked.
pub struct Lists {
    pub genders: Vec<Choice>,
    pub nationalities: Vec<Choice>,
    pub languages: Vec<Choice>,
    pub languages_2: Vec<Choice>,
    pub languages_3: Vec<Choice>,
    pub occupations: Vec<Choice>,
    pub yes_no: Vec<Choice>,
    pub days_off: Vec<Choice>,
    pub may_call: Vec<Choice>,
    pub may_text: Vec<Choice>,
    pub may_call_2: Vec<Choice>,
    pub may_text_2: Vec<Choice>,
    pub consents: Vec<Choice>,
}

impl Lists {
    pub fn of(db: &Db<'_>, c: &Ctx, form: &PersonForm) -> Result<Self> {
        let asked =
            |field: &Field| choices(Asked::ALL, |a| (a.code(), c.t(a.label_key())), &field.value);
        let unknown = |label| vec![Choice::new("", c.t(label), false)];
        let mut occupations = unknown("people.unknown");
        occupations.extend(choices(
            Occupation::ALL,
            |o| (o.code(), c.t(o.label_key())),
            &form.occupation.value,
        ));
        let mut days_off = unknown("people.unknown");
        days_off.extend(choices(
            DayOff::ALL,
            |d| (d.code(), c.t(d.label_key())),
            &form.day_off.value,
        ));
        let mut consents = choices(
            How::ALL,
            |h| (h.code(), c.t(h.label_key())),
            &form.consent.value,
        );
        for (code, label) in [
            ("later", "people.consent_later"),
            ("refused", "people.consent_refused"),
        ] {
            consents.push(Choice::new(code, c.t(label), form.consent.value == code));
        }
        let first = settings::of(db)?.languages;
        let yes_no = [
            ("", "people.unknown"),
            ("yes", "people.yes"),
            ("no", "people.no"),
        ];
        Ok(Self {
            genders: choices(
                Gender::ALL,
                |g| (g.code(), c.t(g.label_key())),
                &form.gender.value,
            ),
            nationalities: nationalities(db, c, &form.nationality.value)?,
            languages: languages(c, &first, &form.language.value),
            languages_2: languages(c, &first, &form.language_2.value),
            languages_3: languages(c, &first, &form.language_3.value),
            occupations,
            yes_no: yes_no
                .map(|(code, label)| {
                    Choice::new(code, c.t(label), form.lives_with_employer.value == code)
                })
                .into(),
            days_off,
            may_call: asked(&form.phone.may_call),
            may_text: asked(&form.phone.may_text),
            may_call_2: asked(&form.phone_2.may_call),
            may_text_2: asked(&form.phone_2.may_text),
            consents,
        })
    }
}

/// The centre's own first.
fn languages(c: &Ctx, first: &[String], chosen: &str) -> Vec<Choice> {
    let mut all = vec![Choice::new("", c.t("people.unknown"), chosen.is_empty())];
    let own = first
        .iter()
        .filter_map(|code| SpokenLanguage::from_code(code));
    let others = LANGUAGES
        .iter()
        .filter(|l| first.iter().all(|code| code != l.code));
    all.extend(own.chain(others).map(|language| {
        let label = format!("{} · {}", c.t(&language.label_key()), language.own_name);
        Choice::new(language.code, label, language.code == chosen)
    }));
    all
}

/// Not told, then the centre's own first ten by use, then all by name.
fn nationalities(db: &Db<'_>, c: &Ctx, chosen: &str) -> Result<Vec<Choice>> {
    let first: Vec<String> = db.all(
        "select nationality from person where nationality <> 'not_recorded'
          group by nationality order by count(*) desc, nationality limit :first",
        rusqlite::named_params! { ":first": FIRST },
        |row| row.get(0),
    )?;
    let label = |code: &str| c.t(&nationality_key(code));
    let mut all = vec![Choice::new(
        "not_recorded",
        label("not_recorded"),
        chosen == "not_recorded",
    )];
    all.extend(
        first
            .iter()
            .map(|code| Choice::new(code, label(code), code == chosen)),
    );
    let mut rest: Vec<(String, &str)> = COUNTRIES
        .iter()
        .map(|country| country.code)
        .chain(NO_COUNTRY.into_iter().filter(|code| *code == "stateless"))
        .filter(|code| first.iter().all(|known| known != code))
        .map(|code| (label(code), code))
        .collect();
    rest.sort();
    all.extend(
        rest.into_iter()
            .map(|(label, code)| Choice::new(code, label, code == chosen)),
    );
    Ok(all)
}

/// What is known of a person, field by field; and of each phone.
pub fn facts(c: &Ctx, profile: &Profile) -> (Vec<Fact>, Vec<Vec<Fact>>) {
    let mut facts = Vec::new();
    let mut tell = |key: &str, value: Option<String>| {
        facts.extend(value.map(|value| (c.t(key), value)));
    };
    tell("people.code_word", profile.code_word.clone());
    let gender = (profile.gender != Gender::NotRecorded).then(|| c.t(profile.gender.label_key()));
    tell("people.gender_label", gender);
    tell(
        "people.birth",
        profile.birth.map(|told: ToldDate| c.told(told)),
    );
    tell(
        "people.nationality",
        forms::nationality(c, &profile.nationality),
    );
    let spoken: Vec<String> = profile
        .languages
        .iter()
        .filter_map(|code| SpokenLanguage::from_code(code))
        .map(|language| c.t(&language.label_key()))
        .collect();
    tell(
        "people.languages",
        (!spoken.is_empty()).then(|| spoken.join(" · ")),
    );
    tell(
        "people.occupation",
        profile.occupation.map(|o| c.t(o.label_key())),
    );
    let lives = profile.lives_with_employer;
    tell(
        "people.lives_with_employer",
        lives.map(|yes| c.t(if yes { "people.yes" } else { "people.no" })),
    );
    tell(
        "people.day_off_label",
        profile.day_off.map(|d| c.t(d.label_key())),
    );
    tell("people.area", profile.area.clone());
    tell(
        "people.arrival_year",
        profile.arrival_year.map(|year| year.to_string()),
    );
    tell("people.access_needs", profile.access_needs.clone());
    (
        facts,
        profile
            .phones
            .iter()
            .map(|phone| phone_facts(c, phone))
            .collect(),
    )
}

fn phone_facts(c: &Ctx, phone: &Phone) -> Vec<Fact> {
    let mut facts = vec![(c.t("people.phone"), phone.written.clone())];
    facts.extend(
        phone
            .whose
            .clone()
            .map(|whose| (c.t("people.whose"), whose)),
    );
    facts.push((c.t("people.may_call"), c.t(phone.may_call.label_key())));
    facts.push((c.t("people.may_text"), c.t(phone.may_text.label_key())));
    facts.extend(
        phone
            .best_times
            .clone()
            .map(|times| (c.t("people.best_times"), times)),
    );
    facts
}

/// What differs between two states of a record.
pub fn differences(c: &Ctx, before: &Profile, after: &Profile) -> Vec<Difference> {
    differing(&told(c, before), &told(c, after))
}

fn told(c: &Ctx, profile: &Profile) -> Vec<Fact> {
    let names = profile
        .names
        .iter()
        .map(|name| (c.t(name.kind.label_key()), name.written.clone()));
    let mut all: Vec<Fact> = names.collect();
    let (facts, phones) = facts(c, profile);
    all.extend(facts);
    all.extend(phones.into_iter().flatten());
    all.extend(
        profile
            .alert
            .clone()
            .map(|alert| (c.t("people.alert"), alert)),
    );
    all
}

#[derive(Template)]
#[template(path = "people/edit.html")]
struct Edit<'p> {
    c: &'p Ctx,
    person: PersonId,
    name: String,
    form: PersonForm,
    lists: Lists,
    pseudonymous: bool,
    version: i64,
    /// What somebody else has written meanwhile.
    theirs: Option<Vec<Fact>>,
}

fn edit(call: &Call) -> Result {
    let c = &call.context();
    let person: PersonId = call.part("person")?;
    let page = call.read(|db| {
        let record = store::record(db, person)?.ok_or(Refusal::Missing)?;
        let form = PersonForm::of(&record.profile);
        Ok::<_, Refusal>(Edit {
            c,
            person,
            name: record.profile.called().to_owned(),
            lists: Lists::of(db, c, &form)?,
            form,
            pseudonymous: record.profile.code_word.is_some(),
            version: record.version,
            theirs: None,
        })
    })?;
    Answer::page(&page)
}

fn revise(call: &Call) -> Result {
    let c = &call.context();
    let person: PersonId = call.part("person")?;
    let known = call
        .read(|db| store::record(db, person))?
        .ok_or(Refusal::Missing)?;
    let pseudonymous = known.profile.code_word.is_some();
    let mut form = PersonForm::blank();
    let (world, actor) = (&call.app.world, call.actor()?);
    let read = form.read(c, &call.sent, world.today(), pseudonymous);
    let taken = match &read {
        Some((profile, _)) => call.read(|db| store::code_word_taken(db, profile, Some(person)))?,
        None => false,
    };
    if taken {
        form.code_word
            .wrong(c.because(&forms::Wrong::CodeWordTaken));
    }
    let version = call.sent.get("version").parse().unwrap_or(0);
    let again = |version, theirs| {
        let lists = call.read(|db| Lists::of(db, c, &form))?;
        Answer::refused(&Edit {
            c,
            person,
            name: known.profile.called().to_owned(),
            form,
            lists,
            pseudonymous,
            version,
            theirs,
        })
    };
    let (Some((profile, _)), false) = (read, taken) else {
        return again(version, None);
    };
    if known.version != version {
        let theirs = theirs(differences(c, &profile, &known.profile));
        return again(known.version, Some(theirs));
    }
    call.write(|tx| {
        if !store::revise(tx, world, actor, person, &profile, version)? {
            return Err(Refusal::NotSaved);
        }
        Ok::<_, Refusal>(((), Event::PersonRevised { person }))
    })?;
    call.say("people.said.saved");
    Answer::see(format!("/people/{person}"))
}

/// The fields for an agreement.
pub struct ConsentForm {
    pub purpose: Field,
    pub purposes: Vec<Choice>,
    pub how: Field,
    pub hows: Vec<Choice>,
    pub read_in: Field,
    pub languages: Vec<Choice>,
    pub expires: Field,
    /// What each purpose's text says.
    pub words: Vec<(String, String)>,
}

impl ConsentForm {
    pub fn new(c: &Ctx, offered: &[String], profile: &Profile) -> Self {
        let first = Purpose::Register.code();
        let language = profile.languages.first().map_or("", String::as_str);
        Self {
            purpose: Field::new("purpose", 20).typed(first),
            purposes: choices(Purpose::ALL, |p| (p.code(), c.t(p.label_key())), first),
            how: Field::new("how", 20).typed(How::Spoken.code()),
            hows: choices(
                How::ALL,
                |h| (h.code(), c.t(h.label_key())),
                How::Spoken.code(),
            ),
            read_in: Field::new("read-in", 3).typed(language),
            languages: languages(c, offered, language),
            expires: Field::new("expires", 12),
            words: Purpose::ALL
                .iter()
                .map(|p| (c.t(p.label_key()), c.t(consent::words_key(*p))))
                .collect(),
        }
    }
}

fn give(call: &Call) -> Result {
    let c = &call.context();
    let person: PersonId = call.part("person")?;
    let known = call
        .read(|db| store::record(db, person))?
        .ok_or(Refusal::Missing)?;
    let purpose = Purpose::from_code(call.sent.get("purpose")).ok_or(Refusal::Missing)?;
    let how = How::from_code(call.sent.get("how")).ok_or(Refusal::Missing)?;
    let read_in = SpokenLanguage::from_code(call.sent.get("read-in")).map_or("", |l| l.code);
    let offered = call.read(settings::of)?.languages;
    let mut form = ConsentForm::new(c, &offered, &known.profile);
    let today = c.today();
    let expires = form
        .expires
        .read(c, &call.sent, |typed, limit| match day(typed, limit) {
            Ok(until) if until.is_none_or(|until| until >= today) => Ok(until),
            _ => Err(NotToCome),
        });
    let Some(expires) = expires else {
        return Answer::refused(&Giving {
            c,
            person,
            consent: form,
        });
    };
    let (world, actor) = (&call.app.world, call.actor()?);
    let words = c.t(consent::words_key(purpose));
    let language = c.language();
    let agreement = Agreement {
        purpose,
        how,
        words: &words,
        language,
        read_in,
        expires,
    };
    call.write(|tx| {
        let consent = consent::give(tx, world, actor, person, &agreement)?;
        Ok::<_, Refusal>(((), Event::ConsentGiven { person, consent }))
    })?;
    call.say("people.said.consent");
    Answer::see(format!("/people/{person}"))
}

/// An agreement ends on a whole day that is still to come. The message is a locale key.
#[derive(Debug, thiserror::Error)]
#[error("people.refusal.until")]
struct NotToCome;

/// The form again on a page of its own, where its date was wrong.
#[derive(Template)]
#[template(path = "people/giving.html")]
struct Giving<'p> {
    c: &'p Ctx,
    person: PersonId,
    consent: ConsentForm,
}

fn withdraw(call: &Call) -> Result {
    let person: PersonId = call.part("person")?;
    let id: ConsentId = call.part("consent")?;
    call.write(|tx| {
        if !consent::withdraw(tx, &call.app.world, person, id)? {
            return Err(Refusal::Missing);
        }
        Ok((
            (),
            Event::ConsentWithdrawn {
                person,
                consent: id,
            },
        ))
    })?;
    call.say("people.said.withdrawn");
    Answer::see(format!("/people/{person}"))
}
