//! The form of a draft: what was typed, made into a [`Draft`] or into reasons beside fields.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use super::rules::{Payer, Told};
use super::store::incoming::Coming;
use super::store::{Draft, Referral};
use crate::cases::rules::Urgency;
use crate::interpreters::rules::{Assigned, Interpreter, Unfit, spoken_best, suit};
use crate::interpreters::spoken;
use crate::kit::date;
use crate::kit::id::{InterpreterId, PersonId};
use crate::kit::lists::{CURRENCIES, Currency, Service, SpokenLanguage, nationality_key};
use crate::kit::money::{Amount, NotAnAmount};
use crate::kit::text;
use crate::partners::Partner;
use crate::partners::rules::{self as helping, NotChosen};
use crate::people::forms::nationality;
use crate::people::rules::{Gender, Profile};
use crate::web::form::{self, NotADay};
use crate::web::{Choice, Ctx, Field, Sent, choices};

/// What is wrong with one answer. The messages are locale keys.
#[derive(Debug, thiserror::Error)]
pub enum Wrong {
    #[error(transparent)]
    Text(#[from] text::Refused),
    #[error(transparent)]
    Day(#[from] NotADay),
    #[error(transparent)]
    Amount(#[from] NotAnAmount),
    #[error(transparent)]
    Partner(#[from] NotChosen),
    #[error(transparent)]
    Interpreter(#[from] Unfit),
    #[error("referrals.refusal.choice")]
    Choice,
    #[error("referrals.refusal.day_past")]
    DayPast,
    #[error("referrals.refusal.day_ahead")]
    DayAhead,
    #[error("referrals.refusal.hour")]
    Hour,
    #[error("referrals.refusal.nothing_told")]
    NothingTold,
    /// Ticked, but there is nothing to say.
    #[error("referrals.refusal.not_known")]
    NotKnown,
    #[error("referrals.refusal.tell_or_clear")]
    TellOrClear,
}

/// One thing that can be told: its name, what it says, whether it is ticked.
pub struct Tellable {
    pub code: &'static str,
    pub label: String,
    /// What the letter would say; `None` where nothing is known, or it is typed below it.
    pub value: Option<String>,
    pub chosen: bool,
    pub typed: bool,
}

pub struct DraftForm {
    pub person: Field,
    pub persons: Vec<Choice>,
    pub reason: Field,
    pub urgency: Field,
    pub urgencies: Vec<Choice>,
    pub ask: Field,
    pub told: Field,
    pub tellable: Vec<Tellable>,
    /// What nobody has noted of the person, as one text; empty where all is known.
    pub unknown: String,
    pub story: Field,
    pub health: Field,
    pub papers: Field,
    pub accompanied_by: Field,
    pub speakers: Speakers,
    pub payer: Field,
    pub payers: Vec<Choice>,
    pub estimate: Field,
    pub currency: Field,
    pub currencies: Vec<Choice>,
    pub follow_up: Field,
}

/// Who can speak for somebody, to be chosen from.
pub struct Speakers {
    pub field: Field,
    pub offered: Vec<Choice>,
    /// Who speaks the language and is not offered, and why; or that nobody speaks it.
    pub hint: String,
}

/// Those whom somebody may be given on a day.
#[derive(Clone, Copy)]
pub struct Speaking<'a> {
    pub interpreters: &'a [Interpreter],
    /// `None` in a case without a person, who could be given nobody.
    pub person: Option<&'a Profile>,
    /// Who could be chosen in the same form instead.
    pub others: &'a [(PersonId, Profile)],
    pub on: NaiveDate,
}

impl Speaking<'_> {
    fn suits(self, one: &Interpreter) -> Result<Assigned, Unfit> {
        self.may_hear(one, self.person.ok_or(Unfit::Language)?)
    }

    fn may_hear(self, one: &Interpreter, person: &Profile) -> Result<Assigned, Unfit> {
        suit(one, self.on, &person.nationality, &person.languages)
    }

    /// Whether this one is in the list: for the person, or for whoever is chosen in their place.
    fn offers(self, one: &Interpreter) -> Result<(), Unfit> {
        let mut others = self.others.iter();
        match self.suits(one) {
            Err(_) if others.any(|(_, person)| self.may_hear(one, person).is_ok()) => Ok(()),
            suits => suits.map(|_| ()),
        }
    }
}

impl Speakers {
    /// `chosen` was given before, and is shown with the reason where that is no longer possible.
    pub fn of(c: &Ctx, speaking: Speaking<'_>, chosen: Option<InterpreterId>) -> Self {
        let value = chosen.map(|id| id.to_string()).unwrap_or_default();
        let mut speakers = Self {
            field: Field::new("interpreter", 32).typed(&value),
            offered: Vec::new(),
            hint: String::new(),
        };
        let mut known = speaking.interpreters.iter();
        if let Some(Err(why)) = known
            .find(|one| Some(one.id) == chosen)
            .map(|one| speaking.suits(one))
        {
            speakers.field.wrong(c.because(&why));
        }
        speakers.offer(c, speaking);
        speakers
    }

    /// Whoever speaks the first language of the person best stands first.
    fn offer(&mut self, c: &Ctx, speaking: Speaking<'_>) {
        let languages = speaking
            .person
            .map_or(&[][..], |person| &person.languages[..]);
        let mut known: Vec<&Interpreter> = speaking.interpreters.iter().collect();
        known.sort_by_cached_key(|one| {
            let best = spoken_best(one, languages);
            (best, one.profile.name.to_lowercase())
        });
        let nobody = c.t("referrals.no_interpreter");
        self.offered = vec![Choice::new("", nobody, self.field.value.is_empty())];
        let mut kept = Vec::new();
        for one in known {
            let chosen = one.id.to_string() == self.field.value;
            // Isolated: a name in another script keeps its place in a list.
            let name = format!("\u{2068}{}\u{2069}", one.profile.name);
            match speaking.offers(one) {
                Err(why) if !chosen => kept.extend(not_offered(c, &name, speaking.person, why)),
                _ => {
                    let label = format!("{name} · {}", spoken(c, &one.profile));
                    self.offered
                        .push(Choice::new(one.id.to_string(), label, chosen));
                }
            }
        }
        self.hint = if !kept.is_empty() {
            c.tw("referrals.interpreters_kept", &[("who", &kept.join(" · "))])
        } else if self.offered.len() == 1 {
            let first = languages.first().map(String::as_str);
            let spoken = first.and_then(SpokenLanguage::from_code);
            match spoken.map(|language| c.t(&language.label_key())) {
                Some(language) => c.tw("referrals.interpreters_none", &[("language", &language)]),
                None => c.t("interpreters.none"),
            }
        } else {
            String::new()
        };
    }

    pub fn read(
        &mut self,
        c: &Ctx,
        sent: &Sent,
        speaking: Speaking<'_>,
    ) -> Option<Option<Assigned>> {
        let chosen = self.field.read(c, sent, |typed, _| {
            if typed.is_empty() {
                return Ok(None);
            }
            let mut known = speaking.interpreters.iter();
            let one = known.find(|one| one.id.to_string() == typed);
            Ok::<_, Wrong>(Some(speaking.suits(one.ok_or(Wrong::Choice)?)?))
        });
        self.offer(c, speaking);
        chosen
    }
}

/// Who would understand the person and may not hear them, with the reason.
fn not_offered(c: &Ctx, name: &str, person: Option<&Profile>, why: Unfit) -> Option<String> {
    let why = match why {
        Unfit::NotSigned => c.t("interpreters.not_signed"),
        Unfit::Conflict => {
            let who = c.t(&nationality_key(&person?.nationality));
            c.tw("interpreters.avoid", &[("who", &who)])
        }
        Unfit::Ended | Unfit::Language => return None,
    };
    Some(format!("{name} ({why})"))
}

/// Whom the form is about, and what it offers.
pub struct Around<'a> {
    pub partner: &'a Partner,
    pub need: Service,
    pub people: &'a [(PersonId, Profile)],
    pub interpreters: &'a [Interpreter],
    pub currency: &'a str,
    pub today: NaiveDate,
    /// The day to ask again that the draft has already.
    pub follow_up: Option<NaiveDate>,
}

impl Around<'_> {
    fn speaking(&self, person: &str) -> Speaking<'_> {
        Speaking {
            interpreters: self.interpreters,
            person: self.profile(person),
            others: self.people,
            on: self.today,
        }
    }

