//! The lists of cases, what notes say, and a list as a spreadsheet.

use askama::Template;
use rust_xlsxwriter::{Workbook, XlsxError};

use super::choices;
use crate::cases::forms::issue_choices;
use crate::cases::issues::Issue;
use crate::cases::rules::{Kind, Urgency};
use crate::cases::store::{self, Filter, Line, View};
use crate::kit::id::CaseId;
use crate::people::Named;
use crate::vault::{Casework, CaseworkEvent, Refusal, Roles};
use crate::web::{Answer, Call, Choice, Ctx, Field, Result};

/// Cases on one page of a list.
const LONG: usize = 50;
/// Cases in one spreadsheet.
const MOST_EXPORTED: usize = 20_000;
/// Parties that a list can be narrowed to.
const MOST_PARTIES: usize = 200;

/// One case in a list, in words. Whose it is not is shown without a name.
struct Row {
    case: CaseId,
    number: String,
    name: String,
    kind: String,
    stage: String,
    urgency: Urgency,
    urgency_label: String,
    issue: Option<String>,
    opened: Option<String>,
    waiting: Option<(String, String)>,
    worker: Option<String>,
}

#[derive(Template)]
#[template(path = "cases/list.html")]
struct ListPage<'p> {
    c: &'p Ctx,
    view: View,
    title: String,
    views: Vec<(&'static str, String, bool)>,
    rows: Vec<Row>,
    issue: Field,
    issues: Vec<Choice>,
    kind: Field,
    kinds: Vec<Choice>,
    party: Field,
    /// Empty for a manager, who may not know who an employer is.
    parties: Vec<Choice>,
    query: String,
    before: Option<usize>,
    after: Option<usize>,
}

fn filter(call: &Call, c: &Ctx) -> Result<Filter> {
    let roles = call.actor()?.roles;
    let knows = roles.meet(Roles::CASEWORKER);
    let asked = View::from_code(call.sent.get("view"));
    Ok(Filter {
        view: View::of(roles)
            .find(|view| asked.is_none_or(|asked| asked == *view))
            .unwrap_or(View::All),
        issue: Issue::from_code(call.sent.get("issue")),
        kind: Kind::from_code(call.sent.get("kind")),
        party: call.sent.get("party").parse().ok().filter(|_| knows),
        today: c.today(),
    })
}

/// As it stands in the address, so that going back shows the same list.
fn query(filter: &Filter) -> String {
    let party = filter.party.map(|party| party.to_string());
    format!(
        "view={}&issue={}&kind={}&party={}",
        filter.view.code(),
        filter.issue.map_or("", Issue::code),
        filter.kind.map_or("", Kind::code),
        party.unwrap_or_default()
    )
}

/// Employers and agencies to narrow a list to; the one that is chosen is always among them.
fn parties(casework: &Casework<'_>, c: &Ctx, filter: &Filter) -> Result<Vec<Choice>> {
    let mut known = store::parties(casework, MOST_PARTIES)?;
    if let Some(chosen) = filter.party
        && known.iter().all(|party| party.id != chosen)
    {
        known.extend(store::party(casework, chosen)?);
    }
    known.sort_by_key(|party| party.name().to_lowercase());
    let all = known.into_iter().map(|party| {
        let chosen = Some(party.id) == filter.party;
        Choice::new(party.id.to_string(), party.name().to_owned(), chosen)
    });
    let any = Choice::new("", c.t("cases.any_party"), filter.party.is_none());
    Ok(std::iter::once(any).chain(all).collect())
}

pub fn list(call: &Call) -> Result {
    let c = &call.context();
    Answer::page(&list_page(call, c)?)
}

