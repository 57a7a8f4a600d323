//! Who may do what: the one table of routes. What has no row does not exist.

use axum::http::{Method, StatusCode};

use super::{Answer, Call};
use crate::vault::Roles;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Route {
    Home,
    Language,
    TextSize,
    Nowhere,
    LockPage,
    Unlock,
    Lock,
    Hide,
    Cover,
    ComeBack,
    News,
    Forgotten,
    ForgottenTold,
    Regain,
    RegainTold,
    RegainSheet,
    PrintRegainSheet,
    RegainCheck,
    RegainChecked,
    NothingLeft,
    SetAside,
    TakeBack,
    RenewSheet,
    RenewSheetTold,
    NewSheet,
    PrintNewSheet,
    NewSheetCheck,
    NewSheetChecked,
    Users,
    AddUser,
    UserPage,
    RenewUser,
    DisableUser,
    OwnPassphrase,
    ChangePassphrase,
    SetPin,
    Settings,
    SaveSettings,
    Journal,
    Recent,
    Search,
    CheckIn,
    Count,
    NewPerson,
    Register,
    PersonPage,
    EditPerson,
    RevisePerson,
    GiveConsent,
    WithdrawConsent,
    TypeLater,
    Papers,
    PrintPaper,
    Cards,
    PrintCards,
    PrintConsent,
    Slip,
    PrintSlip,
    ActivityPapers,
    PrintActivity,
    Posters,
    PrintPoster,
    Today,
    CountPaper,
    VisitPage,
    NoteReason,
    NoteCompany,
    SendTo,
    MarkSeen,
    MarkDeparted,
    UndoVisit,
    GiveService,
    UndoService,
    Partners,
    NewPartner,
    AddPartner,
    PartnerPage,
    EditPartner,
    RevisePartner,
    VerifyPartner,
    EndPartner,
    PartnerFiles,
    ExportPartners,
    ReadPartners,
    ImportPartners,
    Interpreters,
    NewInterpreter,
    AddInterpreter,
    InterpreterPage,
    ReviseInterpreter,
    EndInterpreter,
    Activities,
    NewActivity,
    PlanActivity,
    PreviewDates,
    Calendar,
    Holidays,
    AddHolidays,
    RemoveHoliday,
    ActivityPage,
    EditActivity,
    ReviseActivity,
    CloseActivity,
    FindLearner,
    Enrol,
    EnrolPerson,
    EnrolmentPage,
    EndEnrolment,
    UndoEnrolment,
    RegisterPage,
    MarkAttendance,
    UndoMark,
    MarkAbsences,
    CountWalkIns,
    FindWalkIn,
    NameWalkIn,
    SessionPage,
    CancelSession,
    MoveSession,
    RestoreSession,
    Backups,
    MakeBackup,
    StopBackup,
    MakeRoom,
    RereadBackup,
    EnrolStick,
    ForgetStick,
    ChooseFolder,
    FolderPage,
    KeepFolder,
    Restore,
    RestoreFolder,
    RestoreChosen,
    RestoreKey,
    RestoreKeyTold,
    RestoreWork,
    RestoreAdopt,
    RestoreStop,
    SetUp,
    SetUpLanguage,
    SetUpKind,
    SetUpKindTold,
    SetUpCentre,
    SetUpCentreTold,
    SetUpWeek,
    SetUpWeekTold,
    SetUpLanguages,
    SetUpLanguagesTold,
    SetUpKeeping,
    SetUpKeepingTold,
    SetUpManager,
    SetUpManagerTold,
    Sheet,
    PrintSheet,
    Check,
    Checked,
    SetUpStick,
    SetUpStickFolder,
    SetUpStickChosen,
    SetUpStickKey,
    SetUpStickKeyTold,
    SetUpStickWork,
    SetUpStickAdopt,
    SetUpStickStop,
}

/// When, and by whom, a route may be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    Anyone,
    /// Before the centre is founded.
    Founder,
    /// While nobody is signed in.
    AtTheDoor,
    Inside(Roles),
}

#[derive(Clone, Debug)]
pub struct Row {
    pub route: Route,
    pub method: Method,
    pub path: &'static str,
    pub who: Who,
}

