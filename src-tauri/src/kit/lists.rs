//! Closed lists: services, channels, occupations (the centre's own words), and countries,
//! languages and currencies (ISO 3166-1, 639-3, 4217). What a code is called stands in the
//! locale file of the same name; a test compares the two.

/// Defines a closed list: an enum with a stable code for each variant, kept in the database as
/// that code and named in `locales/<feature>.yml` as `<feature>.<code>`.
macro_rules! codes {
    ($(#[$doc:meta])* $name:ident in $feature:literal { $($variant:ident = $code:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($variant,)+ }

        impl $name {
            pub const ALL: &[Self] = &[$(Self::$variant,)+];

            pub fn code(self) -> &'static str {
                match self { $(Self::$variant => $code,)+ }
            }

            pub fn from_code(code: &str) -> Option<Self> {
                match code { $($code => Some(Self::$variant),)+ _ => None }
            }

            /// The locale key of its name.
            pub fn label_key(self) -> &'static str {
                match self { $(Self::$variant => concat!($feature, ".", $code),)+ }
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                to.serialize_str(self.code())
            }
        }

        impl<'d> serde::Deserialize<'d> for $name {
            fn deserialize<D: serde::Deserializer<'d>>(from: D) -> Result<Self, D::Error> {
                let code = <std::borrow::Cow<'d, str>>::deserialize(from)?;
                Self::from_code(&code).ok_or_else(|| serde::de::Error::custom("an unknown code"))
            }
        }

        impl rusqlite::types::ToSql for $name {
            fn to_sql(&self) -> rusqlite::Result<rusqlite::types::ToSqlOutput<'_>> {
                self.code().to_sql()
            }
        }

        impl rusqlite::types::FromSql for $name {
            fn column_result(value: rusqlite::types::ValueRef<'_>) -> rusqlite::types::FromSqlResult<Self> {
                Self::from_code(value.as_str()?).ok_or(rusqlite::types::FromSqlError::InvalidType)
            }
        }
    };
}

pub(crate) use codes;

codes! {
    /// How large the pages are shown.
    TextSize in "shared.size" {
        Normal = "normal",
        Large = "large",
        Largest = "largest",
    }
}

codes! {
    /// The calendar shown beside a date; all dates are kept in the Gregorian one.
    Calendar in "settings.calendar" {
        Gregorian = "gregorian",
        Ethiopian = "ethiopian",
    }
}

codes! {
    /// A service that a centre gives.
    Service in "service" {
        LegInfo = "LEG.info",
        LegAdvice = "LEG.advice",
        LegLetter = "LEG.letter",
        LegMediation = "LEG.mediation",
        LegCourt = "LEG.court",
        LegDocs = "LEG.docs",
        MedInfo = "MED.info",
        MedRefer = "MED.refer",
        MedAccompany = "MED.accompany",
        MedCost = "MED.cost",
        PsyFirstAid = "PSY.first-aid",
        PsyCounselling = "PSY.counselling",
        PsyGroup = "PSY.group",
        PsySpiritual = "PSY.spiritual",
        VocLanguage = "VOC.language",
        VocComputer = "VOC.computer",
        VocLiteracy = "VOC.literacy",
        VocSkills = "VOC.skills",
        VocJobInfo = "VOC.job-info",
        RecSocial = "REC.social",
        RecCulture = "REC.culture",
        RecSport = "REC.sport",
        RecDance = "REC.dance",
        RecSpace = "REC.space",
        OrgRights = "ORG.rights",
        OrgLeadership = "ORG.leadership",
        OrgAdvocacy = "ORG.advocacy",
        OrgNegotiation = "ORG.negotiation",
        OrgTranslation = "ORG.translation",
        SocCash = "SOC.cash",
        SocKind = "SOC.kind",
        SocShelter = "SOC.shelter",
        SocChild = "SOC.child",
        SocReturn = "SOC.return",
        InfGeneral = "INF.general",
        InfHotline = "INF.hotline",
        InfMaterial = "INF.material",
    }
}

codes! {
    /// What services have in common: the part of the code before the dot.
    ServiceGroup in "service.group" {
        Leg = "LEG",
        Med = "MED",
        Psy = "PSY",
        Voc = "VOC",
        Rec = "REC",
        Org = "ORG",
        Soc = "SOC",
        Inf = "INF",
    }
}

codes! {
    /// How somebody came to the centre.
    Channel in "channel" {
        WalkedIn = "walked-in",
        Friend = "friend",
        CommunityLeader = "community-leader",
        Hotline = "hotline",
        Outreach = "outreach",
        Partner = "partner",
        Embassy = "embassy",
        SocialMedia = "social-media",
        Poster = "poster",
        Employer = "employer",
        Other = "other",
    }
}

