//! The forms of activities: text in, typed values or errors beside the fields out.

use chrono::{Datelike, Days as Span, NaiveDate, NaiveTime};

use super::recurrence::{Day, Days, Recurrence, Weeks, Which};
use super::rules::{Capacity, Hours, Kind, Plan, Refusal, Term, Titles};
use super::store::{Activity, Details};
use crate::kit::date::{self, Precision, ToldDate};
use crate::kit::hours;
use crate::kit::lang::Lang;
use crate::kit::lists::{CURRENCIES, Currency, LANGUAGES, SpokenLanguage, codes};
use crate::kit::money::Amount;
use crate::kit::text::{self, western_digits};
use crate::settings::{Settings, WeekStart, Weekend};
use crate::web::{Choice, Ctx, Field, Sent, choices};

codes! {
    /// How often it takes place, as the form asks it.
    Repeat in "activities.repeat" {
        Weekly = "weekly",
        Monthly = "monthly",
        Once = "once",
    }
}

/// What is wrong with one answer. The messages are locale keys.
#[derive(Debug, thiserror::Error)]
pub enum Wrong {
    #[error("activities.refusal.choice")]
    Choice,
    #[error("activities.refusal.day")]
    Day,
    #[error("activities.refusal.endless")]
    Endless,
    #[error("activities.refusal.days")]
    Days,
    #[error("activities.refusal.time")]
    Time,
    #[error("activities.refusal.weeks")]
    Weeks,
    #[error("activities.refusal.capacity")]
    Capacity,
    #[error("activities.refusal.share")]
    Share,
    #[error("activities.refusal.off")]
    Off,
    #[error("activities.refusal.teachers")]
    Teachers,
    #[error("activities.refusal.walk_ins")]
    WalkIns,
}

/// The weeks that a new course lasts, if nobody says otherwise: a school term.
const TERM: u64 = 12;
/// A certificate takes so many percent of the sessions, if nobody says otherwise.
const SHARE: u32 = 75;
/// A class in a room of a centre.
const PLACES: u32 = 20;
const MOST_TEACHERS: usize = 6;
const MOST_OFF: usize = 60;

/// One language's title.
pub struct TitleField {
    /// ISO 639-3 and, for the `lang` attribute, BCP 47.
    pub code: &'static str,
    pub tag: &'static str,
    pub label: String,
    pub field: Field,
}

pub struct ActivityForm {
    pub kind: Field,
    pub kinds: Vec<Choice>,
    /// The language of whoever fills it in first.
    pub titles: Vec<TitleField>,
    pub level: Field,
    pub language: Field,
    pub languages: Vec<Choice>,
    pub teachers: Field,
    pub room: Field,
    pub repeat: Field,
    pub repeats: Vec<Choice>,
    pub every: Field,
    pub which: Field,
    pub whichs: Vec<Choice>,
    pub days: Field,
    pub day_choices: Vec<Choice>,
    chosen: Vec<Day>,
    pub from: Field,
    pub until: Field,
    pub opens: Field,
    pub closes: Field,
    pub off: Field,
    pub capacity: Field,
    pub women_only: Field,
    pub childcare: Field,
    pub members_only: Field,
    pub fee: Field,
    pub currency: Field,
    pub currencies: Vec<Choice>,
    pub share: Field,
}

/// What the form says about when.
pub struct When {
    pub plan: Plan,
    pub hours: Hours,
}

/// The first day of the centre's next weekend, when most of its visitors are free.
fn free_day(weekend: Weekend, today: NaiveDate) -> NaiveDate {
    (0..7)
        .map(|days| today + Span::new(days))
        .find(|day| weekend.has(day.weekday()) && !weekend.has(day.weekday().pred()))
        .unwrap_or(today)
}

pub fn week_start(settings: &Settings) -> Day {
    match settings.week_start {
        WeekStart::Monday => Day::Monday,
        WeekStart::Saturday => Day::Saturday,
        WeekStart::Sunday => Day::Sunday,
    }
}

/// ISO 639-3 of a language of the interface.
pub fn spoken(lang: Lang) -> &'static str {
    match lang {
        Lang::En => "eng",
        Lang::Ar => "ara",
        Lang::Fr => "fra",
    }
}

