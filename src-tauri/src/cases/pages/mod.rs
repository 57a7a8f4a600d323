//! The pages of cases. Each part of a case has a page of its own below the same head, so that a
//! case with two hundred notes stays calm.

mod case;
mod closing;
mod documents;
mod hands;
mod intake;
mod letter;
mod lists;
mod money;
mod papers;
mod parties;
mod people;
mod sharing;
mod steps;

use askama::Template;

use super::rules::{self, CaseFile, Part, PersonRole, Reach, State, Urgency};
use super::store;
use crate::kit::id::{CaseId, PersonId};
use crate::kit::paper::{Document, Paper};
use crate::people::Named;
use crate::vault::{CaseworkEvent, CaseworkTx, Db, Refusal, Roles, user_called};
use crate::web::access::Route;
use crate::web::{Answer, Call, Choice, Ctx, Field, Handler, Result, choices};

pub const ROUTES: &[(Route, Handler)] = &[
    (Route::CaseList, lists::list),
    (Route::ExportCases, lists::export),
    (Route::NewCase, intake::ask),
    (Route::OpenCase, intake::open),
    (Route::EditCase, intake::edit),
    (Route::ReviseCase, intake::revise),
    (Route::CasePage, case::page),
    (Route::AskForCase, case::ask),
    (Route::AddNote, case::add_note),
    (Route::AddIssue, case::add_issue),
    (Route::DropIssue, case::drop_issue),
    (Route::MoveCase, case::step),
    (Route::WaitCase, case::wait),
    (Route::CaseSteps, steps::page),
    (Route::PlanAction, steps::plan),
    (Route::ActionDone, steps::done),
    (Route::SetDeadline, steps::deadline),
    (Route::AnswerDeadline, steps::answer),
    (Route::SetHearing, steps::hearing),
    (Route::HearingHeld, steps::held),
    (Route::CaseMoney, money::page),
    (Route::NoteSum, money::note),
    (Route::VoidSum, money::void),
    (Route::PlanInstalment, money::plan),
    (Route::ReceiveInstalment, money::receive),
    (Route::MoveInstalment, money::move_to),
    (Route::MoveAction, steps::move_to),
    (Route::DropAction, steps::needless),
    (Route::RemoveCasePerson, people::remove),
    (Route::RemoveParty, people::remove_party),
    (Route::VoidInstalment, money::void_instalment),
    (Route::CasePeople, people::page),
    (Route::AddCasePerson, people::add),
    (Route::AddParty, people::add_party),
    (Route::LinkParty, people::link_party),
    (Route::MakeAppointment, people::appoint),
    (Route::UndoAppointment, people::undo_appointment),
    (Route::InstructDesk, people::instruct),
    (Route::CasePapers, papers::page),
    (Route::TakeIn, papers::take_in),
    (Route::GiveBack, papers::give_back),
    (Route::PrintCustodySlip, papers::slip),
    (Route::AttachFile, documents::attach),
    (Route::AttachmentPage, documents::page),
    (Route::AttachmentPicture, documents::picture),
    (Route::OpenAttachment, documents::outside),
    (Route::RemoveAttachment, documents::take_out),
    (Route::NeedPapers, documents::ask_for),
    (Route::EndNeed, documents::end_need),
    (Route::DemandLetter, letter::page),
    (Route::PrintDemand, letter::print),
    (Route::CaseSharing, sharing::page),
    (Route::AgreeToShare, sharing::agree),
    (Route::PrintSharingConsent, sharing::form),
    (Route::WithdrawSharing, sharing::withdraw),
    (Route::PrintSummary, sharing::summary),
    (Route::PrintMoneyReceipt, money::receipt),
    (Route::CaseHands, hands::page),
    (Route::TakeCase, hands::take),
    (Route::OfferCase, hands::offer),
    (Route::AnswerTransfer, hands::answer),
    (Route::SecondWorker, hands::second),
    (Route::Closing, closing::page),
    (Route::CloseCase, closing::close),
    (Route::ReopenCase, closing::reopen),
    (Route::Parties, parties::list),
    (Route::PartyPage, parties::page),
    (Route::ReviseParty, parties::revise),
    (Route::AddPartyFact, parties::add_fact),
];

