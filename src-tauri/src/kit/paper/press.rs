//! Sets a document with typst. The only files it can see are the document's template, what all
//! templates share, and the data.

use std::sync::LazyLock;

use chrono::{DateTime, Datelike, FixedOffset, Timelike};
use typst::diag::{FileError, FileResult, SourceDiagnostic};
use typst::foundations::{Bytes, Datetime, Duration, Smart};
use typst::layout::{Frame, FrameItem};
use typst::syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Library, LibraryExt, World, comemo};
use typst_layout::PagedDocument;
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards, Timestamp};

use super::faces::FACES;
use super::{Document, Pdf, Refusal, Template};

const SHARED: Template = super::template!("shared/paper.typ");
const DATA: &str = "data.json";

static LIBRARY: LazyLock<LazyHash<Library>> = LazyLock::new(|| LazyHash::new(Library::default()));

pub fn pdf(document: &Document, now: DateTime<FixedOffset>) -> Result<Pdf, Refusal> {
    let made = set(document, now);
    // What typst remembers to be faster next time are texts of this paper: they would outlive the
    // lock. Without them the next paper takes a few milliseconds more.
    comemo::evict(0);
    made
}

fn set(document: &Document, now: DateTime<FixedOffset>) -> Result<Pdf, Refusal> {
    let table = Table::of(document)?;
    let paged: PagedDocument = typst::compile(&table).output.map_err(told)?;
    for page in paged.pages() {
        nothing_missing(&page.frame)?;
    }
    let bytes = typst_pdf::pdf(&paged, &options(now)?).map_err(told)?;
    let pages = paged.pages().len();
    Ok(Pdf { bytes, pages })
}

/// PDF/A-2a and PDF/UA-1: kept for years, searched and read aloud.
fn options(now: DateTime<FixedOffset>) -> Result<PdfOptions, Refusal> {
    let standards = PdfStandards::new(&[PdfStandard::A_2a, PdfStandard::Ua_1])
        .map_err(|why| Refusal::Template(why.message().to_string()))?;
    Ok(PdfOptions {
        creator: Smart::Custom(Some("Darna".to_owned())),
        timestamp: timestamp(now),
        standards,
        ..PdfOptions::default()
    })
}

fn timestamp(now: DateTime<FixedOffset>) -> Option<Timestamp> {
    let parts = [
        now.month(),
        now.day(),
        now.hour(),
        now.minute(),
        now.second(),
    ];
    let [month, day, hour, minute, second] = parts.map(|part| u8::try_from(part).unwrap_or(0));
    let at = Datetime::from_ymd_hms(now.year(), month, day, hour, minute, second)?;
    Timestamp::new_local(at, now.offset().local_minus_utc() / 60)
}

/// A face may have a letter and still lack the form that its neighbours ask for.
fn nothing_missing(frame: &Frame) -> Result<(), Refusal> {
    for (_, item) in frame.items() {
        match item {
            FrameItem::Group(group) => nothing_missing(&group.frame)?,
            FrameItem::Text(run) => {
                if let Some(glyph) = run.glyphs.iter().find(|glyph| glyph.id == 0) {
                    let sign = run.text.get(glyph.range()).and_then(|t| t.chars().next());
                    return Err(Refusal::Sign {
                        field: String::new(),
                        text: run.text.to_string(),
                        sign: sign.unwrap_or(char::REPLACEMENT_CHARACTER),
                    });
                }
            }
            _ => {}
        }
    }
    Ok(())
}

fn told(problems: impl IntoIterator<Item = SourceDiagnostic>) -> Refusal {
    let problems = problems
        .into_iter()
        .map(|problem| problem.message.to_string());
    Refusal::Template(problems.collect::<Vec<_>>().join("; "))
}

/// The files on the table in front of typst.
struct Table {
    main: Source,
    shared: Source,
    data: (FileId, Bytes),
}

impl Table {
    fn of(document: &Document) -> Result<Self, Refusal> {
        let Template { path, source } = document.template;
        Ok(Self {
            main: Source::new(id(path)?, source.to_owned()),
            shared: Source::new(id(SHARED.path)?, SHARED.source.to_owned()),
            data: (id(DATA)?, Bytes::new(document.data.clone())),
        })
    }
}

fn id(path: &str) -> Result<FileId, Refusal> {
    let path = VirtualPath::new(path).map_err(|_| Refusal::Template(path.to_owned()))?;
    Ok(RootedPath::new(VirtualRoot::Project, path).intern())
}

impl World for Table {
    fn library(&self) -> &LazyHash<Library> {
        &LIBRARY
    }

    fn book(&self) -> &LazyHash<FontBook> {
        &FACES.book
    }

    fn main(&self) -> FileId {
        self.main.id()
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        [&self.main, &self.shared]
            .into_iter()
            .find(|source| source.id() == id)
            .cloned()
            .ok_or(FileError::AccessDenied)
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        let (own, bytes) = &self.data;
        if *own == id {
            return Ok(bytes.clone());
        }
        Err(FileError::AccessDenied)
    }

    fn font(&self, index: usize) -> Option<Font> {
        FACES.fonts.get(index).cloned()
    }

    /// Dates come with the data, in the words of the paper's languages.
    fn today(&self, _: Option<Duration>) -> Option<Datetime> {
        None
    }
}
