//! Scans and files that come in from outside: taken only if their content is one of three kinds and
//! the one that their name says (safety.md 6). Pictures are decoded and encoded anew, so that
//! nothing but the picture is left; a PDF is kept as it is and never opened in this process.

use std::fs::File;
use std::io::{self, Cursor, Read};
use std::path::Path;

use flate2::read::ZlibDecoder;
use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::PngEncoder;
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits};
use zeroize::Zeroizing;

use super::lists::codes;

codes! {
    Format in "scan.format" {
        Pdf = "pdf",
        Jpeg = "jpg",
        Png = "png",
    }
}

/// What a dialog offers; in front of the dot stands anything.
pub const ENDINGS: [&str; 4] = ["pdf", "jpg", "jpeg", "png"];

/// Bytes (safety.md 6).
pub const LARGEST: u64 = 50 * 1024 * 1024;
/// Pixels a side, and bytes of a whole picture in memory.
const WIDEST: u32 = 8_000;
const ROOMIEST: u64 = 64 * 1024 * 1024;
/// Small letters stay sharp.
const QUALITY: u8 = 88;

/// A file that may be kept. Its bytes may show anything, so it is never printed by `Debug`.
pub struct Scan {
    pub format: Format,
    pub bytes: Zeroizing<Vec<u8>>,
}

/// Why a file is not taken. The messages are locale keys.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
pub enum NotTaken {
    #[error("scan.refusal.large")]
    Large,
    #[error("scan.refusal.empty")]
    Empty,
    #[error("scan.refusal.gone")]
    Gone,
    /// A link, a folder, a device.
    #[error("scan.refusal.no_file")]
    NoFile,
    #[error("scan.refusal.kind")]
    Kind,
    #[error("scan.refusal.name")]
    Name { named: Format, found: Format },
    /// The name is that of a scan; inside is something else.
    #[error("scan.refusal.disguised")]
    Disguised { named: Format },
    #[error("scan.refusal.broken")]
    Broken,
    #[error("scan.refusal.pixels")]
    Pixels,
    /// It is two files at once, or has a program in it.
    #[error("scan.refusal.active")]
    Active,
    /// Nobody can see what is in it.
    #[error("scan.refusal.locked")]
    Locked,
}

/// Reads a file that a dialog gave.
pub fn take(path: &Path) -> Result<Scan, NotTaken> {
    let named = named(path)?;
    let about = std::fs::symlink_metadata(path).map_err(|_| NotTaken::Gone)?;
    if !about.is_file() {
        return Err(NotTaken::NoFile);
    }
    let file = File::open(path).map_err(|_| NotTaken::Gone)?;
    let bytes = whole(file, about.len())?;
    check(named, bytes)
}

fn named(path: &Path) -> Result<Format, NotTaken> {
    let ending = path.extension().and_then(|ending| ending.to_str());
    match ending.unwrap_or_default().to_ascii_lowercase().as_str() {
        "pdf" => Ok(Format::Pdf),
        "jpg" | "jpeg" => Ok(Format::Jpeg),
        "png" => Ok(Format::Png),
        _ => Err(NotTaken::Kind),
    }
}

/// All of it, if it is as long as it was said to be: a stick that is pulled or a scanner that still
/// writes gives less or more.
fn whole(from: impl Read, length: u64) -> Result<Zeroizing<Vec<u8>>, NotTaken> {
    match length {
        0 => return Err(NotTaken::Empty),
        1..=LARGEST => {}
        _ => return Err(NotTaken::Large),
    }
    let mut bytes = Zeroizing::new(Vec::with_capacity(usize::try_from(length).unwrap_or(0)));
    let read = from.take(length + 1).read_to_end(&mut bytes);
    match read {
        Ok(read) if read as u64 == length => Ok(bytes),
        Ok(_) | Err(_) => Err(NotTaken::Gone),
    }
}

