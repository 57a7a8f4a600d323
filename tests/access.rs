//! Every route, every method, every role, before set-up, locked and inside, against domain.md 6.

use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use darna::kit::lang::Lang;
use darna::vault::Roles;
use darna::vault::keyfile::Cost;
use darna::vault::secret::Passphrase;
use darna::web::access::{Route, TABLE};
use darna_tests::centre::Centre;

/// Who may use a route inside, as domain.md 6 says it. No wildcard: a new route stops here.
fn roles(route: Route) -> Option<Roles> {
    use Route::*;
    let everybody = Roles::DESK.and(Roles::CASEWORKER).and(Roles::MANAGER);
    match route {
        Home | Lock | Hide | Here | Search | CheckIn | Count | NewPerson | Register
        | PersonPage | EditPerson | RevisePerson | GiveConsent | WithdrawConsent | TypeLater
        | Papers | PrintPaper | Cards | PrintCards | PrintConsent | Slip | PrintSlip
        | ActivityPapers | PrintActivity | Posters | PrintPoster | Today | PaperList
        | FindForPaper | CountPaper | VisitPage | NoteReason | UndoReason | ReviseVisit
        | MarkSeen | MarkDeparted | UndoDeparture | UndoVisit | UndoRegistration | GiveService
        | VisitPerson | CorrectVisitor | UndoService | News => Some(everybody),
        Activities | Calendar | ActivityPage | FindLearner | Enrol | EnrolPerson
        | EnrolmentPage | EndEnrolment | UndoEnrolment | RegisterPage | MarkAttendance
        | UndoMark | MarkAbsences | CountWalkIns | FindWalkIn | NameWalkIn => Some(everybody),
        SaveCalendar => Some(Roles::MANAGER),
        NewActivity | PlanActivity | PreviewDates | Holidays | AddHolidays | RemoveHoliday
        | EditActivity | ReviseActivity | CloseActivity | SessionPage | CancelSession
        | MoveSession | RestoreSession => Some(Roles::MANAGER),
        Backups | MakeBackup | StopBackup | RereadBackup => Some(everybody),
        MakeRoom | EnrolStick | ForgetStick | ChooseFolder | FolderPage | KeepFolder | Restore
        | RestoreFolder | RestoreChosen | RestoreKey | RestoreKeyTold | RestoreWork
        | RestoreAdopt | RestoreStop => Some(Roles::MANAGER),
        OwnPassphrase | ChangePassphrase | SetPin => Some(everybody),
        ExportCases | FindNotes | NewCase | OpenCase | EditCase | ReviseCase | AddNote
        | AddIssue | DropIssue | MoveCase | WaitCase | PlanAction | ActionDone | SetDeadline
        | AnswerDeadline | SetHearing | HearingHeld | NoteSum | VoidSum | PlanInstalment
        | ReceiveInstalment | MoveInstalment | VoidInstalment | MoveAction | DropAction
        | RemoveCasePerson | RemoveParty | AddCasePerson | AddParty | LinkParty
        | MakeAppointment | UndoAppointment | InstructDesk | TakeIn | GiveBack | AttachFile
        | RemoveAttachment | NeedPapers | EndNeed | DemandLetter | PrintDemand | CaseSharing
        | AgreeToShare | PrintSharingConsent | WithdrawSharing | PrintSummary
        | PrintMoneyReceipt | PrintCustodySlip | TakeCase | OfferCase | AnswerTransfer
        | SecondWorker | Closing | CloseCase | ReopenCase | Parties | PartyPage | ReviseParty
        | AddPartyFact => Some(Roles::CASEWORKER),
        CaseWork | CaseList | CasePage | AskForCase | CaseSteps | CaseMoney | CasePeople
        | CasePapers | CaseHands | AttachmentPage | AttachmentPicture | OpenAttachment => {
            Some(Roles::CASEWORKER.and(Roles::MANAGER))
        }
        Settings | SaveSettings | Users | AddUser | UserPage | ChangeRoles | RenewUser
        | DisableUser | RenewSheet | RenewSheetTold | NewSheet | PrintNewSheet | NewSheetCheck
        | NewSheetChecked => Some(Roles::MANAGER),
        Forgotten | ForgottenTold | Regain | RegainTold | RegainSheet | PrintRegainSheet
        | RegainCheck | RegainChecked | NothingLeft | SetAside | TakeBack => None,
        Partners | PartnerPage | PartnerHandout | Interpreters => Some(everybody),
        NewPartner | AddPartner | EditPartner | RevisePartner | VerifyPartner | EndPartner
        | NewInterpreter | AddInterpreter | InterpreterPage | ReviseInterpreter
        | EndInterpreter => Some(Roles::CASEWORKER.and(Roles::MANAGER)),
        Referrals | NewReferral | DraftReferral | AgreeToReferral | WithdrawFromReferral
        | PrintReferral | PrintReferralSlip | StepReferral | CostReferral | ReferralsIn
        | NewReferralIn | ReceiveReferralIn | ReferralInPage | StepReferralIn | PrintFeedback
        | CaseCalendar => Some(Roles::CASEWORKER),
        // The manager: counts, and a case on a reason that its page asks for.
        ReferralPage | CaseReferrals | PartnerResults | CaseNumbers | TypeRate => {
            Some(Roles::CASEWORKER.and(Roles::MANAGER))
        }
        CaseCounselling | TalkPage | CaseMedical | EpisodePage | CaseHelp | HelpWaiting
        | HelpPage | DecideHelp | CaseShelter | PlacePage | Sealed | HandOverSealed
        | OpenBySealedSheet | SealedSheet | SealedSheetTold | SealedWords | PrintSealedWords
        | SealedCheck | SealedChecked => Some(Roles::CASEWORKER.and(Roles::MANAGER)),
        NoteTalk | AddTalkNote | BeginEpisode | EndEpisode | PlanMedicalVisit
        | TellMedicalVisit | NoteMedicalCost | VoidMedicalCost | PlanFollowUp | FollowUpDone
        | AskHelp | GiveHelp | PrintHelpReceipt | WithdrawHelp | TellHelp | BeginStay | EndStay
        | SealPlace => Some(Roles::CASEWORKER),
        SharePlace => Some(Roles::CASEWORKER.and(Roles::MANAGER)),
        NameSealed => Some(Roles::MANAGER),
        PartnerFiles | ExportPartners | ReadPartners | ImportPartners => Some(Roles::MANAGER),
        Language | LockPage | Unlock | Cover | ComeBack | SetUp | SetUpLanguage | SetUpKind
        | SetUpKindTold | SetUpCentre | SetUpCentreTold | SetUpWeek | SetUpWeekTold
        | SetUpLanguages | SetUpLanguagesTold | SetUpKeeping | SetUpKeepingTold | SetUpManager
        | SetUpManagerTold | Sheet | PrintSheet | Check | Checked | SetUpStick
        | SetUpStickFolder | SetUpStickChosen | SetUpStickKey | SetUpStickKeyTold
        | SetUpStickWork | SetUpStickAdopt | SetUpStickStop => None,
        Recent => Some(everybody),
        Journal => Some(Roles::MANAGER),
        TextSize | Nowhere => None,
    }
}

