use crate::web::Handler;
use crate::web::access::Route;
pub const ROUTES: &[(Route, Handler)] = &[];
