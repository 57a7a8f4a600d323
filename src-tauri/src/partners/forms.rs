//! The form of a partner: what was typed, made into a [`Profile`] or into reasons beside fields.

use chrono::{NaiveDate, Weekday};

use super::rules::{Cost, Kind, Known, Name, Profile, Safety};
use crate::kit::date;
use crate::kit::hours::Hours;
use crate::kit::lang::Lang;
use crate::kit::lists::{LANGUAGES, Service, ServiceGroup, SpokenLanguage};
use crate::kit::text;
use crate::web::{Choice, Ctx, Field, Sent, WeekFields, choices, form};

/// What is wrong with one answer. The messages are locale keys.
#[derive(Debug, thiserror::Error)]
enum Wrong {
    #[error(transparent)]
    Text(#[from] text::Refused),
    #[error("partners.refusal.phone")]
    Phone,
    #[error("partners.refusal.choice")]
    Choice,
    #[error("partners.refusal.name")]
    Name,
    #[error("partners.refusal.services")]
    Services,
    #[error("partners.refusal.safety_note")]
    SafetyNote,
    /// Where a shelter is, nobody reads here (domain.md 2: its place is sealed).
    #[error("partners.refusal.shelter_place")]
    ShelterPlace,
}

/// Characters.
pub const NAME: usize = 120;
pub const SHORT: usize = 120;
pub const NOTE: usize = 500;
pub const PHONE: usize = 40;
/// An emergency number has three.
const FEWEST_DIGITS: usize = 3;

pub struct PartnerForm {
    /// One for each of the program's languages.
    pub names: Vec<(Lang, Field)>,
    pub kind: Field,
    pub kinds: Vec<Choice>,
    pub services: Field,
    /// Under the name of their group.
    pub service_groups: Vec<(String, Vec<Choice>)>,
    pub area: Field,
    pub address: Field,
    pub week: WeekFields,
    pub languages: Field,
    pub language_choices: Vec<Choice>,
    pub phone: Field,
    pub phone_2: Field,
    pub focal: Field,
    pub cost: Field,
    pub costs: Vec<Choice>,
    pub cost_note: Field,
    pub safety: Field,
    pub safeties: Vec<Choice>,
    pub safety_note: Field,
    pub women_staff: Field,
    pub women_choices: Vec<Choice>,
    pub wheelchair: Field,
    pub wheelchair_choices: Vec<Choice>,
    pub letters_in: Field,
    pub letter_choices: Vec<Choice>,
    pub agreement_until: Field,
    pub checked: Field,
    pub note: Field,
}

/// What the centre has set that the form needs.
pub struct Around<'a> {
    pub week_starts: Weekday,
    /// ISO 639-3: the languages offered first.
    pub languages: &'a [String],
}

impl PartnerForm {
    pub fn blank(c: &Ctx, around: &Around<'_>) -> Self {
        let nothing = Profile {
            names: Vec::new(),
            kind: Kind::Clinic,
            services: Vec::new(),
            area: None,
            address: None,
            hours: Hours::default(),
            languages: Vec::new(),
            phones: Vec::new(),
            focal: None,
            cost: Cost::Unknown,
            cost_note: None,
            safety: Safety::Unknown,
            safety_note: None,
            women_staff: Known::Unknown,
            wheelchair: Known::Unknown,
            letters_in: c.language(),
            agreement_until: None,
            verified: None,
            note: None,
        };
        Self::of(c, around, &nothing)
    }

