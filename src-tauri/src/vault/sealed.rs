//! What is sealed (P4): a text under a key of its own, which is boxed once for each who may read it.
//! The readers are the two persons that the manager named, who hold the sealed half, and users by
//! the half of their own in their slot. Whoever seals needs nobody's secret.
//!
//! The two are named by the manager, who gets nothing by it. New ones get the new half in their
//! slots; what was boxed before stays closed to them until one who holds the former half hands it
//! over. A sheet of its own opens the sealed half when both forgot their passphrases.

use rusqlite::named_params;
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use zeroize::Zeroizing;

use super::boxed::{self, Boxed};
use super::door::allowed;
use super::journal::Event;
use super::keyfile::KeyFile;
use super::known::Known;
use super::rotate::count_change;
use super::secret::{Half, Ring, Secret};
use super::words::RecoveryWords;
use super::{Actor, Casework, CaseworkEvent, CaseworkTx, Db, Open, Refusal, Vault, WriteTx, place};
use crate::kit::id::{RecordId, UserId};
use crate::kit::world::World;

/// What is kept sealed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SealedKind {
    CounsellingNote,
    ShelterPlace,
    /// A form that stood half-typed when the program locked: its writer's alone.
    KeptForm,
}

impl SealedKind {
    const ALL: [Self; 3] = [Self::CounsellingNote, Self::ShelterPlace, Self::KeptForm];

    /// Whether the two who are named read it too.
    fn is_for_the_named(self) -> bool {
        self != Self::KeptForm
    }

    fn code(self) -> &'static str {
        match self {
            Self::CounsellingNote => "counselling-note",
            Self::ShelterPlace => "shelter-place",
            Self::KeptForm => "kept-form",
        }
    }
}

impl ToSql for SealedKind {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        self.code().to_sql()
    }
}

impl FromSql for SealedKind {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let code = value.as_str()?;
        let found = Self::ALL.into_iter().find(|kind| kind.code() == code);
        found.ok_or(FromSqlError::InvalidType)
    }
}

/// The two persons for whom everything sealed is boxed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pair {
    pub public: [u8; 32],
    pub first: UserId,
    pub second: Option<UserId>,
}

impl Pair {
    pub fn named(&self) -> Vec<UserId> {
        std::iter::once(self.first).chain(self.second).collect()
    }

    pub fn names(&self, user: UserId) -> bool {
        self.first == user || self.second == Some(user)
    }

    fn without(&self, user: UserId) -> Option<UserId> {
        self.named().into_iter().find(|named| *named != user)
    }
}

/// The two who are named now; `None` before anybody was.
pub fn pair(db: &Db<'_>) -> Result<Option<Pair>, Refusal> {
    db.one(
        "select public, first, second from sealed_pair order by seq desc limit 1",
        [],
        |row| {
            Ok(Pair {
                public: row.get(0)?,
                first: row.get(1)?,
                second: row.get(2)?,
            })
        },
    )
}

/// What somebody named sees of the sealed key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Whether whoever is in holds the sealed half.
    pub held: bool,
    /// Records that are still boxed for a former half, or for a reader's former one.
    pub to_hand_over: u32,
    pub sheet: bool,
}

/// What came of looking at something sealed.
#[derive(Debug, PartialEq, Eq)]
pub enum Unsealed {
    Nothing,
    /// It is boxed for others.
    Closed,
    Words(String),
}

