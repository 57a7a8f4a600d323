//! What Linux tells of its swap: where it lies, and whether that is encrypted. What cannot be found
//! out is not taken for the one or the other.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use darna::web::Swap;

/// Encryption on a volume on a disk array on … : no machine stacks more.
const DEEPEST: u8 = 8;

/// As the system whose root this is has it now.
pub fn below(root: &Path) -> Swap {
    let Ok(swaps) = fs::read_to_string(root.join("proc/swaps")) else {
        return Swap::NotKnown;
    };
    // The first line names the columns.
    let places = swaps.lines().skip(1).filter_map(|line| {
        let mut columns = line.split_whitespace();
        Some((columns.next()?, columns.next()?))
    });
    let mut closed = true;
    for (place, kind) in places {
        match is_closed(root, place, kind) {
            Some(true) => {}
            Some(false) if hibernates(root) => return Swap::Hibernates,
            Some(false) => return Swap::Readable,
            None => closed = false,
        }
    }
    if closed { Swap::Closed } else { Swap::NotKnown }
}

/// `None` where it cannot be told.
fn is_closed(root: &Path, place: &str, kind: &str) -> Option<bool> {
    let place = inside(root, place);
    let device = match kind {
        "partition" => name(&fs::canonicalize(&place).ok()?)?,
        "file" => {
            // Of a file system over several devices the kernel tells none of them here.
            let device = fs::metadata(&place).ok()?.dev();
            let (major, minor) = (rustix::fs::major(device), rustix::fs::minor(device));
            let link = root.join(format!("sys/dev/block/{major}:{minor}"));
            name(&fs::canonicalize(link).ok()?)?
        }
        _ => return None,
    };
    block_is_closed(root, &device, DEEPEST)
}

/// A device in memory, an encrypted one, or one that lies on nothing but such.
fn block_is_closed(root: &Path, device: &str, deeper: u8) -> Option<bool> {
    let about = root.join("sys/class/block").join(device);
    if !about.exists() || device.starts_with("loop") {
        return None;
    }
    if device.starts_with("zram") {
        // It can have a partition to which it puts what it has no room for.
        let behind = fs::read_to_string(about.join("backing_dev")).unwrap_or_default();
        return match behind.trim() {
            "" | "none" => Some(true),
            behind => block_is_closed(root, &name(Path::new(behind))?, deeper.checked_sub(1)?),
        };
    }
    let mapped = fs::read_to_string(about.join("dm/uuid")).unwrap_or_default();
    // Those that only guard what is written against change (integrity, verity) hide nothing.
    let guards = ["CRYPT-INTEGRITY-", "CRYPT-VERITY-"];
    if mapped.starts_with("CRYPT-") && !guards.iter().any(|guard| mapped.starts_with(guard)) {
        return Some(true);
    }
    let below = fs::read_dir(about.join("slaves"));
    let below: Vec<String> = below
        .map(|below| {
            below
                .flatten()
                .filter_map(|one| name(&one.path()))
                .collect()
        })
        .unwrap_or_default();
    if below.is_empty() {
        return Some(false);
    }
    let mut closed = true;
    for device in below {
        closed &= block_is_closed(root, &device, deeper.checked_sub(1)?)?;
    }
    Some(closed)
}

/// Whether the system can write the whole memory to its swap.
fn hibernates(root: &Path) -> bool {
    let told =
        |file: &str| fs::read_to_string(root.join("sys/power").join(file)).unwrap_or_default();
    let way = told("disk");
    told("state")
        .split_whitespace()
        .any(|state| state == "disk")
        && !way.is_empty()
        && !way.contains("[disabled]")
}

fn inside(root: &Path, place: &str) -> PathBuf {
    root.join(place.trim_start_matches('/'))
}

