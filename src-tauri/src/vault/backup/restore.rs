//! Back from a stick: the backup is unlocked, rebuilt beside the live data as a new generation,
//! checked, and only then made the current one. A rehearsal does the same and throws it away.

use std::cell::OnceCell;
use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Seek, Write};
use std::path::{Path, PathBuf};
use std::sync::{MutexGuard, PoisonError};

use chrono::TimeDelta;
use rusqlite::named_params;

use super::check::{self, BLOCK, Depth, Examined};
use super::manifest::{Inside, Manifest, NO_CASEWORK, Part, Unreadable, is_content_id};
use super::medium::free;
use super::sticks::Shelf;
use super::word::Word;
use super::{Failure, note, on_laptop, on_stick};
use crate::kit::id::UserId;
use crate::kit::lang::Lang;
use crate::kit::progress::Progress;
use crate::vault::doors::Doors;
use crate::vault::keyfile::{Cost, Damage, Holder, KeyFile};
use crate::vault::known::Known;
use crate::vault::place::Former;
use crate::vault::secret::{Keys, Passphrase, Ring};
use crate::vault::unlock::enabled;
use crate::vault::users::user_name;
use crate::vault::words::{self, RecoveryWords};
use crate::vault::{
    Actor, Db, Event, Head, Open, Refusal, Roles, Vault, WriteTx, books, database, place,
};

/// So long the state before a restore is kept (safety.md 4).
const KEPT_DAYS: i64 = 30;

/// What somebody brings to open a backup.
pub enum Secret {
    Passphrase(Passphrase),
    Words(RecoveryWords),
}

/// A backup whose key file and manifest were opened and believed.
pub struct Unlocked {
    pub manifest: Manifest,
    pub inside: Inside,
    keys: Keys,
    key_file: KeyFile,
    key_bytes: Vec<u8>,
    /// BLAKE3 of the manifest.
    hash: [u8; 32],
    /// Whose passphrase it was; `None` for the recovery sheet.
    pub user: Option<UserId>,
    /// How many times the centre had been locked before; `None` where nobody asks.
    locks: Option<u64>,
}

/// Where the databases are put together again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Aim {
    Restore,
    Rehearse,
}

/// A backup that stands again beside the live data, checked and not yet in use. It has keys, and
/// goes when the centre locks.
pub struct Rebuilt {
    unlocked: Unlocked,
    newer: Option<Newer>,
    folder: PathBuf,
}

/// What was found in a rebuilt backup.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    pub number: u64,
    /// Seconds of Unix time.
    pub at: i64,
    pub persons: u64,
    /// Where the journal stands.
    pub head: Head,
    /// Whoever came with the recovery sheet gives one of these a new passphrase; empty otherwise.
    pub managers: Vec<(UserId, String)>,
    pub newer: Option<Newer>,
    /// The desk's part alone was saved: there is no casework.
    pub desk_only: bool,
    /// Scans that casework names and that do not come back with it.
    pub files_lost: u64,
    /// Attachments that are not on the stick as they were written.
    pub damaged: BTreeSet<String>,
}

/// What came of putting the databases together.
struct Together {
    examined: Examined,
    managers: Vec<(UserId, String)>,
    files_lost: u64,
    damaged: BTreeSet<String>,
}

/// What is known beyond the backup that was chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Newer {
    pub number: u64,
    /// Seconds of Unix time, where it is known.
    pub at: Option<i64>,
    /// So many events the chosen one does not have.
    pub events: Option<i64>,
}

/// The largest key file that is read: 255 slots of 2,000 bytes.
const KEY_FILE: u64 = 512 * 1024;
const SPARE: u64 = 16 * 1024 * 1024;

