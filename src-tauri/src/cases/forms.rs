//! The fields of cases: what was typed, made into values or into reasons beside the field.

use chrono::NaiveDate;

use super::issues::Issue;
use super::rules::{Kind, Story, Urgency};
use super::store::IssueTold;
use crate::kit::date::{Precision, ToldDate};
use crate::kit::lists::{CURRENCIES, Channel, Currency};
use crate::kit::money::{Amount, NotAnAmount};
use crate::kit::text;
use crate::web::{Choice, Ctx, Field, Sent, choices};

/// What is wrong with one answer. The messages are locale keys.
#[derive(Debug, thiserror::Error)]
pub enum Wrong {
    #[error(transparent)]
    Text(#[from] text::Refused),
    #[error(transparent)]
    Date(#[from] crate::kit::date::NotADate),
    #[error(transparent)]
    Amount(#[from] NotAnAmount),
    #[error("cases.refusal.choice")]
    Choice,
    /// A month or a year where a day is needed.
    #[error("cases.refusal.day")]
    Day,
    #[error("cases.refusal.past")]
    Past,
    #[error("cases.refusal.future")]
    Future,
    #[error("cases.refusal.hour")]
    Hour,
}

/// A day, whenever it is.
pub fn day(typed: &str) -> Result<NaiveDate, Wrong> {
    if typed.trim().is_empty() {
        return Err(text::Refused::Empty.into());
    }
    let told = ToldDate::parse(typed)?;
    match told.precision {
        Precision::Day => Ok(told.date),
        _ => Err(Wrong::Day),
    }
}

pub fn day_to_come(typed: &str, today: NaiveDate) -> Result<NaiveDate, Wrong> {
    let day = day(typed)?;
    if day < today {
        return Err(Wrong::Past);
    }
    Ok(day)
}

pub fn day_gone(typed: &str, today: NaiveDate) -> Result<NaiveDate, Wrong> {
    let day = day(typed)?;
    if day > today {
        return Err(Wrong::Future);
    }
    Ok(day)
}

/// `14:30`, `9.05` or `9`, in any digits; kept as `14:30`.
pub fn hour(typed: &str) -> Result<String, Wrong> {
    let typed = text::western_digits(typed.trim());
    let (hours, minutes) = typed.split_once([':', '.']).unwrap_or((&typed, "0"));
    let hours: u32 = hours.parse().map_err(|_| Wrong::Hour)?;
    let minutes: u32 = minutes.parse().map_err(|_| Wrong::Hour)?;
    if hours > 23 || minutes > 59 {
        return Err(Wrong::Hour);
    }
    Ok(format!("{hours:02}:{minutes:02}"))
}

pub fn chosen<T>(of: Option<T>) -> Result<T, Wrong> {
    of.ok_or(Wrong::Choice)
}

/// What need not be told; where it is, it is read by `of`.
pub fn if_told<T>(
    typed: &str,
    of: impl FnOnce(&str) -> Result<T, Wrong>,
) -> Result<Option<T>, Wrong> {
    let told = !typed.trim().is_empty();
    told.then(|| of(typed)).transpose()
}

pub fn perhaps<T>(typed: &str, of: impl FnOnce(&str) -> Option<T>) -> Result<Option<T>, Wrong> {
    if typed.is_empty() {
        return Ok(None);
    }
    chosen(of(typed)).map(Some)
}

/// The centre's own currency first.
pub fn currencies(c: &Ctx, own: &str, chosen: &str) -> Vec<Choice> {
    let first = CURRENCIES.iter().filter(|currency| currency.code == own);
    let rest = CURRENCIES.iter().filter(|currency| currency.code != own);
    first
        .chain(rest)
        .map(|currency| {
            let label = format!("{} · {}", currency.code, c.t(&currency.label_key()));
            let chosen = if chosen.is_empty() { own } else { chosen };
            Choice::new(currency.code, label, currency.code == chosen)
        })
        .collect()
}

/// An amount and its currency, each in its field.
pub struct Money {
    pub amount: Field,
    pub currency: Field,
    pub currencies: Vec<Choice>,
}

impl Money {
    pub fn new(c: &Ctx, name: &str, own: &str) -> Self {
        Self {
            amount: Field::new(&format!("{name}-amount"), 24),
            currency: Field::new(&format!("{name}-currency"), 3),
            currencies: currencies(c, own, ""),
        }
    }

    pub fn read(&mut self, c: &Ctx, sent: &Sent, own: &str) -> Option<Amount> {
        let currency = self
            .currency
            .read(c, sent, |typed, _| chosen(Currency::from_code(typed)));
        self.currencies = currencies(c, own, &self.currency.value);
        let currency = currency?;
        self.amount
            .read(c, sent, |typed, _| Amount::parse(typed, currency))
    }
}

/// Characters of a note, and of what happened in the person's words.
pub const LONG: usize = 8_000;
/// How many issues intake takes; more are added on the case's page.
const ISSUES: usize = 3;

/// Intake, in the order of a conversation.
pub struct StoryForm {
    pub kind: Field,
    pub kinds: Vec<Choice>,
    pub words: Field,
    pub issues: Vec<(Field, Vec<Choice>)>,
    pub since: Field,
    pub goal: Field,
    pub urgency: Field,
    pub urgencies: Vec<Choice>,
    pub safety: Field,
    pub channel: Field,
    pub channels: Vec<Choice>,
    pub version: String,
}

impl StoryForm {
    pub fn blank(c: &Ctx) -> Self {
        let mut form = Self {
            // What it is about is asked, never supposed.
            kind: Field::new("kind", 20),
            kinds: Vec::new(),
            words: Field::new("words", LONG),
            issues: (1..=ISSUES)
                .map(|n| (Field::new(&format!("issue-{n}"), 3), Vec::new()))
                .collect(),
            since: Field::new("since", 12),
            goal: Field::new("goal", 2_000),
            urgency: Field::new("urgency", 20).typed(Urgency::Normal.code()),
            urgencies: Vec::new(),
            safety: Field::new("safety", 2_000),
            channel: Field::new("channel", 20),
            channels: Vec::new(),
            version: String::new(),
        };
        form.offer(c);
        form
    }

    pub fn of(c: &Ctx, story: &Story, version: i64) -> Self {
        let mut form = Self::blank(c);
        let told = |text: &Option<String>| text.clone().unwrap_or_default();
        form.kind.value = story.kind.code().to_owned();
        form.words.value.clone_from(&story.words);
        form.goal.value = told(&story.goal);
        form.safety.value = told(&story.safety);
        form.urgency.value = story.urgency.code().to_owned();
        form.channel.value = story.channel.map_or("", Channel::code).to_owned();
        form.version = version.to_string();
        form.offer(c);
        form
    }

    fn offer(&mut self, c: &Ctx) {
        self.kinds = choices(
            Kind::ALL,
            |k| (k.code(), c.t(k.label_key())),
            &self.kind.value,
        );
        self.urgencies = choices(
            Urgency::ALL,
            |u| (u.code(), c.t(u.label_key())),
            &self.urgency.value,
        );
        self.channels = vec![Choice::new("", c.t("cases.channel_unknown"), false)];
        self.channels.extend(choices(
            Channel::ALL,
            |k| (k.code(), c.t(k.label_key())),
            &self.channel.value,
        ));
        for (field, offered) in &mut self.issues {
            *offered = issue_choices(c, &field.value);
        }
    }

    pub fn read(
        &mut self,
        c: &Ctx,
        sent: &Sent,
        today: NaiveDate,
    ) -> Option<(Story, Vec<IssueTold>)> {
        let kind = self.kind.read(c, sent, |v, _| chosen(Kind::from_code(v)));
        let words = self.words.read(c, sent, text::some_lines);
        let since = self.since.read(c, sent, |typed, limit| {
            let Some(typed) = text::optional(typed, limit)? else {
                return Ok(None);
            };
            let told = ToldDate::parse(&typed)?;
            if told.date > today {
                return Err(Wrong::Future);
            }
            Ok(Some(told))
        });
        let issues: Vec<Option<Option<Issue>>> = self
            .issues
            .iter_mut()
            .map(|(field, _)| field.read(c, sent, |v, _| perhaps(v, Issue::from_code)))
            .collect();
        let goal = self.goal.read(c, sent, text::lines);
        let safety = self.safety.read(c, sent, text::lines);
        let urgency = self
            .urgency
            .read(c, sent, |v, _| chosen(Urgency::from_code(v)));
        let channel = self
            .channel
            .read(c, sent, |v, _| perhaps(v, Channel::from_code));
        sent.get("version").clone_into(&mut self.version);
        self.offer(c);
        let mut told: Vec<IssueTold> = Vec::new();
        let since = since?;
        for issue in issues {
            if let Some(issue) = issue?
                && told.iter().all(|known| known.issue != issue)
            {
                let main = told.is_empty();
                told.push(IssueTold {
                    issue,
                    since: since.filter(|_| main),
                    main,
                });
            }
        }
        if since.is_some() && told.is_empty() {
            self.since.wrong(c.t("cases.refusal.since"));
            return None;
        }
        let story = Story {
            kind: kind?,
            urgency: urgency?,
            channel: channel?,
            words: words?,
            goal: goal?,
            safety: safety?,
        };
        Some((story, told))
    }
}

/// All issues, each behind the name of its group.
pub fn issue_choices(c: &Ctx, chosen: &str) -> Vec<Choice> {
    let mut all = vec![Choice::new("", c.t("cases.no_issue"), chosen.is_empty())];
    all.extend(choices(
        Issue::ALL,
        |issue| (issue.code(), issue_label(c, issue)),
        chosen,
    ));
    all
}

pub fn issue_label(c: &Ctx, issue: Issue) -> String {
    format!(
        "{} · {}",
        c.t(issue.group().label_key()),
        c.t(issue.label_key())
    )
}

/// The issues whose code or name in the reader's language has every word typed.
pub fn find_issues(c: &Ctx, typed: &str) -> Vec<Issue> {
    let typed = text::folded(typed);
    let asked: Vec<&str> = typed.split_whitespace().collect();
    if asked.is_empty() {
        return Vec::new();
    }
    let matches = |issue: &Issue| {
        let name = text::folded(&format!("{} {}", issue.code(), issue_label(c, *issue)));
        asked.iter().all(|word| name.contains(word))
    };
    Issue::ALL.iter().copied().filter(matches).collect()
}
