//! One backup, from the copy of the databases to "you can take the stick out".

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::check::{self, BLOCK, Depth, Examined};
use super::copy::{Casework, Copied};
use super::manifest::{Inside, Manifest, NO_CASEWORK, Part, is_content_id};
use super::medium::{MANIFEST, Out, free};
use super::note::{self, Fresh};
use super::sticks::{Record, Shelf};
use super::word::Word;
use super::{Failure, on_laptop, on_stick};
use crate::kit::id::{CentreId, StickId};
use crate::kit::progress::Progress;
use crate::vault::{Actor, Refusal, Vault, books, files, place};

/// So long is a part at most: FAT32 holds files up to 4 GiB.
pub const PART: u64 = 1024 * 1024 * 1024;
/// The last part of a database is filled up to a multiple, so that its length tells little.
const FILL: u64 = 1024 * 1024;
/// So far ahead of all that is known no number comes by itself.
const FAR: u64 = 10_000;
/// Beyond the backup itself (safety.md 4.2).
const SPARE: u64 = 16 * 1024 * 1024;

/// A backup that is on its stick.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Made {
    pub number: u64,
    pub persons: u64,
    /// Bytes on the stick.
    pub bytes: u64,
    pub head: [u8; 32],
    pub casework: CaseworkInIt,
    /// The system holds nothing back: the stick can be pulled out.
    pub flushed: bool,
    /// Scans that casework names and the laptop does not have any more.
    pub files_lost: u64,
}

/// Whose casework a backup has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CaseworkInIt {
    Own,
    /// Its own, copied as bytes: it is opened and checked when a caseworker unlocks.
    Unopened,
    /// That of an earlier one: it waits for somebody with its key.
    Of(u64),
    /// It waits, and there is no earlier one on the stick: the desk's part alone was saved.
    None,
}

/// A backup under its final name, not yet noted.
struct Written {
    made: Made,
    inside: Inside,
    /// BLAKE3 of its manifest.
    hash: [u8; 32],
    parts: Vec<Part>,
    mended: BTreeSet<String>,
}

/// What the writing of one backup needs all along.
struct Writing<'w> {
    vault: &'w Vault,
    shelf: &'w Shelf,
    progress: &'w Progress,
    ticket: u64,
    number: u64,
    part: u64,
    parts: Vec<Part>,
    /// Attachments that were written just now: they are read again too.
    fresh: Vec<Part>,
    /// Attachments that were on the stick, not as they were written there.
    mended: BTreeSet<String>,
}

impl Vault {
    /// Makes a backup on `shelf`. An error leaves at most a `.partial`, which the next one clears;
    /// no earlier backup is touched before the new one is whole. `part` is [`PART`] but in tests.
    pub fn back_up(
        &self,
        actor: Actor,
        shelf: &Shelf,
        part: u64,
        progress: &Progress,
    ) -> Result<Made, Failure> {
        let reading = self.use_files();
        let made = self.back_up_to(actor, shelf, part, progress);
        drop(reading);
        self.end_copy(made.is_err());
        self.place.drop_scratch(place::BACKUP);
        if matches!(made, Err(Failure::Unkept)) {
            self.distrust(actor, shelf);
        }
        match made {
            // Then it is written already: the stick is not what failed.
            undecided @ Err(Failure::Vault(Refusal::Undecided)) => undecided,
            // Whatever went wrong: a stick that is not there was pulled.
            Err(Failure::Vault(_) | Failure::Part { .. }) if !shelf.is_there() => {
                let percent = progress.seen().percent();
                Err(Failure::Gone { percent })
            }
            Err(Failure::Full { .. }) => Err(self.full(shelf)),
            other => other,
        }
    }

