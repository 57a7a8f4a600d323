//! Every event in plain words: its kind and its sentence. A test walks all events; a new one needs
//! a row here and a sentence in each language.

use crate::kit::lists::codes;

codes! {
    /// What the manager can narrow the journal to.
    Kind in "journal.kind" {
        Access = "access",
        People = "people",
        Visits = "visits",
        Activities = "activities",
        Partners = "partners",
        Cases = "cases",
        Backup = "backup",
        Centre = "centre",
    }
}

/// The event's name, its kind and the key of its sentence.
const EVENTS: &[(&str, Kind, &str)] = &[
    (
        "centre-founded",
        Kind::Centre,
        "journal.said.centre_founded",
    ),
    (
        "settings-changed",
        Kind::Centre,
        "journal.said.settings_changed",
    ),
    ("sample-added", Kind::Centre, "journal.said.sample_added"),
    ("migrated", Kind::Centre, "journal.said.migrated"),
    (
        "clock-set-back",
        Kind::Centre,
        "journal.said.clock_set_back",
    ),
    ("older-state", Kind::Centre, "journal.said.older_state"),
    (
        "older-casework",
        Kind::Centre,
        "journal.said.older_casework",
    ),
    ("clock-jumped", Kind::Centre, "journal.said.clock_jumped"),
    ("strange-slot", Kind::Access, "journal.said.strange_slot"),
    ("printed", Kind::Centre, "journal.said.printed"),
    ("unlocked", Kind::Access, "journal.said.unlocked"),
    ("locked", Kind::Access, "journal.said.locked"),
    ("user-added", Kind::Access, "journal.said.user_added"),
    ("user-renewed", Kind::Access, "journal.said.user_renewed"),
    ("roles-changed", Kind::Access, "journal.said.roles_changed"),
    ("user-disabled", Kind::Access, "journal.said.user_disabled"),
    (
        "passphrase-changed",
        Kind::Access,
        "journal.said.passphrase_changed",
    ),
    ("pin-changed", Kind::Access, "journal.said.pin_changed"),
    (
        "language-chosen",
        Kind::Access,
        "journal.said.language_chosen",
    ),
    ("form-kept", Kind::Access, "journal.said.form_kept"),
    (
        "form-brought-back",
        Kind::Access,
        "journal.said.form_brought_back",
    ),
    ("recovered", Kind::Access, "journal.said.recovered"),
    // As a restore told it before the two became one.
    ("recovery-used", Kind::Access, "journal.said.recovered"),
    ("sheet-renewed", Kind::Access, "journal.said.sheet_renewed"),
    ("sealed-named", Kind::Access, "journal.said.sealed_named"),
    (
        "sealed-sheet-made",
        Kind::Access,
        "journal.said.sealed_sheet_made",
    ),
    (
        "sealed-sheet-used",
        Kind::Access,
        "journal.said.sealed_sheet_used",
    ),
    (
        "reader-key-made",
        Kind::Access,
        "journal.said.reader_key_made",
    ),
    (
        "person-registered",
        Kind::People,
        "journal.said.person_registered",
    ),
    (
        "person-revised",
        Kind::People,
        "journal.said.person_revised",
    ),
    (
        "registration-undone",
        Kind::People,
        "journal.said.registration_undone",
    ),
    ("consent-given", Kind::People, "journal.said.consent_given"),
    (
        "consent-withdrawn",
        Kind::People,
        "journal.said.consent_withdrawn",
    ),
    ("checked-in", Kind::Visits, "journal.said.checked_in"),
    (
        "visitor-counted",
        Kind::Visits,
        "journal.said.visitor_counted",
    ),
    (
        "visits-counted",
        Kind::Visits,
        "journal.said.visits_counted",
    ),
    (
        "visit-typed-later",
        Kind::Visits,
        "journal.said.visit_typed_later",
    ),
    ("visit-noted", Kind::Visits, "journal.said.visit_noted"),
    ("visit-revised", Kind::Visits, "journal.said.visit_revised"),
    (
        "visitor-corrected",
        Kind::Visits,
        "journal.said.visitor_corrected",
    ),
    ("visitor-sent", Kind::Visits, "journal.said.visitor_sent"),
    ("visitor-seen", Kind::Visits, "journal.said.visitor_seen"),
    ("visitor-left", Kind::Visits, "journal.said.visitor_left"),
    (
        "departure-undone",
        Kind::Visits,
        "journal.said.departure_undone",
    ),
    ("visit-undone", Kind::Visits, "journal.said.visit_undone"),
    ("service-given", Kind::Visits, "journal.said.service_given"),
    (
        "service-undone",
        Kind::Visits,
        "journal.said.service_undone",
    ),
    (
        "activity-planned",
        Kind::Activities,
        "journal.said.activity_planned",
    ),
    (
        "activity-revised",
        Kind::Activities,
        "journal.said.activity_revised",
    ),
    (
        "activity-closed",
        Kind::Activities,
        "journal.said.activity_closed",
    ),
    (
        "session-cancelled",
        Kind::Activities,
        "journal.said.session_cancelled",
    ),
    (
        "session-restored",
        Kind::Activities,
        "journal.said.session_restored",
    ),
    (
        "session-moved",
        Kind::Activities,
        "journal.said.session_moved",
    ),
    (
        "holidays-added",
        Kind::Activities,
        "journal.said.holidays_added",
    ),
    (
        "calendar-saved",
        Kind::Activities,
        "journal.said.calendar_saved",
    ),
    (
        "holiday-removed",
        Kind::Activities,
        "journal.said.holiday_removed",
    ),
    ("enrolled", Kind::Activities, "journal.said.enrolled"),
    (
        "enrolment-ended",
        Kind::Activities,
        "journal.said.enrolment_ended",
    ),
    (
        "enrolment-undone",
        Kind::Activities,
        "journal.said.enrolment_undone",
    ),
    (
        "attendance-marked",
        Kind::Activities,
        "journal.said.attendance_marked",
    ),
    (
        "attendance-undone",
        Kind::Activities,
        "journal.said.attendance_undone",
    ),
    (
        "absences-marked",
        Kind::Activities,
        "journal.said.absences_marked",
    ),
    (
        "walk-ins-counted",
        Kind::Activities,
        "journal.said.walk_ins_counted",
    ),
    (
        "walk-in-named",
        Kind::Activities,
        "journal.said.walk_in_named",
    ),
    (
        "register-taken",
        Kind::Activities,
        "journal.said.register_taken",
    ),
    (
        "partner-added",
        Kind::Partners,
        "journal.said.partner_added",
    ),
    (
        "partner-revised",
        Kind::Partners,
        "journal.said.partner_revised",
    ),
    (
        "partner-verified",
        Kind::Partners,
        "journal.said.partner_verified",
    ),
    (
        "partner-ended",
        Kind::Partners,
        "journal.said.partner_ended",
    ),
    (
        "partners-imported",
        Kind::Partners,
        "journal.said.partners_imported",
    ),
    (
        "partners-exported",
        Kind::Partners,
        "journal.said.partners_exported",
    ),
    (
        "interpreter-added",
        Kind::Partners,
        "journal.said.interpreter_added",
    ),
    (
        "interpreter-revised",
        Kind::Partners,
        "journal.said.interpreter_revised",
    ),
    (
        "interpreter-ended",
        Kind::Partners,
        "journal.said.interpreter_ended",
    ),
    (
        "appointment-made",
        Kind::Cases,
        "journal.said.appointment_made",
    ),
    (
        "appointment-undone",
        Kind::Cases,
        "journal.said.appointment_undone",
    ),
    ("backup-made", Kind::Backup, "journal.said.backup_made"),
    ("backup-reread", Kind::Backup, "journal.said.backup_reread"),
    (
        "backup-restored",
        Kind::Backup,
        "journal.said.backup_restored",
    ),
    (
        "restore-rehearsed",
        Kind::Backup,
        "journal.said.restore_rehearsed",
    ),
    (
        "stick-enrolled",
        Kind::Backup,
        "journal.said.stick_enrolled",
    ),
    (
        "stick-forgotten",
        Kind::Backup,
        "journal.said.stick_forgotten",
    ),
    ("stick-failed", Kind::Backup, "journal.said.stick_failed"),
];

/// The sentence of an event; one that only a newer program knows is said to be that.
pub fn sentence(name: &str) -> &'static str {
    row(name).map_or("journal.said.unknown", |(.., key)| key)
}

pub fn kind(name: &str) -> Option<Kind> {
    row(name).map(|(_, kind, _)| *kind)
}

fn row(name: &str) -> Option<&'static (&'static str, Kind, &'static str)> {
    EVENTS.iter().find(|(event, ..)| *event == name)
}

pub fn is_known(name: &str) -> bool {
    row(name).is_some()
}

pub fn of_kind(kind: Kind) -> impl Iterator<Item = &'static str> {
    let rows = EVENTS.iter().filter(move |(_, of, _)| *of == kind);
    rows.map(|(event, ..)| *event)
}
