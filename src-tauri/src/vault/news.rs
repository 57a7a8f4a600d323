//! What somebody should hear of when they come in: files of an earlier day, sheets that were used,
//! and who was given the key to casework. One manager alone can give it; nobody else's silence
//! should be part of it.

use std::collections::HashMap;

use rusqlite::{Params, named_params};

use super::journal::{self, Event, Roles};
use super::users::user_called;
use super::{Db, Refusal};
use crate::kit::id::UserId;

/// Something that whoever comes in should hear of.
pub struct News {
    pub event: Event,
    /// RFC 3339.
    pub at: String,
    pub by: String,
    /// The name of the user whom it is about; empty where it is about nobody.
    pub of: String,
    /// They held the key to casework before, as a manager, and are a caseworker from now on.
    pub widened: bool,
}

/// What happened since `user` came in the time before this one, or since they were added. Who
/// may read casework is told to those who may themselves, and nobody's own acts are told to them.
pub fn news(db: &Db<'_>, user: UserId) -> Result<Vec<News>, Refusal> {
    let before: Option<i64> = db.one(
        "select seq from journal where name = 'unlocked' and actor = :user
          order by seq desc limit 1 offset 1",
        named_params! { ":user": user },
        |row| row.get(0),
    )?;
    let history = access(db)?;
    let added = history.iter().find_map(|row| match row.event {
        Event::UserAdded { user: added, .. } if added == user => Some(row.seq),
        _ => None,
    });
    let before = before.or(added).unwrap_or(0);
    let others = rows(
        db,
        "select seq, name, ids, at, actor from journal
          where name in ('recovered', 'recovery-used', 'sheet-renewed', 'clock-set-back',
                         'older-state', 'older-casework', 'strange-slot', 'sealed-named',
                         'backup-restored')
            and seq > :before",
        named_params! { ":before": before },
    )?;
    let mut told: Vec<Row> = others;
    let mut widened = Vec::new();
    if roles_of(db, user)?.is_some_and(Roles::open_casework) {
        let mut holders = Holders::default();
        told.extend(history.into_iter().filter(|row| {
            let turn = holders.follow(&row.event);
            let renewed = matches!(row.event, Event::UserRenewed { .. });
            let (about, given) = match turn {
                Some(Turn::Given(about) | Turn::Widened(about)) => (Some(about), true),
                _ => (subject(&row.event), false),
            };
            if matches!(turn, Some(Turn::Widened(_))) {
                widened.push(row.seq);
            }
            let holds = about.is_some_and(|about| holders.hold(about));
            let of_others = row.actor != Some(user) && about != Some(user);
            row.seq > before && of_others && (given || renewed && holds)
        }));
    }
    told.sort_by_key(|row| row.seq);
    told.into_iter()
        .map(|row| {
            Ok(News {
                by: row
                    .actor
                    .map_or(Ok(String::new()), |by| user_called(db, by))?,
                of: subject(&row.event).map_or(Ok(String::new()), |of| user_called(db, of))?,
                widened: widened.contains(&row.seq),
                event: row.event,
                at: row.at,
            })
        })
        .collect()
}

/// When the keys were renewed after `user` was last in, or got the passphrase that they have.
pub(super) fn renewed_since(db: &Db<'_>, user: UserId) -> Result<Option<String>, Refusal> {
    let came: Option<i64> = db.one(
        "select seq from journal where name = 'unlocked' and actor = :user
          order by seq desc limit 1",
        named_params! { ":user": user },
        |row| row.get(0),
    )?;
    let history = access(db)?;
    let made = history.iter().rev().find_map(|row| match row.event {
        Event::UserAdded { user: made, .. } | Event::UserRenewed { user: made, .. }
            if made == user =>
        {
            Some(row.seq)
        }
        _ => None,
    });
    db.one(
        "select j.at from main.journal_chapter c join journal j on j.seq = c.until + 1
          where c.until >= :seen order by c.until limit 1",
        named_params! { ":seen": came.max(made).unwrap_or(0) },
        |row| row.get(0),
    )
}

/// Who lost the key to casework last since the recovery sheet was made, and when.
pub(super) fn left_since_the_sheet(db: &Db<'_>) -> Result<Option<(String, String)>, Refusal> {
    // A restore tells that somebody was let in by a sheet, and leaves that sheet as it is.
    let made: Option<i64> = db.one(
        "select seq from journal where name = 'sheet-renewed'
            or name = 'recovered' and seq - 1 in (select until from main.journal_chapter)
          order by seq desc limit 1",
        [],
        |row| row.get(0),
    )?;
    let mut holders = Holders::default();
    let mut left = None;
    for row in access(db)? {
        if let Some(Turn::Taken(user)) = holders.follow(&row.event)
            && row.seq > made.unwrap_or(0)
        {
            left = Some((user_called(db, user)?, row.at));
        }
    }
    Ok(left)
}

