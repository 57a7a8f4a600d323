//! Fills every form of every page with marker words, so that each column that holds free text, in
//! either file, holds one: through the real pages, as two workers who decide for each other.

use std::collections::BTreeSet;

use axum::http::StatusCode;
use darna::kit::id::UserId;
use darna::vault::{Actor, Refusal, Roles};
use scraper::{ElementRef, Html, Selector};

use crate::casework::{add, enter};
use crate::centre::{Centre, Page};

/// What else a field may want, tried in turn where the marker is refused.
const OTHERS: [&str; 7] = [
    "",
    "1",
    "1990",
    "24/11/2026",
    "1/12/2026",
    "18:30",
    "71 234 567",
];

/// Forms that end the session, take away rights, or want a secret.
const LEFT_OUT: [&str; 12] = [
    "/lock",
    "/hide",
    "/language",
    "/unlock",
    "/forgotten",
    "/passphrase",
    "/users",
    "/sheet",
    "/cover",
    "/sealed",
    "/backup",
    "/text-size",
];

/// Forms after which others are no longer there: they come last.
const LATE: [&str; 14] = [
    "/undo",
    "/void",
    "/end",
    "/ended",
    "/withdrawn",
    "/withdrawal",
    "/closing",
    "/closure",
    "/cancellation",
    "/removal",
    "/issues/out",
    "/returned",
    "/transfer",
    "/move",
];

struct Form {
    action: String,
    fields: Vec<(String, String, bool)>,
    chosen: Chosen,
}

fn select<'h>(of: ElementRef<'h>, css: &str) -> Vec<ElementRef<'h>> {
    let selector = Selector::parse(css).expect("a selector");
    of.select(&selector).collect()
}

/// Which of several that exclude each other is chosen.
#[derive(Clone, Copy, PartialEq)]
enum Chosen {
    First,
    Last,
}

/// Each form of a page with its fields, what they hold, and whether free text goes into them. A
/// form with several buttons is as many forms, and one with choices that exclude each other two.
fn forms(html: &str) -> Vec<Form> {
    let page = Html::parse_document(html);
    [Chosen::First, Chosen::Last]
        .into_iter()
        .flat_map(|chosen| forms_with(&page, chosen))
        .collect()
}

fn forms_with(page: &Html, chosen: Chosen) -> Vec<Form> {
    let attribute =
        |of: &ElementRef<'_>, name: &str| of.value().attr(name).unwrap_or("").to_owned();
    let mut all = Vec::new();
    for form in select(page.root_element(), "form[method=post]") {
        let mut fields: Vec<(String, String, bool)> = Vec::new();
        for input in select(form, "input, textarea") {
            let name = attribute(&input, "name");
            let value = attribute(&input, "value");
            match attribute(&input, "type").as_str() {
                _ if name.is_empty() => {}
                "radio" if fields.iter().any(|(known, ..)| *known == name) => {
                    if chosen == Chosen::Last {
                        fields.retain(|(known, ..)| *known != name);
                        fields.push((name, value, false));
                    }
                }
                "hidden" | "radio" | "checkbox" => fields.push((name, value, false)),
                _ => fields.push((name, value, true)),
            }
        }
        for choice in select(form, "select") {
            let options = select(choice, "option");
            let last = options
                .last()
                .map_or(String::new(), |o| attribute(o, "value"));
            fields.push((attribute(&choice, "name"), last, false));
        }
        if chosen == Chosen::Last && select(form, "input[type=radio]").is_empty() {
            continue;
        }
        let action = attribute(&form, "action");
        let buttons = select(form, "button[name]");
        if buttons.is_empty() {
            all.push(Form {
                action,
                fields,
                chosen,
            });
            continue;
        }
        for button in buttons {
            let mut fields = fields.clone();
            let pressed = (attribute(&button, "name"), attribute(&button, "value"));
            fields.push((pressed.0, pressed.1, false));
            let action = action.clone();
            all.push(Form {
                action,
                fields,
                chosen,
            });
        }
    }
    all
}

