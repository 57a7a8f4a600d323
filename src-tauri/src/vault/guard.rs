//! Keeps what is in this process's memory from being written anywhere: no core dump, no reading by
//! other programs of the same user, and a panic says where it was but not what it held.

use std::panic;

/// Call it first in `main`. What a system does not offer is left out: nothing depends on it.
pub fn harden() {
    keep_to_itself();
    panic::set_hook(Box::new(|stopped| {
        let place = stopped.location();
        let (file, line) = place.map_or(("", 0), |place| (place.file(), place.line()));
        eprintln!("{file}:{line}");
    }));
}

#[cfg(target_os = "linux")]
fn keep_to_itself() {
    use rustix::process::{DumpableBehavior, Resource, Rlimit, set_dumpable_behavior, setrlimit};
    // Where dumps go to a program (`core_pattern` begins with a pipe), as on most systems now, the
    // kernel does not mind a limit of 0: it is 1 that it takes for "none" there (fs/coredump.c). Into
    // a file it writes nothing so short. The processes of the webview inherit it: they have the pages.
    let none = Rlimit {
        current: Some(1),
        maximum: Some(1),
    };
    let _ = setrlimit(Resource::Core, none);
    let _ = set_dumpable_behavior(DumpableBehavior::NotDumpable);
}

#[cfg(not(target_os = "linux"))]
fn keep_to_itself() {}
