//! The desk: the first page after unlocking. Looks for a person, checks them in, counts those
//! without a name, registers those who are new, and shows one person with everything the front
//! desk may see. It puts together what people and visits keep, and keeps nothing itself.

mod home;
mod language;
mod paper;
mod person;
mod register;
mod undo;
mod whose;

use crate::web::Handler;
use crate::web::access::Route;

pub const ROUTES: &[(Route, Handler)] = &[
    (Route::Home, home::page),
    (Route::Search, home::search),
    (Route::CheckIn, home::check_in),
    (Route::Count, home::count),
    (Route::Language, language::choose),
    (Route::TextSize, language::choose_size),
    (Route::Nowhere, home::nowhere),
    (Route::NewPerson, register::ask),
    (Route::Register, register::register),
    (Route::UndoRegistration, undo::registration),
    (Route::PaperList, paper::page),
    (Route::FindForPaper, paper::find),
    (Route::CountPaper, paper::count),
    (Route::PersonPage, person::page),
    (Route::TypeLater, person::type_later),
    (Route::EnrolPerson, person::enrol),
    (Route::VisitPerson, whose::page),
    (Route::CorrectVisitor, whose::give),
];