impl ActivityForm {
    /// A new one: a weekly class on the first free day, for one term.
    pub fn new(c: &Ctx, settings: &Settings) -> Self {
        let first = free_day(settings.weekend, c.today());
        let mut form = Self::blank(c, settings);
        form.repeat.value = Repeat::Weekly.code().to_owned();
        form.every.value = "1".to_owned();
        form.which.value = Which::First.code().to_owned();
        form.from.value = date::typed(first);
        form.until.value = date::typed(first + Span::new(7 * (TERM - 1)));
        form.opens.value = "16:00".to_owned();
        form.closes.value = "17:30".to_owned();
        form.capacity.value = PLACES.to_string();
        form.share.value = SHARE.to_string();
        form.offer(c, settings);
        form
    }

    pub fn of(c: &Ctx, settings: &Settings, activity: &Activity) -> Self {
        let mut form = Self::blank(c, settings);
        let details = &activity.details;
        let yes = |yes: bool| if yes { "yes".to_owned() } else { String::new() };
        form.kind.value = details.kind.code().to_owned();
        for title in &mut form.titles {
            title.field.value = details.titles.of(title.code).unwrap_or("").to_owned();
        }
        form.level.value = details.level.clone().unwrap_or_default();
        form.language.value = details.language.clone().unwrap_or_default();
        form.teachers.value = details.teachers.join(", ");
        form.room.value = details.room.clone().unwrap_or_default();
        form.every.value = "1".to_owned();
        form.which.value = Which::First.code().to_owned();
        form.chosen = match activity.recurrence {
            Recurrence::Once => {
                form.repeat.value = Repeat::Once.code().to_owned();
                Vec::new()
            }
            Recurrence::Weekly { every, days, .. } => {
                form.repeat.value = Repeat::Weekly.code().to_owned();
                form.every.value = every.get().to_string();
                days.iter().collect()
            }
            Recurrence::Monthly { which, days } => {
                form.repeat.value = Repeat::Monthly.code().to_owned();
                form.which.value = which.code().to_owned();
                days.iter().collect()
            }
        };
        form.from.value = date::typed(activity.term.from());
        form.until.value = date::typed(activity.term.until());
        form.opens.value = details.hours.from().format("%H:%M").to_string();
        form.closes.value = details.hours.until().format("%H:%M").to_string();
        let off: Vec<String> = activity.off.iter().map(NaiveDate::to_string).collect();
        form.off.value = off.join("\n");
        form.capacity.value = details.capacity.map_or(String::new(), |n| n.to_string());
        form.women_only.value = yes(details.women_only);
        form.childcare.value = yes(details.childcare);
        form.members_only.value = yes(details.members_only);
        if let Some(fee) = details.fee {
            form.fee.value = fee.number();
            form.currency.value = fee.currency.code.to_owned();
        }
        form.share.value = details.share.to_string();
        form.offer(c, settings);
        form
    }

    fn blank(c: &Ctx, settings: &Settings) -> Self {
        Self {
            kind: Field::new("kind", 20),
            kinds: Vec::new(),
            titles: titles(c, settings),
            level: Field::new("level", 40),
            language: Field::new("language", 3),
            languages: Vec::new(),
            teachers: Field::new("teachers", 240),
            room: Field::new("room", 60),
            repeat: Field::new("repeat", 10),
            repeats: Vec::new(),
            every: Field::new("every", 2),
            which: Field::new("which", 10),
            whichs: Vec::new(),
            days: Field::new("days", 2),
            day_choices: Vec::new(),
            chosen: Vec::new(),
            from: Field::new("from", 12),
            until: Field::new("until", 12),
            opens: Field::new("opens", 8),
            closes: Field::new("closes", 8),
            off: Field::new("off", 800),
            capacity: Field::new("capacity", 4),
            women_only: Field::new("women-only", 3),
            childcare: Field::new("childcare", 3),
            members_only: Field::new("members-only", 3),
            fee: Field::new("fee", 16),
            currency: Field::new("currency", 3).typed(&settings.currency),
            currencies: Vec::new(),
            share: Field::new("share", 3),
        }
    }

