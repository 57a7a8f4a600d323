//! The fields of weekly hours: one for each day, in the order of the centre's week.

use chrono::Weekday;

use super::{Ctx, Field, Sent};
use crate::kit::hours::{Hours, WEEK};

pub struct WeekFields {
    /// Each with the name of its day.
    pub days: Vec<(String, Field)>,
    order: Vec<Weekday>,
}

impl WeekFields {
    pub fn of(c: &Ctx, first: Weekday, hours: &Hours) -> Self {
        let start = first.num_days_from_monday() as usize;
        let order: Vec<Weekday> = (0..7).map(|n| WEEK[(start + n) % 7]).collect();
        let days = order
            .iter()
            .map(|day| {
                let name = format!("hours-{}", day.num_days_from_monday());
                let field = Field::new(&name, 60).typed(&hours.written(*day));
                (c.day_name(*day), field)
            })
            .collect();
        Self { days, order }
    }

    pub fn read(&mut self, c: &Ctx, sent: &Sent) -> Option<Hours> {
        let mut week: [Vec<_>; 7] = Default::default();
        let mut whole = true;
        for (day, (_, field)) in self.order.iter().zip(&mut self.days) {
            match field.read(c, sent, |typed, _| Hours::day(typed)) {
                Some(spans) => week[day.num_days_from_monday() as usize] = spans,
                None => whole = false,
            }
        }
        whole.then(|| Hours::of(week)).flatten()
    }
}
