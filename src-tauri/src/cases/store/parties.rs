//! Employers, agencies and other parties: found by any spelling of any of their names.

use chrono::{DateTime, Utc};
use rusqlite::named_params;

use super::super::rules::PartyKind;
use super::{instalments, sums};
use crate::cases::rules::{Settlement, balances, settlement};
use crate::kit::id::{CaseId, PartyId};
use crate::kit::world::World;
use crate::people::NameIndex;
use crate::vault::{Actor, Casework, CaseworkTx, Refusal};

const PARTIES: NameIndex = NameIndex {
    words: "casework.party_word",
    keys: "casework.party_key",
    having: "casework.party_having",
    owner: "party",
};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Party {
    pub id: PartyId,
    pub kind: PartyKind,
    /// The first is the one shown.
    pub names: Vec<String>,
    pub sector: Option<String>,
    pub place: Option<String>,
    pub contact: Option<String>,
}

impl Party {
    pub fn name(&self) -> &str {
        self.names.first().map_or("", String::as_str)
    }
}

/// A party as it is typed.
pub struct PartyTold {
    pub kind: PartyKind,
    pub names: Vec<String>,
    pub sector: Option<String>,
    pub place: Option<String>,
    pub contact: Option<String>,
}

pub fn add_party(
    tx: &CaseworkTx<'_>,
    world: &World,
    actor: Actor,
    told: &PartyTold,
) -> Result<PartyId, Refusal> {
    let id = PartyId::new(world);
    tx.execute(
        "insert into casework.party (id, kind, sector, place, contact, created, created_by)
         values (:id, :kind, :sector, :place, :contact, :created, :by)",
        named_params! {
            ":id": id, ":kind": told.kind, ":sector": told.sector, ":place": told.place,
            ":contact": told.contact, ":created": world.stamp(), ":by": actor.user,
        },
    )?;
    keep_names(tx, id, &told.names)?;
    Ok(id)
}

pub fn revise_party(tx: &CaseworkTx<'_>, id: PartyId, told: &PartyTold) -> Result<(), Refusal> {
    let changed = tx.execute(
        "update casework.party set kind = :kind, sector = :sector, place = :place,
                contact = :contact where id = :id",
        named_params! {
            ":id": id, ":kind": told.kind, ":sector": told.sector, ":place": told.place,
            ":contact": told.contact,
        },
    )?;
    if changed == 0 {
        return Err(Refusal::Missing);
    }
    tx.execute(
        "delete from casework.party_name where party = :id",
        named_params! { ":id": id },
    )?;
    PARTIES.forget(tx, id)?;
    keep_names(tx, id, &told.names)
}

fn keep_names(tx: &CaseworkTx<'_>, id: PartyId, names: &[String]) -> Result<(), Refusal> {
    for (place, written) in names.iter().enumerate() {
        tx.execute(
            "insert into casework.party_name (party, place, written)
             values (:party, :place, :written)",
            named_params! { ":party": id, ":place": place, ":written": written },
        )?;
    }
    PARTIES.keep(tx, id, names.iter().map(String::as_str))
}

/// `None` where there is no such party.
pub fn party(casework: &Casework<'_>, id: PartyId) -> Result<Option<Party>, Refusal> {
    let names = names(casework, id)?;
    casework.one(
        "select kind, sector, place, contact from casework.party where id = :id",
        named_params! { ":id": id },
        |row| {
            Ok(Party {
                id,
                kind: row.get(0)?,
                names: names.clone(),
                sector: row.get(1)?,
                place: row.get(2)?,
                contact: row.get(3)?,
            })
        },
    )
}

fn names(casework: &Casework<'_>, id: PartyId) -> Result<Vec<String>, Refusal> {
    casework.all(
        "select written from casework.party_name where party = :id order by place",
        named_params! { ":id": id },
        |row| row.get(0),
    )
}