    fn back_up_to(
        &self,
        actor: Actor,
        shelf: &Shelf,
        part: u64,
        progress: &Progress,
    ) -> Result<Made, Failure> {
        progress.step("backup.step.ready");
        let centre = self.centre()?;
        if shelf.centre != centre {
            return Err(Failure::OtherCentre);
        }
        let stuck = |why: io::Error| on_stick(&why, progress.seen().percent());
        let record = shelf.record().map_err(stuck)?;
        if record.bad {
            return Err(Failure::BadStick);
        }
        self.ask_stick(actor, &record)?;
        shelf.sweep().map_err(stuck)?;
        let number = self.next_number(shelf)?;
        let size = self.size().map_err(on_laptop)?;
        self.enough_room(shelf, size)?;
        // Copied, written, read again.
        progress.expect(size * 3);
        shelf
            .medium
            .make_folder(&shelf.partial(number))
            .map_err(stuck)?;
        if !self.try_writing(shelf, number).map_err(stuck)? {
            return Err(Failure::Unkept);
        }

        progress.step("backup.step.copying");
        let scratch = self.place.scratch(place::BACKUP).map_err(on_laptop)?;
        let (ticket, copied) = self.copy(&scratch, progress)?;
        progress.step("backup.step.writing");
        let writing = Writing {
            vault: self,
            shelf,
            progress,
            ticket,
            number,
            part,
            parts: Vec::new(),
            fresh: Vec::new(),
            mended: BTreeSet::new(),
        };
        let written = writing.run(centre, &record, &scratch, copied)?;
        progress.step("backup.step.noting");
        self.note_backup(actor, shelf, record, &written)?;
        // What is not read again now stays doubted, and the new backup is whole without it.
        let _ = self.believe_again(actor, shelf, &written, progress);
        // What was kept until there is a backup of what came after it has had its time. What
        // cannot be deleted now is tried again.
        let _ = self.place.sweep(self.world.today(), true);
        // Pulled now, the rest of the old ones is let go next time: nothing is said about it.
        let _ = self.rotate(shelf);
        let mut made = written.made;
        made.flushed = flush(&shelf.root);
        Ok(made)
    }

    pub fn centre(&self) -> Result<CentreId, Failure> {
        Ok(self.claimed_key_file()?.0.centre)
    }

    /// One more than the highest that the centre knows of: the database, the key file, and what it
    /// wrote itself to this stick. Whoever could sign one could yet use up all numbers there are:
    /// none counts that is far beyond the rest. A folder of somebody else's is passed by.
    fn next_number(&self, shelf: &Shelf) -> Result<u64, Failure> {
        let noted = self.read(note::newest)?.map_or(0, |backup| backup.number);
        let known = noted.max(self.key_file()?.0.last_backup);
        let far = known.saturating_add(FAR);
        let judged = self.judged(shelf)?;
        let ours = judged.iter().filter(|backup| backup.word == Word::Ours);
        let there = ours
            .map(|backup| backup.number)
            .find(|number| *number <= far);
        let last = known.max(there.unwrap_or(0));
        let taken = shelf.numbers().map_err(|why| on_stick(&why, 0))?;
        (last + 1..=last.saturating_add(FAR))
            .find(|number| !taken.contains(number))
            .ok_or(Failure::Strange)
    }

    /// Bytes of both databases. The files are only named, not opened: they are in use.
    fn size(&self) -> io::Result<u64> {
        let folder = self.place.current()?.ok_or(io::ErrorKind::NotFound)?;
        let desk = fs::metadata(folder.join("desk.db"))?.len();
        let casework = fs::metadata(folder.join("casework.db"))?.len();
        Ok(desk + casework)
    }

    /// On the stick and, for the copy, on the laptop.
    fn enough_room(&self, shelf: &Shelf, size: u64) -> Result<(), Failure> {
        let attached = attachments(&self.place.files()).map_err(on_laptop)?;
        let there = shelf.medium.entries(&shelf.files()).unwrap_or_default();
        let new: u64 = attached
            .iter()
            .filter(|(name, _)| !there.iter().any(|entry| entry.name == *name))
            .map(|(_, length)| length)
            .sum();
        let needed = needed(size) + new;
        let free_there = shelf
            .medium
            .free(&shelf.root)
            .map_err(|why| on_stick(&why, 0))?;
        if free_there < needed {
            return Err(Failure::Full {
                needed,
                free: free_there,
            });
        }
        let free_here = free(self.place.root()).map_err(on_laptop)?;
        if free_here < size + SPARE {
            return Err(Failure::LaptopFull);
        }
        Ok(())
    }

