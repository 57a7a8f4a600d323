//! Notes: added, found by their words, corrected by one more.

use chrono::{DateTime, Utc};
use rusqlite::named_params;

use super::super::rules::NoteKind;
use crate::kit::id::{CaseId, CaseNoteId};
use crate::kit::text::folded;
use crate::kit::world::World;
use crate::vault::{Actor, Casework, CaseworkTx, Refusal};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    pub id: CaseNoteId,
    pub at: DateTime<Utc>,
    pub by: String,
    pub kind: NoteKind,
    pub corrects: Option<CaseNoteId>,
    pub words: String,
}

pub fn add_note(
    tx: &CaseworkTx<'_>,
    world: &World,
    actor: Actor,
    case: CaseId,
    kind: NoteKind,
    corrects: Option<CaseNoteId>,
    words: &str,
) -> Result<CaseNoteId, Refusal> {
    let id = CaseNoteId::new(world);
    tx.execute(
        "insert into casework.case_note (id, case_file, at, by, kind, corrects, words)
         values (:id, :case, :at, :by, :kind, :corrects, :words)",
        named_params! {
            ":id": id, ":case": case, ":at": world.stamp(), ":by": actor.user, ":kind": kind,
            ":corrects": corrects, ":words": words,
        },
    )?;
    tx.execute(
        "insert into casework.note_words (rowid, words)
         values ((select seq from casework.case_note where id = :id), :words)",
        named_params! { ":id": id, ":words": folded(words) },
    )?;
    Ok(id)
}

/// The newest first.
pub fn notes(casework: &Casework<'_>, case: CaseId) -> Result<Vec<Note>, Refusal> {
    casework.all(
        "select n.id, n.at, coalesce(u.name, ''), n.kind, n.corrects, n.words
           from casework.case_note n left join user u on u.id = n.by
          where n.case_file = :case order by n.seq desc",
        named_params! { ":case": case },
        |row| {
            Ok(Note {
                id: row.get(0)?,
                at: row.get(1)?,
                by: row.get(2)?,
                kind: row.get(3)?,
                corrects: row.get(4)?,
                words: row.get(5)?,
            })
        },
    )
}

/// A note that was found, and where.
pub struct FoundNote {
    pub case: CaseId,
    pub at: DateTime<Utc>,
    pub words: String,
}

/// The newest notes with all these words, in cases of one's own.
pub fn find_notes(
    casework: &Casework<'_>,
    actor: Actor,
    typed: &str,
    most: usize,
) -> Result<Vec<FoundNote>, Refusal> {
    let query = query(typed);
    if query.is_empty() {
        return Ok(Vec::new());
    }
    casework.all(
        "select n.case_file, n.at, n.words
           from casework.note_words w join casework.case_note n on n.seq = w.rowid
           join casework.case_file f on f.id = n.case_file
          where w.words match :query and (f.worker = :user or f.second_worker = :user)
          order by w.rowid desc limit :most",
        named_params! { ":query": query, ":user": actor.user, ":most": most },
        |row| {
            Ok(FoundNote {
                case: row.get(0)?,
                at: row.get(1)?,
                words: row.get(2)?,
            })
        },
    )
}

/// Every word as the beginning of one; what FTS5 would read as its own language is in quotes.
fn query(typed: &str) -> String {
    folded(typed)
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| word.chars().count() > 1)
        .take(8)
        .map(|word| format!("\"{word}\"*"))
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(test)]
mod tests {
    use super::query;

    #[test]
    fn what_is_typed_is_never_a_command() {
        assert_eq!(
            query("unpaid OR \"x\" NEAR("),
            "\"unpaid\"* \"or\"* \"near\"*"
        );
        assert_eq!(query("أُجرة ٢٠٢٦"), "\"اجره\"* \"2026\"*");
        assert_eq!(query("* -"), "");
    }
}