/// Somebody in a case, as a page names them.
pub struct Somebody {
    pub id: PersonId,
    pub name: String,
    pub role: PersonRole,
    pub role_label: String,
}

impl Somebody {
    fn choice(&self, chosen: &str) -> Choice {
        let id = self.id.to_string();
        let is = id == chosen;
        Choice::new(id, self.name.clone(), is)
    }
}

/// What stands above every page of one case.
pub struct Head {
    pub case: CaseId,
    pub number: String,
    pub kind: String,
    pub stage_label: String,
    pub urgency: Urgency,
    pub urgency_label: String,
    pub opened: String,
    pub waiting: Option<(String, String)>,
    pub worker: Option<String>,
    pub second: Option<String>,
    pub people: Vec<Somebody>,
    /// May be written by whoever reads it.
    pub mine: bool,
    pub unassigned: bool,
    pub closed: bool,
    pub offered_to_me: bool,
    pub tab: &'static str,
    /// What this kind of case has besides, and what was begun in it.
    pub shown: Vec<Part>,
    /// Why what was asked is not done.
    pub problem: Option<String>,
}

impl Head {
    /// Whether the forms are shown: one's own case that is not closed.
    pub fn writable(&self) -> bool {
        self.mine && !self.closed
    }

    /// What somebody in the case is called; empty for anybody else.
    pub fn name_of(&self, person: PersonId) -> String {
        let known = self.people.iter().find(|known| known.id == person);
        known.map(|known| known.name.clone()).unwrap_or_default()
    }

    /// What somebody is in the case; `None` for anybody else.
    pub fn role_of(&self, person: PersonId) -> Option<PersonRole> {
        let known = self.people.iter().find(|known| known.id == person);
        known.map(|known| known.role)
    }

    pub fn tabs(&self, c: &Ctx) -> Vec<(String, String, bool)> {
        let mut tabs: Vec<(String, String, bool)> = TABS
            .iter()
            .map(|(tab, path, label)| {
                let href = format!("/cases/{}{path}", self.case);
                (href, c.t(label), *tab == self.tab)
            })
            .collect();
        // Before the last: in whose hands a case is ends the row.
        let parts = Part::ALL.iter().filter(|part| self.shows(**part));
        let parts: Vec<_> = parts.map(|part| self.part_tab(c, *part)).collect();
        let last = tabs.len() - 1;
        tabs.splice(last..last, parts);
        tabs
    }

    /// The parts that this case does not have, and could.
    pub fn others(&self, c: &Ctx) -> Vec<(String, String)> {
        let parts = Part::ALL.iter().filter(|part| !self.shows(**part));
        parts
            .map(|part| self.part_tab(c, *part))
            .map(|(href, label, _)| (href, label))
            .collect()
    }

    fn shows(&self, part: Part) -> bool {
        self.shown.contains(&part) || self.tab == part.code()
    }

    fn part_tab(&self, c: &Ctx, part: Part) -> (String, String, bool) {
        let href = format!("/cases/{}/{}", self.case, part.code());
        (href, c.t(part.label_key()), part.code() == self.tab)
    }
}

const TABS: [(&str, &str, &str); 6] = [
    ("story", "", "cases.tab.story"),
    ("steps", "/steps", "cases.tab.steps"),
    ("money", "/money", "cases.tab.money"),
    ("people", "/people", "cases.tab.people"),
    ("papers", "/papers", "cases.tab.papers"),
    ("hands", "/hands", "cases.tab.hands"),
];

/// The case's pages, or the page that asks why.
pub type Entered = std::result::Result<(Head, CaseFile), Answer>;