    pub fn of(c: &Ctx, around: &Around<'_>, profile: &Profile) -> Self {
        let told = |value: &Option<String>| value.clone().unwrap_or_default();
        let phone = |place: usize| profile.phones.get(place).cloned().unwrap_or_default();
        let mut form = Self {
            names: Lang::ALL
                .into_iter()
                .map(|language| {
                    let name = profile.names.iter().find(|name| name.language == language);
                    let written = name.map_or("", |name| &name.written);
                    let field = Field::new(&format!("name-{}", language.tag()), NAME);
                    (language, field.typed(written))
                })
                .collect(),
            kind: Field::new("kind", 20).typed(profile.kind.code()),
            kinds: Vec::new(),
            services: Field::new("services", 20),
            service_groups: Vec::new(),
            area: Field::new("area", 60).typed(&told(&profile.area)),
            address: Field::new("address", 200).typed(&told(&profile.address)),
            week: WeekFields::of(c, around.week_starts, &profile.hours),
            languages: Field::new("languages", 3),
            language_choices: Vec::new(),
            phone: Field::new("phone", PHONE).typed(&phone(0)),
            phone_2: Field::new("phone-2", PHONE).typed(&phone(1)),
            focal: Field::new("focal", SHORT).typed(&told(&profile.focal)),
            cost: Field::new("cost", 20).typed(profile.cost.code()),
            costs: Vec::new(),
            cost_note: Field::new("cost-note", SHORT).typed(&told(&profile.cost_note)),
            safety: Field::new("safety", 20).typed(profile.safety.code()),
            safeties: Vec::new(),
            safety_note: Field::new("safety-note", NOTE).typed(&told(&profile.safety_note)),
            women_staff: Field::new("women-staff", 20).typed(profile.women_staff.code()),
            women_choices: Vec::new(),
            wheelchair: Field::new("wheelchair", 20).typed(profile.wheelchair.code()),
            wheelchair_choices: Vec::new(),
            letters_in: Field::new("letters-in", 2).typed(profile.letters_in.tag()),
            letter_choices: Vec::new(),
            agreement_until: Field::new("agreement-until", 12)
                .typed(&profile.agreement_until.map(date::typed).unwrap_or_default()),
            checked: Field::new("checked", 3),
            note: Field::new("note", NOTE).typed(&told(&profile.note)),
        };
        form.offer(c, around, &profile.services, &profile.languages);
        form
    }

    /// The lists, with what is chosen marked.
    fn offer(&mut self, c: &Ctx, around: &Around<'_>, services: &[Service], spoken: &[String]) {
        self.kinds = choices(
            Kind::ALL,
            |k| (k.code(), c.t(k.label_key())),
            &self.kind.value,
        );
        self.costs = choices(
            Cost::ALL,
            |k| (k.code(), c.t(k.label_key())),
            &self.cost.value,
        );
        self.safeties = choices(
            Safety::ALL,
            |s| (s.code(), c.t(s.label_key())),
            &self.safety.value,
        );
        let known =
            |field: &Field| choices(Known::ALL, |k| (k.code(), c.t(k.label_key())), &field.value);
        self.women_choices = known(&self.women_staff);
        self.wheelchair_choices = known(&self.wheelchair);
        self.letter_choices = Lang::ALL
            .into_iter()
            .map(|language| {
                let chosen = language.tag() == self.letters_in.value;
                Choice::new(language.tag(), language.own_name().to_owned(), chosen)
            })
            .collect();
        self.service_groups = service_groups(c, services);
        self.language_choices = spoken_first(around.languages)
            .map(|language| {
                let chosen = spoken.iter().any(|code| code == language.code);
                Choice::new(language.code, c.t(&language.label_key()), chosen)
            })
            .collect();
    }