const EVERYBODY: Who = Who::Inside(Roles::DESK.and(Roles::CASEWORKER).and(Roles::MANAGER));

const MANAGER: Who = Who::Inside(Roles::MANAGER);

const WORKERS: Who = Who::Inside(Roles::CASEWORKER.and(Roles::MANAGER));

pub const TABLE: &[Row] = &[
    get(Route::Home, "/", EVERYBODY),
    post(Route::Language, "/language", Who::Anyone),
    post(Route::TextSize, "/text-size", Who::Anyone),
    get(Route::Nowhere, "/nowhere", Who::Anyone),
    get(Route::LockPage, "/lock", Who::AtTheDoor),
    post(Route::Unlock, "/unlock", Who::AtTheDoor),
    post(Route::Lock, "/lock", EVERYBODY),
    post(Route::Hide, "/hide", EVERYBODY),
    get(Route::Cover, "/cover", Who::AtTheDoor),
    post(Route::ComeBack, "/cover", Who::AtTheDoor),
    get(Route::News, "/news", EVERYBODY),
    get(Route::Forgotten, "/forgotten", Who::AtTheDoor),
    post(Route::ForgottenTold, "/forgotten", Who::AtTheDoor),
    get(Route::Regain, "/forgotten/manager", Who::AtTheDoor),
    post(Route::RegainTold, "/forgotten/manager", Who::AtTheDoor),
    get(Route::RegainSheet, "/forgotten/sheet", Who::AtTheDoor),
    post(Route::PrintRegainSheet, "/forgotten/sheet", Who::AtTheDoor),
    get(Route::RegainCheck, "/forgotten/check", Who::AtTheDoor),
    post(Route::RegainChecked, "/forgotten/check", Who::AtTheDoor),
    get(Route::NothingLeft, "/forgotten/nothing", Who::AtTheDoor),
    post(Route::SetAside, "/forgotten/nothing", Who::AtTheDoor),
    post(Route::TakeBack, "/forgotten/back", Who::Founder),
    get(Route::RenewSheet, "/sheet", MANAGER),
    post(Route::RenewSheetTold, "/sheet", MANAGER),
    get(Route::NewSheet, "/sheet/words", MANAGER),
    post(Route::PrintNewSheet, "/sheet/words", MANAGER),
    get(Route::NewSheetCheck, "/sheet/check", MANAGER),
    post(Route::NewSheetChecked, "/sheet/check", MANAGER),
    get(Route::Users, "/users", MANAGER),
    post(Route::AddUser, "/users", MANAGER),
    get(Route::UserPage, "/users/{user}", MANAGER),
    post(Route::RenewUser, "/users/{user}", MANAGER),
    post(Route::DisableUser, "/users/{user}/disabled", MANAGER),
    get(Route::OwnPassphrase, "/passphrase", EVERYBODY),
    post(Route::ChangePassphrase, "/passphrase", EVERYBODY),
    post(Route::SetPin, "/passphrase/pin", EVERYBODY),
    get(Route::Settings, "/settings", MANAGER),
    post(Route::SaveSettings, "/settings", MANAGER),
    get(Route::Journal, "/journal", MANAGER),
    get(Route::Recent, "/recent", EVERYBODY),
    get(Route::Search, "/search", EVERYBODY),
    post(Route::CheckIn, "/people/{person}/visits", EVERYBODY),
    post(Route::Count, "/counted", EVERYBODY),
    get(Route::NewPerson, "/people/new", EVERYBODY),
    post(Route::Register, "/people/new", EVERYBODY),
    get(Route::PersonPage, "/people/{person}", EVERYBODY),
    get(Route::EditPerson, "/people/{person}/edit", EVERYBODY),
    post(Route::RevisePerson, "/people/{person}/edit", EVERYBODY),
    post(Route::GiveConsent, "/people/{person}/consents", EVERYBODY),
    post(
        Route::WithdrawConsent,
        "/people/{person}/consents/{consent}/withdrawal",
        EVERYBODY,
    ),
    post(Route::TypeLater, "/people/{person}/visits/later", EVERYBODY),
    post(
        Route::PrintConsent,
        "/people/{person}/consent-form",
        EVERYBODY,
    ),
    get(Route::Slip, "/people/{person}/appointment", EVERYBODY),
    post(Route::PrintSlip, "/people/{person}/appointment", EVERYBODY),
    get(
        Route::ActivityPapers,
        "/activities/{activity}/papers",
        EVERYBODY,
    ),
    post(
        Route::PrintActivity,
        "/activities/{activity}/papers",
        EVERYBODY,
    ),
    get(Route::Posters, "/activities/papers", EVERYBODY),
    post(Route::PrintPoster, "/activities/papers", EVERYBODY),
    get(Route::Papers, "/papers", EVERYBODY),
    post(Route::PrintPaper, "/papers", EVERYBODY),
    get(Route::Cards, "/papers/cards", EVERYBODY),
    post(Route::PrintCards, "/papers/cards", EVERYBODY),
    get(Route::Today, "/today", EVERYBODY),
    post(Route::CountPaper, "/today", EVERYBODY),
    get(Route::VisitPage, "/visits/{visit}", EVERYBODY),
    post(Route::NoteReason, "/visits/{visit}/reasons", EVERYBODY),
    post(Route::NoteCompany, "/visits/{visit}", EVERYBODY),
    post(Route::SendTo, "/visits/{visit}/waiting", EVERYBODY),
    post(Route::MarkSeen, "/visits/{visit}/seen", EVERYBODY),
    post(Route::MarkDeparted, "/visits/{visit}/departure", EVERYBODY),
    post(Route::UndoVisit, "/visits/{visit}/undo", EVERYBODY),
    post(Route::GiveService, "/visits/{visit}/services", EVERYBODY),
    post(Route::UndoService, "/services/{service}/undo", EVERYBODY),
    get(Route::Partners, "/partners", EVERYBODY),
    get(Route::NewPartner, "/partners/new", WORKERS),
    post(Route::AddPartner, "/partners/new", WORKERS),
    get(Route::PartnerFiles, "/partners/files", MANAGER),
    post(Route::ExportPartners, "/partners/files/export", MANAGER),
    post(Route::ReadPartners, "/partners/files", MANAGER),
    post(Route::ImportPartners, "/partners/files/import", MANAGER),
    get(Route::PartnerPage, "/partners/{partner}", EVERYBODY),
    get(Route::EditPartner, "/partners/{partner}/edit", WORKERS),
    post(Route::RevisePartner, "/partners/{partner}/edit", WORKERS),
    post(
        Route::VerifyPartner,
        "/partners/{partner}/verified",
        WORKERS,
    ),
    post(Route::EndPartner, "/partners/{partner}/ended", WORKERS),
    get(Route::Interpreters, "/interpreters", EVERYBODY),
    get(Route::NewInterpreter, "/interpreters/new", WORKERS),
    post(Route::AddInterpreter, "/interpreters/new", WORKERS),
    get(
        Route::InterpreterPage,
        "/interpreters/{interpreter}",
        WORKERS,
    ),
    post(
        Route::ReviseInterpreter,
        "/interpreters/{interpreter}",
        WORKERS,
    ),
    post(
        Route::EndInterpreter,
        "/interpreters/{interpreter}/ended",
        WORKERS,
    ),
    get(Route::Activities, "/activities", EVERYBODY),
    get(Route::NewActivity, "/activities/new", MANAGER),
    post(Route::PlanActivity, "/activities/new", MANAGER),
    get(Route::PreviewDates, "/activities/dates", MANAGER),
    get(Route::Calendar, "/activities/calendar", EVERYBODY),
    get(Route::Holidays, "/activities/holidays", MANAGER),
    post(Route::AddHolidays, "/activities/holidays", MANAGER),
    post(
        Route::RemoveHoliday,
        "/activities/holidays/{day}/removal",
        MANAGER,
    ),
    get(Route::ActivityPage, "/activities/{activity}", EVERYBODY),
    get(Route::EditActivity, "/activities/{activity}/edit", MANAGER),
    post(
        Route::ReviseActivity,
        "/activities/{activity}/edit",
        MANAGER,
    ),
    post(
        Route::CloseActivity,
        "/activities/{activity}/closure",
        MANAGER,
    ),
    get(
        Route::FindLearner,
        "/activities/{activity}/found",
        EVERYBODY,
    ),
    post(Route::Enrol, "/activities/{activity}/enrolments", EVERYBODY),
    post(Route::EnrolPerson, "/people/{person}/enrolments", EVERYBODY),
    get(Route::EnrolmentPage, "/enrolments/{enrolment}", EVERYBODY),
    post(Route::EndEnrolment, "/enrolments/{enrolment}", EVERYBODY),
    post(
        Route::UndoEnrolment,
        "/enrolments/{enrolment}/undo",
        EVERYBODY,
    ),
    get(Route::RegisterPage, "/sessions/{session}", EVERYBODY),
    post(
        Route::MarkAttendance,
        "/sessions/{session}/marks",
        EVERYBODY,
    ),
    post(
        Route::UndoMark,
        "/sessions/{session}/marks/{person}/undo",
        EVERYBODY,
    ),
    post(
        Route::MarkAbsences,
        "/sessions/{session}/absences",
        EVERYBODY,
    ),
    post(
        Route::CountWalkIns,
        "/sessions/{session}/walk-ins",
        EVERYBODY,
    ),
    get(Route::FindWalkIn, "/sessions/{session}/found", EVERYBODY),
    post(Route::NameWalkIn, "/sessions/{session}/named", EVERYBODY),
    get(Route::SessionPage, "/sessions/{session}/change", MANAGER),
    post(
        Route::CancelSession,
        "/sessions/{session}/cancellation",
        MANAGER,
    ),
    post(Route::MoveSession, "/sessions/{session}/move", MANAGER),
    post(
        Route::RestoreSession,
        "/sessions/{session}/restoration",
        MANAGER,
    ),
    get(Route::Backups, "/backup", EVERYBODY),
    post(Route::MakeBackup, "/backup", EVERYBODY),
    post(Route::StopBackup, "/backup/stop", EVERYBODY),
    post(Route::RereadBackup, "/backup/reread", EVERYBODY),
    post(Route::MakeRoom, "/backup/room", MANAGER),
    post(Route::EnrolStick, "/backup/sticks", MANAGER),
    post(
        Route::ForgetStick,
        "/backup/sticks/{stick}/forgotten",
        MANAGER,
    ),
    post(Route::ChooseFolder, "/backup/folder", MANAGER),
    get(Route::FolderPage, "/backup/folder", MANAGER),
    post(Route::KeepFolder, "/backup/folder/kept", MANAGER),
    get(Route::Restore, "/backup/restore", MANAGER),
    post(Route::RestoreChosen, "/backup/restore", MANAGER),
    post(Route::RestoreFolder, "/backup/restore/folder", MANAGER),
    get(Route::RestoreKey, "/backup/restore/key", MANAGER),
    post(Route::RestoreKeyTold, "/backup/restore/key", MANAGER),
    get(Route::RestoreWork, "/backup/restore/work", MANAGER),
    post(Route::RestoreAdopt, "/backup/restore/work", MANAGER),
    post(Route::RestoreStop, "/backup/restore/stop", MANAGER),
    get(Route::SetUp, "/setup", Who::Founder),
    post(Route::SetUpLanguage, "/setup", Who::Founder),
    get(Route::SetUpKind, "/setup/kind", Who::Founder),
    post(Route::SetUpKindTold, "/setup/kind", Who::Founder),
    get(Route::SetUpCentre, "/setup/centre", Who::Founder),
    post(Route::SetUpCentreTold, "/setup/centre", Who::Founder),
    get(Route::SetUpWeek, "/setup/week", Who::Founder),
    post(Route::SetUpWeekTold, "/setup/week", Who::Founder),
    get(Route::SetUpLanguages, "/setup/languages", Who::Founder),
    post(Route::SetUpLanguagesTold, "/setup/languages", Who::Founder),
    get(Route::SetUpKeeping, "/setup/keeping", Who::Founder),
    post(Route::SetUpKeepingTold, "/setup/keeping", Who::Founder),
    get(Route::SetUpManager, "/setup/manager", Who::Founder),
    post(Route::SetUpManagerTold, "/setup/manager", Who::Founder),
    get(Route::Sheet, "/setup/sheet", Who::Founder),
    post(Route::PrintSheet, "/setup/sheet", Who::Founder),
    get(Route::Check, "/setup/check", Who::Founder),
    post(Route::Checked, "/setup/check", Who::Founder),
    get(Route::SetUpStick, "/setup/stick", Who::Founder),
    post(Route::SetUpStickChosen, "/setup/stick", Who::Founder),
    post(Route::SetUpStickFolder, "/setup/stick/folder", Who::Founder),
    get(Route::SetUpStickKey, "/setup/stick/key", Who::Founder),
    post(Route::SetUpStickKeyTold, "/setup/stick/key", Who::Founder),
    get(Route::SetUpStickWork, "/setup/stick/work", Who::Founder),
    post(Route::SetUpStickAdopt, "/setup/stick/work", Who::Founder),
    post(Route::SetUpStickStop, "/setup/stick/stop", Who::Founder),
];