impl Casework<'_> {
    /// Opens what is sealed, where whoever is in holds a half that it is boxed for.
    pub fn unseal(&self, kind: SealedKind, id: RecordId) -> Result<Unsealed, Refusal> {
        let Some(text) = text(self, kind, id)? else {
            return Ok(Unsealed::Nothing);
        };
        let Some(key) = self.key_of(&text)? else {
            return Ok(Unsealed::Closed);
        };
        let words = boxed::opened(&key, &text.nonce, &text.words, &text.bound())
            .and_then(|words| String::from_utf8(words.to_vec()).ok());
        words.map(Unsealed::Words).ok_or(Refusal::Sealed)
    }

    /// The users for whose own half it is boxed.
    pub fn readers(&self, kind: SealedKind, id: RecordId) -> Result<Vec<UserId>, Refusal> {
        self.all(
            "select k.reader from casework.sealed_key k
               join casework.sealed_text t on t.id = k.sealed
               join reader_key r on r.user = k.reader and r.public = k.public
              where k.sealed = :id and t.kind = :kind",
            named_params! { ":id": id, ":kind": kind },
            |row| row.get(0),
        )
    }

    fn key_of(&self, text: &Text) -> Result<Option<Secret>, Refusal> {
        Ok(boxes(self, text.id)?
            .into_iter()
            .find_map(|(public, boxed)| {
                let half = self.ring.half(&public)?;
                boxed.open(half, &text.bound_for(&public))
            }))
    }
}

impl CaseworkTx<'_> {
    /// Keeps a text for the two who are named and these users alone. Sealed again, only the new
    /// text is there.
    pub fn seal(
        &self,
        world: &World,
        kind: SealedKind,
        id: RecordId,
        readers: &[UserId],
        words: &str,
    ) -> Result<(), Refusal> {
        let named = match kind.is_for_the_named() {
            true => Some(pair(self)?.ok_or(Refusal::NobodyNamed)?),
            false => None,
        };
        let key: Secret = Zeroizing::new(world.bytes());
        let version = text(self, kind, id)?.map_or(1, |former| former.version + 1);
        let mut text = Text {
            kind,
            id,
            version,
            nonce: world.bytes(),
            words: Vec::new(),
        };
        text.words = boxed::sealed(&key, &text.nonce, words.as_bytes(), &text.bound())
            .ok_or(Refusal::NotSaved)?;
        self.execute(
            "delete from casework.sealed_key where sealed = :id",
            named_params! { ":id": id },
        )?;
        self.execute(
            "insert into casework.sealed_text (id, kind, version, nonce, words)
             values (:id, :kind, :version, :nonce, :words)
             on conflict (id) do update set version = excluded.version, nonce = excluded.nonce,
               words = excluded.words",
            named_params! {
                ":id": id, ":kind": kind, ":version": version, ":nonce": text.nonce,
                ":words": text.words,
            },
        )?;
        if let Some(pair) = named {
            self.box_for(world, &text, &key, None, &pair.public)?;
        }
        self.share_key(world, &text, &key, readers)
    }

    /// Takes out what is sealed and no longer needed.
    pub fn drop_sealed(&self, kind: SealedKind, id: RecordId) -> Result<(), Refusal> {
        self.execute(
            "delete from casework.sealed_key where sealed in
               (select id from casework.sealed_text where id = :id and kind = :kind)",
            named_params! { ":id": id, ":kind": kind },
        )?;
        self.execute(
            "delete from casework.sealed_text where id = :id and kind = :kind",
            named_params! { ":id": id, ":kind": kind },
        )?;
        Ok(())
    }

    /// Boxes what is sealed for more users. Only who can read it can.
    pub fn share(
        &self,
        world: &World,
        kind: SealedKind,
        id: RecordId,
        readers: &[UserId],
    ) -> Result<(), Refusal> {
        let text = text(self, kind, id)?.ok_or(Refusal::Missing)?;
        let key = self.key_of(&text)?.ok_or(Refusal::Sealed)?;
        self.share_key(world, &text, &key, readers)
    }

    /// Leaves, of the users for whom it is boxed, only these. The two who are named keep theirs.
    pub fn keep_readers(
        &self,
        kind: SealedKind,
        id: RecordId,
        readers: &[UserId],
    ) -> Result<(), Refusal> {
        let boxed: Vec<UserId> = self.all(
            "select distinct k.reader from casework.sealed_key k
               join casework.sealed_text t on t.id = k.sealed
              where k.sealed = :id and t.kind = :kind and k.reader is not null",
            named_params! { ":id": id, ":kind": kind },
            |row| row.get(0),
        )?;
        for reader in boxed.iter().filter(|reader| !readers.contains(reader)) {
            self.execute(
                "delete from casework.sealed_key where sealed = :id and reader = :reader",
                named_params! { ":id": id, ":reader": reader },
            )?;
        }
        Ok(())
    }

    fn share_key(
        &self,
        world: &World,
        text: &Text,
        key: &Secret,
        readers: &[UserId],
    ) -> Result<(), Refusal> {
        for reader in readers {
            // Whoever was never in since has no half yet; somebody who reads it can share it then.
            if let Some(public) = reader_key(self, *reader)? {
                self.box_for(world, text, key, Some(*reader), &public)?;
            }
        }
        Ok(())
    }

    fn box_for(
        &self,
        world: &World,
        text: &Text,
        key: &Secret,
        reader: Option<UserId>,
        public: &[u8; 32],
    ) -> Result<(), Refusal> {
        let boxed = Boxed::new(world, public, key, &text.bound_for(public));
        let boxed = boxed.ok_or(Refusal::NotSaved)?;
        self.execute(
            "insert into casework.sealed_key (sealed, public, reader, ephemeral, nonce, boxed)
             values (:id, :public, :reader, :ephemeral, :nonce, :boxed)
             on conflict (sealed, public) do nothing",
            named_params! {
                ":id": text.id, ":public": public, ":reader": reader,
                ":ephemeral": boxed.ephemeral, ":nonce": boxed.nonce, ":boxed": boxed.ciphertext,
            },
        )?;
        Ok(())
    }
}

