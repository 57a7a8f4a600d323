//! The languages that the program speaks (what visitors speak is in `lists`).

use super::lists::SpokenLanguage;

/// A language of the interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum Lang {
    #[default]
    En,
    Ar,
    Fr,
}

impl Lang {
    pub const ALL: [Self; 3] = [Self::En, Self::Ar, Self::Fr];

    /// BCP 47 tag, as in the locale files and the `lang` attribute.
    pub fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Ar => "ar",
            Self::Fr => "fr",
        }
    }

    pub fn from_tag(tag: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|l| l.tag() == tag)
    }

    /// The one that visitors call by this code (ISO 639-3), where the program speaks it.
    pub fn spoken(code: &str) -> Option<Self> {
        SpokenLanguage::from_code(code).and_then(|language| Self::from_tag(language.tag))
    }

    /// The language's own name: who cannot read the present one still finds theirs.
    pub fn own_name(self) -> &'static str {
        match self {
            Self::En => "English",
            Self::Ar => "العربية",
            Self::Fr => "Français",
        }
    }

    pub fn dir(self) -> &'static str {
        match self {
            Self::Ar => "rtl",
            Self::En | Self::Fr => "ltr",
        }
    }

    /// `text` as it stands within a sentence of this language: what is read the other way is held
    /// apart, so that the words and signs beside it keep their order (UAX 9, first strong isolate).
    pub fn holding(self, text: &str) -> String {
        let held = text.starts_with(['\u{2066}', '\u{2067}', '\u{2068}']);
        let other_way = |c: char| c.is_alphabetic() && is_right_to_left(c) != (self == Self::Ar);
        if !held && text.chars().any(other_way) {
            format!("\u{2068}{text}\u{2069}")
        } else {
            text.to_owned()
        }
    }
}

/// Hebrew, Arabic and the scripts between and after them, as far as one of them is written here.
fn is_right_to_left(c: char) -> bool {
    matches!(c, '\u{590}'..='\u{8FF}' | '\u{FB1D}'..='\u{FDFF}' | '\u{FE70}'..='\u{FEFF}')
}

impl rusqlite::ToSql for Lang {
    fn to_sql(&self) -> rusqlite::Result<rusqlite::types::ToSqlOutput<'_>> {
        self.tag().to_sql()
    }
}

impl rusqlite::types::FromSql for Lang {
    fn column_result(value: rusqlite::types::ValueRef<'_>) -> rusqlite::types::FromSqlResult<Self> {
        Self::from_tag(value.as_str()?).ok_or(rusqlite::types::FromSqlError::InvalidType)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read_the_other_way_is_held_apart_in_a_sentence() {
        for (lang, text, held) in [
            (Lang::En, "مريم", "\u{2068}مريم\u{2069}"),
            (Lang::Fr, "Almaz", "Almaz"),
            (Lang::Ar, "مريم", "مريم"),
            (Lang::Ar, "Almaz", "\u{2068}Almaz\u{2069}"),
            (Lang::Ar, "አልማዝ", "\u{2068}አልማዝ\u{2069}"),
            (Lang::Ar, "29/11/2026", "29/11/2026"),
            (Lang::Ar, "\u{2066}10:00\u{2069}", "\u{2066}10:00\u{2069}"),
        ] {
            assert_eq!(lang.holding(text), held);
        }
    }
}
