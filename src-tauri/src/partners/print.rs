//! The list of partners to hand out: what may hang on a wall, and nothing of how the centre knows it.

use chrono::{Days, NaiveDate, Weekday};
use serde_json::{Value, json};

use super::rules::{Cost, Partner};
use crate::kit::hours::WEEK;
use crate::kit::lang::Lang;
use crate::kit::lists::SpokenLanguage;
use crate::kit::paper::{Document, Refusal, template};
use crate::settings::Settings;
use crate::web::{Ctx, Head, Said, Tongues};

/// In the office's language, with another of the program's beside it (ISO 639-3, or none).
pub fn handout(
    c: &Ctx,
    settings: &Settings,
    beside: &str,
    partners: &[Partner],
) -> Result<Document, Refusal> {
    let tongues = Tongues::own(c.language(), Lang::spoken(beside));
    let words = tongues.words(&[
        "partners.handout.title",
        "partners.handout.lead",
        "partners.handout.services",
        "partners.handout.where",
        "partners.handout.phone",
        "partners.handout.hours",
        "partners.handout.languages",
        "partners.handout.cost",
    ]);
    let told: Vec<Value> = partners
        .iter()
        .map(|p| told(&tongues, settings, p))
        .collect();
    let place = settings.place.as_deref();
    let foot = c.day(c.today());
    Head::letter(
        &tongues,
        "partners.handout.title",
        &settings.name,
        place,
        &foot,
    )
    .document(
        template!("partners/handout.typ"),
        words,
        json!({ "partners": told }),
    )
}

fn told(tongues: &Tongues, settings: &Settings, partner: &Partner) -> Value {
    let profile = &partner.profile;
    let mut names: Vec<&str> = Vec::new();
    for code in tongues.codes() {
        let name = Lang::spoken(code).map(|language| profile.called(language));
        names.extend(name.filter(|name| !names.contains(name)));
    }
    let services: Vec<Vec<Said>> = profile
        .services
        .iter()
        .map(|service| tongues.say(service.label_key()))
        .collect();
    let languages: Vec<Vec<Said>> = profile
        .languages
        .iter()
        .filter_map(|code| SpokenLanguage::from_code(code))
        .map(|language| tongues.say(&language.label_key()))
        .collect();
    let place = [profile.address.as_deref(), profile.area.as_deref()];
    let place: Vec<&str> = place.into_iter().flatten().collect();
    json!({
        "names": names,
        "kind": tongues.say(profile.kind.label_key()),
        "services": services,
        "where": (!place.is_empty()).then(|| place.join(" · ")),
        "phones": profile.phones,
        "hours": hours(tongues, settings, partner),
        "languages": languages,
        "cost": (profile.cost != Cost::Unknown).then(|| tongues.say(profile.cost.label_key())),
    })
}

/// When the door opens, in the order of the centre's week; days of the same hours together.
fn hours(tongues: &Tongues, settings: &Settings, partner: &Partner) -> Vec<Value> {
    let hours = &partner.profile.hours;
    if hours.is_always() {
        return vec![json!({ "day": tongues.say("partners.open_always"), "hours": null })];
    }
    let first = settings.week_start.weekday().num_days_from_monday() as usize;
    let week: Vec<(Weekday, String)> = (0..7)
        .map(|n| WEEK[(first + n) % 7])
        .map(|day| (day, hours.written(day)))
        .collect();
    week.chunk_by(|(_, one), (_, next)| one == next)
        .filter(|days| !days[0].1.is_empty())
        .map(|days| {
            let mut said = name(tongues, days[0].0);
            if let [_, .., (last, _)] = days {
                for (said, last) in said.iter_mut().zip(name(tongues, *last)) {
                    said.text = format!("{} – {}", said.text, last.text);
                }
            }
            json!({ "day": said, "hours": days[0].1 })
        })
        .collect()
}

fn name(tongues: &Tongues, day: Weekday) -> Vec<Said> {
    // Any Monday will do.
    let monday = NaiveDate::default() + Days::new(4);
    tongues.day(
        monday + Days::new(u64::from(day.num_days_from_monday())),
        "%A",
    )
}