/// One row of the journal that is told.
struct Row {
    seq: i64,
    event: Event,
    at: String,
    actor: Option<UserId>,
}

/// Who came, went and may do what, from the beginning on.
fn access(db: &Db<'_>) -> Result<Vec<Row>, Refusal> {
    rows(
        db,
        "select seq, name, ids, at, actor from journal
          where name in ('user-added', 'user-renewed', 'roles-changed', 'user-disabled')
          order by seq",
        [],
    )
}

/// Those that this program knows.
fn rows(db: &Db<'_>, sql: &str, params: impl Params) -> Result<Vec<Row>, Refusal> {
    let rows = db.all(sql, params, |row| {
        let (name, ids): (String, String) = (row.get(1)?, row.get(2)?);
        let (seq, at, actor) = (row.get(0)?, row.get(3)?, row.get(4)?);
        Ok(journal::read(&name, &ids).map(|event| Row {
            seq,
            event,
            at,
            actor,
        }))
    })?;
    Ok(rows.into_iter().flatten().collect())
}

fn subject(event: &Event) -> Option<UserId> {
    match event {
        Event::UserAdded { user, .. }
        | Event::UserRenewed { user, .. }
        | Event::RolesChanged { user, .. }
        | Event::UserDisabled { user }
        | Event::Recovered { user } => Some(*user),
        Event::StrangeSlot { user } => *user,
        _ => None,
    }
}

/// That somebody got the key to casework, or lost it, or uses it as a caseworker from now on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Turn {
    Given(UserId),
    Widened(UserId),
    Taken(UserId),
}

/// Who may do what, followed through the journal from its beginning on; `None` for who is shut out.
#[derive(Default)]
struct Holders(HashMap<UserId, Option<Roles>>);

impl Holders {
    /// Of whom no roles were told founded the centre, as its manager.
    fn of(&self, user: UserId) -> Option<Roles> {
        self.0.get(&user).copied().unwrap_or(Some(Roles::MANAGER))
    }

    fn hold(&self, user: UserId) -> bool {
        self.of(user).is_some_and(Roles::open_casework)
    }

    fn follow(&mut self, event: &Event) -> Option<Turn> {
        let (user, had, has) = match event {
            Event::UserAdded { user, roles } => (*user, None, Roles::from_bits(*roles)),
            Event::UserRenewed { user, roles } | Event::RolesChanged { user, roles } => {
                (*user, self.of(*user), Roles::from_bits(*roles))
            }
            Event::UserDisabled { user } => (*user, self.of(*user), None),
            _ => return None,
        };
        self.0.insert(user, has);
        let opens = |roles: Option<Roles>| roles.is_some_and(Roles::open_casework);
        let works = |roles: Option<Roles>| roles.is_some_and(|r| r.meet(Roles::CASEWORKER));
        match (opens(had), opens(has)) {
            (false, true) => Some(Turn::Given(user)),
            (true, false) => Some(Turn::Taken(user)),
            (true, true) if works(has) && !works(had) => Some(Turn::Widened(user)),
            _ => None,
        }
    }
}

fn roles_of(db: &Db<'_>, user: UserId) -> Result<Option<Roles>, Refusal> {
    let bits = db.one(
        "select roles from user where id = :user",
        named_params! { ":user": user },
        |row| row.get(0),
    )?;
    Ok(bits.and_then(Roles::from_bits))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_is_given_and_taken_as_the_journal_tells_it() {
        let [founder, leila] = [1, 2].map(|byte| UserId::from_bytes([byte; 16]));
        let (desk, casework) = (Roles::DESK.bits(), Roles::CASEWORKER.bits());
        let mut holders = Holders::default();
        let told = [
            Event::UserAdded {
                user: leila,
                roles: desk,
            },
            Event::RolesChanged {
                user: leila,
                roles: casework,
            },
            Event::UserRenewed {
                user: leila,
                roles: casework,
            },
            Event::UserDisabled { user: leila },
            Event::UserRenewed {
                user: leila,
                roles: casework,
            },
            Event::RolesChanged {
                user: founder,
                roles: Roles::MANAGER.and(Roles::CASEWORKER).bits(),
            },
            Event::UserDisabled { user: founder },
        ];
        let turns = told.map(|event| holders.follow(&event));
        let (given, taken) = (Some(Turn::Given(leila)), Some(Turn::Taken(leila)));
        let widened = Some(Turn::Widened(founder));
        let last = Some(Turn::Taken(founder));
        assert_eq!(turns, [None, given, None, taken, given, widened, last]);
        assert!(holders.hold(leila) && !holders.hold(founder));
    }
}
