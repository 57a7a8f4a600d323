//! The icons: written out once, not into every page that shows one.

use askama::Template;
use askama::filters::HtmlSafeOutput;

#[derive(Template)]
#[template(path = "shared/sign.html")]
struct Sign<'s> {
    name: &'s str,
}

/// The drawing of that name, as markup.
pub fn sign(name: impl AsRef<str>) -> HtmlSafeOutput<String> {
    let name = name.as_ref();
    HtmlSafeOutput(Sign { name }.render().unwrap_or_default())
}

/// Which icon says what a notice or badge is about, beside its colour.
pub fn kind_sign(kind: impl AsRef<str>) -> &'static str {
    match kind.as_ref() {
        "good" => "good",
        "wait" => "clock",
        "stop" => "stop",
        "warm" => "alert",
        _ => "info",
    }
}
