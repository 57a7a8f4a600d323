//! Card codes, told dates and typed text.

use std::str::FromStr;

use chrono::{Datelike, NaiveDate};
use darna::kit::code::CardCode;
use darna::kit::date::{Precision, ToldDate};
use darna::kit::ethiopian;
use darna::kit::hours;
use darna::kit::text::{self, Refused};
use darna::kit::world::{Seeded, World};
use proptest::prelude::*;

const SYMBOLS: &str = "123456789ABCDEFGHJKMNPQRSTVWXYZ";

fn code(seed: u64) -> String {
    let mut world = World::system();
    world.chance = std::sync::Arc::new(Seeded::new(seed));
    CardCode::random(&world, 4).to_string()
}

proptest! {
    #[test]
    fn a_card_code_typed_carelessly_is_the_same_code(seed: u64) {
        let code = code(seed);
        let careless = code.to_lowercase().replace('-', " ");
        prop_assert_eq!(CardCode::from_str(&careless).map(|c| c.to_string()), Ok(code));
    }

    #[test]
    fn one_wrong_symbol_is_noticed(seed: u64, place in 2_usize..7, other in 0_usize..31) {
        let code = code(seed);
        let other = &SYMBOLS[other..=other];
        prop_assume!(&code[place..=place] != other);
        let mut wrong = code;
        wrong.replace_range(place..=place, other);
        prop_assert!(CardCode::from_str(&wrong).is_err());
    }

    #[test]
    fn two_swapped_symbols_are_noticed(seed: u64, place in 2_usize..6) {
        let code = code(seed);
        let (first, second) = (&code[place..=place], &code[place + 1..place + 2]);
        prop_assume!(first != second);
        let mut swapped = code.clone();
        swapped.replace_range(place..place + 2, &format!("{second}{first}"));
        prop_assert!(CardCode::from_str(&swapped).is_err());
    }

    /// As domain.md tells the calendar, from 1901 to the last year before 2100, which has no leap day.
    #[test]
    fn an_ethiopian_day_is_counted_from_its_new_year(of in 0_i32..72_500) {
        let first = NaiveDate::from_ymd_opt(1901, 1, 1).expect("a day");
        let day = first + chrono::Days::new(u64::try_from(of).expect("after it"));
        let new_year = |year: i32| {
            let leap = NaiveDate::from_ymd_opt(year + 1, 2, 29).is_some();
            NaiveDate::from_ymd_opt(year, 9, if leap { 12 } else { 11 }).expect("a day")
        };
        let began = day >= new_year(day.year());
        let start = new_year(if began { day.year() } else { day.year() - 1 });
        let told = ethiopian::Day::of(day);
        prop_assert_eq!(told.year, day.year() - if began { 7 } else { 8 });
        let of_year = (day - start).num_days();
        prop_assert_eq!(i64::from(told.month), of_year / 30 + 1);
        prop_assert_eq!(i64::from(told.day), of_year % 30 + 1);
    }

    #[test]
    fn nothing_typed_as_a_date_makes_the_program_stop(typed in ".{0,40}") {
        let _ = ToldDate::parse(&typed);
    }

    #[test]
    fn a_told_date_is_read_back_as_it_was_meant(year in 1900_i32..2200, month in 1_u32..13, day in 1_u32..29, precision in 0_usize..4) {
        let precision = Precision::ALL[precision];
        let (month, day) = match precision {
            Precision::Day => (month, day),
            Precision::Month => (month, 1),
            Precision::Year | Precision::Estimated => (1, 1),
        };
        let date = NaiveDate::from_ymd_opt(year, month, day).expect("a day up to 28 is in every month");
        let told = ToldDate { date, precision };
        prop_assert_eq!(ToldDate::parse(&told.written()), Ok(told));
    }
}

#[test]
fn a_birth_is_told_in_many_ways() {
    let of = |typed| ToldDate::parse(typed).map(|told| told.written());
    assert_eq!(of("٢٤/١١/١٩٩٠"), Ok("24/11/1990".into()));
    assert_eq!(of("11/1990"), Ok("11/1990".into()));
    assert_eq!(of(" 1990 "), Ok("1990".into()));
    assert_eq!(of("~1990"), Ok("~1990".into()));
    assert!(of("31/02/1990").is_err());
    assert!(of("").is_err());
}

#[test]
fn an_hour_is_written_in_many_ways() {
    for typed in [
        "18:30",
        "18.30",
        "18h30",
        "18H30",
        "18 h 30",
        "1830",
        "18 30",
        "١٨:٣٠",
        "١٨٫٣٠",
        "\u{200f}18:30",
        " ۱۸:۳۰ ",
    ] {
        assert_eq!(hours::minute(typed), Ok(18 * 60 + 30), "{typed}");
    }
    for (typed, minute) in [("18h", 1080), ("9", 540), ("930", 570), ("٦:٣٠", 390)] {
        assert_eq!(hours::minute(typed), Ok(minute), "{typed}");
    }
    for typed in [
        "",
        "h",
        "9:5",
        "9:305",
        "18:60",
        "25",
        "24:01",
        "18 heures",
        "ሰዓት",
        "-9",
    ] {
        assert!(hours::minute(typed).is_err(), "{typed}");
    }
    assert!(hours::minute("24").is_ok() && hours::time("24").is_err());
}

#[test]
fn age_changes_on_the_birthday() {
    let birth = ToldDate::parse("1990-11-24").expect("a date");
    let on = |day| NaiveDate::from_ymd_opt(2026, 11, day).expect("a date");
    assert_eq!(birth.years_until(on(23)), 35);
    assert_eq!(birth.years_until(on(24)), 36);
}

#[test]
fn text_has_a_limit_in_characters_and_no_controls() {
    assert_eq!(text::required("  ማርታ ", 4), Ok("ማርታ".into()));
    assert_eq!(text::required("   ", 4), Err(Refused::Empty));
    assert_eq!(
        text::optional("abcde", 4),
        Err(Refused::TooLong { limit: 4 })
    );
    assert_eq!(text::optional("a\u{0}b", 4), Err(Refused::Control));
    assert_eq!(text::lines("a\r\nb", 4), Ok(Some("a\nb".into())));
    assert_eq!(text::western_digits("٠۹९"), "099");
}

#[test]
fn known_days_have_their_ethiopian_date() {
    for (gregorian, told) in [
        ("2007-09-12", (2000, 1, 1)),
        ("2024-01-07", (2016, 4, 28)),
        ("2026-09-10", (2018, 13, 5)),
        ("2026-09-11", (2019, 1, 1)),
        ("2026-11-24", (2019, 3, 15)),
        ("2027-09-11", (2019, 13, 6)),
        ("1936-05-05", (1928, 8, 27)),
    ] {
        let day = ethiopian::Day::of(gregorian.parse().expect("a day"));
        assert_eq!((day.year, day.month, day.day), told, "{gregorian}");
    }
}