/// Sends a form full of markers; where a field refuses them it gets something else.
fn send(centre: &Centre, from: &str, form: &Form, mark: &dyn Fn(&str, &str) -> String) -> Page {
    let mut fields: Vec<(String, String)> = form
        .fields
        .iter()
        .filter(|(name, ..)| name != "csrf" && name != "write")
        .map(|(name, value, free)| {
            let value = match free {
                true => mark(&form.action, name),
                false => value.clone(),
            };
            (name.clone(), value)
        })
        .collect();
    let mut tries = OTHERS.iter();
    loop {
        // A record is not changed twice in one moment.
        centre.clock.advance(1);
        let sent: Vec<(&str, &str)> = fields
            .iter()
            .map(|(n, v)| (n.as_str(), v.as_str()))
            .collect();
        let page = centre.post(from, &form.action, &sent);
        if page.status != StatusCode::UNPROCESSABLE_ENTITY {
            return page;
        }
        let Some(other) = tries.next() else {
            return page;
        };
        let html = Html::parse_document(&page.html);
        for wrong in select(html.root_element(), "[aria-invalid=true]") {
            let name = wrong
                .value()
                .attr("name")
                .or(wrong.value().attr("id"))
                .unwrap_or("");
            for field in fields.iter_mut().filter(|(known, _)| known == name) {
                (*other).clone_into(&mut field.1);
            }
        }
    }
}

/// One address for all records of a kind: their pages have the same fields.
pub fn kind_of(path: &str) -> String {
    let path = path.split(['?', '#']).next().unwrap_or(path);
    path.split('/')
        .map(|part| if part.len() == 32 { "{id}" } else { part })
        .collect::<Vec<_>>()
        .join("/")
}

/// What a form is known by: where it leads, which of its buttons was pressed, what was chosen.
fn form_of(form: &Form) -> String {
    let pressed = form.fields.last().filter(|(_, _, free)| !free);
    let pressed = pressed.map_or("", |(_, value, _)| value.as_str());
    let pressed = if pressed.len() == 32 { "{id}" } else { pressed };
    let last = form.chosen == Chosen::Last;
    format!("{} {pressed} {last}", kind_of(&form.action))
}

/// One walk over all pages that can be reached; whether any form was filled that was not before.
fn walk(
    centre: &Centre,
    mark: &dyn Fn(&str, &str) -> String,
    late: bool,
    filled: &mut BTreeSet<String>,
) -> bool {
    let before = filled.len();
    let mut seen: BTreeSet<String> = BTreeSet::new();
    let mut ahead: Vec<String> = ["/", "/people/new", "/today", "/cases", "/activities/new"]
        .map(str::to_owned)
        .into();
    while let Some(path) = ahead.pop() {
        if !seen.insert(kind_of(&path)) {
            continue;
        }
        let page = centre.get(&path);
        if page.status != StatusCode::OK {
            continue;
        }
        for form in forms(&page.html) {
            let out = LEFT_OUT.iter().any(|left| form.action.starts_with(left));
            let last = LATE.iter().any(|end| form.action.ends_with(end));
            if out || last != late || filled.contains(&form_of(&form)) {
                continue;
            }
            let answer = send(centre, &path, &form, mark);
            if answer.status != StatusCode::UNPROCESSABLE_ENTITY {
                filled.insert(form_of(&form));
            }
            if answer.to.starts_with('/') {
                ahead.push(answer.to);
            }
        }
        let html = Html::parse_document(&page.html);
        for link in select(html.root_element(), "a[href^='/']") {
            ahead.push(link.value().attr("href").unwrap_or("/").to_owned());
        }
    }
    filled.len() > before
}

const ALL: Roles = Roles::DESK.and(Roles::CASEWORKER).and(Roles::MANAGER);