/// Length limits, then the key file, then the MAC, then what is inside.
pub fn unlock(shelf: &Shelf, number: u64, secret: &Secret) -> Result<Unlocked, Failure> {
    let stuck = |why: io::Error| on_stick(&why, 0);
    let (manifest, bytes) = shelf
        .manifest(number)
        .map_err(stuck)?
        .ok_or(Failure::Missing)??;
    let damaged = || Failure::Part {
        number,
        name: "keys.mrc".to_owned(),
    };
    let claimed = manifest
        .parts
        .iter()
        .find(|part| part.name == "keys.mrc")
        .ok_or(Unreadable::Format)?;
    let whole = |bytes: &Vec<u8>| *blake3::hash(bytes).as_bytes() == claimed.hash;
    let of_file = |path: PathBuf| shelf.small(&path, KEY_FILE).ok().filter(whole);
    let key_bytes = of_file(shelf.part(number, &claimed.name))
        .or_else(|| {
            let mut twins = twins(shelf, number, &[claimed]).into_iter();
            twins.find_map(|twin| of_file(twin.path))
        })
        .ok_or_else(damaged)?;
    let key_file = KeyFile::read(&key_bytes).map_err(|damage| match damage {
        Damage::Newer => Unreadable::Newer.into(),
        _ => damaged(),
    })?;
    if key_file.centre != shelf.centre {
        return Err(damaged());
    }
    let at = manifest.at;
    let (user, keys) = match secret {
        Secret::Passphrase(passphrase) => {
            let (user, keys) = key_file
                .open_any(passphrase)
                .ok_or(Failure::Passphrase { at })?;
            (Some(user), keys)
        }
        Secret::Words(words) => (None, key_file.open_recovery(words).ok_or(Failure::Words)?),
    };
    KeyFile::check(&key_bytes, &keys).map_err(|_| damaged())?;
    let inside = manifest.open(&bytes, &keys)?;
    if keys.casework().is_none() {
        return Err(Failure::DeskOnly);
    }
    Ok(Unlocked {
        manifest,
        inside,
        keys,
        key_file,
        key_bytes,
        hash: *blake3::hash(&bytes).as_bytes(),
        user,
        locks: None,
    })
}

/// So many other backups at most are asked for a damaged part: more than rotation keeps. Anybody can
/// fill a stick with folders that say they are backups.
const ASKED: usize = 64;

/// Another backup claims the same bytes as a part.
struct Twin {
    of: [u8; 32],
    path: PathBuf,
}

/// Where else these parts of a backup may lie. Each manifest is read once.
fn twins(shelf: &Shelf, number: u64, parts: &[&Part]) -> Vec<Twin> {
    let numbers = shelf.numbers().unwrap_or_default().into_iter();
    let mut found = Vec::new();
    for other in numbers.filter(|other| *other != number).take(ASKED) {
        let Ok(Some(Ok((manifest, _)))) = shelf.manifest(other) else {
            continue;
        };
        for part in parts {
            let same = |twin: &&Part| twin.hash == part.hash && twin.length == part.length;
            found.extend(manifest.own().find(same).map(|twin| Twin {
                of: part.hash,
                path: shelf.part(other, &twin.name),
            }));
        }
    }
    found
}

impl Vault {
    /// Puts the databases together again and looks at all of them. On an error nothing is left and
    /// nothing was changed. A restore then waits for [`Vault::adopt`]; a rehearsal is thrown away.
    pub fn rebuild(
        &self,
        shelf: &Shelf,
        unlocked: Unlocked,
        aim: Aim,
        newer: Option<Newer>,
        progress: &Progress,
    ) -> Result<Found, Failure> {
        self.abandon();
        let locks = unlocked.locks.unwrap_or_else(|| self.locks());
        let _reading = self.use_files();
        // It has no number yet: until somebody takes it into use, other generations may come.
        let folder = match aim {
            Aim::Restore => self.place.scratch(place::RESTORE),
            Aim::Rehearse => self.place.scratch(place::REHEARSAL),
        };
        let folder = folder.map_err(on_laptop)?;
        let rebuilt = self.rebuild_in(&folder, shelf, &unlocked, aim, locks, progress);
        if rebuilt.is_err() || aim == Aim::Rehearse {
            let _ = fs::remove_dir_all(&folder);
        }
        let together = rebuilt?;
        let found = Found {
            number: unlocked.manifest.number,
            at: unlocked.manifest.at,
            persons: together.examined.persons,
            head: together.examined.desk_head,
            managers: if unlocked.user.is_none() {
                together.managers
            } else {
                Vec::new()
            },
            newer,
            desk_only: unlocked.inside.casework_of == NO_CASEWORK,
            files_lost: together.files_lost,
            damaged: together.damaged,
        };
        if aim == Aim::Restore {
            let mut waiting = self.rebuilt();
            if self.locks() != locks {
                let _ = fs::remove_dir_all(&folder);
                return Err(Failure::Locked);
            }
            *waiting = Some(Rebuilt {
                unlocked,
                newer,
                folder,
            });
        }
        Ok(found)
    }