    /// The sentence about a full stick with its numbers.
    fn full(&self, shelf: &Shelf) -> Failure {
        Failure::Full {
            needed: needed(self.size().unwrap_or(0)),
            free: shelf.medium.free(&shelf.root).unwrap_or(0),
        }
    }

    /// One block, written and read: a write-protected stick shows here. Whether it was kept.
    fn try_writing(&self, shelf: &Shelf, number: u64) -> io::Result<bool> {
        let block: [u8; 4096] = self.world.bytes();
        let probe = shelf.partial(number).join("probe");
        let mut out = shelf.medium.create(&probe)?;
        out.write_all(&block)?;
        out.sync()?;
        drop(out);
        let back = shelf.small(&probe, 4096)?;
        shelf.medium.remove_file(&probe)?;
        Ok(back == block)
    }

    /// The number and head enter the journal, the key file and the stick's record.
    fn note_backup(
        &self,
        actor: Actor,
        shelf: &Shelf,
        record: Record,
        written: &Written,
    ) -> Result<(), Failure> {
        let (number, inside) = (written.made.number, &written.inside);
        self.write(actor, None, |tx| {
            let fresh = Fresh {
                number,
                inside,
                manifest: written.hash,
            };
            Ok::<_, Refusal>(((), note::made(tx, &self.world, &fresh)?))
        })?;
        // It is made and noted: the next one tells the key file.
        let _ = self.anchor(number, inside.desk_head.hash);
        let now = self.world.utc().timestamp();
        let state = self.lock_state();
        let open = state.as_ref().ok_or(Failure::Locked)?;
        let record = record.knowing(number, now, &open.keys);
        drop(state);
        // The backup is whole without it.
        let _ = shelf.write_record(&record);
        Ok(())
    }

    /// Backups of this stick that were doubted, maybe for an attachment alone that has now been
    /// written anew: those that are whole again are good again, and rotation keeps them.
    fn believe_again(
        &self,
        actor: Actor,
        shelf: &Shelf,
        written: &Written,
        progress: &Progress,
    ) -> Result<(), Failure> {
        if written.mended.is_empty() {
            return Ok(());
        }
        let failed = self.read(note::failed)?;
        for backup in self.judged(shelf)? {
            let ours = backup.word == Word::Ours && failed.contains(&backup.number);
            let Some(manifest) = backup.manifest.filter(|_| ours) else {
                continue;
            };
            if !manifest.names_any(&written.mended) {
                continue;
            }
            let unread = |part: &&Part| !written.parts.contains(part);
            let parts = manifest.parts.iter().filter(unread);
            if check::damaged(shelf, backup.number, parts, progress)?.is_empty() {
                let number = backup.number;
                self.write(actor, None, |tx| {
                    Ok::<_, Refusal>(((), note::mended(tx, &self.world, number)?))
                })?;
            }
        }
        Ok(())
    }

    /// Into `keys.mrc`: the last backup, so that an older state is noticed.
    fn anchor(&self, number: u64, head: [u8; 32]) -> Result<(), Failure> {
        let state = self.lock_state();
        let open = state.as_ref().ok_or(Failure::Locked)?;
        let (mut file, _, folder) = open.key_file()?;
        file.last_backup = number;
        file.last_head = head;
        place::replace(&folder.join("keys.mrc"), &file.write(&open.keys)).map_err(on_laptop)
    }

    /// A stick that does not keep what is written to it is not used again.
    fn distrust(&self, actor: Actor, shelf: &Shelf) {
        let Ok(record) = shelf.record() else {
            return;
        };
        let id = record.id;
        let _ = shelf.write_record(&record.distrusted());
        let _ = self.write(actor, None, |tx| {
            Ok::<_, Refusal>(((), note::mark_bad(tx, &self.world, id)?))
        });
    }

