//! Scans and files of a case, and what it still needs.

use chrono::NaiveDate;
use rusqlite::named_params;

use super::super::documents::DocumentKind;
use crate::kit::date::{Precision, ToldDate};
use crate::kit::id::{AttachmentId, CaseId, NeedId};
use crate::kit::scan::Format;
use crate::kit::world::World;
use crate::vault::{Actor, Casework, CaseworkTx, ContentId, Refusal};

pub struct Attachment {
    pub id: AttachmentId,
    pub kind: DocumentKind,
    pub what: Option<String>,
    pub dated: Option<ToldDate>,
    pub format: Format,
    /// Bytes.
    pub length: u64,
    pub added: chrono::DateTime<chrono::Utc>,
    pub by: String,
    pub file: Kept,
}

/// Whether the file itself is still there.
pub enum Kept {
    Here(ContentId),
    Removed {
        day: NaiveDate,
        by: String,
        reason: String,
    },
}

impl Attachment {
    pub fn content(&self) -> Option<ContentId> {
        match self.file {
            Kept::Here(content) => Some(content),
            Kept::Removed { .. } => None,
        }
    }
}

/// A scan whose file is kept already.
pub struct NewAttachment<'n> {
    pub kind: DocumentKind,
    pub what: Option<&'n str>,
    pub dated: Option<ToldDate>,
    pub format: Format,
    pub length: u64,
    pub content: ContentId,
}

/// What the case needed of this kind is here with it.
pub fn attach(
    tx: &CaseworkTx<'_>,
    world: &World,
    actor: Actor,
    case: CaseId,
    new: &NewAttachment<'_>,
) -> Result<AttachmentId, Refusal> {
    let id = AttachmentId::new(world);
    tx.execute(
        "insert into casework.case_attachment
           (id, case_file, kind, what, dated, dated_precision, format, length, content, at, by)
         values (:id, :case, :kind, :what, :dated, :precision, :format, :length, :content, :at, :by)",
        named_params! {
            ":id": id, ":case": case, ":kind": new.kind, ":what": new.what,
            ":dated": new.dated.map(|told| told.date),
            ":precision": new.dated.map(|told| told.precision.code()),
            ":format": new.format, ":length": new.length, ":content": new.content,
            ":at": world.stamp(), ":by": actor.user,
        },
    )?;
    tx.execute(
        "update casework.case_need set ended = :today, how = 'here'
          where case_file = :case and kind = :kind and ended is null",
        named_params! { ":case": case, ":kind": new.kind, ":today": world.today() },
    )?;
    Ok(id)
}

/// The last that came first; those taken out at the end.
pub fn attachments(casework: &Casework<'_>, case: CaseId) -> Result<Vec<Attachment>, Refusal> {
    casework.all(
        "select a.id, a.kind, a.what, a.dated, a.dated_precision, a.format, a.length, a.at,
                coalesce(b.name, ''), a.content, a.removed, coalesce(r.name, ''), a.removed_reason
           from casework.case_attachment a
           left join user b on b.id = a.by left join user r on r.id = a.removed_by
          where a.case_file = :case order by a.removed is not null, a.at desc, a.id desc",
        named_params! { ":case": case },
        |row| {
            let precision: Option<String> = row.get(4)?;
            let precision = precision.as_deref().and_then(Precision::from_code);
            let content: Option<ContentId> = row.get(9)?;
            Ok(Attachment {
                id: row.get(0)?,
                kind: row.get(1)?,
                what: row.get(2)?,
                dated: Option::zip(row.get(3)?, precision)
                    .map(|(date, precision)| ToldDate { date, precision }),
                format: row.get(5)?,
                length: row.get(6)?,
                added: row.get(7)?,
                by: row.get(8)?,
                file: match content {
                    Some(content) => Kept::Here(content),
                    None => Kept::Removed {
                        day: row.get(10)?,
                        by: row.get(11)?,
                        reason: row.get(12)?,
                    },
                },
            })
        },
    )
}

pub fn attachment(
    casework: &Casework<'_>,
    case: CaseId,
    id: AttachmentId,
) -> Result<Option<Attachment>, Refusal> {
    let all = attachments(casework, case)?;
    Ok(all.into_iter().find(|attachment| attachment.id == id))
}

/// Takes a scan out that does not belong there; that it was there stays. `false` where it is not.
pub fn take_out(
    tx: &CaseworkTx<'_>,
    world: &World,
    actor: Actor,
    case: CaseId,
    id: AttachmentId,
    reason: &str,
) -> Result<bool, Refusal> {
    let changed = tx.execute(
        "update casework.case_attachment
            set content = null, removed = :today, removed_by = :by, removed_reason = :reason
          where id = :id and case_file = :case and removed is null",
        named_params! {
            ":id": id, ":case": case, ":today": world.today(), ":by": actor.user,
            ":reason": reason,
        },
    )?;
    Ok(changed == 1)
}

pub struct Need {
    pub id: NeedId,
    pub kind: DocumentKind,
    pub what: Option<String>,
    pub asked: NaiveDate,
}

/// One need of a kind at a time, but for what has no kind of its own.
pub fn ask_for(
    tx: &CaseworkTx<'_>,
    world: &World,
    actor: Actor,
    case: CaseId,
    kind: DocumentKind,
    what: Option<&str>,
) -> Result<Option<NeedId>, Refusal> {
    let id = NeedId::new(world);
    let added = tx.execute(
        "insert into casework.case_need (id, case_file, kind, what, asked, by)
         select :id, :case, :kind, :what, :today, :by
          where :kind = 'other' or not exists (
                  select 1 from casework.case_need
                   where case_file = :case and kind = :kind and ended is null)",
        named_params! {
            ":id": id, ":case": case, ":kind": kind, ":what": what, ":today": world.today(),
            ":by": actor.user,
        },
    )?;
    Ok((added == 1).then_some(id))
}

/// `false` where nothing of the kind is needed any more.
pub fn end_need(
    tx: &CaseworkTx<'_>,
    world: &World,
    case: CaseId,
    need: NeedId,
    here: bool,
) -> Result<bool, Refusal> {
    let how = if here { "here" } else { "not-needed" };
    let changed = tx.execute(
        "update casework.case_need set ended = :today, how = :how
          where id = :id and case_file = :case and ended is null",
        named_params! { ":id": need, ":case": case, ":today": world.today(), ":how": how },
    )?;
    Ok(changed == 1)
}

/// What one case still needs, the longest awaited first.
pub fn needs(casework: &Casework<'_>, case: CaseId) -> Result<Vec<Need>, Refusal> {
    casework.all(
        "select id, kind, what, asked from casework.case_need
          where case_file = :case and ended is null order by asked, id",
        named_params! { ":case": case },
        |row| {
            Ok(Need {
                id: row.get(0)?,
                kind: row.get(1)?,
                what: row.get(2)?,
                asked: row.get(3)?,
            })
        },
    )
}
