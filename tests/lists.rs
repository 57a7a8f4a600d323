//! Closed lists: every code has a name in every language, and nothing is named that is no code.

use std::collections::BTreeSet;
use std::path::Path;

use darna::kit::lists::{
    COUNTRIES, CURRENCIES, Channel, LANGUAGES, NO_COUNTRY, Occupation, Service, ServiceGroup,
};

/// The keys of a locale file, each checked to have a text in the languages of the screen, and in no
/// other before them (`tests/locales.rs` knows who has more).
fn keys(feature: &str) -> BTreeSet<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../locales/{feature}.yml"));
    let text = std::fs::read_to_string(&path).expect("the locale file is there");
    let mut keys = BTreeSet::new();
    let mut languages: Vec<String> = vec![];
    let mut last = String::new();
    for line in text.lines().chain(["end:"]) {
        if line.starts_with('#') || line.starts_with("_version") {
            continue;
        }
        if let Some(inner) = line.strip_prefix("  ") {
            let (language, text) = inner.split_once(": ").expect("language: text");
            assert!(text.trim_matches('"').trim().len() > 1, "{last} {language}");
            languages.push(language.to_owned());
        } else {
            if !last.is_empty() {
                assert_eq!(languages[..3], ["en", "ar", "fr"], "{last}");
                assert!(keys.insert(last), "a key stands twice in {feature}");
            }
            languages.clear();
            last = line.trim_end_matches(':').to_owned();
        }
    }
    keys
}

#[test]
fn every_code_is_named_and_every_name_has_its_code() {
    let countries = COUNTRIES.iter().map(|c| c.label_key());
    let no_country = NO_COUNTRY.iter().map(|c| format!("nationality.{c}"));
    assert_eq!(
        countries.chain(no_country).collect::<BTreeSet<_>>(),
        keys("nationality")
    );
    let languages: BTreeSet<_> = LANGUAGES.iter().map(|l| l.label_key()).collect();
    assert_eq!(languages, keys("language"));
    let currencies: BTreeSet<_> = CURRENCIES.iter().map(|c| c.label_key()).collect();
    assert_eq!(currencies, keys("currency"));
    let services = Service::ALL.iter().map(|s| s.label_key());
    let groups = ServiceGroup::ALL.iter().map(|g| g.label_key());
    let all: BTreeSet<_> = services.chain(groups).map(str::to_owned).collect();
    assert_eq!(all, keys("service"));
    let channels: BTreeSet<_> = Channel::ALL
        .iter()
        .map(|c| c.label_key().to_owned())
        .collect();
    assert_eq!(channels, keys("channel"));
    let work: BTreeSet<_> = Occupation::ALL
        .iter()
        .map(|o| o.label_key().to_owned())
        .collect();
    assert_eq!(work, keys("occupation"));
}

#[test]
fn codes_come_back_as_what_they_were() {
    for service in Service::ALL {
        assert_eq!(Service::from_code(service.code()), Some(*service));
        assert!(service.code().starts_with(service.group().code()));
    }
    assert!(COUNTRIES.is_sorted_by_key(|c| c.code));
    assert_eq!(COUNTRIES.len(), 249);
}