const fn get(route: Route, path: &'static str, who: Who) -> Row {
    let method = Method::GET;
    Row {
        route,
        method,
        path,
        who,
    }
}

const fn post(route: Route, path: &'static str, who: Who) -> Row {
    let method = Method::POST;
    Row {
        route,
        method,
        path,
        who,
    }
}

/// Whether somebody with these roles may use a route: what is not theirs is not offered.
pub fn may(roles: Roles, route: Route) -> bool {
    TABLE.iter().any(|row| {
        row.route == route && matches!(row.who, Who::Inside(allowed) if roles.meet(allowed))
    })
}

/// The page that an address leads to, for somebody with these roles; where it leads to none, the
/// page above it. The address keeps what stands behind its `?`.
pub fn nearest_page(roles: Roles, address: &str) -> Option<String> {
    if !address.starts_with('/') || address.contains("//") {
        return None;
    }
    let path = address.split('?').next().unwrap_or(address);
    if is_page(roles, path) {
        return Some(address.to_owned());
    }
    let mut path = path;
    while let Some((above, _)) = path.rsplit_once('/') {
        if !above.is_empty() && is_page(roles, above) {
            return Some(above.to_owned());
        }
        path = above;
    }
    None
}

fn is_page(roles: Roles, path: &str) -> bool {
    let fits = |row: &Row| {
        let (asked, has) = (path.split('/'), row.path.split('/'));
        asked.clone().count() == has.clone().count()
            && asked
                .zip(has)
                .all(|(a, h)| h.starts_with('{') && !a.is_empty() || a == h)
    };
    TABLE.iter().any(|row| {
        row.method == Method::GET
            && matches!(row.who, Who::Inside(allowed) if roles.meet(allowed))
            && fits(row)
    })
}

/// The answer to a call that may not go on; `None` lets it through.
pub(super) fn guard(row: &Row, call: &Call) -> Option<Answer> {
    let (actor, csrf) = call.seat(|seat| (seat.inside(), seat.csrf.clone()));
    if row.method == Method::POST && call.sent.get("csrf") != csrf {
        return Some(Answer::Page(StatusCode::FORBIDDEN, String::new()));
    }
    if let Some(actor) = actor {
        call.app.watch_clock(actor);
    }
    let founded = !call.app.vault.is_empty().unwrap_or(false);
    let inside = actor.filter(|_| call.app.vault.is_open());
    match row.who {
        Who::Anyone => None,
        Who::Founder if founded => Some(Answer::See("/".into())),
        Who::Founder => None,
        Who::AtTheDoor | Who::Inside(_) if !founded => Some(Answer::See("/setup".into())),
        Who::AtTheDoor => inside.map(|_| Answer::See("/".into())),
        Who::Inside(roles) => match inside {
            None => Some(Answer::See("/lock".into())),
            Some(actor) if actor.roles.meet(roles) => None,
            Some(_) => Some(Answer::Missing),
        },
    }
}