fn check(named: Format, bytes: Zeroizing<Vec<u8>>) -> Result<Scan, NotTaken> {
    let found = infer::get(&bytes).and_then(|kind| match kind.mime_type() {
        "application/pdf" => Some(Format::Pdf),
        "image/jpeg" => Some(Format::Jpeg),
        "image/png" => Some(Format::Png),
        _ => None,
    });
    let found = found.ok_or(NotTaken::Disguised { named })?;
    if found != named {
        return Err(NotTaken::Name { named, found });
    }
    let bytes = match found {
        Format::Pdf => {
            look_at_pdf(&bytes)?;
            bytes
        }
        Format::Jpeg => redrawn(&bytes, ImageFormat::Jpeg)?,
        Format::Png => redrawn(&bytes, ImageFormat::Png)?,
    };
    Ok(Scan {
        format: found,
        bytes,
    })
}

/// What a PDF may hold to run something or to carry other files (ISO 32000-1, 7.11.4, 12.6, 13.6).
/// A scanner writes none of it. Found wherever it stands, as the beginning of a name.
const ACTIVE: [&[u8]; 5] = [
    b"/JavaScript",
    b"/Launch",
    b"/SubmitForm",
    b"/EmbeddedFile",
    b"/RichMedia",
];
/// Looked for as whole names, outside of streams: the bytes of a picture can be a short one by
/// chance. An address (`/URI`) is no reason: in a letter it waits for somebody's click.
const ACTIVE_WHOLE: [&[u8]; 7] = [
    b"JS",
    b"AA",
    b"XFA",
    b"GoToR",
    b"GoToE",
    b"ImportData",
    b"Rendition",
];
/// What the dictionary of a stream with other objects in it may name (ISO 32000-1, 7.5.7): with
/// anything else it cannot be looked at.
const PACKED: [&[u8]; 8] = [
    b"Type",
    b"ObjStm",
    b"N",
    b"First",
    b"Extends",
    b"Length",
    b"Filter",
    b"FlateDecode",
];
/// Bytes of packed objects that are looked at; no scan has so many.
const OBJECTS: u64 = 64 * 1024 * 1024;
/// More of what happens at opening no file needs.
const MOST_OPENINGS: usize = 16;

/// Objects can lie packed in a stream of objects: those are looked at too, and what cannot be
/// looked at is not taken.
fn look_at_pdf(bytes: &[u8]) -> Result<(), NotTaken> {
    let end = &bytes[bytes.len().saturating_sub(2048)..];
    if !has(end, b"%%EOF") {
        return Err(NotTaken::Broken);
    }
    let streams = streams(bytes).ok_or(NotTaken::Active)?;
    let plain = spelled_out(bytes);
    let outside: Vec<Vec<u8>> = streams.iter().map(|(text, _)| spelled_out(text)).collect();
    let mut opened: usize = outside.iter().map(|text| openings(text)).sum();
    if opened > MOST_OPENINGS || names_active(&plain) || is_archive_too(bytes) {
        return Err(NotTaken::Active);
    }
    let runs = outside.iter().any(|text| is_active(text, &plain));
    let nested = streams.iter().any(|(_, inside)| begins_object(inside));
    if runs || nested {
        return Err(NotTaken::Active);
    }
    if outside.iter().any(|text| has(text, b"/Encrypt")) {
        return Err(NotTaken::Locked);
    }
    let mut left = OBJECTS;
    let last = outside.len() - 1;
    for (place, ((_, inside), before)) in streams.iter().zip(&outside).enumerate() {
        let mut objects: Vec<&[u8]> = objects(before).collect();
        // What stands right before a stream is its own; of all others none may be packed.
        let own = objects.pop().filter(|_| place < last);
        let whole: &[u8] = before;
        let rest = match place < last {
            true => &objects[..],
            false => std::slice::from_ref(&whole),
        };
        if rest.iter().any(|object| is_packed(object)) {
            return Err(NotTaken::Active);
        }
        let Some(own) = own.filter(|own| is_packed(own)) else {
            continue;
        };
        let objects = unpacked(own, inside, left).ok_or(NotTaken::Active)?;
        left -= objects.len() as u64;
        let objects = spelled_out(&objects);
        opened += openings(&objects);
        if opened > MOST_OPENINGS || names_active(&objects) || is_active(&objects, &plain) {
            return Err(NotTaken::Active);
        }
    }
    Ok(())
}

