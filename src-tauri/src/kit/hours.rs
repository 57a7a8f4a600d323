//! Weekly opening hours, as a sign on a door tells them: for each day some spans of time.

use chrono::{Datelike, NaiveDateTime, NaiveTime, Timelike, Weekday};

use super::text::{is_unseen, western_digits};

/// Monday to Sunday.
pub const WEEK: [Weekday; 7] = [
    Weekday::Mon,
    Weekday::Tue,
    Weekday::Wed,
    Weekday::Thu,
    Weekday::Fri,
    Weekday::Sat,
    Weekday::Sun,
];

/// Minutes of a day.
const DAY: u16 = 24 * 60;

/// A half-open span of a day in minutes after midnight: 9–13 and 13–17 do not meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span {
    from: u16,
    until: u16,
}

impl Span {
    pub fn new(from: u16, until: u16) -> Option<Self> {
        (from < until && until <= DAY).then_some(Self { from, until })
    }

    pub fn from(self) -> u16 {
        self.from
    }

    pub fn until(self) -> u16 {
        self.until
    }

    fn holds(self, minute: u16) -> bool {
        (self.from..self.until).contains(&minute)
    }
}

/// Why a day's hours were not understood. The messages are locale keys.
#[derive(Clone, Copy, Debug, thiserror::Error, PartialEq, Eq)]
pub enum NotHours {
    #[error("shared.hours.refusal.shape")]
    Shape,
    #[error("shared.hours.refusal.order")]
    Order,
    #[error("shared.hours.refusal.overlap")]
    Overlap,
}

/// A week's spans, sorted, none over another. With no span at all the hours are not known, which
/// is something else than closed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hours([Vec<Span>; 7]);

/// How the door stands at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Door {
    NotKnown,
    /// Open until so many minutes after midnight.
    Open(u16),
    /// Closed until that day and minute; today again only where it opens later today.
    Closed(Weekday, u16),
}

impl Hours {
    /// `None` where two spans of a day meet.
    pub fn of(mut days: [Vec<Span>; 7]) -> Option<Self> {
        for day in &mut days {
            day.sort_unstable();
            if day.windows(2).any(|pair| pair[1].from < pair[0].until) {
                return None;
            }
        }
        Some(Self(days))
    }

    pub fn is_known(&self) -> bool {
        self.0.iter().any(|day| !day.is_empty())
    }

    /// Whether it never closes.
    pub fn is_always(&self) -> bool {
        let whole = Span {
            from: 0,
            until: DAY,
        };
        self.0.iter().all(|day| *day == [whole])
    }

    pub fn on(&self, day: Weekday) -> &[Span] {
        &self.0[day.num_days_from_monday() as usize]
    }

    /// Every span with its day.
    pub fn spans(&self) -> impl Iterator<Item = (Weekday, Span)> {
        WEEK.into_iter()
            .flat_map(|day| self.on(day).iter().map(move |span| (day, *span)))
    }

    /// Day (0 is Monday), from and until, as a table keeps each span.
    pub fn rows(&self) -> impl Iterator<Item = (u32, u16, u16)> {
        self.spans()
            .map(|(day, span)| (day.num_days_from_monday(), span.from, span.until))
    }

    pub fn from_rows(rows: impl IntoIterator<Item = (u32, u16, u16)>) -> Self {
        let mut days: [Vec<Span>; 7] = Default::default();
        for (day, from, until) in rows {
            if let Some(into) = days.get_mut(day as usize) {
                into.extend(Span::new(from, until));
            }
        }
        Self::of(days).unwrap_or_default()
    }

    /// Reads what stands on the sign for one day: `9-13, 14:30-18`, in any digits. Nothing typed
    /// is a day on which it stays closed.
    pub fn day(typed: &str) -> Result<Vec<Span>, NotHours> {
        let typed = western_digits(typed);
        let mut spans = Vec::new();
        for part in typed.split([',', ';', '،', '\n']).map(str::trim) {
            if part.is_empty() {
                continue;
            }
            let (from, until) = part
                .split_once(['-', '–', '—', '−'])
                .ok_or(NotHours::Shape)?;
            let (from, until) = (minute(from)?, minute(until)?);
            spans.push(Span::new(from, until).ok_or(NotHours::Order)?);
        }
        spans.sort_unstable();
        let over = spans.windows(2).any(|pair| pair[1].from < pair[0].until);
        if over {
            return Err(NotHours::Overlap);
        }
        Ok(spans)
    }

    /// As it would be typed and is shown: `09:00–13:00, 14:30–18:00`.
    pub fn written(&self, day: Weekday) -> String {
        let spans = self.on(day).iter();
        let told: Vec<String> = spans
            .map(|span| format!("{}–{}", clock(span.from), clock(span.until)))
            .collect();
        told.join(", ")
    }

    /// How the door stands at a moment of the wall clock.
    pub fn at(&self, moment: NaiveDateTime) -> Door {
        let today = moment.weekday();
        let minute = u16::try_from(moment.hour() * 60 + moment.minute()).unwrap_or(0);
        if let Some(span) = self.on(today).iter().find(|span| span.holds(minute)) {
            return Door::Open(span.until);
        }
        let later = self.on(today).iter().find(|span| span.from > minute);
        if let Some(span) = later {
            return Door::Closed(today, span.from);
        }
        let mut day = today;
        for _ in 0..7 {
            day = day.succ();
            if let Some(span) = self.on(day).first() {
                return Door::Closed(day, span.from);
            }
        }
        Door::NotKnown
    }
}

/// Minutes after midnight as a clock shows them.
pub fn clock(minute: u16) -> String {
    format!("{:02}:{:02}", minute / 60, minute % 60)
}

/// Minutes after midnight of `9`, `9:30`, `09.30`, `9h30`, `18h`, `18 h 30` and `1830`, in the
/// digits and with the marks of any keyboard. `9:5` is refused: it may be five past or ten to ten.
pub fn minute(typed: &str) -> Result<u16, NotHours> {
    let seen = typed
        .chars()
        .filter(|c| !c.is_whitespace() && !is_unseen(*c));
    let typed = western_digits(&seen.collect::<String>());
    let apart = typed.split_once([':', '：', '.', '٫', 'h', 'H']);
    let (hours, minutes) = match apart {
        Some((hours, "")) => (hours, "00"),
        Some(parts) => parts,
        None => typed
            .len()
            .checked_sub(2)
            .filter(|at| *at > 0 && typed.is_char_boundary(*at))
            .map_or((typed.as_str(), "00"), |at| typed.split_at(at)),
    };
    let number = |part: &str, most: u16| {
        let plain = (1..=2).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
        let value: Option<u16> = plain.then(|| part.parse().ok()).flatten();
        value.filter(|value| *value <= most).ok_or(NotHours::Shape)
    };
    let (hours, minutes) = match minutes.len() {
        2 => (number(hours, 24)?, number(minutes, 59)?),
        _ => return Err(NotHours::Shape),
    };
    let whole = hours * 60 + minutes;
    (whole <= DAY).then_some(whole).ok_or(NotHours::Shape)
}

/// As [`minute`], as the time of a clock: there is no 24:00 to begin at.
pub fn time(typed: &str) -> Result<NaiveTime, NotHours> {
    let minute = u32::from(minute(typed)?);
    NaiveTime::from_hms_opt(minute / 60, minute % 60, 0).ok_or(NotHours::Shape)
}