/// The best `most` for what was typed of a name.
pub fn find_parties(
    casework: &Casework<'_>,
    typed: &str,
    most: usize,
) -> Result<Vec<Party>, Refusal> {
    let found = PARTIES.find(casework, typed, most, |id| names(casework, id))?;
    known(casework, found)
}

/// Those with the most cases first.
pub fn parties(casework: &Casework<'_>, most: usize) -> Result<Vec<Party>, Refusal> {
    let first = casework.all(
        "select p.id from casework.party p
           left join casework.case_party c on c.party = p.id
          group by p.id order by count(c.case_file) desc, p.created desc limit :most",
        named_params! { ":most": most },
        |row| row.get(0),
    )?;
    known(casework, first)
}

fn known(casework: &Casework<'_>, ids: Vec<PartyId>) -> Result<Vec<Party>, Refusal> {
    let mut parties = Vec::with_capacity(ids.len());
    for id in ids {
        parties.extend(party(casework, id)?);
    }
    Ok(parties)
}

pub fn link_party(tx: &CaseworkTx<'_>, case: CaseId, party: PartyId) -> Result<(), Refusal> {
    tx.execute(
        "insert into casework.case_party (case_file, party) values (:case, :party)
         on conflict do nothing",
        named_params! { ":case": case, ":party": party },
    )?;
    Ok(())
}

/// `false` where it is not a party of the case.
pub fn unlink_party(tx: &CaseworkTx<'_>, case: CaseId, party: PartyId) -> Result<bool, Refusal> {
    let removed = tx.execute(
        "delete from casework.case_party where case_file = :case and party = :party",
        named_params! { ":case": case, ":party": party },
    )?;
    Ok(removed > 0)
}

pub fn parties_of(casework: &Casework<'_>, case: CaseId) -> Result<Vec<Party>, Refusal> {
    let ids = casework.all(
        "select party from casework.case_party where case_file = :case",
        named_params! { ":case": case },
        |row| row.get(0),
    )?;
    known(casework, ids)
}

pub fn cases_of_party(casework: &Casework<'_>, party: PartyId) -> Result<Vec<CaseId>, Refusal> {
    casework.all(
        "select c.case_file from casework.case_party c
           join casework.case_file f on f.id = c.case_file
          where c.party = :party order by f.year desc, f.serial desc limit 200",
        named_params! { ":party": party },
        |row| row.get(0),
    )
}

/// How the agreements on money with this party stand.
pub fn settlements(
    casework: &Casework<'_>,
    cases: &[CaseId],
    today: chrono::NaiveDate,
) -> Result<Vec<Settlement>, Refusal> {
    let mut all = Vec::new();
    for case in cases {
        let balances = balances(&sums(casework, *case)?);
        all.extend(settlement(&balances, &instalments(casework, *case)?, today));
    }
    Ok(all)
}

pub struct PartyFact {
    pub at: DateTime<Utc>,
    pub by: String,
    pub fact: String,
    pub source: String,
}

pub fn add_party_fact(
    tx: &CaseworkTx<'_>,
    world: &World,
    actor: Actor,
    party: PartyId,
    fact: &str,
    source: &str,
) -> Result<(), Refusal> {
    tx.execute(
        "insert into casework.party_fact (party, at, by, fact, source)
         values (:party, :at, :by, :fact, :source)",
        named_params! {
            ":party": party, ":at": world.stamp(), ":by": actor.user, ":fact": fact,
            ":source": source,
        },
    )?;
    Ok(())
}

pub fn party_facts(casework: &Casework<'_>, party: PartyId) -> Result<Vec<PartyFact>, Refusal> {
    casework.all(
        "select f.at, coalesce(u.name, ''), f.fact, f.source
           from casework.party_fact f left join user u on u.id = f.by
          where f.party = :party order by f.id desc",
        named_params! { ":party": party },
        |row| {
            Ok(PartyFact {
                at: row.get(0)?,
                by: row.get(1)?,
                fact: row.get(2)?,
                source: row.get(3)?,
            })
        },
    )
}
