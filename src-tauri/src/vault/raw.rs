//! The one place with `unsafe`: giving a raw key to SQLCipher. Through `sqlite3_key_v2`, as a key
//! in SQL text could reach an error message or a trace.
#![allow(unsafe_code)]

use rusqlite::{Connection, ffi};
use zeroize::Zeroizing;

/// The raw-key form of SQLCipher: `x'…'` with 64 hex digits, no key derivation.
pub fn raw_form(key: &[u8; 32]) -> Zeroizing<String> {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    let mut text = Zeroizing::new(String::with_capacity(67));
    text.push_str("x'");
    for byte in key {
        text.push(char::from(HEX[usize::from(byte >> 4)]));
        text.push(char::from(HEX[usize::from(byte & 15)]));
    }
    text.push('\'');
    text
}

/// Sets the key of the main database. A wrong key shows only at the first read.
pub fn set_key(connection: &Connection, key: &[u8; 32]) -> rusqlite::Result<()> {
    let text = raw_form(key);
    // SAFETY: the handle is open for as long as `connection` is borrowed; SQLCipher copies the
    // text, whose length (67) is given and fits an int.
    let code = unsafe {
        ffi::sqlite3_key_v2(
            connection.handle(),
            c"main".as_ptr(),
            text.as_ptr().cast(),
            67,
        )
    };
    if code == ffi::SQLITE_OK {
        Ok(())
    } else {
        Err(rusqlite::Error::SqliteFailure(ffi::Error::new(code), None))
    }
}
