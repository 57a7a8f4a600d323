//! The form of the settings; set-up shows it a few fields at a time.

use super::rules::{Settings, WeekStart, Weekend};
use crate::kit::lists::{CURRENCIES, Calendar, Currency, LANGUAGES, SpokenLanguage};
use crate::kit::text::{self, western_digits};
use crate::web::{Choice, Ctx, Field, Sent, choices, form};

/// What is wrong with one answer. The messages are locale keys.
#[derive(Debug, thiserror::Error)]
enum Wrong {
    #[error(transparent)]
    Text(#[from] text::Refused),
    #[error("settings.refusal.phone")]
    Phone,
    #[error("settings.refusal.choice")]
    Choice,
    #[error("settings.refusal.languages")]
    Languages,
    #[error("settings.refusal.years")]
    Years,
    #[error("settings.refusal.minutes")]
    Minutes,
}

/// A short number that a network gives has as many.
const FEWEST_DIGITS: usize = 3;

pub struct SettingsForm {
    pub name: Field,
    pub place: Field,
    pub phone: Field,
    pub currency: Field,
    pub currencies: Vec<Choice>,
    pub week_start: Field,
    pub week_starts: Vec<Choice>,
    pub weekend: Field,
    pub weekends: Vec<Choice>,
    pub calendar: Field,
    pub calendars: Vec<Choice>,
    pub languages: Field,
    pub language_choices: Vec<Choice>,
    pub keep_cases: Field,
    pub keep_visits: Field,
    pub keep_leads: Field,
    pub idle_minutes: Field,
}

impl SettingsForm {
    pub fn of(c: &Ctx, settings: &Settings) -> Self {
        let mut form = Self {
            name: Field::new("name", 120).typed(&settings.name),
            place: Field::new("place", 120).typed(settings.place.as_deref().unwrap_or("")),
            phone: Field::new("phone", 40).typed(settings.phone.as_deref().unwrap_or("")),
            currency: Field::new("currency", 3).typed(&settings.currency),
            currencies: Vec::new(),
            week_start: Field::new("week-start", 20).typed(settings.week_start.code()),
            week_starts: Vec::new(),
            weekend: Field::new("weekend", 20).typed(settings.weekend.code()),
            weekends: Vec::new(),
            calendar: Field::new("calendar", 20).typed(settings.calendar.code()),
            calendars: Vec::new(),
            languages: Field::new("languages", 3),
            language_choices: Vec::new(),
            keep_cases: Field::new("keep-cases", 2).typed(&settings.keep_cases.to_string()),
            keep_visits: Field::new("keep-visits", 2).typed(&settings.keep_visits.to_string()),
            keep_leads: Field::new("keep-leads", 2).typed(&settings.keep_leads.to_string()),
            idle_minutes: Field::new("idle-minutes", 2).typed(&settings.idle_minutes.to_string()),
        };
        form.offer(c, &settings.languages);
        form
    }

    /// The lists, with what is chosen marked.
    fn offer(&mut self, c: &Ctx, languages: &[String]) {
        self.currencies = CURRENCIES
            .iter()
            .map(|currency| {
                let label = format!("{} · {}", currency.code, c.t(&currency.label_key()));
                Choice::new(currency.code, label, currency.code == self.currency.value)
            })
            .collect();
        self.week_starts = choices(
            WeekStart::ALL,
            |w| (w.code(), c.t(w.label_key())),
            &self.week_start.value,
        );
        self.weekends = choices(
            Weekend::ALL,
            |w| (w.code(), c.t(w.label_key())),
            &self.weekend.value,
        );
        self.calendars = choices(
            Calendar::ALL,
            |k| (k.code(), c.t(k.label_key())),
            &self.calendar.value,
        );
        self.language_choices = LANGUAGES
            .iter()
            .map(|language| {
                let chosen = languages.iter().any(|code| code == language.code);
                Choice::new(language.code, language.own_name.to_owned(), chosen)
            })
            .collect();
    }