    /// `verified`: when it was checked before; today where the form says that it was checked now.
    pub fn read(
        &mut self,
        c: &Ctx,
        sent: &Sent,
        around: &Around<'_>,
        verified: Option<NaiveDate>,
    ) -> Option<Profile> {
        let names = self.read_names(c, sent);
        let kind = self
            .kind
            .read(c, sent, |v, _| Kind::from_code(v).ok_or(Wrong::Choice));
        // In the order in which they are kept, so that a form is told from what it was made of only
        // by what was changed in it.
        let mut services: Vec<Service> = sent
            .all("services")
            .filter_map(Service::from_code)
            .collect();
        services.sort_unstable();
        if services.is_empty() {
            self.services.wrong(c.because(&Wrong::Services));
        }
        let mut languages: Vec<String> = sent
            .all("languages")
            .filter_map(SpokenLanguage::from_code)
            .map(|language| language.code.to_owned())
            .collect();
        languages.sort_unstable();
        let sealed = kind == Some(Kind::Shelter);
        let area = self.area.read(c, sent, |v, limit| place(v, limit, sealed));
        let address = self
            .address
            .read(c, sent, |v, limit| place(v, limit, sealed));
        let hours = self.week.read(c, sent);
        let phones = [&mut self.phone, &mut self.phone_2].map(|field| {
            field.read(c, sent, |typed, limit| {
                form::phone(typed, limit, FEWEST_DIGITS, Wrong::Phone)
            })
        });
        let focal = self.focal.optional(c, sent);
        let cost = self
            .cost
            .read(c, sent, |v, _| Cost::from_code(v).ok_or(Wrong::Choice));
        let cost_note = self.cost_note.optional(c, sent);
        let safety = self
            .safety
            .read(c, sent, |v, _| Safety::from_code(v).ok_or(Wrong::Choice));
        let safety_note = self.safety_note.read(c, sent, |typed, limit| {
            let note = text::lines(typed, limit)?;
            // Whoever marks a partner as unsafe is believed for years: the next one must see why.
            if note.is_none() && safety == Some(Safety::Unsafe) {
                return Err(Wrong::SafetyNote);
            }
            Ok(note)
        });
        let women_staff = self
            .women_staff
            .read(c, sent, |v, _| Known::from_code(v).ok_or(Wrong::Choice));
        let wheelchair = self
            .wheelchair
            .read(c, sent, |v, _| Known::from_code(v).ok_or(Wrong::Choice));
        let letters_in = self
            .letters_in
            .read(c, sent, |v, _| Lang::from_tag(v).ok_or(Wrong::Choice));
        let agreement_until = self.agreement_until.read(c, sent, form::day);
        sent.get("checked").clone_into(&mut self.checked.value);
        let note = self.note.read(c, sent, text::lines);
        self.offer(c, around, &services, &languages);
        let mut known = Vec::new();
        for phone in phones {
            known.extend(phone?);
        }
        if services.is_empty() {
            return None;
        }
        Some(Profile {
            names: names?,
            kind: kind?,
            services,
            area: area?,
            address: address?,
            hours: hours?,
            languages,
            phones: known,
            focal: focal?,
            cost: cost?,
            cost_note: cost_note?,
            safety: safety?,
            safety_note: safety_note?,
            women_staff: women_staff?,
            wheelchair: wheelchair?,
            letters_in: letters_in?,
            agreement_until: agreement_until?,
            verified: if self.checked.value.is_empty() {
                verified
            } else {
                Some(c.today())
            },
            note: note?,
        })
    }

    /// At least one name, in whichever language.
    fn read_names(&mut self, c: &Ctx, sent: &Sent) -> Option<Vec<Name>> {
        let mut names = Vec::new();
        let mut whole = true;
        for (language, field) in &mut self.names {
            match field.optional(c, sent) {
                Some(written) => names.extend(written.map(|written| Name {
                    language: *language,
                    written,
                })),
                None => whole = false,
            }
        }
        if names.is_empty() && whole {
            let own = c.language();
            let mut fields = self.names.iter_mut();
            if let Some((_, field)) = fields.find(|(language, _)| *language == own) {
                field.wrong(c.because(&Wrong::Name));
            }
            return None;
        }
        whole.then_some(names)
    }
}

/// The centre's own languages first, then the others.
pub fn spoken_first(first: &[String]) -> impl Iterator<Item = &'static SpokenLanguage> {
    let own: Vec<&SpokenLanguage> = first
        .iter()
        .filter_map(|code| SpokenLanguage::from_code(code))
        .collect();
    let others: Vec<&SpokenLanguage> = LANGUAGES
        .iter()
        .filter(|language| first.iter().all(|code| code != language.code))
        .collect();
    own.into_iter().chain(others)
}

/// The services under the names of their groups.
fn service_groups(c: &Ctx, chosen: &[Service]) -> Vec<(String, Vec<Choice>)> {
    ServiceGroup::ALL
        .iter()
        .map(|group| {
            let services = Service::ALL.iter().filter(|s| s.group() == *group);
            let choices = services
                .map(|s| Choice::new(s.code(), c.t(s.label_key()), chosen.contains(s)))
                .collect();
            (c.t(group.label_key()), choices)
        })
        .collect()
}

fn place(typed: &str, limit: usize, sealed: bool) -> Result<Option<String>, Wrong> {
    match text::optional(typed, limit)? {
        Some(_) if sealed => Err(Wrong::ShelterPlace),
        place => Ok(place),
    }
}
