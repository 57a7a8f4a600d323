//! When a passphrase is forgotten: the recovery sheet lets one manager in again and is replaced; a
//! manager replaces it from inside; and where nothing opens the centre any more, an empty one can
//! begin beside it. The vault keeps the rules (safety.md 2); this feature is their pages.

mod aside;
mod forgotten;
mod renewed;

use crate::web::Handler;
use crate::web::access::Route;

pub const ROUTES: &[(Route, Handler)] = &[
    (Route::Forgotten, forgotten::page),
    (Route::ForgottenTold, forgotten::told),
    (Route::Regain, forgotten::regain),
    (Route::RegainTold, forgotten::regain_told),
    (Route::RegainSheet, forgotten::sheet),
    (Route::PrintRegainSheet, forgotten::print),
    (Route::RegainCheck, forgotten::check),
    (Route::RegainChecked, forgotten::checked),
    (Route::NothingLeft, aside::page),
    (Route::SetAside, aside::set_aside),
    (Route::TakeBack, aside::take_back),
    (Route::RenewSheet, renewed::page),
    (Route::RenewSheetTold, renewed::told),
    (Route::NewSheet, renewed::sheet),
    (Route::PrintNewSheet, renewed::print),
    (Route::NewSheetCheck, renewed::check),
    (Route::NewSheetChecked, renewed::checked),
];
