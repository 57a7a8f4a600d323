//! `manual`: the pictures of the manual, into `docs/pictures`: a wage claim as the journey's test
//! walks it, in the real window.

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::process::Command;

use anyhow::{Result, ensure};
use darna_tests::wage_claim::{Claim, ENGLISH, founded};
use darna_tests::window::{Screen, Window};

use crate::test::root;

/// Small enough for a page of the manual, large enough to read.
const SIZE: (u32, u32) = (1024, 768);
/// A page has some ten colours, and their shades at the edge of letters.
const COLOURS: usize = 64;
/// So many of 256 steps apart, the parts of two colours look alike.
const ALIKE: u8 = 16;
/// What is said after an action hides the foot of a page until it is dismissed.
const CALM: &str = "document.querySelectorAll('[data-toast]').forEach((toast) => toast.remove())";

pub fn task(mut arguments: lexopt::Parser) -> Result<()> {
    if let Some(argument) = arguments.next()? {
        return Err(argument.unexpected().into());
    }
    let built = Command::new("cargo")
        .args(["build", "--workspace", "--bin", "darna", "--locked"])
        .current_dir(root())
        .status()?;
    ensure!(built.success(), "the window does not build");
    let folder = root().join("docs/pictures");
    let screen = Screen {
        size: SIZE,
        dark: false,
    };
    let window = Window::on(screen, |data| founded(data, &ENGLISH));
    Claim::new(&window, &ENGLISH).walk(&mut |window, moment| {
        window.script(CALM);
        std::thread::sleep(std::time::Duration::from_millis(200));
        let file = folder.join(format!("wage-claim-{moment}.png"));
        window.picture(&file);
        let taken = smaller(&file);
        taken.unwrap_or_else(|why| panic!("{moment}: {why}"));
    });
    Ok(())
}

/// In the colours that are most of a picture, so that a manual weighs little in the repository.
fn smaller(file: &Path) -> Result<()> {
    let picture = image::open(file)?.into_rgb8();
    let plain = image::imageops::resize(
        &picture,
        picture.width() * 3 / 4,
        picture.height() * 3 / 4,
        image::imageops::FilterType::Lanczos3,
    );
    let mut found: HashMap<[u8; 3], u32> = HashMap::new();
    for pixel in plain.pixels() {
        *found.entry(pixel.0).or_default() += 1;
    }
    let mut colours: Vec<_> = found.iter().collect();
    colours.sort_by_key(|(colour, times)| (Reverse(**times), **colour));
    // Of those that look alike only the one most seen: a dark rail leaves room for ink.
    let mut taken = HashSet::new();
    let palette: Vec<[u8; 3]> = colours
        .into_iter()
        .filter(|(colour, _)| taken.insert(colour.map(|part| part / ALIKE)))
        .map(|(colour, _)| *colour)
        .take(COLOURS)
        .collect();
    let places: HashMap<[u8; 3], u8> = found
        .keys()
        .map(|colour| (*colour, nearest(&palette, *colour)))
        .collect();
    let out = std::io::BufWriter::new(std::fs::File::create(file)?);
    let mut encoder = png::Encoder::new(out, plain.width(), plain.height());
    encoder.set_color(png::ColorType::Indexed);
    encoder.set_palette(palette.concat());
    encoder.set_compression(png::Compression::High);
    // The places of a palette have no slope that a filter could find.
    encoder.set_filter(png::Filter::NoFilter);
    let pixels: Vec<u8> = plain.pixels().map(|pixel| places[&pixel.0]).collect();
    encoder.write_header()?.write_image_data(&pixels)?;
    Ok(())
}

fn nearest(palette: &[[u8; 3]], colour: [u8; 3]) -> u8 {
    let away = |one: &[u8; 3]| -> u32 {
        let sides = one.iter().zip(colour);
        sides.map(|(a, b)| u32::from(a.abs_diff(b)).pow(2)).sum()
    };
    let places = 0..=u8::MAX;
    let best = palette.iter().zip(places).min_by_key(|(one, _)| away(one));
    best.map_or(0, |(_, place)| place)
}