codes! {
    /// What somebody works as.
    Occupation in "occupation" {
        DomesticLiveIn = "domestic-live-in",
        DomesticLiveOut = "domestic-live-out",
        Cleaner = "cleaner",
        Garment = "garment",
        Construction = "construction",
        Agriculture = "agriculture",
        Restaurant = "restaurant",
        Driver = "driver",
        Guard = "guard",
        Care = "care",
        Sales = "sales",
        Waste = "waste",
        Beauty = "beauty",
        Other = "other",
        NotWorking = "not-working",
    }
}

impl Service {
    pub fn group(self) -> ServiceGroup {
        self.code()
            .split('.')
            .next()
            .and_then(ServiceGroup::from_code)
            .expect("every service code begins with a group")
    }
}

/// A country of ISO 3166-1, which also stands for the nationality.
#[derive(Debug, PartialEq, Eq)]
pub struct Country {
    /// Alpha-3, upper case.
    pub code: &'static str,
    /// ITU-T E.164 country code; 0 where the country has none of its own.
    pub dial: u16,
}

impl Country {
    pub fn from_code(code: &str) -> Option<&'static Self> {
        COUNTRIES
            .binary_search_by(|country| country.code.cmp(code))
            .ok()
            .map(|found| &COUNTRIES[found])
    }

    pub fn label_key(&self) -> String {
        nationality_key(self.code)
    }
}

/// The name of a nationality, of one that [`is_nationality`] knows.
pub fn nationality_key(code: &str) -> String {
    format!("nationality.{code}")
}

/// Codes that stand beside the countries where a nationality is asked for.
pub const NO_COUNTRY: [&str; 2] = ["stateless", "not_recorded"];

/// Whether `code` can be kept as a nationality: a country's, or one of [`NO_COUNTRY`].
pub fn is_nationality(code: &str) -> bool {
    NO_COUNTRY.contains(&code) || Country::from_code(code).is_some()
}

/// A language that visitors speak; the program itself speaks those of `kit::lang`.
#[derive(Debug, PartialEq, Eq)]
pub struct SpokenLanguage {
    /// ISO 639-3.
    pub code: &'static str,
    /// BCP 47, for the `lang` attribute.
    pub tag: &'static str,
    /// Its own name, in its own script: who reads only that one finds it.
    pub own_name: &'static str,
}

impl SpokenLanguage {
    pub fn from_code(code: &str) -> Option<&'static Self> {
        LANGUAGES.iter().find(|language| language.code == code)
    }

    pub fn label_key(&self) -> String {
        format!("language.{}", self.code)
    }

    pub fn dir(&self) -> &'static str {
        match self.code {
            "ara" | "fas" | "urd" => "rtl",
            _ => "ltr",
        }
    }
}

/// A currency of ISO 4217.
#[derive(Debug, PartialEq, Eq)]
pub struct Currency {
    pub code: &'static str,
    /// Decimals between the unit that people say and the one that is stored.
    pub minor_digits: u8,
}

impl Currency {
    pub fn from_code(code: &str) -> Option<&'static Self> {
        CURRENCIES.iter().find(|currency| currency.code == code)
    }

    pub fn label_key(&self) -> String {
        format!("currency.{}", self.code)
    }
}

const fn country(code: &'static str, dial: u16) -> Country {
    Country { code, dial }
}

const fn spoken(code: &'static str, tag: &'static str, own_name: &'static str) -> SpokenLanguage {
    SpokenLanguage {
        code,
        tag,
        own_name,
    }
}

const fn currency(code: &'static str, minor_digits: u8) -> Currency {
    Currency { code, minor_digits }
}

