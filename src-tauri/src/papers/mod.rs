//! Papers that need no other record than a person's: the recovery sheet, blank forms for a power
//! cut, the consent form, visitor cards, the form of the complaint box. What each may show:
//! domain.md 9. The engine is `kit::paper`; each later feature has its own `print.rs`.

pub mod pages;
mod print;

pub use pages::ROUTES;
pub use print::{Appointment, RecoverySheet, appointment_slip, recovery_sheet, sealed_sheet};
