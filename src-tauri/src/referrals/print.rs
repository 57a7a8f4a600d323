//! The letter to a partner with its return slip, the appointment slip, and what a partner who sent
//! somebody hears back.

use chrono::NaiveDateTime;
use serde_json::{Value, json};

use super::rules::{Arrival, Covered, In, Told};
use super::store::Referral;
use super::store::incoming::Incoming;
use crate::kit::date::Precision;
use crate::kit::lists::nationality_key;
use crate::kit::paper::{Document, Refusal, template};
use crate::partners::Partner;
use crate::people::rules::Profile;
use crate::settings::{Settings, letterhead};
use crate::web::{Ctx, Head, Tongues};

pub struct Letter<'l> {
    pub referral: &'l Referral,
    pub partner: &'l Partner,
    pub profile: &'l Profile,
    pub settings: &'l Settings,
    /// What may be told, and to whom: nothing else reaches the paper.
    pub covered: &'l Covered,
}

pub fn letter(c: &Ctx, letter: &Letter<'_>) -> Result<Document, Refusal> {
    let tongues = letter.tongues();
    let words = tongues.words(&[
        "referrals.letter.title",
        "referrals.letter.to",
        "referrals.letter.number",
        "referrals.letter.date",
        "referrals.letter.please",
        "referrals.letter.urgency",
        "referrals.letter.ask",
        "referrals.letter.about",
        "referrals.letter.agreed",
        "referrals.letter.thanks",
        "referrals.letter.signature",
        "referrals.letter.slip",
        "referrals.letter.slip_hint",
        "referrals.letter.came",
        "referrals.letter.not_came",
        "referrals.letter.next",
        "referrals.letter.done",
        "referrals.letter.stamp",
    ]);
    let number = letter.referral.number();
    letterhead(&tongues, "referrals.letter.title", letter.settings, &number).document(
        template!("referrals/letter.typ"),
        words,
        json!({
            "number": number,
            "date": tongues.day(c.today(), "%-d %B %Y"),
            "by": c.user_name(),
            "said": letter.said(&tongues),
        }),
    )
}

impl Letter<'_> {
    /// The person's language stands beside the partner's only where the partner may know it: the
    /// script alone would tell it, and with it the country.
    fn tongues(&self) -> Tongues {
        let may_know = self.covered.told().contains(&Told::Language);
        let speaks = self.profile.languages.first().filter(|_| may_know);
        Tongues::letter(
            self.partner.profile.letters_in,
            speaks.map_or("", String::as_str),
        )
    }

    /// Everything that it says besides its day and who signs.
    fn said(&self, tongues: &Tongues) -> Value {
        let (referral, partner) = (self.referral, &self.partner.profile);
        let told: Vec<Value> = self
            .covered
            .told()
            .iter()
            .map(|one| {
                json!({
                    "label": tongues.say(one.label_key()),
                    "value": value(tongues, self, *one),
                    "long": one.is_typed(),
                })
            })
            .collect();
        json!({
            "to": partner.called(partner.letters_in),
            "name": partner.focal,
            "address": partner.address,
            "need": tongues.say(referral.need.label_key()),
            "urgency": tongues.say(referral.urgency.label_key()),
            "ask": referral.ask,
            "told": told,
        })
    }

    /// A hash of what it says: two letters with the same one say the same.
    pub fn mark(&self) -> [u8; 32] {
        let (settings, said) = (self.settings, self.said(&self.tongues()));
        let said = json!([settings.name, settings.place, settings.phone, said]).to_string();
        *blake3::hash(said.as_bytes()).as_bytes()
    }
}

/// What the letter says of one thing: words in its languages, or a text as it was written.
fn value(tongues: &Tongues, letter: &Letter<'_>, told: Told) -> Value {
    let (profile, referral) = (letter.profile, letter.referral);
    let plain = |text: Option<&String>| json!(text);
    match told {
        Told::Name => json!(profile.called()),
        Told::Phone => plain(profile.phones.first().map(|phone| &phone.written)),
        Told::Gender => json!(tongues.say(profile.gender.label_key())),
        Told::Birth => json!(profile.birth.map(|birth| {
            let shape = match birth.precision {
                Precision::Day => "%-d %B %Y",
                Precision::Month => "%B %Y",
                Precision::Year => "%Y",
                Precision::Estimated => "± %Y",
            };
            tongues.day(birth.date, shape)
        })),
        Told::Nationality => json!(tongues.say(&nationality_key(&profile.nationality))),
        Told::Language => json!(
            profile
                .languages
                .first()
                .map(|code| tongues.say(&format!("language.{code}")))
        ),
        Told::Area => plain(profile.area.as_ref()),
        Told::AccessNeeds => plain(profile.access_needs.as_ref()),
        Told::Story => plain(referral.story.as_ref()),
        Told::Health => plain(referral.health.as_ref()),
        Told::Papers => plain(referral.papers.as_ref()),
    }
}