fn openings(text: &[u8]) -> usize {
    names(text)
        .filter(|(name, _)| *name == b"OpenAction")
        .count()
}

/// The texts between the words that begin an object.
fn objects(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let now = rest.take()?;
        let next = places(now, b"obj").find(|at| *at > 0 && ends_word(&now[at - 1]));
        rest = next.map(|at| &now[at + 3..]);
        Some(&now[..next.unwrap_or(now.len())])
    })
}

/// A reader may ask for no more than where the first object in it begins, and how many there are.
fn is_packed(object: &[u8]) -> bool {
    let named = |wanted: &[u8]| names(object).any(|(name, _)| name == wanted);
    named(b"ObjStm") || named(b"First") && named(b"N")
}

/// A name may be written with any of its letters as a number: `/J#61vaScript`.
fn spelled_out(bytes: &[u8]) -> Vec<u8> {
    let mut plain = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some((first, after)) = rest.split_first() {
        let digits = after
            .first_chunk::<2>()
            .filter(|two| *first == b'#' && two.iter().all(u8::is_ascii_hexdigit));
        let digits = digits.and_then(|two| std::str::from_utf8(two).ok());
        let letter = digits.and_then(|two| u8::from_str_radix(two, 16).ok());
        plain.push(letter.unwrap_or(*first));
        rest = if letter.is_some() { &after[2..] } else { after };
    }
    plain
}

fn names_active(plain: &[u8]) -> bool {
    ACTIVE.iter().any(|name| has(plain, name))
}

/// `text` lies outside of streams, or was packed in one; `plain` is all of the file.
fn is_active(text: &[u8], plain: &[u8]) -> bool {
    names(text).any(|(name, after)| match name {
        b"OpenAction" => acts(after, plain),
        _ => ACTIVE_WHOLE.contains(&name),
    })
}

/// Whether an object begins in what is a stream to us: a reader that is sent there finds it.
fn begins_object(inside: &[u8]) -> bool {
    places(inside, b"obj").any(|at| number_before(&inside[..at]).is_some())
}

/// The number that stands before some white space, and what stands before that.
fn number_before(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let trimmed = trimmed_end(text);
    let digits = trimmed.iter().rev().take(10);
    let digits = digits.take_while(|byte| byte.is_ascii_digit()).count();
    let (before, number) = trimmed.split_at(trimmed.len() - digits);
    (digits > 0 && trimmed.len() < text.len()).then_some((number, before))
}

fn is_white(byte: &u8) -> bool {
    byte.is_ascii_whitespace() || *byte == 0
}

fn trimmed_end(text: &[u8]) -> &[u8] {
    let end = text.iter().rposition(|byte| !is_white(byte));
    &text[..end.map_or(0, |end| end + 1)]
}

fn trimmed_start(text: &[u8]) -> &[u8] {
    let start = text.iter().position(|byte| !is_white(byte));
    &text[start.unwrap_or(text.len())..]
}

/// The names in a text, without their slash, each with what follows it.
fn names(text: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    places(text, b"/").map(|at| {
        let rest = &text[at + 1..];
        rest.split_at(rest.iter().position(ends_word).unwrap_or(rest.len()))
    })
}

/// Whether what happens at opening is more than going to a page of the file. That is said as
/// `[3 0 R /Fit]`, as a name, or as an action that is nothing else; `5 0 R` says that it stands
/// elsewhere, once.
fn acts(after: &[u8], plain: &[u8]) -> bool {
    let what = trimmed_start(after);
    let Some((number, rest)) = number(what) else {
        return does(what);
    };
    let Some((generation, _)) = self::number(trimmed_start(rest)) else {
        return true;
    };
    let mut there = places(plain, b"obj").filter_map(|at| {
        let (at_generation, before) = number_before(&plain[..at])?;
        let (at_number, _) = number_before(before)?;
        let is = at_number == number && at_generation == generation;
        is.then(|| trimmed_start(&plain[at + 3..]))
    });
    // Where it is not found it lies packed, or nowhere.
    let mut found = false;
    there.any(|what| {
        found = true;
        does(what)
    }) || !found
}