/// Comes to a case: one's own, nobody's, or another's on a reason; the journal tells of it.
pub fn enter(call: &Call, c: &Ctx, tab: &'static str) -> Result<Entered> {
    let case: CaseId = call.part("case")?;
    let actor = call.actor()?;
    let today = c.today();
    let (file, reach, offered, worker) = call.list_casework(|casework| {
        let file = store::case_file(casework, case)?.ok_or(Refusal::Missing)?;
        let reason = store::reason_today(casework, case, actor.user, today)?;
        let reach = reach(actor, &file, reason);
        let transfer = store::transfer(casework, case)?;
        let offered = transfer.is_some_and(|transfer| transfer.to == actor.user);
        let worker = match file.worker {
            Some(worker) => user_called(casework, worker)?,
            None => String::new(),
        };
        Ok::<_, Refusal>((file, reach, offered, worker))
    })?;
    let reach = match reach {
        Reach::Other if offered => read_offered(call, case)?,
        reach => reach,
    };
    if reach == Reach::Other {
        return Ok(Err(case::asks(
            c,
            &file,
            worker,
            Field::new("reason", 400),
        )?));
    }
    let head = call.read_casework(&CaseworkEvent::CaseRead { case }, |casework| {
        let mut shown = file.story.kind.parts().to_vec();
        shown.extend(store::parts(casework, case)?);
        let second = match file.second_worker {
            Some(second) => Some(user_called(casework, second)?),
            None => None,
        };
        Ok::<_, Refusal>(Head {
            case,
            number: file.number.to_string(),
            kind: c.t(file.story.kind.label_key()),
            stage_label: c.t(file.state.stage().label_key()),
            urgency: file.story.urgency,
            urgency_label: c.t(file.story.urgency.label_key()),
            opened: c.day(file.opened),
            waiting: match &file.state {
                State::Waiting(wait) => Some((wait.on.clone(), c.day(wait.until))),
                _ => None,
            },
            worker: file.worker.map(|_| worker),
            second,
            people: somebodies(casework, c, &file)?,
            mine: reach == Reach::Own && actor.roles.meet(Roles::CASEWORKER),
            unassigned: file.worker.is_none(),
            closed: file.state.is_closed(),
            offered_to_me: offered,
            tab,
            shown,
            problem: None,
        })
    })?;
    Ok(Ok((head, file)))
}

/// To whom a case is offered, that is reason enough; the worker in charge sees all the same that
/// they read it.
fn read_offered(call: &Call, case: CaseId) -> Result<Reach> {
    let (world, actor) = (&call.app.world, call.actor()?);
    call.app.vault.write_casework(actor, None, |tx| {
        let reading = store::ask(tx, world, actor, case, "")?;
        Ok::<_, Refusal>((Reach::Told, CaseworkEvent::CaseAskedFor { case, reading }))
    })
}

/// How somebody stands to a case. A manager who is no caseworker has no cases of their own, and
/// none that are nobody's: they read one on a reason.
pub fn reach(actor: crate::vault::Actor, file: &CaseFile, reason: bool) -> Reach {
    let reach = rules::reach(actor.user, file.worker, file.second_worker, reason);
    match reach {
        Reach::Own | Reach::Unassigned if !actor.roles.meet(Roles::CASEWORKER) => {
            if reason {
                Reach::Told
            } else {
                Reach::Other
            }
        }
        reach => reach,
    }
}

fn somebodies(db: &Db<'_>, c: &Ctx, file: &CaseFile) -> Result<Vec<Somebody>> {
    let named = Named::of(db, file.people.iter().map(|(person, _)| *person))?;
    Ok(file
        .people
        .iter()
        .map(|(id, role)| Somebody {
            id: *id,
            name: named.get(Some(*id)),
            role: *role,
            role_label: c.t(role.label_key()),
        })
        .collect())
}