/// Nadia and Omar do everything there is to do; each decides for the other. Nadia is in afterwards.
pub fn staffed(centre: &Centre) -> Actor {
    let nadia = add(centre, "Nadia", ALL);
    let omar = add(centre, "Omar", ALL);
    for name in ["Omar", "Nadia"] {
        enter(centre, name);
    }
    let vault = &centre.app.vault;
    vault
        .name_sealed(nadia, nadia.user, Some(omar.user))
        .expect("two are named");
    nadia
}

/// Fills the forms of one page, those that come last or the others; gives where they led.
fn fill_page(
    centre: &Centre,
    path: &str,
    mark: &dyn Fn(&str, &str) -> String,
    late: bool,
) -> Vec<String> {
    let page = centre.get(path);
    let wanted = |form: &Form| {
        let last = LATE.iter().any(|end| form.action.ends_with(end));
        last == late && !LEFT_OUT.iter().any(|left| form.action.starts_with(left))
    };
    let sent = forms(&page.html).into_iter().filter(wanted);
    sent.map(|form| send(centre, path, &form, mark).to)
        .filter(|to| to.starts_with('/'))
        .collect()
}

/// Where the links of a page lead that `css` finds.
fn links(centre: &Centre, path: &str, css: &str) -> Vec<String> {
    let html = Html::parse_document(&centre.get(path).html);
    select(html.root_element(), css)
        .into_iter()
        .filter_map(|link| link.value().attr("href").map(str::to_owned))
        .collect()
}

/// The parts of a case, each on its page.
const PARTS: [&str; 11] = [
    "",
    "/edit",
    "/steps",
    "/money",
    "/people",
    "/papers",
    "/letter",
    "/sharing",
    "/counselling",
    "/medical",
    "/shelter",
];

/// Opens a case of whoever is in.
fn opened(centre: &Centre, person: &str, mark: &dyn Fn(&str, &str) -> String) -> String {
    let words = mark("/cases/new", "words");
    let told = [
        ("person", person),
        ("kind", "social"),
        ("words", &words),
        ("urgency", "normal"),
        ("whose", "me"),
    ];
    let from = format!("/cases/new?person={person}");
    let case = centre.post(&from, "/cases/new", &told).to;
    assert!(case.starts_with("/cases/"), "{case}");
    case
}

/// A case from its beginning to its end, as far as a walk does not come by itself: its parts, a
/// party, a referral to somebody unsafe, help that the other decides, its reading by the other.
fn by_hand(centre: &Centre, mark: &dyn Fn(&str, &str) -> String) {
    enter(centre, "Nadia");
    let told = [
        ("name", "Somebody"),
        ("consent", "spoken"),
        ("then", "stay"),
        // There may be one of that name already.
        ("sure", "yes"),
    ];
    let person = centre.post("/people/new", "/people/new", &told).to;
    let person = person.trim_start_matches("/people/").to_owned();
    let case = opened(centre, &person, mark);
    let place = format!("{case}/parties");
    let name = mark(&place, "party-name");
    let told = [("party-name", &*name), ("party-kind", "employer")];
    centre.post(&case, &place, &told);
    let help = format!("{case}/help");
    let need = mark(&help, "need");
    let told = [
        ("who", &*person),
        ("help-kind", "cash"),
        ("sum-amount", "5"),
        ("sum-currency", "USD"),
        ("need", &need),
        ("criteria", "other"),
        ("follow-up", "31/12/2026"),
    ];
    centre.post(&case, &help, &told);
    attach(centre, &case, mark);
    take_instalment_out(centre, &case, mark);
    drop_action(centre, &case, mark);
    for party in links(centre, &format!("{case}/people"), "a[href^='/parties/']") {
        fill_page(centre, &party, mark, false);
    }
    for late in [false, true] {
        for _ in 0..2 {
            for part in PARTS {
                fill_page(centre, &format!("{case}{part}"), mark, late);
            }
            let episodes = format!("a[href^='{case}/medical/']");
            for episode in links(centre, &format!("{case}/medical"), &episodes) {
                fill_page(centre, &episode, mark, late);
                if late {
                    end_episode(centre, &episode, mark);
                }
            }
            for scan in links(
                centre,
                &format!("{case}/papers"),
                "a[href*='/attachments/']",
            ) {
                fill_page(centre, &scan, mark, late);
            }
        }
    }
    let partners = format!("{case}/referrals/new?need=MED.refer");
    for form in links(centre, &partners, ".row-act a") {
        for referral in fill_page(centre, &form, mark, false) {
            for _ in 0..4 {
                fill_page(centre, &referral, mark, false);
            }
        }
    }
    enter(centre, "Omar");
    fill_page(centre, &case, mark, false);
    for request in links(centre, "/help", "a[href^='/help/']") {
        fill_page(centre, &request, mark, false);
    }
    enter(centre, "Nadia");
    for _ in 0..3 {
        fill_page(centre, &help, mark, false);
    }
    let told = [("to", omar(centre)), ("transfer-note", mark(&case, "note"))];
    let told = told.each_ref().map(|(name, value)| (*name, value.as_str()));
    centre.post(&case, &format!("{case}/transfer"), &told);
    for again in [false, true] {
        let other = opened(centre, &person, mark);
        fill_page(centre, &format!("{other}/closing"), mark, true);
        if again {
            fill_page(centre, &format!("{other}/closing"), mark, false);
        }
    }
}