    fn rebuild_in(
        &self,
        folder: &Path,
        shelf: &Shelf,
        unlocked: &Unlocked,
        aim: Aim,
        locks: u64,
        progress: &Progress,
    ) -> Result<Together, Failure> {
        // It holds the keys of the backup: they go when those of the centre do.
        let go_on = || match self.locks() == locks {
            true => Ok(()),
            false => Err(Failure::Locked),
        };
        go_on()?;
        progress.step("backup.step.fetching");
        let (manifest, inside) = (&unlocked.manifest, &unlocked.inside);
        let size: u64 = manifest.parts.iter().map(|part| part.length).sum();
        if free(self.place.root()).map_err(on_laptop)? < size + SPARE {
            return Err(Failure::LaptopFull);
        }
        progress.expect(size);
        let fetch = Fetch {
            shelf,
            number: manifest.number,
            progress,
            manifest,
            go_on: &go_on,
            twins: OnceCell::new(),
        };
        fetch.database(
            manifest,
            "desk",
            &folder.join("desk.db"),
            inside.desk_length,
        )?;
        let casework = folder.join("casework.db");
        if inside.casework_of != NO_CASEWORK {
            fetch.database(manifest, "casework", &casework, inside.casework_length)?;
        }
        place::replace(&folder.join("keys.mrc"), &unlocked.key_bytes).map_err(on_laptop)?;
        let files = self.place.files();
        let mut damaged = BTreeSet::new();
        for part in manifest.attachments() {
            go_on()?;
            let whole = match aim {
                Aim::Restore => fetch.attachment(part, &files)?,
                // What the laptop has is no help where it is the laptop that is lost.
                Aim::Rehearse => check::whole(shelf, manifest.number, part, progress)?,
            };
            if !whole {
                damaged.insert(part.name.clone());
            }
        }
        if inside.casework_of == NO_CASEWORK {
            database::add_casework(folder, &unlocked.keys)?;
        }
        place::sync_folder(folder).map_err(on_laptop)?;

        progress.step("backup.step.checking");
        go_on()?;
        let copy = database::open_copy(folder, &unlocked.keys)?;
        let examined = check::examine(&copy, &books(&unlocked.keys), Depth::Full)?;
        let casework_fits = match inside.casework_head {
            Some(head) => examined.casework_head == Some(head),
            None => examined.casework_head.is_some(),
        };
        let files_fit = inside.casework_head.is_none()
            || check::lost_files(&copy, &manifest.parts)? == inside.files_lost;
        if !files_fit
            || examined.desk_head != inside.desk_head
            || !casework_fits
            || examined.persons != inside.persons
        {
            return Err(Failure::Damaged);
        }
        let mut parts = manifest.parts.clone();
        parts.retain(|part| !damaged.contains(&part.name));
        Ok(Together {
            examined,
            managers: managers(&Db::desk(&copy))?,
            files_lost: check::lost_files(&copy, &parts)?,
            damaged,
        })
    }

