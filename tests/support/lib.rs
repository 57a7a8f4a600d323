//! What every test of a centre needs.