/// No walk gets that far: what is planned is done before it could turn out not to be needed.
fn drop_action(centre: &Centre, case: &str, mark: &dyn Fn(&str, &str) -> String) {
    let steps = format!("{case}/steps");
    fill_page(centre, &steps, mark, false);
    let plan = [
        ("what", "Call"),
        ("action-kind", "call"),
        ("due", "31/12/2026"),
        ("by", &*own_choice(centre, &steps, "by")),
    ];
    centre.post(&steps, &format!("{case}/actions"), &plan);
    let css = "form[action$='/needless']";
    let html = Html::parse_document(&centre.get(&steps).html);
    for form in select(html.root_element(), css) {
        let to = form.value().attr("action").unwrap_or("");
        let why = mark(to, "needless");
        centre.post(&steps, to, &[("needless", &*why)]);
    }
}

/// What a list on a page offers first.
fn own_choice(centre: &Centre, page: &str, name: &str) -> String {
    let html = Html::parse_document(&centre.get(page).html);
    let options = select(html.root_element(), &format!("select[name={name}] option"));
    let first = options.first().and_then(|one| one.value().attr("value"));
    first.unwrap_or("").to_owned()
}

/// No walk gets that far: what is planned is received before it could be taken out.
fn take_instalment_out(centre: &Centre, case: &str, mark: &dyn Fn(&str, &str) -> String) {
    let money = format!("{case}/money");
    let agreed = [
        ("sum-kind", "agreed"),
        ("sum-amount", "100"),
        ("sum-currency", "USD"),
        ("sum-day", "01/11/2026"),
    ];
    centre.post(&money, &format!("{case}/sums"), &agreed);
    let plan = [
        ("plan-amount", "100"),
        ("plan-currency", "USD"),
        ("plan-due", "31/12/2026"),
    ];
    centre.post(&money, &format!("{case}/instalments"), &plan);
    let form = "form[action*='/instalments/'][action$='/void']";
    let out = centre.get(&money).attribute(form, "action");
    let reason = mark(&out, "instalment-reason");
    let done = centre.post(&money, &out, &[("instalment-reason", &*reason)]);
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.html);
}