    /// Makes the rebuilt backup the centre's data. Whoever comes with the recovery sheet gives one
    /// manager a new passphrase. What was there before stays, encrypted, as the former generation.
    pub fn adopt(
        &self,
        renewal: Option<(UserId, &Passphrase)>,
        language: Lang,
    ) -> Result<(), Failure> {
        let rebuilt = self.rebuilt().take().ok_or(Failure::Locked)?;
        let Rebuilt {
            unlocked, newer, ..
        } = rebuilt;
        let Unlocked {
            manifest,
            inside,
            keys,
            mut key_file,
            user,
            hash,
            ..
        } = unlocked;
        let number = manifest.number;
        let newest = newer.map_or(number, |newer| newer.number.max(number));
        let generation = self.place.next().map_err(on_laptop)?;
        let folder = self.place.promote(place::RESTORE, generation);
        let folder = folder.map_err(on_laptop)?;
        let mut connection = database::connect(&folder, &keys)?;
        database::bring_up(&mut connection)?;
        let mut open = Open::new(connection, keys, Ring::default(), folder.clone());
        let user = renewal.map(|(user, _)| user).or(user);
        let actor = enabled(&open.connection, user.ok_or(Refusal::Missing)?)?;
        let actor = actor.ok_or(Refusal::Missing)?;
        let mut known = Known::of(&open.connection, &open.keys, &key_file)?;
        if let Some((user, passphrase)) = renewal {
            let name = user_name(&Db::desk(&open.connection), user)?;
            words::strong_enough(passphrase, true, &[&name]).map_err(Refusal::from)?;
            key_file.slots.retain(|slot| slot.user != user);
            let holder = Holder::new(user, actor.roles);
            // This machine can be slower than the one that was lost.
            let cost = Cost::here(&self.world);
            key_file
                .add_passphrase(&self.world, &open.keys, &holder, passphrase, cost)
                .ok_or(Refusal::NotSaved)?;
            if let (Some(known), Some(slot)) = (&mut known, key_file.slot_for(user)) {
                known.take(slot);
            }
        }
        key_file.last_backup = newest;
        key_file.last_head = inside.desk_head.hash;
        self.commit(&mut open, actor, None, |tx| {
            restored(tx, &manifest, &inside, hash)?;
            if let Some(known) = &known {
                known.write(tx)?;
            }
            Ok::<_, Refusal>(((), Event::BackupRestored { number, newest }))
        })?;
        if let Some((user, _)) = renewal {
            self.commit(&mut open, actor, None, |_| {
                Ok::<_, Refusal>(((), Event::Recovered { user }))
            })?;
        }
        place::replace(&folder.join("keys.mrc"), &key_file.write(&open.keys)).map_err(on_laptop)?;
        let doors = Doors::of(key_file.centre, language, &open.connection)?;
        doors.write(&folder).map_err(on_laptop)?;
        drop(open);
        // The former state closes before the new one is the centre's.
        *self.lock_state() = None;
        place::sync_folder(&folder).map_err(on_laptop)?;
        let kept = self.world.today() + TimeDelta::days(KEPT_DAYS);
        self.place
            .switch(generation, Former::Until(kept))
            .map_err(on_laptop)?;
        Ok(())
    }

    /// A rehearsal went well: with date and duration.
    pub fn rehearsed(
        &self,
        actor: Actor,
        shelf: &Shelf,
        found: &Found,
        seconds: u64,
    ) -> Result<(), Failure> {
        self.write(actor, None, |tx| {
            let event = note::rehearsed(tx, &self.world, actor.user, found.number, seconds)?;
            Ok::<_, Refusal>(((), event))
        })?;
        self.doubt(actor, shelf, &found.damaged)
    }

    /// Attachments are shared by all backups of a stick: none that names a damaged one is good.
    fn doubt(
        &self,
        actor: Actor,
        shelf: &Shelf,
        damaged: &BTreeSet<String>,
    ) -> Result<(), Failure> {
        let failed = self.read(note::failed)?;
        for backup in self.judged(shelf)? {
            let names = backup.manifest.is_some_and(|all| all.names_any(damaged));
            let number = backup.number;
            if backup.word == Word::Ours && names && !failed.contains(&number) {
                self.write(actor, None, |tx| {
                    Ok::<_, Refusal>(((), note::reread(tx, &self.world, number, false)?))
                })?;
            }
        }
        Ok(())
    }

    /// Whether a rebuilt backup waits to be taken over.
    pub(in crate::vault) fn is_rebuilt(&self) -> bool {
        self.rebuilt().is_some()
    }

    /// As [`unlock`], at a window of a centre that is there: wrong passphrases count as they do at
    /// the lock screen, since a backup opens with those of today. On a new laptop there is nothing
    /// yet to count beside, and whoever is there has the stick.
    pub fn unlock_backup(
        &self,
        shelf: &Shelf,
        number: u64,
        secret: &Secret,
    ) -> Result<Unlocked, Failure> {
        let mut tries = self.one_at_a_time();
        // Before the first key is unwrapped.
        let locks = Some(self.locks());
        let unlock = || {
            Ok(Unlocked {
                locks,
                ..unlock(shelf, number, secret)?
            })
        };
        let (Ok((file, _, folder)), Secret::Passphrase(_)) = (self.claimed_key_file(), secret)
        else {
            return unlock();
        };
        let mut wrong = None;
        let tried = self.try_passphrase(&mut tries, &file, &folder, || match unlock() {
            Err(why @ Failure::Passphrase { .. }) => {
                wrong = Some(why);
                Ok(None)
            }
            told => Ok(Some(told)),
        });
        match tried {
            Ok((told, _)) => told,
            Err(refusal) => Err(wrong.unwrap_or_else(|| refusal.into())),
        }
    }

    /// Lets go what was rebuilt and will not be used.
    pub fn abandon(&self) {
        if let Some(rebuilt) = self.rebuilt().take() {
            let _ = fs::remove_dir_all(&rebuilt.folder);
        }
    }

