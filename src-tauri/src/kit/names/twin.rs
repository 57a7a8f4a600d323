//! Whether a reader could take one name for the other.

use unicode_normalization::UnicodeNormalization;
use unicode_security::GeneralSecurityProfile;
use unicode_security::confusable_detection::skeleton;
use unicode_security::general_security_profile::IdentifierType;

/// A name as two are compared, whatever keyboard they were typed on.
pub fn folded(name: &str) -> String {
    composed(name).to_lowercase()
}

fn composed(name: &str) -> String {
    name.trim().nfkc().collect()
}

/// Whether they share a [look](looks).
pub fn looks_like(one: &str, other: &str) -> bool {
    let one = looks(one);
    looks(other).iter().any(|look| one.contains(look))
}

/// How a name looks, by the skeleton of Unicode UTS 39, 4, of what is seen of it; a space more or
/// less is not. Some letters look alike only as small ones, others only as capitals: H of Latin and
/// Cyrillic. So there are two, and either is enough.
pub fn looks(name: &str) -> [String; 2] {
    // Told apart: a small look of one name is no capital look of another.
    let small = seen(&folded(name));
    let written = seen(&composed(name)).to_lowercase();
    [format!("s{small}"), format!("w{written}")]
}

fn seen(name: &str) -> String {
    let visible: String = name.chars().filter(|c| is_visible(*c)).collect();
    skeleton(&visible).filter(|c| !c.is_whitespace()).collect()
}

/// Not what shows nothing: joiners and the like, what Unicode has not assigned, the marks of
/// annotations, and the blanks that are no spaces by their class.
fn is_visible(c: char) -> bool {
    let hidden = matches!(
        c.identifier_type(),
        None | Some(
            IdentifierType::Not_Character
                | IdentifierType::Default_Ignorable
                | IdentifierType::Deprecated
        )
    );
    let blank = matches!(c, '\u{fff9}'..='\u{fffc}' | '\u{2800}' | '\u{1d159}');
    c == ' ' || !(hidden || blank || c.is_control())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_more_of_what_nobody_sees_is_the_same_name() {
        let name = "Huda Sample";
        for twin in [
            "Huda  Sample",
            "HudaSample",
            "huda\u{a0}sample",
            "Huda Sample\u{2800}",
            "Huda Sample\u{fff9}",
            "Huda\u{3164} Sample",
            "Huda\u{200d}\u{fe0f} Sample",
            "Huda Sample\u{34f}",
            "Huda Sample\u{e0020}",
            "Huda Sample\u{378}",
            "Huda Sample\u{e000}",
            "Huda Sample\u{206a}",
            "\u{41d}uda Sample",
            "hud\u{430} sample",
        ] {
            assert!(looks_like(name, twin), "{twin:?}");
        }
        for other in ["Huda Simple", "Huda", "هدى", "Huda Sample 2", "Hudā Sample"] {
            assert!(!looks_like(name, other), "{other}");
        }
    }

    #[test]
    fn names_of_every_script_are_told_apart() {
        let names = [
            "سميرة",
            "سمير",
            "Almaz",
            "አልማዝ",
            "መርያም",
            "মারিয়া",
            "ममता",
            "रमा",
            "කුමාරි",
            "குமாரி",
            "Nguyễn",
            "Müller",
            "ⵜⴰⵏⵉⵔⵜ",
            "ⵜⴰⵏⵉⵜ",
            "Ольга",
            "Марія",
            "Ngũgĩ",
            "O’Neill",
            "★",
            "☆",
        ];
        for (place, one) in names.iter().enumerate() {
            for other in &names[place + 1..] {
                assert!(!looks_like(one, other), "{one} {other}");
            }
        }
    }
}
