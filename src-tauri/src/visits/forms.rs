//! The form of what is told of a visit, and the small answers of the other forms.

use super::pages::services;
use super::rules::{Details, MOST_COUNTED, REASONS, in_order};
use super::store::Visit;
use crate::kit::id::UserId;
use crate::kit::lists::{Channel, Service};
use crate::kit::text::western_digits;
use crate::web::{Choice, Ctx, Field, Sent, choices};

/// What is wrong with one answer. The messages are locale keys.
#[derive(Debug, thiserror::Error)]
pub enum Wrong {
    #[error("visits.refusal.few")]
    Few,
    #[error("visits.refusal.number")]
    Number,
    #[error("visits.refusal.minutes")]
    Minutes,
    #[error("visits.refusal.choice")]
    Choice,
}

pub struct DetailsForm {
    /// Ticks: those at the desk's hand, and what else was noted.
    pub reasons: Field,
    pub reason_ticks: Vec<Choice>,
    pub another: Field,
    pub others: Vec<Choice>,
    pub children: Field,
    pub companions: Field,
    pub channel: Field,
    pub channels: Vec<Choice>,
    pub sent_to: Field,
    pub staff: Vec<Choice>,
    /// For whoever came to the house.
    pub left: Option<Field>,
}

impl DetailsForm {
    /// `staff`: whom they can be sent to, whom they wait for among them.
    pub fn of(c: &Ctx, visit: &Visit, staff: &[(UserId, String)]) -> Self {
        let told = visit.details();
        let channel = told.channel.map_or("", Channel::code);
        let sent_to = told.sent_to.map_or(String::new(), |user| user.to_string());
        let left = if told.left { "yes" } else { "" };
        Self {
            reasons: Field::new("reason", 20),
            reason_ticks: reason_ticks(c, &told.reasons, &told.reasons),
            another: Field::new("another", 20),
            others: services(c, ""),
            children: Field::new("children", 2).typed(&told.children.to_string()),
            companions: Field::new("companions", 2).typed(&told.companions.to_string()),
            channel: Field::new("channel", 20).typed(channel),
            channels: channels(c, channel),
            sent_to: Field::new("user", 40).typed(&sent_to),
            staff: waits(c, staff, &sent_to),
            left: visit.arrived.map(|_| Field::new("left", 3).typed(left)),
        }
    }

    pub fn read(
        &mut self,
        c: &Ctx,
        sent: &Sent,
        visit: &Visit,
        staff: &[(UserId, String)],
    ) -> Option<Details> {
        let ticked: Vec<Service> = sent.all("reason").filter_map(Service::from_code).collect();
        let another = self.another.read(c, sent, |typed, _| service(typed));
        let children = self.children.read(c, sent, |typed, _| few(typed));
        let companions = self.companions.read(c, sent, |typed, _| few(typed));
        let channel = self.channel.read(c, sent, |typed, _| match typed {
            "" => Ok(None),
            code => Channel::from_code(code).map(Some).ok_or(Wrong::Choice),
        });
        let sent_to = self.sent_to.read(c, sent, |typed, _| match typed {
            "" => Ok(None),
            typed => {
                let user = typed.parse().map_err(|_| Wrong::Choice)?;
                let known = staff.iter().any(|(known, _)| *known == user);
                known.then_some(Some(user)).ok_or(Wrong::Choice)
            }
        });
        if let Some(left) = &mut self.left {
            sent.get(&left.name).clone_into(&mut left.value);
        }
        self.reason_ticks = reason_ticks(c, &visit.reasons, &ticked);
        self.others = services(c, &self.another.value);
        self.channels = channels(c, &self.channel.value);
        self.staff = waits(c, staff, &self.sent_to.value);
        let another = another?;
        let reasons: Vec<Service> = ticked.into_iter().chain(another).collect();
        Some(Details {
            reasons: in_order(&reasons),
            children: children?,
            companions: companions?,
            channel: channel?,
            sent_to: sent_to?,
            left: self.left.as_ref().is_some_and(|left| left.value == "yes"),
            person: visit.visitor.person(),
        })
    }
}

fn reason_ticks(c: &Ctx, noted: &[Service], ticked: &[Service]) -> Vec<Choice> {
    let more = noted.iter().filter(|service| !REASONS.contains(service));
    let shown = REASONS.iter().chain(more);
    shown
        .map(|one| Choice::new(one.code(), c.t(one.label_key()), ticked.contains(one)))
        .collect()
}

fn channels(c: &Ctx, chosen: &str) -> Vec<Choice> {
    let mut all = vec![Choice::new(
        "",
        c.t("visits.channel_unknown"),
        chosen.is_empty(),
    )];
    let told = |one: Channel| (one.code(), c.t(one.label_key()));
    all.extend(choices(Channel::ALL, told, chosen));
    all
}

fn waits(c: &Ctx, staff: &[(UserId, String)], chosen: &str) -> Vec<Choice> {
    let mut all = vec![Choice::new("", c.t("visits.nobody"), chosen.is_empty())];
    all.extend(staff.iter().map(|(user, name)| {
        let user = user.to_string();
        let is = user == chosen;
        Choice::new(user, name.clone(), is)
    }));
    all
}

/// Children and companions: nothing typed is none.
fn few(typed: &str) -> Result<u8, Wrong> {
    let typed = western_digits(typed.trim());
    if typed.is_empty() {
        return Ok(0);
    }
    let few = typed.parse().map_err(|_| Wrong::Few)?;
    if few <= 20 { Ok(few) } else { Err(Wrong::Few) }
}

/// How many lines of paper.
pub fn number(typed: &str) -> Result<u32, Wrong> {
    let number = western_digits(typed.trim())
        .parse()
        .map_err(|_| Wrong::Number)?;
    if (1..=MOST_COUNTED).contains(&number) {
        Ok(number)
    } else {
        Err(Wrong::Number)
    }
}

pub fn service(typed: &str) -> Result<Option<Service>, Wrong> {
    match typed {
        "" => Ok(None),
        code => Service::from_code(code).map(Some).ok_or(Wrong::Choice),
    }
}

pub fn minutes(typed: &str) -> Result<Option<u32>, Wrong> {
    let typed = western_digits(typed.trim());
    if typed.is_empty() {
        return Ok(None);
    }
    let minutes = typed.parse().map_err(|_| Wrong::Minutes)?;
    if (1..=600).contains(&minutes) {
        Ok(Some(minutes))
    } else {
        Err(Wrong::Minutes)
    }
}