    /// The lists, with what is chosen marked.
    fn offer(&mut self, c: &Ctx, settings: &Settings) {
        self.kinds = choices(
            Kind::ALL,
            |k| (k.code(), c.t(k.label_key())),
            &self.kind.value,
        );
        if self.kinds.iter().all(|kind| !kind.chosen) {
            let none = Choice::new("", c.t("activities.kind_none"), true);
            self.kinds.insert(0, none);
        }
        self.repeats = choices(
            Repeat::ALL,
            |r| (r.code(), c.t(r.label_key())),
            &self.repeat.value,
        );
        self.whichs = choices(
            Which::ALL,
            |w| (w.code(), c.t(w.label_key())),
            &self.which.value,
        );
        self.day_choices = week_start(settings)
            .week()
            .map(|day| Choice::new(day.code(), c.t(day.label_key()), self.chosen.contains(&day)))
            .collect();
        self.languages = vec![Choice::new(
            "",
            c.t("activities.language_none"),
            self.language.value.is_empty(),
        )];
        self.languages.extend(LANGUAGES.iter().map(|language| {
            let label = format!("{} · {}", c.t(&language.label_key()), language.own_name);
            Choice::new(language.code, label, language.code == self.language.value)
        }));
        self.currencies = CURRENCIES
            .iter()
            .map(|currency| {
                let label = format!("{} · {}", currency.code, c.t(&currency.label_key()));
                Choice::new(currency.code, label, currency.code == self.currency.value)
            })
            .collect();
    }

    /// Whether something is typed in what is folded away.
    pub fn unfolded(&self) -> bool {
        let folded = [
            &self.level,
            &self.language,
            &self.off,
            &self.fee,
            &self.currency,
            &self.share,
        ];
        folded.iter().any(|field| field.error.is_some())
            || [
                &self.level,
                &self.off,
                &self.fee,
                &self.childcare,
                &self.members_only,
            ]
            .iter()
            .any(|field| !field.value.is_empty())
    }

    /// The title asked for; those of other languages are folded away.
    pub fn first_title(&self) -> &TitleField {
        &self.titles[0]
    }

    pub fn other_titles(&self) -> &[TitleField] {
        &self.titles[1..]
    }

    pub fn titles_unfolded(&self) -> bool {
        let other = self.other_titles();
        other
            .iter()
            .any(|t| t.field.error.is_some() || !t.field.value.is_empty())
    }

    /// Keeps what was sent, field by field.
    fn take(&mut self, sent: &Sent) {
        let titles = self.titles.iter_mut().map(|title| &mut title.field);
        let others = [
            &mut self.kind,
            &mut self.level,
            &mut self.language,
            &mut self.teachers,
            &mut self.room,
            &mut self.repeat,
            &mut self.every,
            &mut self.which,
            &mut self.from,
            &mut self.until,
            &mut self.opens,
            &mut self.closes,
            &mut self.off,
            &mut self.capacity,
            &mut self.women_only,
            &mut self.childcare,
            &mut self.members_only,
            &mut self.fee,
            &mut self.currency,
            &mut self.share,
        ];
        for field in titles.chain(others) {
            sent.get(&field.name).clone_into(&mut field.value);
        }
        self.chosen = sent.all("days").filter_map(Day::from_code).collect();
    }

