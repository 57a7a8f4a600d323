//! A month of a caseworker with 40 open cases, in the real window, in English and in Arabic, from
//! the work list alone: it says what to do today, each line leads to where it is done, the days
//! pass, and at the end nothing is overdue.

use std::path::Path;
use std::time::Instant;

use chrono::{Datelike, Days, NaiveDate, Weekday};
use darna::cases::rules::{ActionKind, DeadlineKind, Kind, State, Step, SumKind, Wait, step};
use darna::cases::store::{self, NewSum, Planned};
use darna::kit::lang::Lang;
use darna::kit::money::Amount;
use darna::kit::world::World;
use darna::vault::secret::Passphrase;
use darna::vault::{Actor, Refusal, Vault};
use darna_tests::casework::WORDS;
use darna_tests::office::{Office, founded, morning, unlock};
use darna_tests::window::{Screen, Window};

const CASES: usize = 40;
/// Four weeks, from the day on which the test runs.
const DAYS: i64 = 28;

struct Words {
    lang: Lang,
    manager: &'static str,
    worker: &'static str,
    story: &'static str,
    action: &'static str,
    source: &'static str,
    place: &'static str,
    wait: &'static str,
    done: &'static str,
}

#[test]
fn a_month_of_a_caseworker_in_english() {
    month(&Words {
        lang: Lang::En,
        manager: "Samira",
        worker: "Leila",
        story: "Invented: no wages for four months",
        action: "Call the employer",
        source: "Sample Labour Act, section 12",
        place: "Sample court, room 3",
        wait: "The employer's answer",
        done: "Done, he will pay",
    });
}

#[test]
fn a_month_of_a_caseworker_in_arabic() {
    month(&Words {
        lang: Lang::Ar,
        manager: "سميرة",
        worker: "ليلى",
        story: "قصة متخيّلة: لا أجور منذ أربعة أشهر",
        action: "الاتصال بصاحب العمل",
        source: "قانون العمل النموذجي، المادة 12",
        place: "المحكمة النموذجية، القاعة 3",
        wait: "جواب صاحب العمل",
        done: "تم، وسيدفع",
    });
}

fn month(words: &Words) {
    let mut worker = None;
    let mut planned = 0;
    let window = Window::on(Screen::default(), |data| {
        let office = founded(data, words.lang, words.manager, words.worker);
        planned = fill(&office, words);
        worker = Some(office.worker);
    });
    let began = Instant::now();
    unlock(&window, words.worker);
    let first = chrono::Local::now().date_naive();
    let (mut done, mut days) = (0, 0);
    window.press("a.place[href='/cases']", "#lists-title");
    let pictures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/pictures");
    window.picture(&pictures.join(words.lang.tag()).join("month-first.png"));
    for ahead in 0..=DAYS {
        let day = first + Days::new(ahead.unsigned_abs());
        if ahead > 0 && (weekend(day) && ahead < DAYS) {
            continue;
        }
        if ahead > 0 {
            morning(&window, words.worker, ahead);
        }
        done += a_day(&window, words);
        days += 1;
    }
    println!(
        "{CASES} cases, {days} days, {done} things done of {planned} planned, in {:.0} s",
        began.elapsed().as_secs_f64()
    );
    assert!(done >= planned, "{done} of {planned}");
    assert!(
        window
            .script("return document.querySelector('#overdue')")
            .is_null()
    );
    let data = window.folder.path().join("data");
    window.press("#lock-form button", "#passphrase");
    nothing_is_overdue(
        window,
        &data,
        worker.expect("a worker"),
        first + Days::new(DAYS.unsigned_abs()),
    );
}

fn weekend(day: NaiveDate) -> bool {
    matches!(day.weekday(), Weekday::Sat | Weekday::Sun)
}

/// Does what the list names until it names nothing more for today; how much that was.
fn a_day(window: &Window, words: &Words) -> usize {
    let mut done = 0;
    loop {
        window.press("a.place[href='/cases']", "#lists-title");
        let next = window.script(
            "return document.querySelector('#overdue .row-names a, #now .row-names a') !== null",
        );
        if next != true {
            return done;
        }
        window.press("#overdue .row-names a, #now .row-names a", "main .who");
        do_it(window, words);
        done += 1;
        assert!(done < 100, "the list never ends: {}", window.text("main"));
    }
}