fn name(path: &Path) -> Option<String> {
    path.file_name()?.to_str().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use tempfile::TempDir;

    use super::*;

    const HEAD: &str = "Filename\tType\tSize\tUsed\tPriority\n";

    /// A system as its files tell of it.
    struct System(TempDir);

    impl System {
        fn with(swaps: &str) -> Self {
            let system = Self(TempDir::new().expect("a folder"));
            system.write("proc/swaps", &format!("{HEAD}{swaps}"));
            system
        }

        fn write(&self, path: &str, text: &str) -> &Self {
            let path = self.0.path().join(path);
            fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
            fs::write(path, text).expect("a file");
            self
        }

        /// A device, and those that it lies on.
        fn device(&self, name: &str, below: &[&str]) -> &Self {
            self.write(&format!("dev/{name}"), "");
            self.write(&format!("sys/class/block/{name}/dev"), "");
            for one in below {
                self.write(&format!("sys/class/block/{name}/slaves/{one}"), "");
            }
            self
        }

        fn swap(&self) -> Swap {
            below(self.0.path())
        }
    }

    #[test]
    fn none_and_one_in_memory_are_closed() {
        assert_eq!(System::with("").swap(), Swap::Closed);
        let memory = System::with("/dev/zram0 partition 8388604 0 100\n");
        memory.device("zram0", &[]);
        assert_eq!(memory.swap(), Swap::Closed);
        memory.write("sys/class/block/zram0/backing_dev", "none\n");
        assert_eq!(memory.swap(), Swap::Closed);
        memory.device("sda3", &[]);
        memory.write("sys/class/block/zram0/backing_dev", "/dev/sda3\n");
        assert_eq!(memory.swap(), Swap::Readable);
    }

    #[test]
    fn a_volume_on_an_encrypted_disk_is_closed_and_a_bare_one_is_not() {
        let volume = System::with("/dev/dm-1 partition 8388604 0 -2\n");
        volume.device("sda3", &[]).device("dm-0", &["sda3"]);
        volume.device("dm-1", &["dm-0"]);
        volume.write("sys/class/block/dm-1/dm/uuid", "LVM-abc");
        assert_eq!(volume.swap(), Swap::Readable);
        volume.write("sys/class/block/dm-0/dm/uuid", "CRYPT-LUKS2-abc");
        assert_eq!(volume.swap(), Swap::Closed);
        volume.write("sys/class/block/dm-0/dm/uuid", "CRYPT-INTEGRITY-abc");
        assert_eq!(volume.swap(), Swap::Readable);
        volume.write("sys/class/block/dm-0/dm/uuid", "CRYPT-LUKS2-abc");
        // One that is bare beside it is enough.
        volume.write(
            "proc/swaps",
            &format!("{HEAD}/dev/dm-1 partition 1 0 -2\n/dev/sda3 partition 1 0 -3\n"),
        );
        assert_eq!(volume.swap(), Swap::Readable);
    }

    #[test]
    fn a_laptop_that_can_hibernate_is_told_apart() {
        let bare = System::with("/dev/sda3 partition 8388604 0 -2\n");
        bare.device("sda3", &[]);
        bare.write("sys/power/state", "freeze mem disk\n");
        bare.write("sys/power/disk", "[disabled]\n");
        assert_eq!(bare.swap(), Swap::Readable);
        bare.write("sys/power/disk", "[platform] shutdown reboot\n");
        assert_eq!(bare.swap(), Swap::Hibernates);
    }

    #[test]
    fn a_swap_file_is_as_the_disk_on_which_it_lies() {
        let file = System::with("/swapfile file 2097148 0 -2\n");
        file.write("swapfile", "").device("sda2", &[]);
        let device = fs::metadata(file.0.path().join("swapfile"));
        let device = device.expect("a file").dev();
        let numbers = (rustix::fs::major(device), rustix::fs::minor(device));
        assert_eq!(file.swap(), Swap::NotKnown, "no device is told");
        let links = file.0.path().join("sys/dev/block");
        fs::create_dir_all(&links).expect("a folder");
        let about = file.0.path().join("sys/class/block/sda2");
        symlink(about, links.join(format!("{}:{}", numbers.0, numbers.1))).expect("a link");
        assert_eq!(file.swap(), Swap::Readable);
        file.write("sys/class/block/sda2/dm/uuid", "CRYPT-LUKS2-abc");
        assert_eq!(file.swap(), Swap::Closed);
    }

    #[test]
    fn what_cannot_be_found_out_is_not_known() {
        let nothing = TempDir::new().expect("a folder");
        assert_eq!(below(nothing.path()), Swap::NotKnown);
        let gone = System::with("/dev/sdz9 partition 1 0 -2\n");
        assert_eq!(gone.swap(), Swap::NotKnown);
        let odd = System::with("/dev/loop3 partition 1 0 -2\n");
        odd.device("loop3", &[]);
        assert_eq!(odd.swap(), Swap::NotKnown);
    }
}
