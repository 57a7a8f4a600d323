//! Scans and files of a case: brought in by a dialog, shown on a page of the program, taken out
//! with a reason; and what the case still needs. The papers' own page is in `papers.rs`.

use askama::Template;

use super::papers::papers_page;
use super::{Head, back, change, enter, on_page, refused};
use crate::cases::documents::DocumentKind;
use crate::cases::forms::{Wrong, chosen};
use crate::cases::store::{self, Attachment, Kept, NewAttachment};
use crate::kit::date::ToldDate;
use crate::kit::id::{AttachmentId, CaseId, NeedId};
use crate::kit::scan::{self, Format, NotTaken};
use crate::kit::text;
use crate::vault::{CaseworkEvent, Refusal};
use crate::web::{Answer, Call, Ctx, Field, Result};

/// Asks for a file, looks what it is, keeps it encrypted. What is typed comes first: a dialog that
/// is closed again loses nothing.
pub fn attach(call: &Call) -> Result {
    let c = &call.context();
    on_page(call, c, papers_page, |case, mut page| {
        let today = c.today();
        let form = &mut page.scan;
        let kind = form
            .kind
            .read(c, &call.sent, |v, _| chosen(DocumentKind::from_code(v)));
        form.offer(c);
        let what = form.what.optional(c, &call.sent);
        let dated = form.dated.read(c, &call.sent, |typed, limit| {
            let Some(typed) = text::optional(typed, limit)? else {
                return Ok(None);
            };
            let told = ToldDate::parse(&typed)?;
            if told.date > today {
                return Err(Wrong::Future);
            }
            Ok(Some(told))
        });
        let (Some(kind), Some(what), Some(dated)) = (kind, what, dated) else {
            return refused(&page);
        };
        let title = c.t("cases.scan_choose");
        let Some(path) = call.app.outside.file(&title, &scan::ENDINGS) else {
            return Answer::page(&page);
        };
        let taken = match scan::take(&path) {
            Ok(taken) => taken,
            Err(why) => {
                page.scan.file.wrong(told(c, &why));
                return refused(&page);
            }
        };
        // The file first: a full disk is told before anything names it.
        let content = match call.app.vault.keep_file(&taken.bytes) {
            Err(why @ Refusal::Full) => {
                page.scan.file.wrong(c.because(&why));
                return refused(&page);
            }
            kept => kept?,
        };
        let (world, actor) = (&call.app.world, call.actor()?);
        change(call, case, |tx, _| {
            let new = NewAttachment {
                kind,
                what: what.as_deref(),
                dated,
                format: taken.format,
                length: taken.bytes.len() as u64,
                content,
            };
            let attachment = store::attach(tx, world, actor, case, &new)?;
            Ok(((), CaseworkEvent::AttachmentAdded { case, attachment }))
        })?;
        back(call, case, "/papers", "cases.said.attached")
    })
}

/// A refusal with the kinds that it names.
fn told(c: &Ctx, why: &NotTaken) -> String {
    let name = |format: Format| c.t(format.label_key());
    let key = why.to_string();
    match why {
        NotTaken::Name { named, found } => {
            c.tw(&key, &[("named", &name(*named)), ("found", &name(*found))])
        }
        NotTaken::Disguised { named } => c.tw(&key, &[("named", &name(*named))]),
        NotTaken::Large => {
            let most = (scan::LARGEST / 1024 / 1024).to_string();
            c.tw(&key, &[("most", &most)])
        }
        _ => c.t(&key),
    }
}

/// What stands beside a scan wherever it is named.
pub struct AttachmentLine {
    pub attachment: Attachment,
    pub label: String,
    pub dated: Option<String>,
    pub added: String,
    pub format: String,
    pub removed: Option<String>,
}

impl AttachmentLine {
    pub fn of(c: &Ctx, attachment: Attachment) -> Self {
        let removed = match &attachment.file {
            Kept::Here(_) => None,
            Kept::Removed { day, by, reason } => {
                let day = c.day(*day);
                let with = [("day", &*day), ("name", &**by), ("why", &**reason)];
                Some(c.tw("cases.scan_removed", &with))
            }
        };
        Self {
            label: c.t(attachment.kind.label_key()),
            dated: attachment.dated.map(|dated| c.told(dated)),
            added: c.day(c.date(attachment.added)),
            format: c.t(attachment.format.label_key()),
            removed,
            attachment,
        }
    }

    pub fn is_picture(&self) -> bool {
        self.attachment.format != Format::Pdf
    }
}

#[derive(Template)]
#[template(path = "cases/attachment.html")]
struct Page<'p> {
    c: &'p Ctx,
    head: Head,
    line: AttachmentLine,
    reason: Field,
}

type Shown<'p> = std::result::Result<Page<'p>, Answer>;

pub fn page(call: &Call) -> Result {
    let c = &call.context();
    on_page(call, c, attachment_page, |_, page| Answer::page(&page))
}