/// A sealed text as it lies in casework.db.
struct Text {
    kind: SealedKind,
    id: RecordId,
    version: u32,
    nonce: [u8; 24],
    words: Vec<u8>,
}

impl Text {
    /// A text moved to another record, or an older one put back, does not open.
    fn bound(&self) -> Vec<u8> {
        let mut bound = self.kind.code().as_bytes().to_vec();
        bound.push(0);
        bound.extend_from_slice(self.id.as_bytes());
        bound.extend_from_slice(&self.version.to_le_bytes());
        bound
    }

    /// Which generation of a reader's key it is boxed for is told by its open half.
    fn bound_for(&self, public: &[u8; 32]) -> Vec<u8> {
        let mut bound = self.bound();
        bound.extend_from_slice(public);
        bound
    }
}

fn text(casework: &Casework<'_>, kind: SealedKind, id: RecordId) -> Result<Option<Text>, Refusal> {
    casework.one(
        "select kind, id, version, nonce, words from casework.sealed_text
          where id = :id and kind = :kind",
        named_params! { ":id": id, ":kind": kind },
        read_text,
    )
}

fn read_text(row: &rusqlite::Row<'_>) -> rusqlite::Result<Text> {
    Ok(Text {
        kind: row.get(0)?,
        id: row.get(1)?,
        version: row.get(2)?,
        nonce: row.get(3)?,
        words: row.get(4)?,
    })
}

fn boxes(casework: &Casework<'_>, id: RecordId) -> Result<Vec<([u8; 32], Boxed)>, Refusal> {
    casework.all(
        "select public, ephemeral, nonce, boxed from casework.sealed_key where sealed = :id",
        named_params! { ":id": id },
        |row| {
            let boxed = Boxed {
                ephemeral: row.get(1)?,
                nonce: row.get(2)?,
                ciphertext: row.get(3)?,
            };
            Ok((row.get(0)?, boxed))
        },
    )
}

pub(super) fn reader_key(db: &Db<'_>, user: UserId) -> Result<Option<[u8; 32]>, Refusal> {
    db.one(
        "select public from reader_key where user = :user",
        named_params! { ":user": user },
        |row| row.get(0),
    )
}