/// The number that a text begins with, and what comes behind it.
fn number(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let digits = text
        .iter()
        .take(11)
        .take_while(|byte| byte.is_ascii_digit());
    let digits = digits.count();
    (1..=10).contains(&digits).then(|| text.split_at(digits))
}

fn does(what: &[u8]) -> bool {
    let Some(action) = what.strip_prefix(b"<<") else {
        return !matches!(what.first(), Some(b'[' | b'(' | b'/' | b'<'));
    };
    let Some(end) = places(action, b">>").next() else {
        return true;
    };
    let action = &action[..end];
    let mut kinds = names(action).filter(|(name, _)| *name == b"S");
    let goes = kinds.next().and_then(|(_, after)| {
        let (to, _) = names(trimmed_start(after)).next()?;
        trimmed_start(after).starts_with(b"/").then_some(to)
    });
    goes != Some(&b"GoTo"[..])
        || kinds.next().is_some()
        || has(action, b"<<")
        || names(action).any(|(name, _)| name == b"Next")
}

/// What stands before each stream, from the end of the one before on, and what is in it; then what
/// stands after the last. A stream begins behind a dictionary; a word in a string, a comment or a
/// name begins none (ISO 32000-1, 7.2 and 7.3.8). `None` where a string has no end, where a name is
/// not written as one, or where a reader may look for the beginning of a stream elsewhere.
fn streams(bytes: &[u8]) -> Option<Vec<(&[u8], &[u8])>> {
    let mut streams = Vec::new();
    let (mut from, mut at) = (0, 0);
    while let Some(&byte) = bytes.get(at) {
        let rest = &bytes[at..];
        let word = rest.iter().skip(1).position(ends_word);
        let word = word.map_or(rest, |length| &rest[..=length]);
        at += match byte {
            b'%' => rest.iter().position(|byte| b"\r\n".contains(byte)),
            b'(' => Some(string(rest)?),
            b'/' if has(&spelled_out(word), b"#") => return None,
            _ if word == b"stream" && trimmed_end(&bytes[from..at]).ends_with(b">>") => {
                let inside = &rest[word.len()..];
                let inside = inside.strip_prefix(b"\r").unwrap_or(inside);
                let inside = inside.strip_prefix(b"\n")?;
                let end = places(inside, b"endstream").next();
                let end = end.unwrap_or(inside.len());
                streams.push((&bytes[from..at], &inside[..end]));
                let head = rest.len() - inside.len();
                let whole = (head + end + b"endstream".len()).min(rest.len());
                from = at + whole;
                Some(whole)
            }
            _ if ends_word(&byte) && byte != b'/' => Some(1),
            _ => Some(word.len()),
        }
        .unwrap_or(rest.len());
    }
    streams.push((&bytes[from..], &[]));
    Some(streams)
}

fn ends_word(byte: &u8) -> bool {
    byte.is_ascii_whitespace() || b"\0/<>[](){}%".contains(byte)
}

/// The length of a string in its brackets, which can stand in it by pairs or behind a `\\`.
fn string(text: &[u8]) -> Option<usize> {
    let (mut open, mut escaped) = (0_u32, false);
    for (at, byte) in text.iter().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'(' => open += 1,
            b')' if open == 1 => return Some(at + 1),
            b')' => open -= 1,
            _ => {}
        }
    }
    None
}