pub struct Slip<'s> {
    pub at: NaiveDateTime,
    pub place: Option<String>,
    pub partner: &'s Partner,
    pub profile: &'s Profile,
    pub settings: &'s Settings,
    /// Whether the person's own name and the partner's stand on it.
    pub named: bool,
    /// Whether the centre's name does.
    pub centre: bool,
}

/// When and where, in the person's language; nothing of why.
pub fn slip(c: &Ctx, slip: &Slip<'_>) -> Result<Document, Refusal> {
    let speaks = slip.profile.languages.first().map_or("", String::as_str);
    let tongues = Tongues::letter(c.language(), speaks);
    let words = tongues.words(&[
        "referrals.slip.title",
        "referrals.slip.day",
        "referrals.slip.hour",
        "referrals.slip.place",
    ]);
    let data = json!({
        "name": slip.named.then(|| slip.profile.called()),
        "to": slip.named.then(|| slip.partner.profile.called(c.language())),
        "day": tongues.day(slip.at.date(), "%A %-d %B %Y"),
        "hour": slip.at.format("%H:%M").to_string(),
        "clock": tongues.ethiopian_clock(slip.at.time()),
        "where": slip.place,
    });
    let title = "referrals.slip.title";
    let head = if slip.centre {
        letterhead(&tongues, title, slip.settings, "")
    } else {
        Head::letter(&tongues, title, "", None, "")
    };
    head.document(template!("referrals/slip.typ"), words, data)
}

pub struct Feedback<'f> {
    pub incoming: &'f Incoming,
    pub sender: &'f str,
    /// `None` for somebody who is not in the directory.
    pub partner: Option<&'f Partner>,
    pub settings: &'f Settings,
}

/// The centre's answer to whoever sent somebody: yes, no, or what came of it.
pub fn feedback(c: &Ctx, feedback: &Feedback<'_>) -> Result<Document, Refusal> {
    let profile = feedback.partner.map(|partner| &partner.profile);
    let speaks = profile.map_or(c.language(), |profile| profile.letters_in);
    let tongues = Tongues::own(speaks, None);
    let incoming = feedback.incoming;
    let (answer, told) = match &incoming.state {
        In::Declined {
            reason,
            after_yes: true,
        } => ("referrals.feedback.ended", Some(reason)),
        In::Declined { reason, .. } => ("referrals.feedback.no", Some(reason)),
        In::Reported { report, .. } => ("referrals.feedback.result", Some(&report.words)),
        _ => ("referrals.feedback.yes", None),
    };
    let words = tongues.words(&[
        "referrals.feedback.title",
        "referrals.letter.to",
        "referrals.letter.date",
        "referrals.feedback.about",
        "referrals.feedback.agreed",
        "referrals.in.received",
        "referrals.feedback.asked",
        "referrals.letter.signature",
        "referrals.letter.stamp",
        "referrals.letter.thanks",
    ]);
    let coming = &incoming.coming;
    let data = json!({
        "to": profile.map_or(feedback.sender, |profile| profile.called(speaks)),
        "name": profile.and_then(|profile| profile.focal.as_ref()),
        "date": tongues.day(c.today(), "%-d %B %Y"),
        "called": coming.called,
        "received": tongues.day(coming.received, "%-d %B %Y"),
        "need": tongues.say(coming.need.label_key()),
        "answer": tongues.say(answer),
        "told": told,
        "with_consent": incoming.state.arrival() == Arrival::Reported,
        "by": c.user_name(),
    });
    let title = "referrals.feedback.title";
    letterhead(&tongues, title, feedback.settings, "").document(
        template!("referrals/feedback.typ"),
        words,
        data,
    )
}
