//! Style, script and fonts, built into the program.

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

macro_rules! files {
    ($($path:literal => $file:literal),+ $(,)?) => {
        &[$(($path, include_bytes!(concat!("../../../", $file)).as_slice())),+]
    };
}

const FILES: &[(&str, &[u8])] = files! {
    "htmx.js" => "assets/vendor/htmx-2.0.11.min.js",
    "script/choose.js" => "ui/script/choose.js",
    "script/half.js" => "ui/script/half.js",
    "script/hide.js" => "ui/script/hide.js",
    "script/idle.js" => "ui/script/idle.js",
    "script/kept.js" => "ui/script/kept.js",
    "script/leave.js" => "ui/script/leave.js",
    "script/list.js" => "ui/script/list.js",
    "script/once.js" => "ui/script/once.js",
    "script/page.js" => "ui/script/page.js",
    "script/quiet.js" => "ui/script/quiet.js",
    "script/radios.js" => "ui/script/radios.js",
    "script/register.js" => "ui/script/register.js",
    "script/scanner.js" => "ui/script/scanner.js",
    "script/shortcuts.js" => "ui/script/shortcuts.js",
    "script/show.js" => "ui/script/show.js",
    "style/base.css" => "ui/style/base.css",
    "style/components.css" => "ui/style/components.css",
    "style/darna.css" => "ui/style/darna.css",
    "style/fonts.css" => "ui/style/fonts.css",
    "style/layout.css" => "ui/style/layout.css",
    "style/print.css" => "ui/style/print.css",
    "style/reset.css" => "ui/style/reset.css",
    "style/tokens.css" => "ui/style/tokens.css",
    "fonts/noto-sans-bengali-400.woff2" => "assets/fonts/noto-sans-bengali-400.woff2",
    "fonts/noto-sans-bengali-600.woff2" => "assets/fonts/noto-sans-bengali-600.woff2",
    "fonts/noto-sans-devanagari-400.woff2" => "assets/fonts/noto-sans-devanagari-400.woff2",
    "fonts/noto-sans-devanagari-600.woff2" => "assets/fonts/noto-sans-devanagari-600.woff2",
    "fonts/noto-sans-ethiopic-400.woff2" => "assets/fonts/noto-sans-ethiopic-400.woff2",
    "fonts/noto-sans-ethiopic-600.woff2" => "assets/fonts/noto-sans-ethiopic-600.woff2",
    "fonts/noto-sans-malayalam-400.woff2" => "assets/fonts/noto-sans-malayalam-400.woff2",
    "fonts/noto-sans-malayalam-600.woff2" => "assets/fonts/noto-sans-malayalam-600.woff2",
    "fonts/noto-sans-sinhala-400.woff2" => "assets/fonts/noto-sans-sinhala-400.woff2",
    "fonts/noto-sans-sinhala-600.woff2" => "assets/fonts/noto-sans-sinhala-600.woff2",
    "fonts/noto-sans-tamil-400.woff2" => "assets/fonts/noto-sans-tamil-400.woff2",
    "fonts/noto-sans-tamil-600.woff2" => "assets/fonts/noto-sans-tamil-600.woff2",
    "fonts/plex-sans-arabic-400.woff2" => "assets/fonts/plex-sans-arabic-400.woff2",
    "fonts/plex-sans-arabic-600.woff2" => "assets/fonts/plex-sans-arabic-600.woff2",
    "fonts/plex-sans-cyrillic-400.woff2" => "assets/fonts/plex-sans-cyrillic-400.woff2",
    "fonts/plex-sans-cyrillic-600.woff2" => "assets/fonts/plex-sans-cyrillic-600.woff2",
    "fonts/plex-sans-latin-400.woff2" => "assets/fonts/plex-sans-latin-400.woff2",
    "fonts/plex-sans-latin-600.woff2" => "assets/fonts/plex-sans-latin-600.woff2",
    "fonts/plex-sans-latin-ext-400.woff2" => "assets/fonts/plex-sans-latin-ext-400.woff2",
    "fonts/plex-sans-latin-ext-600.woff2" => "assets/fonts/plex-sans-latin-ext-600.woff2",
    "fonts/plex-sans-vietnamese-400.woff2" => "assets/fonts/plex-sans-vietnamese-400.woff2",
    "fonts/plex-sans-vietnamese-600.woff2" => "assets/fonts/plex-sans-vietnamese-600.woff2",
};

pub fn answer(path: &str) -> Response {
    let Some((_, bytes)) = FILES.iter().find(|(name, _)| *name == path) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let kind = match path.rsplit('.').next() {
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        _ => "font/woff2",
    };
    ([(header::CONTENT_TYPE, kind)], *bytes).into_response()
}
