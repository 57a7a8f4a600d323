//! Courses at a centre.

use axum::http::StatusCode;

use crate::centre::Centre;

/// A course that meets today, with one learner; the address of its register.
pub fn meeting_today(centre: &Centre, person: &str) -> String {
    let day = centre.app.world.today();
    let weekday = day.format("%a").to_string()[..2].to_uppercase();
    let fields = [
        ("kind", "language"),
        ("title-eng", "Reading together"),
        ("days", &*weekday),
        ("from", &*day.to_string()),
        ("until", &*(day + chrono::Days::new(28)).to_string()),
        ("repeat", "weekly"),
        ("every", "1"),
        ("which", "first"),
        ("opens", "09:00"),
        ("closes", "11:00"),
        ("share", "75"),
        ("currency", "LBP"),
    ];
    let planned = centre.post("/activities/new", "/activities/new", &fields);
    assert_eq!(planned.status, StatusCode::SEE_OTHER, "{}", planned.html);
    let to = format!("{}/enrolments", planned.to);
    let enrolled = centre.post(&planned.to, &to, &[("person", person)]);
    assert_eq!(enrolled.status, StatusCode::SEE_OTHER, "{}", enrolled.html);
    centre
        .get(&planned.to)
        .attribute("a[href^='/sessions/']", "href")
}