    /// Reads the fields of a page; those that it does not show stay as `before` has them.
    pub fn read(
        &mut self,
        c: &Ctx,
        sent: &Sent,
        before: &Settings,
        shown: Part,
    ) -> Option<Settings> {
        let mut settings = before.clone();
        let whole = match shown {
            Part::Centre => self.read_centre(c, sent, &mut settings),
            Part::Week => self.read_week(c, sent, &mut settings),
            Part::Languages => self.read_languages(c, sent, &mut settings),
            Part::Keeping => self.read_keeping(c, sent, &mut settings),
            Part::All => [
                self.read_centre(c, sent, &mut settings),
                self.read_phone(c, sent, &mut settings),
                self.read_week(c, sent, &mut settings),
                self.read_languages(c, sent, &mut settings),
                self.read_keeping(c, sent, &mut settings),
            ]
            .into_iter()
            .collect(),
        };
        let languages: Vec<String> = sent.all("languages").map(str::to_owned).collect();
        self.offer(
            c,
            if languages.is_empty() {
                &before.languages
            } else {
                &languages
            },
        );
        whole.map(|()| settings)
    }

    fn read_centre(&mut self, c: &Ctx, sent: &Sent, into: &mut Settings) -> Option<()> {
        let name = self.name.required(c, sent);
        let place = self.place.optional(c, sent);
        let currency = self.currency.read(c, sent, |typed, _| {
            Currency::from_code(typed)
                .map(|c| c.code.to_owned())
                .ok_or(Wrong::Choice)
        });
        into.name = name?;
        into.place = place?;
        into.currency = currency?;
        Some(())
    }

    fn read_phone(&mut self, c: &Ctx, sent: &Sent, into: &mut Settings) -> Option<()> {
        let phone = self.phone.read(c, sent, |typed, limit| {
            form::phone(typed, limit, FEWEST_DIGITS, Wrong::Phone)
        });
        into.phone = phone?;
        Some(())
    }

    fn read_week(&mut self, c: &Ctx, sent: &Sent, into: &mut Settings) -> Option<()> {
        let start = self.week_start.read(c, sent, |typed, _| {
            WeekStart::from_code(typed).ok_or(Wrong::Choice)
        });
        let weekend = self.weekend.read(c, sent, |typed, _| {
            Weekend::from_code(typed).ok_or(Wrong::Choice)
        });
        let calendar = self.calendar.read(c, sent, |typed, _| {
            Calendar::from_code(typed).ok_or(Wrong::Choice)
        });
        into.week_start = start?;
        into.weekend = weekend?;
        into.calendar = calendar?;
        Some(())
    }

    fn read_languages(&mut self, c: &Ctx, sent: &Sent, into: &mut Settings) -> Option<()> {
        let languages: Vec<String> = sent
            .all("languages")
            .filter_map(SpokenLanguage::from_code)
            .map(|language| language.code.to_owned())
            .collect();
        if languages.is_empty() {
            self.languages.wrong(c.because(&Wrong::Languages));
            return None;
        }
        into.languages = languages;
        Some(())
    }

    fn read_keeping(&mut self, c: &Ctx, sent: &Sent, into: &mut Settings) -> Option<()> {
        let years = |typed: &str, _| whole(typed, 1, 50).ok_or(Wrong::Years);
        let cases = self.keep_cases.read(c, sent, years);
        let visits = self.keep_visits.read(c, sent, years);
        let leads = self.keep_leads.read(c, sent, years);
        let idle = self.idle_minutes.read(c, sent, |typed, _| {
            whole(typed, 1, 30).ok_or(Wrong::Minutes)
        });
        into.keep_cases = cases?;
        into.keep_visits = visits?;
        into.keep_leads = leads?;
        into.idle_minutes = idle?;
        Some(())
    }
}

/// Which fields a page shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    Centre,
    Week,
    Languages,
    Keeping,
    All,
}

fn whole(typed: &str, least: u32, most: u32) -> Option<u32> {
    let number = western_digits(typed.trim()).parse().ok()?;
    (least..=most).contains(&number).then_some(number)
}