    /// Takes a stick or folder into use: the centre's folder on it, with an id by chance.
    pub fn enrol(
        &self,
        actor: Actor,
        shelf: &Shelf,
        name: &str,
        folder: Option<&str>,
    ) -> Result<StickId, Failure> {
        let stuck = |why: io::Error| on_stick(&why, 0);
        if shelf.centre != self.centre()? {
            return Err(Failure::OtherCentre);
        }
        if !shelf.is_there() {
            shelf.medium.make_folder(&shelf.root).map_err(stuck)?;
        }
        let record = match shelf.record() {
            Ok(known) => known,
            Err(_) => {
                let fresh = Record::new(StickId::new(&self.world), self.world.utc().timestamp());
                shelf.write_record(&fresh).map_err(stuck)?;
                fresh
            }
        };
        self.write(actor, None, |tx| {
            Ok::<_, Refusal>(((), note::enrol(tx, &self.world, record.id, name, folder)?))
        })?;
        Ok(record.id)
    }
}

/// A tenth more than the size, and some.
fn needed(size: u64) -> u64 {
    size + size / 10 + SPARE
}

/// Names and lengths of the attachments in a folder; none where there is no folder yet.
pub fn attachments(folder: &Path) -> io::Result<Vec<(String, u64)>> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(none) if none.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(other) => return Err(other),
    };
    let mut found = Vec::new();
    for entry in entries {
        let entry = entry?;
        let told = entry.metadata()?;
        let name = entry.file_name().into_string().unwrap_or_default();
        if told.is_file() && is_content_id(&name) {
            found.push((name, told.len()));
        }
    }
    found.sort();
    Ok(found)
}

/// All that the system still holds back for this medium; whether that is on it now.
#[cfg(target_os = "linux")]
fn flush(root: &Path) -> bool {
    File::open(root).is_ok_and(|folder| rustix::fs::syncfs(folder).is_ok())
}

/// Elsewhere each file and folder was synced by itself.
#[cfg(not(target_os = "linux"))]
fn flush(_: &Path) -> bool {
    true
}