/// Texts that lack a box for the sealed half of now, or have one for a reader's former half.
const BEHIND: &str = "select kind, id, version, nonce, words from casework.sealed_text t
     where t.kind <> 'kept-form' and not exists
             (select 1 from casework.sealed_key k
               where k.sealed = t.id and k.reader is null and k.public = :public)
        or t.kind <> 'kept-form' and exists (select 1 from casework.sealed_key k
                     join reader_key r on r.user = k.reader and r.public <> k.public
                    where k.sealed = t.id
                      and not exists (select 1 from casework.sealed_key n
                                       where n.sealed = t.id and n.public = r.public))";

impl Vault {
    /// What whoever is in may do with what is sealed; `None` before anybody was named.
    pub fn sealed_standing(&self, actor: Actor) -> Result<Option<(Pair, Standing)>, Refusal> {
        let (file, ..) = self.key_file()?;
        self.list_casework(actor, |casework| {
            let Some(pair) = pair(casework)? else {
                return Ok(None);
            };
            let count = casework.one(
                &format!("select count(*) from ({BEHIND})"),
                named_params! { ":public": pair.public },
                |row| row.get(0),
            )?;
            let keyless = pair.named().into_iter();
            let keyless = keyless
                .filter(|user| !file.holds(*user, &pair.public))
                .count();
            let standing = Standing {
                held: casework.ring.half(&pair.public).is_some(),
                to_hand_over: count.unwrap_or(0) + u32::try_from(keyless).unwrap_or(0),
                sheet: file.has_sealed_sheet(&pair.public),
            };
            Ok(Some((pair, standing)))
        })
    }

    /// Names the two. Of those named before one stays, so that what is sealed can be handed over;
    /// where none of them holds the key any more, there is nobody left to ask.
    pub fn name_sealed(
        &self,
        actor: Actor,
        first: UserId,
        second: Option<UserId>,
    ) -> Result<(), Refusal> {
        let mut state = self.lock_state();
        let open = state.as_mut().ok_or(Refusal::Locked)?;
        let (mut file, _, folder) = open.key_file()?;
        let half = Half::random(&self.world);
        let next = Pair {
            public: *half.public(),
            first,
            second,
        };
        if second == Some(first) || next.named().iter().any(|user| !file.opens_casework(*user)) {
            return Err(Refusal::NotToBeNamed);
        }
        if let Some(former) = pair(&Db::desk(&open.connection))? {
            let holds = |user: &UserId| file.holds(*user, &former.public);
            let leave = former.named().iter().all(|user| !next.names(*user));
            if leave && former.named().iter().any(holds) {
                return Err(Refusal::OneMustStay);
            }
        }
        let event = Event::SealedNamed { first, second };
        let known = Known::in_open(open, &file)?;
        known.vouches_for(&file, &next.named())?;
        file.keep_sealed_sheet(|slot| known.has(slot));
        file.renew_sealed(&self.world, &next.named(), &half)
            .ok_or(Refusal::NotSaved)?;
        file.changes += 1;
        let bytes = file.write(&open.keys);
        let stamp = self.world.stamp();
        self.commit(open, actor, None, |tx| {
            allowed(actor, &event)?;
            put_pair(tx, &next, &stamp)?;
            count_change(tx, file.changes)?;
            place::replace(&folder.join("keys.mrc"), &bytes)?;
            Ok::<_, Refusal>(((), event))
        })?;
        if next.names(actor.user) {
            open.ring.sealed.push(half);
        }
        Ok(())
    }