/// What stands behind a choice that no walk makes: a code word, a phone with its hours, a day off.
fn at_the_desk(centre: &Centre, mark: &dyn Fn(&str, &str) -> String) {
    enter(centre, "Nadia");
    let new = "/people/new";
    let told = [
        ("as", "code-word"),
        ("name", "Sun"),
        ("code-word", &*mark(new, "code-word")),
        ("sure", "yes"),
    ];
    let hidden = centre.post("/people/new?as=code-word", new, &told);
    assert_eq!(hidden.status, StatusCode::SEE_OTHER, "{}", hidden.html);
    let told = [
        ("name", "Somebody else"),
        ("consent", "spoken"),
        ("phone-1", "71 234 567"),
        ("phone-1-times", &*mark(new, "phone-1-times")),
        ("sure", "yes"),
    ];
    let called = centre.post(new, new, &told);
    assert_eq!(called.status, StatusCode::SEE_OTHER, "{}", called.html);
    let holidays = "/activities/holidays";
    let told = [
        ("name", &*mark(holidays, "name")),
        ("from", "24/12/2026"),
        ("until", "24/12/2026"),
    ];
    let closed = centre.post(holidays, holidays, &told);
    assert_eq!(closed.status, StatusCode::SEE_OTHER, "{}", closed.html);
}

/// A scan, chosen in the dialog: its own words are not what is looked for.
fn attach(centre: &Centre, case: &str, mark: &dyn Fn(&str, &str) -> String) {
    let scan = centre.folder.path().with_extension("pdf");
    std::fs::write(&scan, "%PDF-1.4\n%%EOF\n").expect("a file");
    centre.outside.choose(&scan);
    let place = format!("{case}/attachments");
    let told = [
        ("scan-kind", "contract"),
        ("scan-what", &*mark(&place, "scan-what")),
        ("scan-dated", "2025-03"),
    ];
    let attached = centre.post(&format!("{case}/papers"), &place, &told);
    assert_eq!(attached.status, StatusCode::SEE_OTHER, "{}", attached.html);
    std::fs::remove_file(scan).expect("removed");
}

/// Tells how each visit and follow-up went, and then how all of it ended.
fn end_episode(centre: &Centre, episode: &str, mark: &dyn Fn(&str, &str) -> String) {
    let told = ["/visits/", "/follow-ups/"];
    let page = centre.get(episode);
    for form in forms(&page.html) {
        if told.iter().any(|part| form.action.contains(part)) {
            send(centre, episode, &form, mark);
        }
    }
    fill_page(centre, episode, mark, true);
}

fn omar(centre: &Centre) -> String {
    let read = centre.app.vault.read::<_, Refusal>(|db| {
        db.one("select id from user where name = 'Omar'", [], |row| {
            row.get(0)
        })
    });
    let omar: UserId = read.expect("an open centre").expect("Omar");
    omar.to_string()
}

/// Fills all, with what `mark` gives for a field of a form that leads to an address.
pub fn fill(centre: &Centre, mark: &dyn Fn(&str, &str) -> String) {
    let mut filled = BTreeSet::new();
    for late in [false, true] {
        for name in ["Nadia", "Omar", "Nadia"] {
            enter(centre, name);
            while walk(centre, mark, late, &mut filled) {}
        }
        if !late {
            by_hand(centre, mark);
        } else {
            at_the_desk(centre, mark);
        }
    }
}

/// The columns that hold text, with whether the marker stands in one of their rows, as
/// `casework.case_note.words` or `person_name.written`.
pub fn text_columns(centre: &Centre, actor: Actor, marker: &str) -> Vec<(String, bool)> {
    let read = centre.app.vault.list_casework(actor, |db| {
        let mut found = Vec::new();
        for (schema, shown) in [("main", ""), ("casework", "casework.")] {
            let tables: Vec<String> = db.all(
                &format!("select name from {schema}.sqlite_schema where type = 'table' and sql not like '%virtual%' and name not like '%\\_words\\_%' escape '\\'"),
                [],
                |row| row.get(0),
            )?;
            for table in tables {
                let columns: Vec<String> = db.all(
                    "select name from pragma_table_info(:table, :schema) where type = 'TEXT'",
                    &[(":table", &table), (":schema", &schema.to_owned())],
                    |row| row.get(0),
                )?;
                for column in columns {
                    let sql = format!(
                        "select 1 from {schema}.\"{table}\" where instr(\"{column}\", ?1) > 0 limit 1"
                    );
                    let there = db.one(&sql, [marker], |_| Ok(()))?.is_some();
                    found.push((format!("{shown}{table}.{column}"), there));
                }
            }
        }
        Ok::<_, Refusal>(found)
    });
    read.expect("an open centre")
}

