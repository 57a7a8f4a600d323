//! Activities as an iCalendar file (RFC 5545), for the telephone or the calendar of whoever wants
//! to come. What hangs on the wall stands in it, and nobody's name. Times are those of the centre's
//! wall, without a zone: the file is read where the centre is.

use std::fmt::Write;

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};

use super::Session;
use super::rules::Status;

/// A line may have so many octets, its end not counted.
const LONGEST: usize = 75;

/// One session with its title.
pub struct Entry<'e> {
    pub title: &'e str,
    pub session: &'e Session,
}

/// The whole file. `name` is the calendar's.
pub fn write(name: &str, entries: &[Entry<'_>], made: DateTime<Utc>) -> String {
    let mut out = String::new();
    for line in [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Darna//Activities//EN",
    ] {
        put(&mut out, line);
    }
    put(&mut out, &format!("NAME:{}", text(name)));
    for entry in entries {
        event(&mut out, entry, made);
    }
    put(&mut out, "END:VCALENDAR");
    out
}

fn event(out: &mut String, entry: &Entry<'_>, made: DateTime<Utc>) {
    let Entry { title, session } = entry;
    let hours = session.slot.hours;
    put(out, "BEGIN:VEVENT");
    put(out, &format!("UID:{}@darna", session.id));
    put(out, &format!("DTSTAMP:{}", made.format("%Y%m%dT%H%M%SZ")));
    put(
        out,
        &format!("DTSTART:{}", wall(session.slot.day, hours.from())),
    );
    put(
        out,
        &format!("DTEND:{}", wall(session.slot.day, hours.until())),
    );
    put(out, &format!("SUMMARY:{}", text(title)));
    if let Some(room) = &session.room {
        put(out, &format!("LOCATION:{}", text(room)));
    }
    if matches!(session.status, Status::Cancelled { .. }) {
        put(out, "STATUS:CANCELLED");
    }
    put(out, "END:VEVENT");
}

fn wall(day: NaiveDate, time: NaiveTime) -> String {
    day.and_time(time).format("%Y%m%dT%H%M%S").to_string()
}

/// Escaped as a value of text (RFC 5545, 3.3.11).
fn text(value: &str) -> String {
    let mut escaped = String::with_capacity(value.len());
    for sign in value.chars() {
        match sign {
            '\\' | ';' | ',' => {
                escaped.push('\\');
                escaped.push(sign);
            }
            '\n' => escaped.push_str("\\n"),
            sign if sign.is_control() => {}
            sign => escaped.push(sign),
        }
    }
    escaped
}

/// One content line, folded between letters (3.1).
fn put(out: &mut String, line: &str) {
    let mut used = 0;
    for sign in line.chars() {
        if used + sign.len_utf8() > LONGEST {
            out.push_str("\r\n ");
            used = 1;
        }
        used += sign.len_utf8();
        let _ = out.write_char(sign);
    }
    out.push_str("\r\n");
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_has_a_meaning_of_its_own_is_escaped() {
        assert_eq!(text("Tea, talk; a\\b\nc\rd"), "Tea\\, talk\\; a\\\\b\\ncd");
    }

    proptest! {
        #[test]
        fn a_line_is_never_too_long_and_unfolds_to_what_it_was(line in "\\PC{0,300}") {
            let mut out = String::new();
            put(&mut out, &line);
            let lines: Vec<&str> = out.split("\r\n").collect();
            prop_assert!(lines.iter().all(|line| line.len() <= LONGEST));
            prop_assert_eq!(lines.last(), Some(&""));
            prop_assert_eq!(out.replace("\r\n ", ""), format!("{line}\r\n"));
        }
    }
}
