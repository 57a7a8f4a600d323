//! A code that a scanner or a phone reads, as a picture that a template can place.

use qrcode::{EcLevel, QrCode};

/// `text` as an SVG, a unit a module, with the quiet zone that ISO/IEC 18004 asks for left to the
/// template. Level Q still reads with a quarter of it worn off. Empty where the text is too long.
pub fn qr(text: &str) -> String {
    let Ok(code) = QrCode::with_error_correction_level(text, EcLevel::Q) else {
        return String::new();
    };
    let width = code.width();
    let mut path = String::new();
    for (y, row) in code.to_colors().chunks(width).enumerate() {
        let mut x = 0;
        for run in row.chunk_by(PartialEq::eq) {
            if run[0] == qrcode::Color::Dark {
                let long = run.len();
                path.push_str(&format!("M{x} {y}h{long}v1h-{long}z"));
            }
            x += run.len();
        }
    }
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {width}\"><path d=\"{path}\"/></svg>"
    )
}