    fn profile(&self, person: &str) -> Option<&Profile> {
        let known = self.people.iter().find(|(id, _)| id.to_string() == person);
        known.or(self.people.first()).map(|(_, profile)| profile)
    }
}

impl DraftForm {
    pub fn blank(c: &Ctx, around: &Around<'_>, urgency: Urgency) -> Self {
        let first = around.people.first().map(|(id, _)| id.to_string());
        let first = first.unwrap_or_default();
        let mut form = Self {
            person: Field::new("person", 32).typed(&first),
            persons: Vec::new(),
            reason: Field::new("reason", 300),
            urgency: Field::new("urgency", 20).typed(urgency.code()),
            urgencies: Vec::new(),
            ask: Field::new("ask", 600),
            told: Field::new("told", 20),
            tellable: Vec::new(),
            unknown: String::new(),
            story: Field::new("story", 2_000),
            health: Field::new("health", 1_000),
            papers: Field::new("papers", 300),
            accompanied_by: Field::new("accompanied-by", 80),
            speakers: Speakers::of(c, around.speaking(&first), None),
            payer: Field::new("payer", 20).typed(Payer::Unknown.code()),
            payers: Vec::new(),
            estimate: Field::new("estimate", 20),
            currency: Field::new("currency", 3).typed(around.currency),
            currencies: Vec::new(),
            follow_up: Field::new("follow-up", 12),
        };
        form.offer(c, around, &BTreeSet::new());
        form
    }