impl Writing<'_> {
    fn run(
        mut self,
        centre: CentreId,
        record: &Record,
        scratch: &Path,
        copied: Copied,
    ) -> Result<Written, Failure> {
        let Copied {
            key_file,
            key_bytes,
            desk_head,
            casework_head,
            casework,
            opened,
        } = copied;
        let books = self.vault.keys_of(self.ticket, books)?;
        let interrupt = opened.get_interrupt_handle();
        // The copy is read and checked here while the stick is being written. The stick's bytes
        // are compared with these very bytes below, so what holds for the one holds for the other.
        let (examined, lengths) = std::thread::scope(|scope| {
            let examining = scope.spawn(move || {
                let examined = check::examine(&opened, &books, Depth::Quick);
                let named = match books.len() {
                    1 => Ok(BTreeSet::new()),
                    _ => files::named(&opened).map_err(Failure::from),
                };
                drop(opened);
                Ok::<_, Failure>((examined?, named?))
            });
            let written = self.write_files(scratch, &key_bytes, casework);
            if written.is_err() {
                interrupt.interrupt();
            }
            let examined = examining.join().unwrap_or(Err(Failure::Damaged));
            Ok::<_, Failure>((examined, written?))
        })?;
        let (examined, named): (Examined, BTreeSet<String>) = examined?;
        if examined.desk_head != desk_head || examined.casework_head != casework_head {
            return Err(Failure::Damaged);
        }
        let (desk_length, casework_length, casework_of) = lengths;
        let lost = named
            .iter()
            .filter(|name| !self.parts.iter().any(|part| part.name == **name));
        let files_lost = lost.count() as u64;
        let before = self.vault.read(note::newest)?;
        let now = self.vault.world.utc();
        let inside = Inside {
            stick: record.id,
            generation: key_file.generation,
            before: before.map(|backup| (backup.number, backup.manifest)),
            clock_behind: self.clock_behind(now)?,
            program: env!("CARGO_PKG_VERSION").to_owned(),
            desk_schema: examined.desk_schema,
            casework_schema: examined.casework_schema,
            desk_length,
            casework_length,
            desk_head,
            casework_head,
            casework_of,
            persons: examined.persons,
            files: named.len() as u64,
            files_lost,
        };
        let hash = self.write_manifest(centre, now.timestamp(), &inside)?;
        self.progress.step("backup.step.reading");
        self.read_again()?;
        // Nothing may be called a backup before this line, and nothing can make it less than one
        // after it.
        self.stuck(self.shelf.medium.rename(
            &self.shelf.partial(self.number),
            &self.shelf.folder(self.number),
        ))?;
        self.stuck(self.shelf.medium.sync_folder(&self.shelf.root))?;
        let made = Made {
            number: self.number,
            persons: examined.persons,
            bytes: self.parts.iter().map(|part| part.length).sum(),
            head: desk_head.hash,
            casework: match casework {
                Casework::Whole => CaseworkInIt::Own,
                Casework::Bytes => CaseworkInIt::Unopened,
                Casework::Waits if casework_of == NO_CASEWORK => CaseworkInIt::None,
                Casework::Waits => CaseworkInIt::Of(casework_of),
            },
            flushed: false,
            files_lost,
        };
        Ok(Written {
            made,
            inside,
            hash,
            parts: self.parts,
            mended: self.mended,
        })
    }

    fn stuck<T>(&self, told: io::Result<T>) -> Result<T, Failure> {
        told.map_err(|why| on_stick(&why, self.progress.seen().percent()))
    }

    /// Whether it may go on.
    fn go_on(&self) -> Result<(), Failure> {
        if self.progress.is_cancelled() {
            return Err(Failure::Cancelled);
        }
        if !self.vault.holds(self.ticket) {
            return Err(Failure::Locked);
        }
        Ok(())
    }

    /// The true lengths of both databases, and whose casework it is.
    fn write_files(
        &mut self,
        scratch: &Path,
        key_bytes: &[u8],
        casework: Casework,
    ) -> Result<(u64, u64, u64), Failure> {
        let desk = scratch.join("desk.db");
        let size = fs::metadata(&desk).map_err(on_laptop)?.len();
        let (casework_length, casework_of) = match casework {
            Casework::Waits => (self.casework_of_before()?, 0),
            Casework::Whole | Casework::Bytes => {
                let file = scratch.join("casework.db");
                (fs::metadata(&file).map_err(on_laptop)?.len(), self.number)
            }
        };
        let attached = attachments(&self.vault.place.files()).map_err(on_laptop)?;
        let all = size.next_multiple_of(FILL) + casework_length.next_multiple_of(FILL);
        let more: u64 = attached.iter().map(|(_, length)| length).sum();
        self.progress
            .expect(self.progress.seen().done + (all + more) * 2);
        self.write_database(&desk, "desk", size)?;
        let (casework_length, casework_of) = if casework == Casework::Waits {
            self.take_over_casework()?
        } else {
            self.write_database(&scratch.join("casework.db"), "casework", casework_length)?;
            (casework_length, casework_of)
        };
        self.write_small("keys.mrc", key_bytes)?;
        let noted = self.attachments_before()?;
        for (name, length) in &attached {
            self.write_attachment(name, *length, noted.get(name))?;
        }
        Ok((size, casework_length, casework_of))
    }

    /// Cuts a database into parts; the last is filled up with zeros.
    fn write_database(&mut self, file: &Path, stem: &str, length: u64) -> Result<(), Failure> {
        let mut from = File::open(file).map_err(on_laptop)?;
        let filled = length.next_multiple_of(FILL);
        let mut at = 0;
        for place in 1.. {
            let part = (filled - at).min(self.part);
            let own = length.saturating_sub(at).min(part);
            self.write_part(&format!("{stem}.{place:03}"), &mut from, own, part)?;
            at += part;
            if at >= filled {
                break;
            }
        }
        Ok(())
    }

    /// `own` bytes from `from`, then zeros up to `length`.
    fn write_part(
        &mut self,
        name: &str,
        from: &mut dyn Read,
        own: u64,
        length: u64,
    ) -> Result<(), Failure> {
        let path = self.shelf.partial(self.number).join(name);
        let part = self.write_one(&path, name, from, own, length)?;
        self.parts.push(part);
        Ok(())
    }

    fn write_one(
        &self,
        path: &Path,
        name: &str,
        from: &mut dyn Read,
        own: u64,
        length: u64,
    ) -> Result<Part, Failure> {
        let mut out = self.stuck(self.shelf.medium.create(path))?;
        let mut hasher = blake3::Hasher::new();
        let mut block = vec![0; BLOCK];
        let (mut own_left, mut left) = (own, length);
        while left > 0 {
            self.go_on()?;
            let size = usize::try_from(left).unwrap_or(BLOCK).min(BLOCK);
            let real = usize::try_from(own_left).unwrap_or(BLOCK).min(size);
            from.read_exact(&mut block[..real]).map_err(on_laptop)?;
            block[real..size].fill(0);
            hasher.update(&block[..size]);
            self.stuck(out.write_all(&block[..size]))?;
            self.progress.advance(size as u64);
            own_left -= real as u64;
            left -= size as u64;
        }
        self.close(out)?;
        Ok(Part {
            name: name.to_owned(),
            length,
            hash: *hasher.finalize().as_bytes(),
        })
    }

    fn close(&self, mut out: Box<dyn Out>) -> Result<(), Failure> {
        self.stuck(out.flush())?;
        self.stuck(out.sync())
    }

    fn write_small(&mut self, name: &str, bytes: &[u8]) -> Result<(), Failure> {
        let length = bytes.len() as u64;
        self.write_part(name, &mut &*bytes, length, length)
    }

    /// Attachments are written once a stick, and every one of them is read again at every backup:
    /// some minutes more for thousands of scans, and none of them rots unseen. One that is not as
    /// the laptop has it is written anew, unless it is as `noted`, what an earlier backup says of
    /// it: a name stands for one content, so then it is the laptop's own that was damaged.
    fn write_attachment(
        &mut self,
        name: &str,
        length: u64,
        noted: Option<&Part>,
    ) -> Result<(), Failure> {
        self.go_on()?;
        let folder = self.shelf.files();
        let own = self.vault.place.files().join(name);
        let there = self.shelf.medium.length(&folder.join(name));
        if there.is_ok() {
            let mut hasher = blake3::Hasher::new();
            hasher
                .update_reader(File::open(&own).map_err(on_laptop)?)
                .map_err(on_laptop)?;
            let here = Part {
                name: name.to_owned(),
                length,
                hash: *hasher.finalize().as_bytes(),
            };
            let noted = noted.filter(|noted| **noted != here);
            for part in std::iter::once(&here).chain(noted) {
                if check::whole(self.shelf, self.number, part, self.progress)? {
                    self.progress.advance(length);
                    self.parts.push(part.clone());
                    return Ok(());
                }
            }
            self.mended.insert(name.to_owned());
        }
        if self.shelf.medium.entries(&folder).is_err() {
            self.stuck(self.shelf.medium.make_folder(&folder))?;
        }
        let partial = folder.join(format!("{name}.partial"));
        let mut from = File::open(&own).map_err(on_laptop)?;
        let part = self.write_one(&partial, name, &mut from, length, length)?;
        self.stuck(self.shelf.medium.rename(&partial, &folder.join(name)))?;
        self.stuck(self.shelf.medium.sync_folder(&folder))?;
        self.fresh.push(part.clone());
        self.parts.push(part);
        Ok(())
    }

    /// What the earlier backups of this stick say of its attachments. Where two do not agree the
    /// older one is believed: files rot, and are not made whole by it.
    fn attachments_before(&self) -> Result<BTreeMap<String, Part>, Failure> {
        let judged = self.vault.judged(self.shelf)?.into_iter();
        let ours = judged.filter(|backup| backup.word == Word::Ours);
        let manifests = ours.filter_map(|backup| backup.manifest);
        Ok(manifests
            .flat_map(|manifest| manifest.parts)
            .filter(|part| is_content_id(&part.name))
            .map(|part| (part.name.clone(), part))
            .collect())
    }

    /// The newest good backup of this stick that has casework.
    fn earlier(&self) -> Result<Option<Manifest>, Failure> {
        let failed = self.vault.read(note::failed)?;
        let judged = self.vault.judged(self.shelf)?;
        Ok(judged
            .into_iter()
            .filter(|backup| backup.signed && !failed.contains(&backup.number))
            .filter_map(|backup| backup.manifest)
            .find(|manifest| manifest.of("casework").next().is_some()))
    }

    fn casework_of_before(&self) -> Result<u64, Failure> {
        let earlier = self.earlier()?;
        Ok(earlier.map_or(0, |earlier| {
            earlier.of("casework").map(|part| part.length).sum()
        }))
    }

    /// Casework waits for its key: the parts of the backup before are taken over, so that this one
    /// is whole in itself. Where there is none the desk's part is saved alone.
    fn take_over_casework(&mut self) -> Result<(u64, u64), Failure> {
        let Some(earlier) = self.earlier()? else {
            return Ok((0, NO_CASEWORK));
        };
        let manifest = self.stuck(self.shelf.manifest(earlier.number))?;
        let (earlier, bytes) = manifest.ok_or(Failure::Missing)??;
        let inside = self
            .vault
            .keys_of(self.ticket, |keys| earlier.open(&bytes, keys))??;
        for part in earlier.of("casework") {
            let path = self.shelf.part(earlier.number, &part.name);
            let mut from = self.stuck(self.shelf.medium.open(&path))?;
            let target = self.shelf.partial(self.number).join(&part.name);
            let copy = self.write_one(&target, &part.name, &mut *from, part.length, part.length)?;
            if copy.hash != part.hash {
                return Err(Failure::Part {
                    number: earlier.number,
                    name: part.name.clone(),
                });
            }
            self.parts.push(copy);
        }
        Ok((inside.casework_length, inside.casework_of))
    }

    fn clock_behind(&self, now: chrono::DateTime<chrono::Utc>) -> Result<bool, Failure> {
        let last: Option<String> = self
            .vault
            .read(|db| db.one("select max(at) from journal", [], |row| row.get(0)))?;
        let now = now.to_rfc3339_opts(chrono::SecondsFormat::Millis, true);
        Ok(last.is_some_and(|last| last > now))
    }

    fn write_manifest(
        &mut self,
        centre: CentreId,
        at: i64,
        inside: &Inside,
    ) -> Result<[u8; 32], Failure> {
        let claims = (centre, self.number, at);
        let bytes = self
            .vault
            .keys_of(self.ticket, |keys| {
                Manifest::write(&self.vault.world, keys, claims, &self.parts, inside)
            })?
            .ok_or(Failure::Damaged)?;
        let path = self.shelf.partial(self.number).join(MANIFEST);
        let length = bytes.len() as u64;
        let part = self.write_one(&path, MANIFEST, &mut &*bytes, length, length)?;
        let hash = part.hash;
        self.fresh.push(part);
        Ok(hash)
    }

    /// Every byte that was written, from the stick itself.
    fn read_again(&self) -> Result<(), Failure> {
        let own = self.parts.iter().filter(|part| !is_content_id(&part.name));
        for part in own.chain(&self.fresh) {
            self.go_on()?;
            let file = self.written(&part.name);
            if !check::matches(&*self.shelf.medium, &file, part, self.progress)? {
                let there = self.shelf.is_there();
                let percent = self.progress.seen().percent();
                return Err(if there {
                    Failure::Unkept
                } else {
                    Failure::Gone { percent }
                });
            }
        }
        Ok(())
    }

    fn written(&self, name: &str) -> PathBuf {
        if is_content_id(name) {
            self.shelf.files().join(name)
        } else {
            self.shelf.partial(self.number).join(name)
        }
    }
}
