//! One test binary for the whole crate: see the modules.