    fn rebuilt(&self) -> MutexGuard<'_, Option<Rebuilt>> {
        self.rebuilt.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether something newer than the chosen backup is known: on these sticks, in their records,
    /// or on this laptop.
    pub fn newer(&self, shelves: &[Shelf], unlocked: &Unlocked) -> Option<Newer> {
        let (centre, keys) = (unlocked.key_file.centre, &unlocked.keys);
        let own = unlocked.inside.desk_head.seq;
        let mut newest: Option<Newer> = None;
        let mut learn = |found: Newer| {
            let known = newest.map_or(unlocked.manifest.number, |newer| newer.number);
            if found.number > known {
                newest = Some(found);
            }
        };
        for shelf in shelves.iter().filter(|shelf| shelf.centre == centre) {
            for backup in shelf.backups().unwrap_or_default() {
                let Ok(Some(Ok((manifest, bytes)))) = shelf.manifest(backup.number) else {
                    continue;
                };
                if let Ok(inside) = manifest.open(&bytes, keys) {
                    learn(Newer {
                        number: manifest.number,
                        at: Some(manifest.at),
                        events: Some(inside.desk_head.seq - own),
                    });
                }
            }
            let record = shelf.record().ok();
            if let Some((number, at)) = record.and_then(|record| record.newest(keys)) {
                learn(Newer {
                    number,
                    at: Some(at),
                    events: None,
                });
            }
        }
        if let Ok((file, ..)) = self.claimed_key_file()
            && file.centre == centre
        {
            learn(Newer {
                number: file.last_backup,
                at: None,
                events: None,
            });
        }
        newest
    }

    /// The full reading of a stored backup, asked for every 30 days.
    pub fn reread(
        &self,
        actor: Actor,
        shelf: &Shelf,
        number: u64,
        progress: &Progress,
    ) -> Result<(), Failure> {
        progress.step("backup.step.reading");
        let stick = shelf.record().ok().map(|record| record.id);
        let judged = self.judge(shelf, stick, number)?.ok_or(Failure::Missing)?;
        let read = match (judged.word, &judged.manifest) {
            (Word::Ours, Some(manifest)) => {
                let parts = manifest.parts.iter();
                progress.expect(parts.clone().map(|part| part.length).sum());
                Ok(check::damaged(shelf, number, parts, progress)?)
            }
            // What is not ours says nothing about the backup that has this number.
            (Word::Foreign, _) => return Err(Unreadable::Altered.into()),
            _ => Err(Unreadable::Altered),
        };
        let good = read.as_ref().is_ok_and(BTreeSet::is_empty);
        self.write(actor, None, |tx| {
            Ok::<_, Refusal>(((), note::reread(tx, &self.world, number, good)?))
        })?;
        let damaged = read?;
        self.doubt(actor, shelf, &damaged)?;
        match damaged.iter().find(|name| !is_content_id(name)) {
            Some(name) => Err(Failure::Part {
                number,
                name: name.clone(),
            }),
            None if good => Ok(()),
            None => Err(Failure::Files {
                number,
                damaged: damaged.len() as u64,
            }),
        }
    }
}

/// The row of the backup itself: it was written after the copy, so the copy does not have it.
fn restored(
    tx: &WriteTx<'_>,
    manifest: &Manifest,
    inside: &Inside,
    hash: [u8; 32],
) -> Result<(), Refusal> {
    let at = chrono::DateTime::from_timestamp(manifest.at, 0).unwrap_or_default();
    tx.execute(
        "insert into backup (number, stick, at, day, manifest, head_seq, head, persons, casework_of)
         select :number, id, :at, :day, :manifest, :head_seq, :head, :persons, :casework_of
           from stick where id = :stick
             on conflict (number) do nothing",
        named_params! {
            ":number": manifest.number, ":stick": inside.stick,
            ":at": at.to_rfc3339_opts(chrono::SecondsFormat::Millis, true),
            ":day": at.date_naive(), ":manifest": hash, ":head_seq": inside.desk_head.seq,
            ":head": inside.desk_head.hash, ":persons": inside.persons,
            ":casework_of": inside.casework_of,
        },
    )?;
    Ok(())
}

fn managers(db: &Db<'_>) -> Result<Vec<(UserId, String)>, Refusal> {
    let manager = Roles::MANAGER.bits();
    db.all(
        "select id, name from user where disabled is null and roles & :manager <> 0 order by name",
        named_params! { ":manager": manager },
        |row| Ok((row.get(0)?, row.get(1)?)),
    )
}