fn attachment_page<'p>(call: &Call, c: &'p Ctx) -> Result<Shown<'p>> {
    let (head, file) = match enter(call, c, "papers")? {
        Ok(entered) => entered,
        Err(asked) => return Ok(Err(asked)),
    };
    let attachment = read(call, file.id)?;
    Ok(Ok(Page {
        c,
        head,
        line: AttachmentLine::of(c, attachment),
        reason: Field::new("remove-reason", 200),
    }))
}

/// Through the read door: the journal tells who looked at which.
fn read(call: &Call, case: CaseId) -> Result<Attachment> {
    let attachment: AttachmentId = call.part("attachment")?;
    let reading = CaseworkEvent::AttachmentRead { case, attachment };
    call.read_casework(&reading, |casework| {
        store::attachment(casework, case, attachment)?.ok_or(Refusal::Missing)
    })
}

/// The picture that the page holds.
pub fn picture(call: &Call) -> Result {
    let c = &call.context();
    let (_, file) = match enter(call, c, "papers")? {
        Ok(entered) => entered,
        // A picture asks nobody why.
        Err(_) => return Err(Refusal::Missing),
    };
    let attachment = read(call, file.id)?;
    let kind = match attachment.format {
        Format::Jpeg => "image/jpeg",
        Format::Png => "image/png",
        Format::Pdf => return Err(Refusal::Missing),
    };
    let content = attachment.content().ok_or(Refusal::Missing)?;
    let bytes = call.app.vault.file(content)?;
    Ok(Answer::Picture(kind, bytes.to_vec()))
}

/// Outside the program nothing guards it: only where somebody said that they know.
pub fn outside(call: &Call) -> Result {
    let c = &call.context();
    on_page(call, c, attachment_page, |case, page| {
        let attachment = &page.line.attachment;
        let content = attachment.content().ok_or(Refusal::Missing)?;
        let bytes = call.app.vault.file(content)?;
        let attachment = attachment.id;
        let opened = CaseworkEvent::AttachmentOpened { case, attachment };
        let vault = &call.app.vault;
        vault.write_casework(call.actor()?, None, |_| Ok::<_, Refusal>(((), opened)))?;
        call.show_outside(&bytes, page.line.attachment.format.code())?;
        Answer::see(format!("/cases/{case}/attachments/{attachment}"))
    })
}

pub fn take_out(call: &Call) -> Result {
    let c = &call.context();
    on_page(call, c, attachment_page, |case, mut page| {
        let Some(reason) = page.reason.required(c, &call.sent) else {
            return refused(&page);
        };
        let attachment = page.line.attachment.id;
        let (world, actor) = (&call.app.world, call.actor()?);
        change(call, case, |tx, _| {
            if !store::take_out(tx, world, actor, case, attachment, &reason)? {
                return Err(Refusal::Missing);
            }
            Ok(((), CaseworkEvent::AttachmentRemoved { case, attachment }))
        })?;
        // What cannot go now goes at the next unlocking.
        let _ = call.app.vault.sweep_files();
        back(call, case, "/papers", "cases.said.scan_removed")
    })
}

pub fn ask_for(call: &Call) -> Result {
    let c = &call.context();
    on_page(call, c, papers_page, |case, mut page| {
        let what = page.need_what.optional(c, &call.sent);
        let kind = page
            .need
            .read(c, &call.sent, |v, _| chosen(DocumentKind::from_code(v)));
        page.offer_needs(c);
        let (Some(what), Some(kind)) = (what, kind) else {
            return refused(&page);
        };
        if kind == DocumentKind::Other && what.is_none() {
            page.need_what.wrong(c.t("cases.refusal.need_what"));
            return refused(&page);
        }
        let (world, actor) = (&call.app.world, call.actor()?);
        let known = change(call, case, |tx, _| {
            match store::ask_for(tx, world, actor, case, kind, what.as_deref())? {
                Some(need) => Ok(((), CaseworkEvent::PaperNeeded { case, need })),
                None => Err(Refusal::AlreadyWritten),
            }
        });
        match known {
            Err(Refusal::AlreadyWritten) => {
                page.need.wrong(c.t("cases.refusal.need_known"));
                refused(&page)
            }
            done => {
                done?;
                back(call, case, "/papers", "cases.said.needed")
            }
        }
    })
}

pub fn end_need(call: &Call) -> Result {
    let case: CaseId = call.part("case")?;
    let need: NeedId = call.part("need")?;
    let here = call.sent.get("how") == "here";
    change(call, case, |tx, _| {
        if !store::end_need(tx, &call.app.world, case, need, here)? {
            return Err(Refusal::Missing);
        }
        Ok(((), CaseworkEvent::NeedEnded { case, need }))
    })?;
    back(call, case, "/papers", "cases.said.saved")
}