    /// One who holds the keys of before boxes all for the two of now, and for readers who got a
    /// new half since; and gives the sealed half to whoever is named and lacks it.
    pub fn hand_over(&self, actor: Actor) -> Result<u32, Refusal> {
        let number = self.write_casework(actor, None, |tx| {
            let pair = pair(tx)?.ok_or(Refusal::NobodyNamed)?;
            tx.ring.half(&pair.public).ok_or(Refusal::Sealed)?;
            let number = self.box_anew(tx, &pair)?;
            Ok::<_, Refusal>((number, CaseworkEvent::SealedHandedOver { number }))
        })?;
        let mut state = self.lock_state();
        let open = state.as_mut().ok_or(Refusal::Locked)?;
        let (mut file, _, folder) = open.key_file()?;
        let used = Casework::of(&open.connection, &open.ring).all(
            "select distinct public from casework.sealed_key where reader is null",
            [],
            |row| row.get::<_, [u8; 32]>(0),
        )?;
        let pair = pair(&Db::desk(&open.connection))?.ok_or(Refusal::NobodyNamed)?;
        let half = open.ring.half(&pair.public).ok_or(Refusal::Sealed)?;
        Known::in_open(open, &file)?.vouches_for(&file, &pair.named())?;
        for user in pair.named() {
            file.give_sealed(&self.world, user, half)
                .ok_or(Refusal::NotToBeNamed)?;
        }
        open.ring.sealed.retain(|half| {
            let kept = used.contains(half.public()) || *half.public() == pair.public;
            if !kept {
                file.forget_half(half.public());
            }
            kept
        });
        place::replace(&folder.join("keys.mrc"), &file.write(&open.keys))?;
        Ok(number)
    }

    fn box_anew(&self, tx: &CaseworkTx<'_>, pair: &Pair) -> Result<u32, Refusal> {
        let behind = tx.all(BEHIND, named_params! { ":public": pair.public }, read_text)?;
        let mut number = 0;
        for text in behind {
            // What nobody here can open waits for the sheet.
            let Some(key) = tx.key_of(&text)? else {
                continue;
            };
            tx.box_for(&self.world, &text, &key, None, &pair.public)?;
            let readers = tx.all(
                "select distinct reader from casework.sealed_key
                  where sealed = :id and reader is not null",
                named_params! { ":id": text.id },
                |row| row.get(0),
            )?;
            tx.share_key(&self.world, &text, &key, &readers)?;
            tx.execute(
                "delete from casework.sealed_key
                  where sealed = :id and reader is null and public <> :public",
                named_params! { ":id": text.id, ":public": pair.public },
            )?;
            number += 1;
        }
        Ok(number)
    }

    /// A new sheet for the two, in place of the one before.
    pub fn make_sealed_sheet(
        &self,
        actor: Actor,
        witness: Option<UserId>,
        words: &RecoveryWords,
    ) -> Result<(), Refusal> {
        let mut state = self.lock_state();
        let open = state.as_mut().ok_or(Refusal::Locked)?;
        let (mut file, _, folder) = open.key_file()?;
        let pair = pair(&Db::desk(&open.connection))?.ok_or(Refusal::NobodyNamed)?;
        if !pair.names(actor.user) || pair.without(actor.user) != witness {
            return Err(Refusal::Role);
        }
        let half = open.ring.half(&pair.public).ok_or(Refusal::Sealed)?;
        file.add_sealed_sheet(&self.world, &open.keys, words, half)
            .ok_or(Refusal::NotSaved)?;
        let mut known = Known::in_open(open, &file)?;
        if let Some(sheet) = file.slots.last() {
            known.take(sheet);
        }
        file.changes += 1;
        let bytes = file.write(&open.keys);
        self.commit(open, actor, None, |tx| {
            count_change(tx, file.changes)?;
            known.write(tx)?;
            place::replace(&folder.join("keys.mrc"), &bytes)?;
            Ok::<_, Refusal>(((), Event::SealedSheetMade { witness }))
        })
    }