/// `None` where it is packed in another way than these are, or would fill the memory.
fn unpacked(dictionary: &[u8], packed: &[u8], most: u64) -> Option<Vec<u8>> {
    if !names(dictionary).all(|(name, _)| PACKED.contains(&name)) {
        return None;
    }
    let ways = names(dictionary).filter(|(name, _)| *name == b"FlateDecode");
    let mut filters = names(dictionary).filter(|(name, _)| *name == b"Filter");
    let squeezed = match (filters.next(), filters.next(), ways.count()) {
        (None, None, 0) => false,
        (Some((_, after)), None, 1) => {
            let after = trimmed_start(after);
            let after = trimmed_start(after.strip_prefix(b"[").unwrap_or(after));
            if !after.starts_with(b"/FlateDecode") {
                return None;
            }
            true
        }
        _ => return None,
    };
    let mut objects = Vec::new();
    let read = match squeezed {
        true => ZlibDecoder::new(packed)
            .take(most + 1)
            .read_to_end(&mut objects),
        false => packed.take(most + 1).read_to_end(&mut objects),
    };
    (read.is_ok() && objects.len() as u64 <= most).then_some(objects)
}

fn places(bytes: &[u8], wanted: &[u8]) -> impl Iterator<Item = usize> {
    let windows = bytes.windows(wanted.len()).enumerate();
    windows
        .filter(move |(_, window)| *window == wanted)
        .map(|(at, _)| at)
}

fn has(bytes: &[u8], wanted: &[u8]) -> bool {
    places(bytes, wanted).next().is_some()
}

/// Whether an archive's directory ends where the file does: read from its end, it is a ZIP.
fn is_archive_too(bytes: &[u8]) -> bool {
    const RECORD: usize = 22;
    let from = bytes.len().saturating_sub(RECORD + usize::from(u16::MAX));
    let places = bytes[from..].windows(RECORD).enumerate();
    places
        .filter(|(_, record)| record.starts_with(b"PK\x05\x06"))
        .any(|(at, record)| {
            let comment = u16::from_le_bytes([record[20], record[21]]);
            from + at + RECORD + usize::from(comment) <= bytes.len()
        })
}

/// The picture alone, the right way up.
fn redrawn(bytes: &[u8], format: ImageFormat) -> Result<Zeroizing<Vec<u8>>, NotTaken> {
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    let mut limits = Limits::default();
    limits.max_image_width = Some(WIDEST);
    limits.max_image_height = Some(WIDEST);
    limits.max_alloc = Some(ROOMIEST);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(not_drawn)?;
    if decoder.total_bytes() > ROOMIEST {
        return Err(NotTaken::Pixels);
    }
    let way_up = decoder.orientation().map_err(not_drawn)?;
    let mut picture = DynamicImage::from_decoder(decoder).map_err(not_drawn)?;
    picture.apply_orientation(way_up);
    let mut drawn = Zeroizing::new(Vec::new());
    let written = match format {
        ImageFormat::Png => picture.write_with_encoder(PngEncoder::new(&mut *drawn)),
        _ => {
            let plain = flat(picture);
            plain.write_with_encoder(JpegEncoder::new_with_quality(&mut *drawn, QUALITY))
        }
    };
    written.map_err(not_drawn)?;
    Ok(drawn)
}

/// In grey or in colour: a JPEG can be nothing else.
fn flat(picture: DynamicImage) -> DynamicImage {
    match picture {
        DynamicImage::ImageLuma8(_) | DynamicImage::ImageRgb8(_) => picture,
        other => DynamicImage::ImageRgb8(other.into_rgb8()),
    }
}