    /// What was sent, whole; `None` where something is wrong, which then stands beside its field.
    pub fn read(
        &mut self,
        c: &Ctx,
        sent: &Sent,
        settings: &Settings,
        closed: &[NaiveDate],
    ) -> Option<(Details, When)> {
        self.take(sent);
        self.offer(c, settings);
        let when = self.when(c, settings, closed);
        let kind = self
            .kind
            .parse(c, |typed, _| Kind::from_code(typed).ok_or(Wrong::Choice));
        let titles = self.read_titles(c);
        let level = self.level.parse(c, text::optional);
        let language = self.language.parse(c, |typed, _| match typed {
            "" => Ok(None),
            code => SpokenLanguage::from_code(code)
                .map(|l| Some(l.code.to_owned()))
                .ok_or(Wrong::Choice),
        });
        let teachers = self.taught_by(c);
        let room = self.room.parse(c, text::optional);
        let capacity = self.capacity.parse(c, |typed, _| capacity(typed));
        let fee = self.read_fee(c);
        let share = self
            .share
            .parse(c, |typed, _| whole(typed, 1, 100).ok_or(Wrong::Share));
        let when = when?;
        let details = Details {
            kind: kind?,
            titles: titles?,
            level: level?,
            language: language?,
            teachers: teachers?,
            room: room?,
            hours: when.hours,
            capacity: capacity?,
            women_only: self.women_only.value == "yes",
            childcare: self.childcare.value == "yes",
            members_only: self.members_only.value == "yes",
            fee: fee?,
            share: share?,
        };
        Some((details, when))
    }

    /// Only what was sent about when, where and by whom, for the dates that it makes.
    pub fn look(
        &mut self,
        c: &Ctx,
        sent: &Sent,
        settings: &Settings,
        closed: &[NaiveDate],
    ) -> Option<When> {
        self.take(sent);
        self.when(c, settings, closed)
    }

    /// When it takes place, as the fields say it now.
    pub fn when(&mut self, c: &Ctx, settings: &Settings, closed: &[NaiveDate]) -> Option<When> {
        let repeat = self
            .repeat
            .parse(c, |typed, _| Repeat::from_code(typed).ok_or(Wrong::Choice));
        let from = self.from.parse(c, |typed, _| full_day(typed));
        let until = if repeat == Some(Repeat::Once) {
            // What takes place once ends where it begins.
            from
        } else {
            self.until.parse(c, |typed, _| match typed.trim() {
                "" => Err(Wrong::Endless),
                typed => full_day(typed),
            })
        };
        let opens = self.opens.parse(c, |typed, _| time(typed));
        let closes = self.closes.parse(c, |typed, _| time(typed));
        let off = self.off.parse(c, days_off);
        let recurrence = repeat.and_then(|repeat| self.recurrence(c, settings, repeat));
        let hours = Option::zip(opens, closes).and_then(|(opens, closes)| {
            Hours::new(opens, closes)
                .map_err(|why| self.closes.wrong(c.because(&why)))
                .ok()
        });
        let term = Term::new(from?, until?)
            .map_err(|why| self.until.wrong(c.because(&why)))
            .ok()?;
        let plan = Plan::new(term, recurrence?, off?, closed)
            .map_err(|why| {
                let field = match (why, repeat) {
                    (Refusal::NoSession, Some(Repeat::Once)) => &mut self.from,
                    (Refusal::NoSession, _) => &mut self.days,
                    _ => &mut self.until,
                };
                field.wrong(c.because(&why));
            })
            .ok()?;
        Some(When {
            plan,
            hours: hours?,
        })
    }

    /// The first thing that keeps the form from making dates.
    pub fn why_no_dates(&self) -> Option<String> {
        let when = [
            &self.repeat,
            &self.days,
            &self.every,
            &self.which,
            &self.from,
            &self.until,
            &self.opens,
            &self.closes,
            &self.off,
        ];
        when.into_iter().find_map(|field| field.error.clone())
    }

    fn recurrence(&mut self, c: &Ctx, settings: &Settings, repeat: Repeat) -> Option<Recurrence> {
        if repeat == Repeat::Once {
            return Some(Recurrence::Once);
        }
        let days = Days::new(self.chosen.iter().copied());
        if days.is_none() {
            self.days.wrong(c.because(&Wrong::Days));
        }
        if repeat == Repeat::Monthly {
            let which = self
                .which
                .parse(c, |typed, _| Which::from_code(typed).ok_or(Wrong::Choice));
            return Some(Recurrence::Monthly {
                which: which?,
                days: days?,
            });
        }
        let every = self.every.parse(c, |typed, _| {
            whole(typed, 1, u32::from(Weeks::MOST))
                .and_then(|weeks| u8::try_from(weeks).ok())
                .and_then(Weeks::new)
                .ok_or(Wrong::Weeks)
        });
        Some(Recurrence::Weekly {
            every: every?,
            days: days?,
            week_start: week_start(settings),
        })
    }