/// Whatever the line led to: a form that has the cursor in it, or a case that has waited.
fn do_it(window: &Window, words: &Words) {
    let form = window.script(
        "const form = document.querySelector('li.sought form');
         if (!form) return 'case';
         if (form.querySelector('[name=answer]')) return 'deadline';
         return form.querySelector('[name=received-day]') ? 'instalment' : 'result'",
    );
    match form.as_str().expect("a word") {
        "deadline" => window.press("li.sought [name=answer][value=met]", ".toast"),
        "instalment" => window.press("li.sought form .button", ".toast"),
        "result" => {
            assert_eq!(
                window.script("return document.activeElement.matches('li.sought form input')"),
                true,
                "the cursor stands where it is done"
            );
            window.keys(words.done);
            window.press("li.sought form .button", ".toast");
        }
        _ => window.press("button[value=resume]", ".toast"),
    }
}

/// 40 cases in work whose days lie in the next four weeks: calls, deadlines, hearings, instalments
/// and those that wait for somebody.
fn fill(office: &Office, words: &Words) -> usize {
    let people = office.people(CASES as u32);
    let (world, worker) = (&office.world, office.worker);
    let today = world.today();
    let day = |ahead: usize| today + Days::new(ahead as u64);
    office.write(|tx| {
        let mut planned = 0;
        for (n, person) in people.iter().take(CASES).enumerate() {
            let case = office.case(tx, *person, Kind::Legal, words.story);
            let call = Planned {
                kind: ActionKind::Call,
                what: words.action,
                due: day(n * 7 % 27),
                by: worker.user,
            };
            store::plan_action(tx, world, case, &call)?;
            planned += 1;
            if n % 3 == 0 {
                let deadline = (DeadlineKind::Limitation, day(n * 5 % 28), words.source);
                store::set_deadline(tx, world, worker, case, deadline)?;
                planned += 1;
            }
            if n % 5 == 1 {
                let hearing = (day(n * 3 % 28), Some("10:00"), words.place);
                store::set_hearing(tx, world, worker, case, hearing)?;
                planned += 1;
            }
            if n % 4 == 2 {
                let amount = Amount::new(20_000, "USD").ok_or(Refusal::Missing)?;
                let agreed = NewSum {
                    kind: SumKind::Agreed,
                    amount,
                    day: today,
                    note: None,
                    instalment: None,
                };
                store::note_sum(tx, world, worker, case, &agreed)?;
                store::plan_instalment(tx, world, worker, case, day(n * 11 % 28), amount)?;
                planned += 1;
            }
            if n % 8 == 3 {
                let file = store::case_file(tx, case)?.ok_or(Refusal::Missing)?;
                let facts = store::facts(tx, &file, today)?;
                let wait = Wait {
                    on: words.wait.to_owned(),
                    until: day(n * 2 % 28),
                };
                let waiting = step(&State::Active, Step::Wait(wait), &facts);
                store::put_state(tx, case, &waiting.map_err(|_| Refusal::Missing)?)?;
                planned += 1;
            }
        }
        Ok(planned)
    })
}

/// Closes the window and asks the file itself.
fn nothing_is_overdue(window: Window, data: &Path, worker: Actor, last: NaiveDate) {
    let kept = tempfile::TempDir::new().expect("a folder");
    darna_tests::office::copy(data, kept.path());
    drop(window);
    let vault = Vault::at(kept.path(), World::system()).expect("a vault");
    vault
        .unlock(worker.user, &Passphrase::new(WORDS))
        .expect("open");
    let open = vault
        .list_casework(worker, |casework| store::work(casework, worker, last, last))
        .unwrap_or_else(|why: Refusal| panic!("{why}"));
    assert_eq!(open, Vec::new(), "until the last day nothing is left");
}