fn not_drawn(why: image::ImageError) -> NotTaken {
    match why {
        image::ImageError::Limits(_) => NotTaken::Pixels,
        image::ImageError::IoError(cut) if cut.kind() != io::ErrorKind::UnexpectedEof => {
            NotTaken::Gone
        }
        _ => NotTaken::Broken,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::Compression;
    use flate2::read::ZlibEncoder;

    /// A page with one dark line on it.
    fn page(format: ImageFormat) -> Vec<u8> {
        let page =
            image::GrayImage::from_fn(80, 40, |x, _| image::Luma([if x == 9 { 9 } else { 240 }]));
        let mut bytes = Cursor::new(Vec::new());
        DynamicImage::ImageLuma8(page)
            .write_to(&mut bytes, format)
            .expect("drawn");
        bytes.into_inner()
    }

    fn pdf(inside: &str) -> Vec<u8> {
        format!("%PDF-1.7\n1 0 obj\n<< {inside} >>\nendobj\ntrailer\n<< >>\n%%EOF\n").into_bytes()
    }

    fn told(named: Format, bytes: Vec<u8>) -> Option<NotTaken> {
        check(named, Zeroizing::new(bytes)).err()
    }

    #[test]
    fn what_a_scanner_writes_is_taken() {
        assert_eq!(told(Format::Pdf, pdf("/Type /Catalog")), None);
        assert_eq!(told(Format::Jpeg, page(ImageFormat::Jpeg)), None);
        assert_eq!(told(Format::Png, page(ImageFormat::Png)), None);
    }

    #[test]
    fn nothing_but_the_picture_is_left() {
        // An Exif segment with a place and a camera in it, right behind the start of the picture.
        let mut marked = page(ImageFormat::Jpeg);
        let note = b"Exif\0\0GPS 33.8938 N Zephyrquill";
        let mut segment = vec![0xFF, 0xE1, 0, u8::try_from(note.len() + 2).expect("short")];
        segment.extend_from_slice(note);
        marked.splice(2..2, segment);
        // And what follows the picture's end.
        marked.extend_from_slice(b"PK\x03\x04Zephyrquill");
        let kept =
            check(Format::Jpeg, Zeroizing::new(marked)).unwrap_or_else(|why| panic!("{why}"));
        assert!(!has(&kept.bytes, b"Zephyrquill"));
        let again = image::load_from_memory(&kept.bytes).expect("a picture");
        assert_eq!((again.width(), again.height()), (80, 40));
    }

    #[test]
    fn what_is_not_what_its_name_says_is_refused() {
        use Format::{Jpeg, Pdf, Png};
        let found = |named, found| Some(NotTaken::Name { named, found });
        let hidden = |named| Some(NotTaken::Disguised { named });
        assert_eq!(told(Jpeg, page(ImageFormat::Png)), found(Jpeg, Png));
        assert_eq!(told(Png, pdf("")), found(Png, Pdf));
        assert_eq!(told(Pdf, b"MZ\x90\0 a program".to_vec()), hidden(Pdf));
        assert_eq!(told(Jpeg, b"#!/bin/sh\nrm -r".to_vec()), hidden(Jpeg));
        assert_eq!(told(Pdf, b"PK\x03\x04".to_vec()), hidden(Pdf));
        assert_eq!(named(Path::new("contract.docm")), Err(NotTaken::Kind));
        assert_eq!(named(Path::new("Pass.JPEG")), Ok(Jpeg));
    }

    #[test]
    fn what_is_broken_or_could_run_is_refused() {
        let jpeg = page(ImageFormat::Jpeg);
        assert_eq!(
            told(Format::Jpeg, jpeg[..40].to_vec()),
            Some(NotTaken::Broken)
        );
        let png = page(ImageFormat::Png);
        assert_eq!(
            told(Format::Png, png[..png.len() / 2].to_vec()),
            Some(NotTaken::Broken)
        );
        assert_eq!(
            told(Format::Pdf, b"%PDF-1.7\nhalf of it".to_vec()),
            Some(NotTaken::Broken)
        );
        for active in [
            "/OpenAction << /S /JavaScript >>",
            "/S /Launch",
            "/EmbeddedFiles 3",
            "/S /J#61vaScript",
            "/S /#4caunch",
            "/S /SubmitForm",
            "/OpenAction << /S /URI /URI (x) >>",
            "/Open#41ction << /S /Named >>",
            "/OpenAction 7 0 R >>\nendobj\n7 0 obj\n<< /S /URI",
            "/A#41 << /O 5 0 R >>",
            "/JS 5 0 R",
            "/A 1 stream /Open /JavaScript endstream",
            "/AcroForm << /XFA 5 0 R >>",
            "/A << /S /GoToR /F (//there/share) >>",
            // A word in a string begins no stream, wherever the string lies.
            "/X (stream) /AA << /O 5 0 R >> /Y (endstream)",
            "/X (>>\nstream\n) /OpenAction << /S /URI >> /Y (endstream)",
            "/X (a \\) stream) /JS 5 0 R /Y (endstream)",
            "/X 1 % stream\n/JS 5 0 R % endstream",
            "/X (without an end",
            // Going to a page and more than that.
            "/OpenAction << /GoTo null /S /URI /URI (x) >>",
            "/OpenAction << /S /GoTo /D [3 0 R /Fit] /Next << /S /URI >> >>",
            "/OpenAction 4 0 R >>\nendobj\n4 0\nobj\n<< /S /URI /URI (x)",
            "/OpenAction 8 0 R",
            // Names that readers spell in other ways.
            "/JavaScri#7zt 5 0 R",
            "/X#+a 5 0 R",
            // What no reader takes for a stream hides nothing.
            ">>\nendobj\nstream\n<< /JS 5 0 R >>\nendstream\n<< ",
            // A reader looks for the stream behind the line, whatever stands on it.
            "/Length 9 >>\nstream x\n\nendstream\n<< ",
            // A reader is sent right into a stream.
            "/Length 9 >>\nstream\n7 0\nobj << /AA 5 0 R >> endobj\nendstream\n<< ",
            "/Length 9 >>\nstream\n7 0 obj << /AA 5 0 R >> endobj\nendstream\n<< ",
        ] {
            assert_eq!(
                told(Format::Pdf, pdf(active)),
                Some(NotTaken::Active),
                "{active}"
            );
        }
        let mut both = pdf("");
        both.extend_from_slice(b"PK\x05\x06");
        both.extend_from_slice(&[0; 18]);
        both.extend_from_slice(b"%%EOF");
        assert_eq!(told(Format::Pdf, both), Some(NotTaken::Active));
    }

    #[test]
    fn what_harmless_files_hold_is_taken() {
        for plain in [
            "/OpenAction [3 0 R /Fit]",
            "/OpenAction (first)",
            "/OpenAction << /S /GoTo /D [3 0 R /Fit] >>",
            "/OpenAction 7 0 R >>\nendobj\n7 0 obj\n<< /S /GoTo /D [3 0 R /Fit]",
            "/OpenAction 7 0 R >>\nendobj\n17 0 obj\n<< /S /URI >>\nendobj\n7 0 obj\n[3 0 R /Fit",
            "/A << /S /URI /URI (mailto:office) >>",
            "/AAPL:Keywords [] /BaseFont /AAAAAA+Arial",
            "/Length 9 >>\nstream\n \u{1}/JS /AA \nendstream\n<< ",
        ] {
            assert_eq!(told(Format::Pdf, pdf(plain)), None, "{plain}");
        }
    }

    #[test]
    fn a_file_that_repeats_itself_is_not_looked_at_for_ever() {
        let page = "/OpenAction [3 0 R /Fit] ".repeat(200_000);
        let told_packed = told(
            Format::Pdf,
            packed(&page, "", "/Type /ObjStm /Filter /FlateDecode"),
        );
        assert_eq!(told_packed, Some(NotTaken::Active));
        let again = "/OpenAction 9 0 R\n".repeat(200_000);
        assert_eq!(told(Format::Pdf, pdf(&again)), Some(NotTaken::Active));
        let open = "/OpenAction << /GoTo\n".repeat(200_000);
        assert_eq!(told(Format::Pdf, pdf(&open)), Some(NotTaken::Active));
    }

    /// A stream of objects with this in it, its dictionary, and what stands before that.
    fn packed(objects: &str, before: &str, dictionary: &str) -> Vec<u8> {
        let begin = format!("%PDF-1.7\n1 0 obj{before}\n<< {dictionary} >>\nstream\r\n");
        let mut file = begin.into_bytes();
        ZlibEncoder::new(objects.as_bytes(), Compression::fast())
            .read_to_end(&mut file)
            .expect("squeezed");
        file.extend_from_slice(b"\nendstream\nendobj\ntrailer\n<< >>\n%%EOF\n");
        file
    }

    #[test]
    fn objects_that_are_packed_are_looked_at_too() {
        let flate = "/Type /ObjStm /Filter /FlateDecode";
        let told = |objects: &str, before: &str, dictionary: &str| {
            told(Format::Pdf, packed(objects, before, dictionary))
        };
        assert_eq!(told("<< /Type /Page >>", "", flate), None);
        let run = "<< /S /J#61vaScript /JS (x) >>";
        let refused = Some(NotTaken::Active);
        assert_eq!(told(run, "", flate), refused);
        let [twice, otherwise] = ["/FlateDecode/FlateDecode", "/LZWDecode"];
        for other in [twice, otherwise, "9 0 R"] {
            let dictionary = format!("/Type /Obj#53tm /Filter [{other}]");
            assert_eq!(told("<< /Type /Page >>", "", &dictionary), refused);
        }
        // Readers ask for less than the kind, and know the filters by short names.
        assert_eq!(told(run, "", "/N 1 /First 4 /Filter /FlateDecode"), refused);
        for other in ["/Filter [/FlateDecode /AHx]", "/F /Fl", "/Filter 9 0 R"] {
            let dictionary = format!("/N 1 /First 4 {other}");
            assert_eq!(told("<< /Type /Page >>", "", &dictionary), refused);
        }
        assert_eq!(
            told("<< >>", "", "/Filter [ /FlateDecode ] /N 1 /First 4"),
            None
        );
        // Where a reader that skips the comment finds them, and one that does not would not.
        assert_eq!(told(run, " % stream", flate), refused);
        let bomb = " ".repeat(usize::try_from(OBJECTS).expect("small") + 1);
        assert_eq!(told(&bomb, "", flate), refused);
        // Nor is what says in a comment that it is encrypted, so that nobody should look.
        let [hex, page] = ["[/ASCIIHexDecode /FlateDecode]", "<< /Type /Page >>"];
        let said = format!("/Type /ObjStm /Filter {hex} %/Encrypt\n");
        assert!(told(page, "", &said).is_some());
        let locked = format!("{flate} /Encrypt 3 0 R");
        assert_eq!(told(page, "", &locked), Some(NotTaken::Locked));
    }

    #[test]
    fn a_picture_that_would_fill_the_memory_is_refused_before_it_is_drawn() {
        // A few bytes that claim 60,000 × 60,000 points.
        let mut bomb = page(ImageFormat::Png);
        bomb[16..20].copy_from_slice(&60_000_u32.to_be_bytes());
        bomb[20..24].copy_from_slice(&60_000_u32.to_be_bytes());
        let crc = crc32(&bomb[12..29]);
        bomb[29..33].copy_from_slice(&crc.to_be_bytes());
        assert_eq!(told(Format::Png, bomb), Some(NotTaken::Pixels));
    }

    /// As PNG has it, bit by bit.
    fn crc32(bytes: &[u8]) -> u32 {
        let mut crc = u32::MAX;
        for byte in bytes {
            crc ^= u32::from(*byte);
            for _ in 0..8 {
                crc = (crc >> 1) ^ (0xEDB8_8320 & (crc & 1).wrapping_neg());
            }
        }
        !crc
    }

    /// A stick that is pulled half-way.
    struct Pulled;

    impl Read for Pulled {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            into[0] = b'%';
            Err(io::ErrorKind::NotConnected.into())
        }
    }

    #[test]
    fn a_file_that_goes_while_it_is_read_is_said_to_be_gone() {
        let told = |length, from: &mut dyn Read| whole(from, length).err();
        assert_eq!(told(10, &mut Pulled), Some(NotTaken::Gone));
        assert_eq!(told(10, &mut &b"short"[..]), Some(NotTaken::Gone));
        assert_eq!(told(2, &mut &b"longer"[..]), Some(NotTaken::Gone));
        assert_eq!(told(0, &mut &b""[..]), Some(NotTaken::Empty));
        assert_eq!(told(LARGEST + 1, &mut io::empty()), Some(NotTaken::Large));
        assert_eq!(told(5, &mut &b"whole"[..]), None);
    }
}