    fn read_titles(&mut self, c: &Ctx) -> Option<Titles> {
        let mut titles = Vec::new();
        let mut whole = true;
        for (place, title) in self.titles.iter_mut().enumerate() {
            let needed = place == 0;
            let read = title.field.parse(c, |typed, limit| match needed {
                true => text::required(typed, limit).map(Some),
                false => text::optional(typed, limit),
            });
            match read {
                Some(Some(text)) => titles.push((title.code.to_owned(), text)),
                Some(None) => {}
                None => whole = false,
            }
        }
        if whole { Titles::new(titles) } else { None }
    }

    pub fn taught_by(&mut self, c: &Ctx) -> Option<Vec<String>> {
        let typed = self.teachers.parse(c, text::optional)?.unwrap_or_default();
        let teachers: Vec<String> = typed
            .split([',', '،', ';', '؛'])
            .map(|name| name.trim().to_owned())
            .filter(|name| !name.is_empty())
            .collect();
        if teachers.len() > MOST_TEACHERS {
            self.teachers.wrong(c.because(&Wrong::Teachers));
            return None;
        }
        Some(teachers)
    }

    fn read_fee(&mut self, c: &Ctx) -> Option<Option<Amount>> {
        let currency = self.currency.parse(c, |typed, _| {
            Currency::from_code(typed).ok_or(Wrong::Choice)
        });
        let typed = self.fee.parse(c, text::optional)?;
        let currency = currency?;
        match typed {
            None => Some(None),
            Some(typed) => Amount::parse(&typed, currency)
                .map_err(|why| self.fee.wrong(c.because(&why)))
                .ok()
                .map(Some),
        }
    }
}

/// One's own language first, then the centre's, then the rest of those that the program speaks.
fn titles(c: &Ctx, settings: &Settings) -> Vec<TitleField> {
    let mut codes = vec![spoken(c.language())];
    let centre = settings.languages.iter().filter_map(|l| {
        let language = SpokenLanguage::from_code(l)?;
        Some(language.code)
    });
    let ours = Lang::ALL.into_iter().map(spoken);
    for code in centre.chain(ours) {
        if !codes.contains(&code) {
            codes.push(code);
        }
    }
    codes
        .into_iter()
        .filter_map(SpokenLanguage::from_code)
        .map(|language| TitleField {
            code: language.code,
            tag: language.tag,
            label: format!("{} · {}", c.t(&language.label_key()), language.own_name),
            field: Field::new(&format!("title-{}", language.code), 80),
        })
        .collect()
}

/// A day, and not only a month or a year.
pub fn full_day(typed: &str) -> Result<NaiveDate, Wrong> {
    match ToldDate::parse(typed) {
        Ok(told) if told.precision == Precision::Day => Ok(told.date),
        _ => Err(Wrong::Day),
    }
}

pub fn time(typed: &str) -> Result<NaiveTime, Wrong> {
    hours::time(typed).map_err(|_| Wrong::Time)
}

/// Days separated by lines, commas or semicolons.
fn days_off(typed: &str, limit: usize) -> Result<Vec<NaiveDate>, Wrong> {
    let typed = text::lines(typed, limit).map_err(|_| Wrong::Off)?;
    let days: Vec<NaiveDate> = typed
        .unwrap_or_default()
        .split(['\n', ',', '،', ';', '؛'])
        .map(str::trim)
        .filter(|day| !day.is_empty())
        .map(|day| full_day(day).map_err(|_| Wrong::Off))
        .collect::<Result<_, _>>()?;
    if days.len() > MOST_OFF {
        return Err(Wrong::Off);
    }
    Ok(days)
}

fn capacity(typed: &str) -> Result<Capacity, Wrong> {
    if typed.trim().is_empty() {
        return Ok(None);
    }
    whole(typed, 1, 1_000).map(Some).ok_or(Wrong::Capacity)
}

pub fn whole(typed: &str, least: u32, most: u32) -> Option<u32> {
    let number = western_digits(typed.trim()).parse().ok()?;
    (least..=most).contains(&number).then_some(number)
}
