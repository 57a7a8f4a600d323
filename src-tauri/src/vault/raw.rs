//! The one place with `unsafe`: giving a raw key to SQLCipher, never as SQL text, which could reach
//! an error message or a trace, and never through a copy that nobody wipes; wiping memory that is
//! given back; asking how a connection stands; and copying a database page by page while its
//! connection is lent out between the steps, which a borrowed `rusqlite::backup` cannot.
#![allow(unsafe_code)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::ffi::{CStr, CString, c_int, c_void};
use std::sync::{Once, OnceLock};
use std::{hint, ptr};

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

/// Whether the last thing that was asked of a connection failed at the disk, or at what it read
/// there.
pub fn failed_at_the_disk(connection: &Connection) -> bool {
    // SAFETY: the handle is open for as long as `connection` is borrowed.
    let code = unsafe { ffi::sqlite3_errcode(connection.handle()) };
    matches!(
        code,
        ffi::SQLITE_NOMEM
            | ffi::SQLITE_READONLY
            | ffi::SQLITE_IOERR
            | ffi::SQLITE_CORRUPT
            | ffi::SQLITE_CANTOPEN
            | ffi::SQLITE_NOTADB
    )
}

/// A copy of one database of an open connection, some pages at a time. Between the steps the
/// connection may read and write: what it changes is changed in the copy too.
pub struct PageCopy {
    handle: *mut ffi::sqlite3_backup,
    from: *mut ffi::sqlite3,
    to: Connection,
}

// SAFETY: SQLite's handles may move between threads as long as only one uses them at a time; the
// copy lies beside its source behind the vault's one mutex.
unsafe impl Send for PageCopy {}

impl PageCopy {
    pub fn begin(from: &Connection, schema: &CStr, to: Connection) -> rusqlite::Result<Self> {
        // SAFETY: both handles are open, both names end in NUL. A source that is closed while a
        // copy of it lives stays allocated: `sqlite3_close` refuses with SQLITE_BUSY.
        let (handle, source) = unsafe {
            let source = from.handle();
            let main = c"main".as_ptr();
            (
                ffi::sqlite3_backup_init(to.handle(), main, source, schema.as_ptr()),
                source,
            )
        };
        if handle.is_null() {
            // SAFETY: the handle is open for as long as `to` lives.
            return Err(failed(unsafe { ffi::sqlite3_errcode(to.handle()) }));
        }
        Ok(Self {
            handle,
            from: source,
            to,
        })
    }

    /// Copies so many pages, or all that are left where negative; true when the copy is whole.
    pub fn step(&mut self, from: &Connection, pages: i32) -> rusqlite::Result<bool> {
        // SAFETY: as in `begin`; only compared.
        if unsafe { from.handle() } != self.from {
            return Err(failed(ffi::SQLITE_MISUSE));
        }
        // SAFETY: the handle lives until `drop`, its source is borrowed, its target is owned.
        match unsafe { ffi::sqlite3_backup_step(self.handle, pages) } {
            ffi::SQLITE_DONE => Ok(true),
            ffi::SQLITE_OK => Ok(false),
            code => Err(failed(code)),
        }
    }

    /// As of the last step.
    pub fn remaining(&self) -> i32 {
        // SAFETY: the handle lives until `drop`.
        unsafe { ffi::sqlite3_backup_remaining(self.handle) }
    }
}

impl Drop for PageCopy {
    fn drop(&mut self) {
        // SAFETY: finished once, before `to` closes.
        unsafe { ffi::sqlite3_backup_finish(self.handle) };
        let _ = &self.to;
    }
}

fn failed(code: i32) -> rusqlite::Error {
    rusqlite::Error::SqliteFailure(ffi::Error::new(code), None)
}