    pub fn of(c: &Ctx, around: &Around<'_>, referral: &Referral) -> Self {
        let mut form = Self::blank(c, around, referral.urgency);
        let told = |value: &Option<String>| value.clone().unwrap_or_default();
        form.person.value = referral.person.to_string();
        // Why this partner all the same: that is no reason for another one.
        if referral.partner == around.partner.id {
            form.reason.value = told(&referral.partner_reason);
        }
        form.ask.value = told(&referral.ask);
        form.story.value = told(&referral.story);
        form.health.value = told(&referral.health);
        form.papers.value = told(&referral.papers);
        form.accompanied_by.value = told(&referral.accompanied_by);
        let speaking = around.speaking(&form.person.value);
        form.speakers = Speakers::of(c, speaking, referral.interpreter);
        form.payer.value = referral.payer.code().to_owned();
        if let Some(estimate) = referral.estimate {
            form.estimate.value = estimate.number();
            form.currency.value = estimate.currency.code.to_owned();
        }
        form.follow_up.value = referral.follow_up.map(date::typed).unwrap_or_default();
        form.offer(c, around, &referral.told);
        form
    }

    /// The lists, with what is chosen marked.
    fn offer(&mut self, c: &Ctx, around: &Around<'_>, told: &BTreeSet<Told>) {
        self.persons = around
            .people
            .iter()
            .map(|(id, profile)| {
                let id = id.to_string();
                let chosen = id == self.person.value;
                Choice::new(id, profile.called().to_owned(), chosen)
            })
            .collect();
        self.urgencies = choices(
            Urgency::ALL,
            |u| (u.code(), c.t(u.label_key())),
            &self.urgency.value,
        );
        self.payers = choices(
            Payer::ALL,
            |p| (p.code(), c.t(p.label_key())),
            &self.payer.value,
        );
        self.currencies = currencies(c, &self.currency);
        let profile = around.profile(&self.person.value);
        self.tellable = Told::ALL
            .iter()
            .map(|one| Tellable {
                code: one.code(),
                label: c.t(one.label_key()),
                value: profile.and_then(|profile| of_profile(c, profile, *one)),
                chosen: told.contains(one),
                typed: one.is_typed(),
            })
            .collect();
        let unknown = self.tellable.iter();
        let unknown = unknown.filter(|one| one.value.is_none() && !one.typed);
        let unknown: Vec<&str> = unknown.map(|one| &*one.label).collect();
        self.unknown = unknown.join(" · ");
    }