struct Fetch<'f> {
    shelf: &'f Shelf,
    number: u64,
    progress: &'f Progress,
    manifest: &'f Manifest,
    /// Refuses once the centre was locked.
    go_on: &'f dyn Fn() -> Result<(), Failure>,
    /// Of all its own parts; asked for when the first is damaged.
    twins: OnceCell<Vec<Twin>>,
}

impl Fetch<'_> {
    /// Joins the parts of a database and cuts off what the last was filled up with.
    fn database(
        &self,
        manifest: &Manifest,
        stem: &str,
        into: &Path,
        length: u64,
    ) -> Result<(), Failure> {
        let mut file = File::create_new(into).map_err(on_laptop)?;
        let mut parts: Vec<&Part> = manifest.of(stem).collect();
        parts.sort_by(|a, b| a.name.cmp(&b.name));
        let mut at = 0;
        for part in parts {
            self.part(part, &mut file, at)?;
            at += part.length;
        }
        if at < length {
            return Err(Unreadable::Format.into());
        }
        file.set_len(length).map_err(on_laptop)?;
        file.sync_all().map_err(on_laptop)
    }

    /// Whether the laptop has it now, as it was written: its own, or that of the stick.
    fn attachment(&self, part: &Part, files: &Path) -> Result<bool, Failure> {
        let own = files.join(&part.name);
        if check::is_here(&own, part, self.progress)? {
            return Ok(true);
        }
        fs::create_dir_all(files).map_err(on_laptop)?;
        let fresh = files.join(format!("{}.new", part.name));
        let mut file = File::create(&fresh).map_err(on_laptop)?;
        let on_stick = self.shelf.part(self.number, &part.name);
        if !self.pour(&on_stick, part, &mut file)? {
            drop(file);
            let _ = fs::remove_file(&fresh);
            return if self.shelf.is_there() {
                Ok(false)
            } else {
                Err(self.gone())
            };
        }
        file.sync_all().map_err(on_laptop)?;
        drop(file);
        fs::rename(&fresh, &own).map_err(on_laptop)?;
        place::sync_folder(files).map_err(on_laptop)?;
        Ok(true)
    }

    fn gone(&self) -> Failure {
        let percent = self.progress.seen().percent();
        Failure::Gone { percent }
    }

    fn damaged(&self, part: &Part) -> Failure {
        Failure::Part {
            number: self.number,
            name: part.name.clone(),
        }
    }

    /// One part to its place in the file, from where its bytes are as they were written.
    fn part(&self, part: &Part, into: &mut File, at: u64) -> Result<(), Failure> {
        let mut pour = |source: &Path| {
            into.seek(io::SeekFrom::Start(at)).map_err(on_laptop)?;
            self.pour(source, part, into)
        };
        if pour(&self.shelf.part(self.number, &part.name))? {
            return Ok(());
        }
        let twins = self.twins.get_or_init(|| {
            let own: Vec<&Part> = self.manifest.own().collect();
            twins(self.shelf, self.number, &own)
        });
        for twin in twins.iter().filter(|twin| twin.of == part.hash) {
            if pour(&twin.path)? {
                return Ok(());
            }
        }
        if self.shelf.is_there() {
            Err(self.damaged(part))
        } else {
            Err(self.gone())
        }
    }

    /// Whether what was poured is what the manifest says.
    fn pour(&self, source: &Path, part: &Part, into: &mut File) -> Result<bool, Failure> {
        if self.shelf.medium.length(source).ok() != Some(part.length) {
            return Ok(false);
        }
        let Ok(mut from) = self.shelf.medium.open(source) else {
            return Ok(false);
        };
        let mut hasher = blake3::Hasher::new();
        let mut block = vec![0; BLOCK];
        let mut left = part.length;
        while left > 0 {
            if self.progress.is_cancelled() {
                return Err(Failure::Cancelled);
            }
            (self.go_on)()?;
            let most = usize::try_from(left).unwrap_or(BLOCK).min(BLOCK);
            let read = match from.read(&mut block[..most]) {
                Ok(0) | Err(_) => return Ok(false),
                Ok(read) => read,
            };
            hasher.update(&block[..read]);
            into.write_all(&block[..read]).map_err(on_laptop)?;
            self.progress.advance(read as u64);
            left -= read as u64;
        }
        Ok(*hasher.finalize().as_bytes() == part.hash)
    }
}