/// Attaches casework.db. Bound by hand: rusqlite would have SQLite copy the key into memory that is
/// freed unwiped.
pub fn attach_casework(
    connection: &Connection,
    path: &str,
    key: &[u8; 32],
) -> rusqlite::Result<()> {
    const SQL: &CStr = c"attach ?1 as casework key ?2";
    let path = CString::new(path)?;
    let text = raw_form(key);
    // SAFETY: the handle is open for as long as `connection` is borrowed. `path` and `text` live
    // until the statement is finalized and are bound as static, so that SQLite reads them in place;
    // SQLCipher keeps the key in memory of its own, which it wipes.
    let code = unsafe {
        let handle = connection.handle();
        let mut statement = ptr::null_mut();
        match ffi::sqlite3_prepare_v2(handle, SQL.as_ptr(), -1, &mut statement, ptr::null_mut()) {
            ffi::SQLITE_OK => {
                ffi::sqlite3_bind_text(statement, 1, path.as_ptr(), -1, ffi::SQLITE_STATIC());
                ffi::sqlite3_bind_text(
                    statement,
                    2,
                    text.as_ptr().cast(),
                    67,
                    ffi::SQLITE_STATIC(),
                );
                ffi::sqlite3_step(statement);
                ffi::sqlite3_finalize(statement)
            }
            refused => refused,
        }
    };
    if code == ffi::SQLITE_OK {
        Ok(())
    } else {
        Err(rusqlite::Error::SqliteFailure(ffi::Error::new(code), None))
    }
}

/// What SQLite has its memory from.
struct Under {
    malloc: unsafe extern "C" fn(c_int) -> *mut c_void,
    free: unsafe extern "C" fn(*mut c_void),
    size: unsafe extern "C" fn(*mut c_void) -> c_int,
}

static UNDER: OnceLock<Under> = OnceLock::new();

/// SQLite's own memory is wiped too before it is given back: names that were searched for and
/// stories that were read stood there after the centre was locked. To be called before the first
/// database is opened; later SQLite refuses it.
pub fn wipe_what_sqlite_gives_back() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let mut methods = ffi::sqlite3_mem_methods {
            xMalloc: None,
            xFree: None,
            xRealloc: None,
            xSize: None,
            xRoundup: None,
            xInit: None,
            xShutdown: None,
            pAppData: ptr::null_mut(),
        };
        // SAFETY: each of the two settings takes one pointer to such a table, which SQLite fills,
        // or copies. It does neither once it has begun, and says so.
        unsafe {
            let told = ffi::sqlite3_config(ffi::SQLITE_CONFIG_GETMALLOC, &raw mut methods);
            let (Some(malloc), Some(free), Some(size)) =
                (methods.xMalloc, methods.xFree, methods.xSize)
            else {
                return;
            };
            if told != ffi::SQLITE_OK || UNDER.set(Under { malloc, free, size }).is_err() {
                return;
            }
            methods.xFree = Some(free_wiped);
            methods.xRealloc = Some(move_wiped);
            ffi::sqlite3_config(ffi::SQLITE_CONFIG_MALLOC, &raw mut methods);
        }
    });
}

unsafe extern "C" fn free_wiped(memory: *mut c_void) {
    let Some(under) = UNDER.get().filter(|_| !memory.is_null()) else {
        return;
    };
    // SAFETY: SQLite gives back what it was given, which is as long as is said of it. For the black
    // box see below.
    unsafe {
        let length = usize::try_from((under.size)(memory)).unwrap_or(0);
        ptr::write_bytes(memory.cast::<u8>(), 0, length);
        (under.free)(hint::black_box(memory));
    }
}

/// Always to another place: what the system moves by itself it does not wipe.
unsafe extern "C" fn move_wiped(memory: *mut c_void, length: c_int) -> *mut c_void {
    let Some(under) = UNDER.get() else {
        return ptr::null_mut();
    };
    // SAFETY: SQLite asks it of memory that it holds, never of none; both places are as long as
    // the shorter of them. Where there is no new one the old one stays.
    unsafe {
        let fresh = (under.malloc)(length);
        if !fresh.is_null() {
            let shorter = usize::try_from((under.size)(memory).min(length)).unwrap_or(0);
            ptr::copy_nonoverlapping(memory.cast::<u8>(), fresh.cast::<u8>(), shorter);
            free_wiped(memory);
        }
        fresh
    }
}

/// The program's memory, which is wiped before it is given back: a passphrase passes through many
/// hands on its way from a form to its key, and what a page shows is nobody's business either.
pub struct Wiping;

// SAFETY: all is left to the system's allocator; only memory that is still allocated is written to.
unsafe impl GlobalAlloc for Wiping {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promise is passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promise is passed on.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        // SAFETY: the caller gives back memory of this very size. Without the black box the
        // compiler may leave out what it takes for a write without a reader.
        unsafe {
            ptr::write_bytes(memory, 0, layout.size());
            System.dealloc(hint::black_box(memory), layout);
        }
    }
}