    pub fn read(&mut self, c: &Ctx, sent: &Sent, around: &Around<'_>) -> Option<Draft> {
        let person = self.person.read(c, sent, |typed, _| {
            let known = around.people.iter().find(|(id, _)| id.to_string() == typed);
            known.map(|(id, _)| *id).ok_or(Wrong::Choice)
        });
        let chosen = self.reason.read(c, sent, |typed, limit| {
            let reason = text::optional(typed, limit)?;
            Ok::<_, Wrong>(helping::choose(around.partner, reason.as_deref())?)
        });
        let urgency = self
            .urgency
            .read(c, sent, |v, _| Urgency::from_code(v).ok_or(Wrong::Choice));
        let ask = self.ask.read(c, sent, text::lines);
        let told: BTreeSet<Told> = sent.all("told").filter_map(Told::from_code).collect();
        let story = self.story.read(c, sent, told_below(&told, Told::Story));
        let health = self.health.read(c, sent, told_below(&told, Told::Health));
        let papers = self.papers.read(c, sent, told_below(&told, Told::Papers));
        let accompanied_by = self.accompanied_by.optional(c, sent);
        let speaking = around.speaking(&self.person.value);
        let interpreter = self.speakers.read(c, sent, speaking);
        let payer = self
            .payer
            .read(c, sent, |v, _| Payer::from_code(v).ok_or(Wrong::Choice));
        let currency = self
            .currency
            .read(c, sent, |v, _| Currency::from_code(v).ok_or(Wrong::Choice));
        let estimate = self
            .estimate
            .read(c, sent, |typed, limit| amount(typed, limit, currency));
        let follow_up = self.follow_up.read(c, sent, |typed, limit| {
            ahead(typed, limit, around.today, around.follow_up)
        });
        self.offer(c, around, &told);
        let told = self.check_told(c, told, around);
        Some(Draft {
            person: person?,
            chosen: chosen?,
            need: around.need,
            urgency: urgency?,
            ask: ask?,
            story: story?,
            health: health?,
            papers: papers?,
            told: told?,
            accompanied_by: accompanied_by?,
            interpreter: interpreter?.map(Assigned::interpreter),
            payer: payer?,
            estimate: estimate?,
            follow_up: follow_up?,
        })
    }

    /// Something must be told, and only what is known.
    fn check_told(
        &mut self,
        c: &Ctx,
        told: BTreeSet<Told>,
        around: &Around<'_>,
    ) -> Option<BTreeSet<Told>> {
        if told.is_empty() {
            self.told.wrong(c.because(&Wrong::NothingTold));
            return None;
        }
        let profile = around.profile(&self.person.value)?;
        let known = |one: &Told| one.is_typed() || of_profile(c, profile, *one).is_some();
        if let Some(unknown) = told.iter().find(|one| !known(one)) {
            let what = c.t(unknown.label_key());
            let why = c.tw(&Wrong::NotKnown.to_string(), &[("what", &what)]);
            self.told.wrong(why);
            return None;
        }
        Some(told)
    }
}

/// A text that must be there when it is to be told. What is not told is not kept.
fn told_below(
    told: &BTreeSet<Told>,
    one: Told,
) -> impl FnOnce(&str, usize) -> Result<Option<String>, Wrong> {
    let asked = told.contains(&one);
    move |typed, limit| {
        let words = text::lines(typed, limit)?;
        match (asked, words.is_some()) {
            (true, false) | (false, true) => Err(Wrong::TellOrClear),
            _ => Ok(words),
        }
    }
}

/// What is known of a person, in the language of the page.
pub fn of_profile(c: &Ctx, profile: &Profile, told: Told) -> Option<String> {
    match told {
        Told::Name => Some(profile.called().to_owned()),
        Told::Phone => profile.phones.first().map(|phone| phone.written.clone()),
        Told::Gender => (!matches!(profile.gender, Gender::NotRecorded | Gender::Undisclosed))
            .then(|| c.t(profile.gender.label_key())),
        Told::Birth => profile.birth.map(|birth| c.told(birth)),
        Told::Nationality => nationality(c, &profile.nationality),
        Told::Language => profile
            .languages
            .first()
            .map(|code| c.t(&format!("language.{code}"))),
        Told::Area => profile.area.clone(),
        Told::AccessNeeds => profile.access_needs.clone(),
        Told::Story | Told::Health | Told::Papers => None,
    }
}

pub fn currencies(c: &Ctx, field: &Field) -> Vec<Choice> {
    CURRENCIES
        .iter()
        .map(|currency| {
            let label = format!("{} · {}", currency.code, c.t(&currency.label_key()));
            Choice::new(currency.code, label, currency.code == field.value)
        })
        .collect()
}

pub fn amount(
    typed: &str,
    limit: usize,
    currency: Option<&'static Currency>,
) -> Result<Option<Amount>, Wrong> {
    let Some(typed) = text::optional(typed, limit)? else {
        return Ok(None);
    };
    Ok(Some(Amount::parse(&typed, currency.ok_or(Wrong::Choice)?)?))
}