/// Names under which a table keeps a day, a time, or one of a closed list.
const CLOSED: &[&str] = &[
    "answered",
    "asked",
    "arrived",
    "at",
    "begun",
    "birth",
    "birth_precision",
    "calendar",
    "came",
    "channel",
    "closed",
    "closes",
    "created",
    "currency",
    "day",
    "day_off",
    "decided",
    "departed",
    "disabled",
    "done",
    "due",
    "moved_from",
    "ended",
    "ending",
    "enrolled",
    "expires",
    "fee_currency",
    "fee_per",
    "follow_up",
    "gender",
    "given",
    "held",
    "hour",
    "how",
    "ids",
    "issue",
    "kind",
    "language",
    "languages",
    "left_on",
    "left_why",
    "letters_in",
    "level",
    "lives_with_employer",
    "made",
    "mark",
    "may_call",
    "may_text",
    "nationality",
    "need",
    "occupation",
    "opened",
    "opens",
    "outcome",
    "payer",
    "purpose",
    "read_in",
    "reread",
    "returned",
    "role",
    "rule",
    "rules_signed",
    "safety",
    "satisfaction",
    "seen",
    "sent",
    "service",
    "signed",
    "signed_until",
    "since",
    "since_precision",
    "stage",
    "starts",
    "state",
    "status",
    "taken_in",
    "text_size",
    "told",
    "undone",
    "until",
    "urgency",
    "verified",
    "voided",
    "waiting_until",
    "week_start",
    "weekend",
    "wheelchair",
    "whose",
    "withdrawn",
    "withdrawn_at",
    "worth_currency",
    "women_staff",
    "agreement_until",
    "appointment_at",
    "ends",
    "criterion",
    "reported",
    "received",
    "dated",
    "dated_precision",
    "format",
    "removed",
];

/// Of the names above, those that are free text in these tables.
const FREE: &[&str] = &[
    "casework.case_file.safety",
    "casework.help.need",
    "casework.medical_visit.told",
];

/// Closed or made by the program in these tables alone.
const ELSEWHERE: &[&str] = &[
    // What a record was before, whole: a copy of columns that are walked.
    "person_before.before",
    "casework.case_before.before",
    "visit_correction.before",
    "visit_correction.after",
    // Emptied by the step after it.
    "casework.case_file.waiting_on",
    "partner.cost",
    "casework.referral_consent.words",
    // The program's own words, marks and codes.
    "consent_text.words",
    "journal.name",
    "casework.journal.name",
    "person.code",
    "person.before",
    "person_phone.tail",
    "person_phone.written",
    "partner_phone.written",
    "centre.phone",
    "interpreter.phone",
    "enrolment.place",
    "enrolment.result",
    "attendance.before",
    "casework.case_deadline.answer",
    "casework.case_transfer.answer",
    "casework.case_share.parts",
    "casework.sealed_text.kind",
    "backup.failed",
    "stick.bad",
    "stick.forgotten",
    // Keys of a search: the words folded, so that a marker in another letter case is not the same.
    "name_word.word",
    "name_word.sound",
    "name_key.key",
    "casework.party_word.word",
    "casework.party_word.sound",
    "casework.party_key.key",
];

/// Tables that no page of this walk writes in, each with its own tests.
const NOT_WALKED: &[&str] = &[
    "casework.referral_in.",
    "user.",
    "stick.",
    "backup.",
    "rehearsal.",
    "kept_form.",
    "casework.kept_form.",
];

/// Whether no free text goes into a column.
pub fn is_closed(column: &str) -> bool {
    let name = column.rsplit('.').next().unwrap_or(column);
    let starts = |tables: &[&str]| tables.iter().any(|table| column.starts_with(table));
    ELSEWHERE.contains(&column)
        || starts(NOT_WALKED)
        || CLOSED.contains(&name) && !FREE.contains(&column)
}
