//! `manual`: the pictures of the manual, into `docs/pictures`: a wage claim as the journey's test
//! walks it, in the real window.

use std::path::Path;
use std::process::Command;

use anyhow::{Result, ensure};
use darna_tests::wage_claim::{Claim, ENGLISH, founded};
use darna_tests::window::{Screen, Window};

use crate::test::root;

/// Small enough for a page of the manual, large enough to read.
const SIZE: (u32, u32) = (1024, 768);
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

/// In few colours, so that the pictures of a manual weigh little in the repository.
fn smaller(file: &Path) -> Result<()> {
    let picture = image::open(file)?.into_rgb8();
    let plain = image::imageops::resize(
        &picture,
        picture.width() * 3 / 4,
        picture.height() * 3 / 4,
        image::imageops::FilterType::Lanczos3,
    );
    let out = std::io::BufWriter::new(std::fs::File::create(file)?);
    let encoder = image::codecs::png::PngEncoder::new_with_quality(
        out,
        image::codecs::png::CompressionType::Best,
        image::codecs::png::FilterType::Adaptive,
    );
    plain.write_with_encoder(encoder)?;
    Ok(())
}