fn list_page<'p>(call: &Call, c: &'p Ctx) -> Result<ListPage<'p>> {
    let filter = filter(call, c)?;
    let from: usize = call.sent.get("from").parse().unwrap_or(0);
    let actor = call.actor()?;
    let (mut rows, parties) = call.list_casework(|casework| {
        let lines = store::list(casework, actor, &filter, from, LONG + 1)?;
        let parties = match actor.roles.meet(Roles::CASEWORKER) {
            true => parties(casework, c, &filter)?,
            false => Vec::new(),
        };
        Ok::<_, Refusal>((rows(casework, c, lines)?, parties))
    })?;
    let after = (rows.len() > LONG).then_some(from + LONG);
    rows.truncate(LONG);
    let issue = filter.issue.map_or("", Issue::code);
    let kind = filter.kind.map_or("", Kind::code);
    let mut kinds = vec![Choice::new("", c.t("cases.any_kind"), kind.is_empty())];
    kinds.extend(choices(Kind::ALL, |k| (k.code(), c.t(k.label_key())), kind));
    let mut issues = issue_choices(c, issue);
    if let Some(first) = issues.first_mut() {
        first.label = c.t("cases.any_issue");
    }
    Ok(ListPage {
        c,
        view: filter.view,
        title: c.t(filter.view.label_key()),
        views: View::of(actor.roles)
            .map(|view| (view.code(), c.t(view.label_key()), view == filter.view))
            .collect(),
        rows,
        issue: Field::new("issue", 3).typed(issue),
        issues,
        kind: Field::new("kind", 20).typed(kind),
        kinds,
        party: Field::new("party", 32)
            .typed(&filter.party.map(|id| id.to_string()).unwrap_or_default()),
        parties,
        query: query(&filter),
        before: (from > 0).then(|| from.saturating_sub(LONG)),
        after,
    })
}

fn rows(casework: &Casework<'_>, c: &Ctx, lines: Vec<Line>) -> Result<Vec<Row>> {
    let own = lines.iter().filter(|line| line.own);
    let named = Named::of(casework, own.filter_map(|line| line.person))?;
    // Of somebody else's case a list tells the number and whose it is (domain.md 6).
    let told = |own: bool, key: &str| if own { c.t(key) } else { String::new() };
    Ok(lines
        .into_iter()
        .map(|line| Row {
            case: line.case,
            number: line.number.to_string(),
            name: named.get(line.person.filter(|_| line.own)),
            kind: told(line.own, line.kind.label_key()),
            stage: told(line.own, line.stage.label_key()),
            urgency: if line.own {
                line.urgency
            } else {
                Urgency::Normal
            },
            urgency_label: told(line.own, line.urgency.label_key()),
            issue: line
                .main_issue
                .filter(|_| line.own)
                .map(|issue| c.t(issue.label_key())),
            opened: line.own.then(|| c.day(line.opened)),
            waiting: Option::zip(
                line.waiting_on.filter(|_| line.own),
                line.waiting_until.map(|day| c.day(day)),
            ),
            worker: line.worker_name,
        })
        .collect())
}

/// The list as a spreadsheet, where the dialog says. It is a plain file: the page warns of it.
pub fn export(call: &Call) -> Result {
    let c = &call.context();
    let (filter, actor) = (filter(call, c)?, call.actor()?);
    let rows = call.list_casework(|casework| {
        let lines = store::list(casework, actor, &filter, 0, MOST_EXPORTED)?;
        rows(casework, c, lines)
    })?;
    let place = format!("/cases/list?{}", query(&filter));
    let name = format!("{}-{}.xlsx", c.t("cases.export.file"), c.today());
    let Some(path) = call.app.outside.place(&c.t("cases.export.title"), &name) else {
        return Answer::see(place);
    };
    let sheet = sheet(c, &rows).map_err(|_| Refusal::NotSaved)?;
    let number = u32::try_from(rows.len()).unwrap_or(u32::MAX);
    call.write_casework(|_| Ok::<_, Refusal>(((), CaseworkEvent::CasesExported { number })))?;
    std::fs::write(path, sheet)?;
    call.say("cases.said.exported");
    Answer::see(place)
}

/// Every cell is text: nothing in it is ever counted as a formula.
fn sheet(c: &Ctx, rows: &[Row]) -> std::result::Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    if c.dir() == "rtl" {
        sheet.set_right_to_left(true);
    }
    let heads = [
        "cases.column.number",
        "cases.column.person",
        "cases.column.kind",
        "cases.column.stage",
        "cases.column.urgency",
        "cases.column.issue",
        "cases.column.opened",
        "cases.column.worker",
    ];
    for (column, head) in (0..).zip(heads) {
        sheet.write_string(0, column, c.t(head))?;
    }
    for (line, row) in (1..).zip(rows) {
        let cells = [
            row.number.as_str(),
            &row.name,
            &row.kind,
            &row.stage,
            &row.urgency_label,
            row.issue.as_deref().unwrap_or(""),
            row.opened.as_deref().unwrap_or(""),
            row.worker.as_deref().unwrap_or(""),
        ];
        for (column, cell) in (0..).zip(cells) {
            sheet.write_string(line, column, cell)?;
        }
    }
    book.save_to_buffer()
}
