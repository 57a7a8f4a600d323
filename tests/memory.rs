//! After locking, no key and no passphrase is left in the process's own memory.

use std::fs::{self, File};
use std::os::unix::fs::FileExt;

use axum::http::StatusCode;
use darna::vault::keyfile::KeyFile;
use darna::vault::words::RecoveryWords;
use darna_tests::centre::Centre;

use crate::child;

/// Hidden, so that the search does not find itself.
const MASK: u8 = 0xA5;

struct Hidden {
    name: &'static str,
    masked: Vec<u8>,
}

impl Hidden {
    fn of(name: &'static str, bytes: &[u8]) -> Self {
        let masked = bytes.iter().map(|byte| byte ^ MASK).collect();
        Self { name, masked }
    }

    fn hex_of(name: &'static str, key: &[u8], digits: &[u8; 16]) -> Self {
        let masked = key
            .iter()
            .flat_map(|byte| {
                [
                    digits[usize::from(byte >> 4)],
                    digits[usize::from(byte & 15)],
                ]
            })
            .map(|digit| digit ^ MASK)
            .collect();
        Self { name, masked }
    }

    /// Where it stands in a piece of memory.
    fn count(&self, memory: &[u8]) -> usize {
        let first = self.masked[0] ^ MASK;
        memory
            .windows(self.masked.len())
            .filter(|window| {
                window[0] == first
                    && window
                        .iter()
                        .zip(&self.masked)
                        .all(|(byte, masked)| byte ^ MASK == *masked)
            })
            .count()
    }
}

/// How often each of them stands in what this process can write to.
fn found(sought: &[Hidden]) -> Vec<(&'static str, usize)> {
    let maps = fs::read_to_string("/proc/self/maps").expect("the map of the memory");
    let memory = File::open("/proc/self/mem").expect("the memory");
    let mut counts: Vec<(&'static str, usize)> = sought.iter().map(|s| (s.name, 0)).collect();
    let mut piece = vec![0; 1 << 20];
    for line in maps.lines() {
        let mut parts = line.split_whitespace();
        let (Some(range), Some(rights)) = (parts.next(), parts.next()) else {
            continue;
        };
        if !rights.starts_with("rw") {
            continue;
        }
        let (from, to) = range.split_once('-').expect("a range");
        let parse = |hex: &str| u64::from_str_radix(hex, 16).expect("an address");
        let (mut at, to) = (parse(from), parse(to));
        let own = piece.as_ptr() as u64;
        while at < to {
            let length = piece.len().min(usize::try_from(to - at).expect("a length"));
            let Ok(read) = memory.read_at(&mut piece[..length], at) else {
                break;
            };
            if read == 0 {
                break;
            }
            // The piece read into would be found in itself.
            let itself = at < own + (1 << 20) && own < at + read as u64;
            if !itself {
                for (sought, count) in sought.iter().zip(&mut counts) {
                    count.1 += sought.count(&piece[..read]);
                }
            }
            // Overlapping: what lies across two pieces is found in one of them.
            at += if read > 256 && at + (read as u64) < to {
                read as u64 - 128
            } else {
                read as u64
            };
        }
    }
    piece.fill(0);
    counts
}

pub fn keeps_nothing() {
    // Not one string of the source: those stand in the program's own constants.
    let passphrase: String = [
        "lan",
        "tern",
        " ",
        "orb",
        "it ",
        "vel",
        "vet c",
        "actus h",
        "arbour se",
        "ven",
    ]
    .concat();
    let centre = Centre::unfounded();
    centre.told();
    let words = centre.get("/setup/sheet").all("ol.words li");
    assert_eq!(centre.checks("/setup/check", &words).to, "/");
    centre.post("/", "/lock", &[]);
    let sheet = RecoveryWords::parse(&words.join(" ")).expect("the sheet");
    let bytes = fs::read(centre.folder.path().join("gen/0001/keys.mrc")).expect("keys");
    let keys = KeyFile::read(&bytes)
        .expect("a key file")
        .open_recovery(&sheet)
        .expect("the keys");
    let casework = keys.casework().expect("the casework key");
    let (lower, upper) = (b"0123456789abcdef", b"0123456789ABCDEF");
    let sought = [
        Hidden::of("desk key", keys.desk()),
        Hidden::of("casework key", casework),
        Hidden::hex_of("desk key in hex", keys.desk(), lower),
        Hidden::hex_of("casework key in hex", casework, lower),
        Hidden::hex_of("desk key in HEX", keys.desk(), upper),
        Hidden::hex_of("casework key in HEX", casework, upper),
        Hidden::of("passphrase", passphrase.as_bytes()),
    ];
    // The search can find: the keys are in this very moment held here.
    let held = found(&sought);
    assert!(held[0].1 > 0 && held[1].1 > 0 && held[6].1 > 0, "{held:?}");
    drop(keys);
    drop(sheet);

    let told = [("name", "Samira"), ("passphrase", passphrase.as_str())];
    let entered = centre.post("/lock", "/unlock", &told);
    assert_eq!(entered.status, StatusCode::SEE_OTHER);
    assert_eq!(entered.to, "/");
    drop(passphrase);
    centre.get("/today");
    let names: Vec<String> = ["wit", "dan", "lor", "mek", "sul", "tov"]
        .iter()
        .map(|end| ["Zeb", "ib M", "arjo", "ram", end].concat())
        .collect();
    let mut sought = Vec::from(sought);
    for name in names {
        // Their names are alike: that is asked about.
        let told = [
            ("name", name.as_str()),
            ("consent", "spoken"),
            ("sure", "yes"),
        ];
        let registered = centre.post("/people/new", "/people/new", &told);
        assert_eq!(registered.status, StatusCode::SEE_OTHER);
        let person = registered.to.clone();
        drop(registered);
        centre.get(&person);
        let query = format!("/?q={}", name.replace(' ', "+"));
        assert!(centre.get(&query).html.contains(&name));
        sought.push(Hidden::of("a name", name.as_bytes()));
        // As the database folds it, to find it in any spelling.
        let folded = name.to_lowercase();
        sought.push(Hidden::of("a name as it is searched", folded.as_bytes()));
    }
    let open = found(&sought);
    assert!(
        open[0].1 > 0 && open[1].1 > 0,
        "an open centre holds its keys: {open:?}"
    );
    centre.post("/", "/lock", &[]);
    let left = found(&sought);
    for (name, count) in &left {
        println!("{name}: {count}");
    }
    assert!(left.iter().all(|(_, count)| *count == 0), "{left:?}");
}

#[test]
fn after_locking_no_key_and_no_passphrase_is_left_in_memory() {
    let folder = tempfile::TempDir::new().expect("a folder");
    let output = child::playing("memory", folder.path())
        .output()
        .expect("a process of its own");
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && told.contains("passphrase: 0"),
        "{told}{}",
        String::from_utf8_lossy(&output.stderr)
    );
}