/// In the order in which set-up offers them.
pub const LANGUAGES: &[SpokenLanguage] = &[
    spoken("ara", "ar", "العربية"),
    spoken("eng", "en", "English"),
    spoken("fra", "fr", "Français"),
    spoken("amh", "am", "አማርኛ"),
    spoken("orm", "om", "Afaan Oromoo"),
    spoken("tir", "ti", "ትግርኛ"),
    spoken("tgl", "tl", "Tagalog"),
    spoken("ceb", "ceb", "Bisaya"),
    spoken("ben", "bn", "বাংলা"),
    spoken("sin", "si", "සිංහල"),
    spoken("tam", "ta", "தமிழ்"),
    spoken("nep", "ne", "नेपाली"),
    spoken("hin", "hi", "हिन्दी"),
    spoken("urd", "ur", "اردو"),
    spoken("mal", "ml", "മലയാളം"),
    spoken("ind", "id", "Bahasa Indonesia"),
    spoken("swa", "sw", "Kiswahili"),
    spoken("twi", "tw", "Twi"),
    spoken("yor", "yo", "Yorùbá"),
    spoken("hau", "ha", "Hausa"),
    spoken("som", "so", "Soomaali"),
    spoken("mlg", "mg", "Malagasy"),
    spoken("vie", "vi", "Tiếng Việt"),
    spoken("fas", "fa", "فارسی"),
    spoken("kur", "ku", "Kurdî"),
    spoken("tur", "tr", "Türkçe"),
    spoken("rus", "ru", "Русский"),
    spoken("spa", "es", "Español"),
];

/// The region's and the ones that its visitors send home or are paid in.
pub const CURRENCIES: &[Currency] = &[
    currency("JOD", 3),
    currency("KWD", 3),
    currency("BHD", 3),
    currency("OMR", 3),
    currency("TND", 3),
    currency("LBP", 2),
    currency("USD", 2),
    currency("EUR", 2),
    currency("SAR", 2),
    currency("AED", 2),
    currency("QAR", 2),
    currency("CHF", 2),
    currency("JPY", 0),
    currency("IQD", 3),
    currency("LYD", 3),
    currency("EGP", 2),
    currency("SYP", 2),
    currency("SDG", 2),
    currency("YER", 2),
    currency("MAD", 2),
    currency("DZD", 2),
    currency("MRU", 2),
    currency("DJF", 0),
    currency("SOS", 2),
    currency("KMF", 0),
    currency("ILS", 2),
    currency("GBP", 2),
    currency("TRY", 2),
    currency("INR", 2),
    currency("BDT", 2),
    currency("PKR", 2),
    currency("PHP", 2),
    currency("NPR", 2),
    currency("LKR", 2),
    currency("ETB", 2),
    currency("KES", 2),
    currency("UGX", 0),
    currency("GHS", 2),
    currency("NGN", 2),
    currency("IDR", 2),
];