/// A whole day that must be there.
pub fn day(typed: &str, limit: usize) -> Result<NaiveDate, Wrong> {
    Ok(form::day(typed, limit)?.ok_or(text::Refused::Empty)?)
}

/// A day that lies ahead, if any was typed. What is `known` already may be over: whoever saves
/// something else beside it did not type it.
pub fn ahead(
    typed: &str,
    limit: usize,
    today: NaiveDate,
    known: Option<NaiveDate>,
) -> Result<Option<NaiveDate>, Wrong> {
    match form::day(typed, limit)? {
        Some(day) if day < today && Some(day) != known => Err(Wrong::DayPast),
        day => Ok(day),
    }
}

/// A day that does not lie ahead, if any was typed.
pub fn gone(typed: &str, limit: usize, today: NaiveDate) -> Result<Option<NaiveDate>, Wrong> {
    match form::day(typed, limit)? {
        Some(day) if day > today => Err(Wrong::DayAhead),
        day => Ok(day),
    }
}

/// What is written down when somebody comes whom a partner sent.
pub struct IncomingForm {
    pub partner: Field,
    pub partners: Vec<Choice>,
    pub called: Field,
    pub received: Field,
    pub need: Field,
    pub needs: Vec<Choice>,
    pub urgency: Field,
    pub urgencies: Vec<Choice>,
    pub words: Field,
}

impl IncomingForm {
    pub fn blank(c: &Ctx, partners: &[Partner]) -> Self {
        let mut form = Self {
            partner: Field::new("partner", 32),
            partners: Vec::new(),
            called: Field::new("called", 120),
            received: Field::new("received", 12).typed(&date::typed(c.today())),
            need: Field::new("need", 20).typed(Service::LegAdvice.code()),
            needs: Vec::new(),
            urgency: Field::new("urgency", 20).typed(Urgency::Normal.code()),
            urgencies: Vec::new(),
            words: Field::new("words", 2_000),
        };
        form.offer(c, partners);
        form
    }

    fn offer(&mut self, c: &Ctx, partners: &[Partner]) {
        let mut known: Vec<Choice> = partners
            .iter()
            .filter(|partner| partner.ended.is_none())
            .map(|partner| {
                let id = partner.id.to_string();
                let chosen = id == self.partner.value;
                Choice::new(id, partner.profile.called(c.language()).to_owned(), chosen)
            })
            .collect();
        known.sort_by_key(|choice| choice.label.to_lowercase());
        let other = c.t("referrals.in.other_sender");
        let chosen = self.partner.value.is_empty();
        known.insert(0, Choice::new("", other, chosen));
        self.partners = known;
        self.needs = needs(c, &self.need.value);
        self.urgencies = choices(
            Urgency::ALL,
            |u| (u.code(), c.t(u.label_key())),
            &self.urgency.value,
        );
    }

    pub fn read(&mut self, c: &Ctx, sent: &Sent, partners: &[Partner]) -> Option<Coming> {
        let partner = self.partner.read(c, sent, |typed, _| {
            if typed.is_empty() {
                return Ok(None);
            }
            let known = partners.iter().find(|one| one.id.to_string() == typed);
            known.map(|one| Some(one.id)).ok_or(Wrong::Choice)
        });
        let called = self.called.required(c, sent);
        let today = c.today();
        let received = self
            .received
            .read(c, sent, |typed, limit| match day(typed, limit)? {
                day if day > today => Err(Wrong::DayAhead),
                day => Ok(day),
            });
        let need = self
            .need
            .read(c, sent, |v, _| Service::from_code(v).ok_or(Wrong::Choice));
        let urgency = self
            .urgency
            .read(c, sent, |v, _| Urgency::from_code(v).ok_or(Wrong::Choice));
        let words = self.words.read(c, sent, text::lines);
        self.offer(c, partners);
        Some(Coming {
            partner: partner?,
            received: received?,
            called: called?,
            need: need?,
            urgency: urgency?,
            words: words?,
        })
    }
}

/// The services, each behind the name of its group.
fn needs(c: &Ctx, chosen: &str) -> Vec<Choice> {
    Service::ALL
        .iter()
        .map(|service| {
            let group = c.t(service.group().label_key());
            let label = format!("{group} · {}", c.t(service.label_key()));
            Choice::new(service.code(), label, service.code() == chosen)
        })
        .collect()
}