    /// One of the two gets the sealed half back from the sheet's words.
    pub fn open_by_sealed_sheet(&self, actor: Actor, words: &RecoveryWords) -> Result<(), Refusal> {
        let mut state = self.lock_state();
        let open = state.as_mut().ok_or(Refusal::Locked)?;
        let (mut file, _, folder) = open.key_file()?;
        let found = file.open_sealed_sheet(words).ok_or(Refusal::Sheet)?;
        let pair = pair(&Db::desk(&open.connection))?.ok_or(Refusal::NobodyNamed)?;
        if !pair.names(actor.user) {
            return Err(Refusal::Role);
        }
        Known::in_open(open, &file)?.vouches_for(&file, &[actor.user])?;
        for half in found.sealed {
            file.give_sealed(&self.world, actor.user, &half)
                .ok_or(Refusal::NotSaved)?;
            open.ring
                .sealed
                .retain(|known| known.public() != half.public());
            open.ring.sealed.push(half);
        }
        let bytes = file.write(&open.keys);
        self.note(open, actor, Event::SealedSheetUsed { user: actor.user })?;
        Ok(place::replace(&folder.join("keys.mrc"), &bytes)?)
    }

    /// Whoever may read casework has a half of their own from their first coming in; its open half
    /// lies in desk.db. Whether the key file is to be written.
    pub(super) fn own_half(&self, file: &mut KeyFile, user: UserId, ring: &mut Ring) -> bool {
        if ring.own.is_some() || !file.opens_casework(user) {
            return false;
        }
        let half = Half::random(&self.world);
        let given = file.give_own(&self.world, user, &half).is_some();
        if given {
            ring.own = Some(half);
        }
        given
    }

    /// Tells everybody else the open half of whoever came in, where it is not known yet.
    pub(super) fn tell_half(&self, open: &mut Open, actor: Actor) -> Result<(), Refusal> {
        let Some(public) = open.ring.own.as_ref().map(|half| *half.public()) else {
            return Ok(());
        };
        let user = actor.user;
        if reader_key(&Db::desk(&open.connection), user)? == Some(public) {
            return Ok(());
        }
        self.commit(open, actor, None, |tx| {
            tx.execute(
                "insert into reader_key (user, public) values (:user, :public)
                 on conflict (user) do update set public = excluded.public",
                named_params! { ":user": user, ":public": public },
            )?;
            Ok::<_, Refusal>(((), Event::ReaderKeyMade { user }))
        })
    }

    /// What the two become when one of them is shut out: the other alone, with a new half. `None`
    /// where the user is not one of them.
    pub(super) fn leave_pair(
        &self,
        open: &Open,
        file: &mut KeyFile,
        user: UserId,
    ) -> Result<Option<(Pair, Half)>, Refusal> {
        let pair = pair(&Db::desk(&open.connection))?;
        let Some(former) = pair.filter(|pair| pair.names(user)) else {
            return Ok(None);
        };
        let first = former.without(user).ok_or(Refusal::LastNamed)?;
        let half = Half::random(&self.world);
        let known = Known::in_open(open, file)?;
        known.vouches_for(file, &[first])?;
        file.keep_sealed_sheet(|slot| known.has(slot));
        file.renew_sealed(&self.world, &[first], &half)
            .ok_or(Refusal::NotSaved)?;
        let pair = Pair {
            public: *half.public(),
            first,
            second: None,
        };
        Ok(Some((pair, half)))
    }

    /// After somebody left: whoever is in and stays gets the new half at once, and boxes all anew.
    pub(super) fn after_leaving(
        &self,
        actor: Actor,
        left: Option<(Pair, Half)>,
    ) -> Result<(), Refusal> {
        let Some((_, half)) = left.filter(|(pair, _)| pair.names(actor.user)) else {
            return Ok(());
        };
        if let Some(open) = self.lock_state().as_mut() {
            open.ring.sealed.push(half);
        }
        self.hand_over(actor).map(|_| ())
    }
}

pub(super) fn put_pair(tx: &WriteTx<'_>, pair: &Pair, made: &str) -> Result<usize, Refusal> {
    tx.execute(
        "insert into sealed_pair (public, first, second, made)
         values (:public, :first, :second, :made)",
        named_params! {
            ":public": pair.public, ":first": pair.first, ":second": pair.second, ":made": made,
        },
    )
}