/// Sorted by code.
pub const COUNTRIES: &[Country] = &[
    country("ABW", 297),
    country("AFG", 93),
    country("AGO", 244),
    country("AIA", 1),
    country("ALA", 358),
    country("ALB", 355),
    country("AND", 376),
    country("ARE", 971),
    country("ARG", 54),
    country("ARM", 374),
    country("ASM", 1),
    country("ATA", 0),
    country("ATF", 0),
    country("ATG", 1),
    country("AUS", 61),
    country("AUT", 43),
    country("AZE", 994),
    country("BDI", 257),
    country("BEL", 32),
    country("BEN", 229),
    country("BES", 599),
    country("BFA", 226),
    country("BGD", 880),
    country("BGR", 359),
    country("BHR", 973),
    country("BHS", 1),
    country("BIH", 387),
    country("BLM", 590),
    country("BLR", 375),
    country("BLZ", 501),
    country("BMU", 1),
    country("BOL", 591),
    country("BRA", 55),
    country("BRB", 1),
    country("BRN", 673),
    country("BTN", 975),
    country("BVT", 0),
    country("BWA", 267),
    country("CAF", 236),
    country("CAN", 1),
    country("CCK", 61),
    country("CHE", 41),
    country("CHL", 56),
    country("CHN", 86),
    country("CIV", 225),
    country("CMR", 237),
    country("COD", 243),
    country("COG", 242),
    country("COK", 682),
    country("COL", 57),
    country("COM", 269),
    country("CPV", 238),
    country("CRI", 506),
    country("CUB", 53),
    country("CUW", 599),
    country("CXR", 61),
    country("CYM", 1),
    country("CYP", 357),
    country("CZE", 420),
    country("DEU", 49),
    country("DJI", 253),
    country("DMA", 1),
    country("DNK", 45),
    country("DOM", 1),
    country("DZA", 213),
    country("ECU", 593),
    country("EGY", 20),
    country("ERI", 291),
    country("ESH", 212),
    country("ESP", 34),
    country("EST", 372),
    country("ETH", 251),
    country("FIN", 358),
    country("FJI", 679),
    country("FLK", 500),
    country("FRA", 33),
    country("FRO", 298),
    country("FSM", 691),
    country("GAB", 241),
    country("GBR", 44),
    country("GEO", 995),
    country("GGY", 44),
    country("GHA", 233),
    country("GIB", 350),
    country("GIN", 224),
    country("GLP", 590),
    country("GMB", 220),
    country("GNB", 245),
    country("GNQ", 240),
    country("GRC", 30),
    country("GRD", 1),
    country("GRL", 299),
    country("GTM", 502),
    country("GUF", 594),
    country("GUM", 1),
    country("GUY", 592),
    country("HKG", 852),
    country("HMD", 0),
    country("HND", 504),
    country("HRV", 385),
    country("HTI", 509),
    country("HUN", 36),
    country("IDN", 62),
    country("IMN", 44),
    country("IND", 91),
    country("IOT", 246),
    country("IRL", 353),
    country("IRN", 98),
    country("IRQ", 964),
    country("ISL", 354),
    country("ISR", 972),
    country("ITA", 39),
    country("JAM", 1),
    country("JEY", 44),
    country("JOR", 962),
    country("JPN", 81),
    country("KAZ", 7),
    country("KEN", 254),
    country("KGZ", 996),
    country("KHM", 855),
    country("KIR", 686),
    country("KNA", 1),
    country("KOR", 82),
    country("KWT", 965),
    country("LAO", 856),
    country("LBN", 961),
    country("LBR", 231),
    country("LBY", 218),
    country("LCA", 1),
    country("LIE", 423),
    country("LKA", 94),
    country("LSO", 266),
    country("LTU", 370),
    country("LUX", 352),
    country("LVA", 371),
    country("MAC", 853),
    country("MAF", 590),
    country("MAR", 212),
    country("MCO", 377),
    country("MDA", 373),
    country("MDG", 261),
    country("MDV", 960),
    country("MEX", 52),
    country("MHL", 692),
    country("MKD", 389),
    country("MLI", 223),
    country("MLT", 356),
    country("MMR", 95),
    country("MNE", 382),
    country("MNG", 976),
    country("MNP", 1),
    country("MOZ", 258),
    country("MRT", 222),
    country("MSR", 1),
    country("MTQ", 596),
    country("MUS", 230),
    country("MWI", 265),
    country("MYS", 60),
    country("MYT", 262),
    country("NAM", 264),
    country("NCL", 687),
    country("NER", 227),
    country("NFK", 672),
    country("NGA", 234),
    country("NIC", 505),
    country("NIU", 683),
    country("NLD", 31),
    country("NOR", 47),
    country("NPL", 977),
    country("NRU", 674),
    country("NZL", 64),
    country("OMN", 968),
    country("PAK", 92),
    country("PAN", 507),
    country("PCN", 0),
    country("PER", 51),
    country("PHL", 63),
    country("PLW", 680),
    country("PNG", 675),
    country("POL", 48),
    country("PRI", 1),
    country("PRK", 850),
    country("PRT", 351),
    country("PRY", 595),
    country("PSE", 970),
    country("PYF", 689),
    country("QAT", 974),
    country("REU", 262),
    country("ROU", 40),
    country("RUS", 7),
    country("RWA", 250),
    country("SAU", 966),
    country("SDN", 249),
    country("SEN", 221),
    country("SGP", 65),
    country("SGS", 0),
    country("SHN", 290),
    country("SJM", 47),
    country("SLB", 677),
    country("SLE", 232),
    country("SLV", 503),
    country("SMR", 378),
    country("SOM", 252),
    country("SPM", 508),
    country("SRB", 381),
    country("SSD", 211),
    country("STP", 239),
    country("SUR", 597),
    country("SVK", 421),
    country("SVN", 386),
    country("SWE", 46),
    country("SWZ", 268),
    country("SXM", 1),
    country("SYC", 248),
    country("SYR", 963),
    country("TCA", 1),
    country("TCD", 235),
    country("TGO", 228),
    country("THA", 66),
    country("TJK", 992),
    country("TKL", 690),
    country("TKM", 993),
    country("TLS", 670),
    country("TON", 676),
    country("TTO", 1),
    country("TUN", 216),
    country("TUR", 90),
    country("TUV", 688),
    country("TWN", 886),
    country("TZA", 255),
    country("UGA", 256),
    country("UKR", 380),
    country("UMI", 0),
    country("URY", 598),
    country("USA", 1),
    country("UZB", 998),
    country("VAT", 39),
    country("VCT", 1),
    country("VEN", 58),
    country("VGB", 1),
    country("VIR", 1),
    country("VNM", 84),
    country("VUT", 678),
    country("WLF", 681),
    country("WSM", 685),
    country("YEM", 967),
    country("ZAF", 27),
    country("ZMB", 260),
    country("ZWE", 263),
];
