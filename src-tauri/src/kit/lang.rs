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