/// Through the casework door, for a case that is the writer's own and not closed.
pub fn change<T>(
    call: &Call,
    case: CaseId,
    with: impl FnOnce(&CaseworkTx<'_>, &CaseFile) -> Result<(T, CaseworkEvent)>,
) -> Result<T> {
    call.write_casework(|tx| {
        let file = own(call, tx, case)?;
        with(tx, &file)
    })
}

/// The case, if it is the writer's own and open.
pub fn own(call: &Call, casework: &crate::vault::Casework<'_>, case: CaseId) -> Result<CaseFile> {
    let file = store::case_file(casework, case)?.ok_or(Refusal::Missing)?;
    let reach = rules::reach(call.actor()?.user, file.worker, file.second_worker, false);
    if reach != Reach::Own || file.state.is_closed() {
        return Err(Refusal::Role);
    }
    Ok(file)
}

/// Why a write stopped: the vault, or a rule that the page tells.
pub enum Stopped<R> {
    Vault(Refusal),
    Rule(R),
}

impl<R> From<Refusal> for Stopped<R> {
    fn from(refusal: Refusal) -> Self {
        Self::Vault(refusal)
    }
}

/// Comes to one page of a case and goes on from there; whoever must say first why they read the
/// case is asked.
pub fn on_page<'c, P>(
    call: &Call,
    c: &'c Ctx,
    page: impl FnOnce(&Call, &'c Ctx) -> Result<std::result::Result<P, Answer>>,
    go_on: impl FnOnce(CaseId, P) -> Result,
) -> Result {
    let case = call.part("case")?;
    match page(call, c)? {
        Ok(page) => go_on(case, page),
        Err(asked) => Ok(asked),
    }
}

/// A field that each line of a list has for itself. What was typed and refused stands at its line.
pub struct Inline<Id> {
    blank: Field,
    refused: Option<(Id, Field)>,
}

impl<Id: Copy + PartialEq> Inline<Id> {
    fn new(name: &str, limit: usize) -> Self {
        Self::of(Field::new(name, limit))
    }

    fn of(blank: Field) -> Self {
        let refused = None;
        Self { blank, refused }
    }

    /// Reads what was sent for one line.
    fn read<T>(&mut self, id: Id, read: impl FnOnce(&mut Field) -> Option<T>) -> Option<T> {
        let mut field = self.blank.clone();
        let told = read(&mut field);
        if told.is_none() {
            self.refused = Some((id, field));
        }
        told
    }

    pub fn at(&self, id: &Id) -> Field {
        let refused = self.refused.as_ref().filter(|(at, _)| at == id);
        refused.map_or_else(|| self.blank.clone(), |(_, field)| field.clone())
    }

    /// Whether this line's text was refused.
    pub fn is_open(&self, id: &Id) -> bool {
        self.refused.as_ref().is_some_and(|(at, _)| at == id)
    }
}

/// The answer again, with what is wrong on it.
pub fn refused(template: &impl Template) -> Result {
    Answer::refused(template)
}

/// Shows a paper of a case. The confidential journal alone tells of it.
fn show(call: &Call, case: CaseId, paper: Paper, document: &Document, path: &str) -> Result {
    let pdf = document.pdf(call.app.world.now())?;
    let pages = u32::try_from(pdf.pages).unwrap_or(u32::MAX);
    let printed = CaseworkEvent::CasePaperPrinted { case, paper, pages };
    // Pressed twice it is printed twice: this is not held to one write a form.
    call.app
        .vault
        .write_casework(call.actor()?, None, |_| Ok::<_, Refusal>(((), printed)))?;
    call.show(&pdf)?;
    Answer::see(format!("/cases/{case}{path}"))
}

/// Back to a page of the case, saying what was done.
pub fn back(call: &Call, case: CaseId, path: &str, said: &'static str) -> Result {
    call.say(said);
    Answer::see(format!("/cases/{case}{path}"))
}

/// Those in a case, to choose from.
pub fn people_choices(head: &Head, chosen: &str) -> Vec<Choice> {
    let people = head.people.iter();
    people.map(|person| person.choice(chosen)).collect()
}

pub fn one_of(head: &Head, typed: &str) -> Option<PersonId> {
    let person: PersonId = typed.parse().ok()?;
    head.people
        .iter()
        .any(|known| known.id == person)
        .then_some(person)
}