/// Where those go who may not stay: to set-up, to the lock, or nowhere.
fn sent_away(centre: &Centre, method: &Method, path: &str) -> Option<String> {
    let path: String = path
        .split('/')
        .map(|part| {
            if part.starts_with('{') {
                "0".repeat(32)
            } else {
                part.to_owned()
            }
        })
        .collect::<Vec<_>>()
        .join("/");
    let csrf = centre.csrf();
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from(format!("csrf={csrf}")))
        .expect("a request");
    let page = centre.ask(request);
    if page.status == StatusCode::NOT_FOUND && page.html.is_empty() {
        return Some(String::new());
    }
    ["/lock", "/setup"]
        .contains(&page.to.as_str())
        .then_some(page.to)
}

#[test]
fn before_set_up_everything_leads_to_set_up() {
    let centre = Centre::unfounded();
    for row in TABLE {
        if roles(row.route).is_some() {
            let away = sent_away(&centre, &row.method, row.path);
            assert_eq!(
                away.as_deref(),
                Some("/setup"),
                "{} {}",
                row.method,
                row.path
            );
        }
    }
}

#[test]
fn a_locked_centre_shows_nothing_but_its_lock() {
    let centre = Centre::founded();
    centre.post("/", "/lock", &[]);
    for row in TABLE {
        if roles(row.route).is_some() {
            let away = sent_away(&centre, &row.method, row.path);
            assert_eq!(
                away.as_deref(),
                Some("/lock"),
                "{} {}",
                row.method,
                row.path
            );
        }
    }
}

#[test]
fn a_role_reaches_what_is_its_own_and_nothing_else() {
    const WORDS: &str = "orchid tunnel mirror falcon pepper glacier";
    for role in [Roles::DESK, Roles::CASEWORKER, Roles::MANAGER] {
        let centre = Centre::founded();
        let manager = centre.manager();
        let passphrase = Passphrase::new(WORDS);
        let vault = &centre.app.vault;
        vault
            .add_user(manager, "Leila", role, Lang::En, &passphrase, Cost::FLOOR)
            .expect("a new user");
        centre.post("/", "/lock", &[]);
        for row in TABLE {
            let Some(allowed) = roles(row.route) else {
                continue;
            };
            // Some routes end the session.
            if centre.get("/").to == "/lock" {
                let told = [("name", "Leila"), ("passphrase", WORDS)];
                centre.post("/lock", "/unlock", &told);
            }
            let away = sent_away(&centre, &row.method, row.path);
            // What is not theirs does not exist; what is may still lack the record.
            let refused = away.as_deref() == Some("") && !row.path.contains('{');
            if role.meet(allowed) {
                assert!(!refused, "{role:?} {} {}", row.method, row.path);
            } else {
                assert_eq!(
                    away.as_deref(),
                    Some(""),
                    "{role:?} {} {}",
                    row.method,
                    row.path
                );
            }
        }
    }
}
