//! Partners as HSDS 3 JSON (Open Referral, docs.openreferral.org): an array of services, each with
//! its organization, schedules, languages and phones, as `service_package` of the specification.
//!
//! Safety, its reasons, and the centre's notes do not travel. A plain file that says who reports
//! to the authorities can hurt both sides, and no file may vouch for a door that nobody here has
//! knocked at: what comes in is "not known" and never checked until somebody asks.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use chrono::Weekday;
use serde_json::{Map, Value, json};

use super::forms::{NAME, PHONE, SHORT};
use super::rules::{Cost, Kind, Known, Name, Partner, Profile, Safety};
use crate::kit::hours::{Hours, Span, WEEK, clock};
use crate::kit::id::PartnerId;
use crate::kit::lang::Lang;
use crate::kit::lists::{LANGUAGES, Service};
use crate::kit::names::{looks, looks_like};
use crate::kit::world::World;
use crate::kit::{phone, text};
use crate::web::Ctx;

/// The taxonomies under which our own codes travel.
const SERVICES: &str = "darna-service";
const KINDS: &str = "darna-partner-type";

/// Bytes; a country's whole directory is smaller.
const LARGEST: u64 = 5 * 1024 * 1024;
const MOST_SERVICES: usize = 5_000;
const MOST_PARTNERS: usize = 1_000;

const DAYS: [&str; 7] = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"];

/// Why a file was not taken. All or nothing: one bad record refuses the file.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum Refused {
    #[error("partners.files.refusal.unreadable")]
    Unreadable,
    #[error("partners.files.refusal.too_large")]
    TooLarge,
    #[error("partners.files.refusal.not_json")]
    NotJson,
    #[error("partners.files.refusal.not_hsds")]
    NotHsds,
    #[error("partners.files.refusal.too_many")]
    TooMany,
    #[error("partners.files.refusal.empty")]
    Empty,
    /// The place of the service in the file, from 1, and the field that is wrong.
    #[error("partners.files.refusal.record")]
    Record(usize, &'static str),
    /// The place of the service whose organization has the id of another one before it.
    #[error("partners.files.refusal.same_id")]
    SameId(usize),
}

impl Refused {
    pub fn told(&self, c: &Ctx) -> String {
        let (number, field) = match self {
            Self::Record(number, field) => (number.to_string(), *field),
            Self::SameId(number) => (number.to_string(), ""),
            _ => (String::new(), ""),
        };
        c.tw(
            &self.to_string(),
            &[("number", &number), ("field", field), ("limit", "5")],
        )
    }
}

/// One partner that a file brings.
pub struct Incoming {
    pub partner: Partner,
    /// Whether the file says what kind of partner it is.
    pub kind_told: bool,
}

/// By what a partner is known again: its record, how its names look, where its phones end. What is
/// known of it, its safety above all, must not be missed by asking for its twin.
#[derive(Default)]
pub struct Directory {
    ids: HashSet<PartnerId>,
    marks: HashSet<String>,
}

impl Directory {
    pub fn of(known: &[Partner]) -> Self {
        let mut directory = Self::default();
        for partner in known {
            directory.add(partner);
        }
        directory
    }

    pub fn has(&self, partner: &Partner) -> bool {
        self.ids.contains(&partner.id) || marks(partner).any(|mark| self.marks.contains(&mark))
    }

    pub fn add(&mut self, partner: &Partner) {
        self.ids.insert(partner.id);
        self.marks.extend(marks(partner));
    }
}

fn is_called(partner: &Partner, written: &str) -> bool {
    let mut names = partner.profile.names.iter();
    names.any(|name| looks_like(&name.written, written))
}

fn marks(partner: &Partner) -> impl Iterator<Item = String> {
    let names = partner.profile.names.iter();
    let names = names.flat_map(|name| looks(&name.written));
    let phones = partner.profile.phones.iter();
    names.chain(phones.filter_map(|phone| phone::telling_tail(phone)))
}

pub struct Read {
    pub partners: Vec<Incoming>,
    /// Hours, languages and services that Darna has no word for.
    pub left_out: usize,
}

/// Reads a file that a dialog gave.
pub fn open(path: &Path, world: &World) -> Result<Read, Refused> {
    let file = File::open(path).map_err(|_| Refused::Unreadable)?;
    let told = file.metadata().map_err(|_| Refused::Unreadable)?;
    if !told.is_file() {
        return Err(Refused::Unreadable);
    }
    let mut bytes = Vec::new();
    // Counted while reading: what the folder says of the size may be old.
    file.take(LARGEST + 1)
        .read_to_end(&mut bytes)
        .map_err(|_| Refused::Unreadable)?;
    if bytes.len() as u64 > LARGEST {
        return Err(Refused::TooLarge);
    }
    parse(&bytes, world)
}

pub fn parse(bytes: &[u8], world: &World) -> Result<Read, Refused> {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let whole: Value = serde_json::from_slice(bytes).map_err(|_| Refused::NotJson)?;
    // The API's pages of services have them under `contents`.
    let services = whole
        .as_array()
        .or_else(|| whole.get("contents").and_then(Value::as_array))
        .ok_or(Refused::NotHsds)?;
    if services.len() > MOST_SERVICES {
        return Err(Refused::TooMany);
    }
    let mut left_out = 0;
    let mut order: Vec<String> = Vec::new();
    let mut read: HashMap<String, Incoming> = HashMap::new();
    for (place, service) in services.iter().enumerate() {
        let at = Record {
            number: place + 1,
            value: service.as_object().ok_or(Refused::NotHsds)?,
        };
        let organization = at.organization()?;
        let key = organization.key()?;
        if let Some(known) = read.get(&key) {
            let name = organization.text("name", NAME)?;
            if name.is_some_and(|name| !is_called(&known.partner, &name)) {
                return Err(Refused::SameId(at.number));
            }
        } else {
            let incoming = at.partner(&organization, world, &mut left_out)?;
            order.push(key.clone());
            read.insert(key.clone(), incoming);
        }
        if order.len() > MOST_PARTNERS {
            return Err(Refused::TooMany);
        }
        let Some(incoming) = read.get_mut(&key) else {
            continue;
        };
        match at.code() {
            Some(code) if !incoming.partner.profile.services.contains(&code) => {
                incoming.partner.profile.services.push(code);
            }
            Some(_) => {}
            None => left_out += 1,
        }
    }
    let partners: Vec<Incoming> = order.iter().filter_map(|key| read.remove(key)).collect();
    if partners.is_empty() {
        return Err(Refused::Empty);
    }
    Ok(Read { partners, left_out })
}

/// One object of the file, with the place of its service for whoever looks for the mistake.
struct Record<'v> {
    number: usize,
    value: &'v Map<String, Value>,
}

impl<'v> Record<'v> {
    fn within(&self, value: &'v Map<String, Value>) -> Self {
        Self {
            number: self.number,
            value,
        }
    }

    fn wrong(&self, field: &'static str) -> Refused {
        Refused::Record(self.number, field)
    }

    /// A text of at most `limit` characters; absent, null and empty are `None`.
    fn text(&self, field: &'static str, limit: usize) -> Result<Option<String>, Refused> {
        match self.value.get(field) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(told)) => text::optional(told, limit).map_err(|_| self.wrong(field)),
            Some(_) => Err(self.wrong(field)),
        }
    }

    fn list(&self, field: &str) -> impl Iterator<Item = Self> {
        let values = self.value.get(field).and_then(Value::as_array);
        values
            .into_iter()
            .flatten()
            .filter_map(Value::as_object)
            .map(|value| self.within(value))
    }

    /// What an organization is told apart by: its id, however it is written, or else its name.
    fn key(&self) -> Result<String, Refused> {
        let Some(id) = self.text("id", 64)? else {
            return Ok(self.text("name", NAME)?.unwrap_or_default());
        };
        let known: Option<PartnerId> = id.parse().ok();
        Ok(known.map_or(id, |known| known.to_string()))
    }

    fn organization(&self) -> Result<Self, Refused> {
        let organization = self.value.get("organization").and_then(Value::as_object);
        let organization = organization.ok_or_else(|| self.wrong("organization"))?;
        Ok(self.within(organization))
    }

    /// The code that an attribute's term has in one of our taxonomies.
    fn term(&self, taxonomy: &str) -> Option<String> {
        self.list("attributes").find_map(|attribute| {
            let term = attribute.value.get("taxonomy_term")?;
            (term.get("taxonomy")?.as_str()? == taxonomy)
                .then(|| term.get("code")?.as_str().map(str::to_owned))
                .flatten()
        })
    }

    fn code(&self) -> Option<Service> {
        self.term(SERVICES)
            .and_then(|code| Service::from_code(&code))
    }

    fn partner(
        &self,
        organization: &Self,
        world: &World,
        left_out: &mut usize,
    ) -> Result<Incoming, Refused> {
        let id = organization
            .text("id", 64)?
            .and_then(|id| id.parse().ok())
            .unwrap_or_else(|| PartnerId::new(world));
        let kind = organization
            .term(KINDS)
            .and_then(|code| Kind::from_code(&code));
        let location = self.list("service_at_locations").find_map(|at| {
            let location = at.value.get("location")?.as_object()?;
            Some(self.within(location))
        });
        let languages = self.languages(left_out);
        let hours = self.hours(left_out)?;
        let contact = organization.list("contacts").next();
        let address = match &location {
            Some(location) => location.address()?,
            None => None,
        };
        let sealed = kind == Some(Kind::Shelter);
        let address = address.filter(|_| !sealed);
        let profile = Profile {
            names: organization.names()?,
            kind: kind.unwrap_or(Kind::Clinic),
            services: Vec::new(),
            area: match self.list("service_areas").next() {
                Some(area) if !sealed => area.text("name", 60)?,
                _ => None,
            },
            address,
            hours,
            languages,
            phones: self.phones(organization)?,
            focal: match &contact {
                Some(contact) => contact.text("name", SHORT)?,
                None => None,
            },
            cost: Cost::Unknown,
            cost_note: self.text("fees_description", SHORT)?,
            safety: Safety::Unknown,
            safety_note: None,
            women_staff: Known::Unknown,
            wheelchair: location.as_ref().map_or(Known::Unknown, Self::wheelchair),
            letters_in: Lang::En,
            agreement_until: None,
            // That others checked it is not that this centre did.
            verified: None,
            note: None,
        };
        Ok(Incoming {
            partner: Partner {
                id,
                profile,
                ended: None,
            },
            kind_told: kind.is_some(),
        })
    }

    /// The name and the other one, each under the language whose script it is in.
    fn names(&self) -> Result<Vec<Name>, Refused> {
        let first = self
            .text("name", NAME)?
            .ok_or_else(|| self.wrong("organization.name"))?;
        let mut names: BTreeMap<usize, Name> = BTreeMap::new();
        for written in [Some(first), self.text("alternate_name", NAME)?]
            .into_iter()
            .flatten()
        {
            let arabic = written.chars().any(|c| ('\u{600}'..'\u{700}').contains(&c));
            let wanted = if arabic { Lang::Ar } else { Lang::En };
            let place = |language| Lang::ALL.iter().position(|l| *l == language).unwrap_or(0);
            let free = [wanted, Lang::Fr]
                .into_iter()
                .find(|language| !names.contains_key(&place(*language)));
            if let Some(language) = free {
                names.insert(place(language), Name { language, written });
            }
        }
        Ok(names.into_values().collect())
    }

    fn languages(&self, left_out: &mut usize) -> Vec<String> {
        let mut codes = Vec::new();
        for language in self.list("languages") {
            let code = language
                .value
                .get("code")
                .and_then(Value::as_str)
                .unwrap_or("");
            // ISO 639-3, or 639-1 as the specification also allows.
            match LANGUAGES.iter().find(|l| l.code == code || l.tag == code) {
                Some(known) if !codes.iter().any(|have| have == known.code) => {
                    codes.push(known.code.to_owned());
                }
                Some(_) => {}
                None => *left_out += 1,
            }
        }
        codes
    }

    /// Weekly openings; a monthly one has no place on our sign and is counted as left out.
    fn hours(&self, left_out: &mut usize) -> Result<Hours, Refused> {
        let mut days: [Vec<Span>; 7] = Default::default();
        for schedule in self.list("schedules") {
            let opens = schedule.text("opens_at", 20)?;
            let closes = schedule.text("closes_at", 20)?;
            let byday = schedule.text("byday", 40)?.unwrap_or_default();
            let weekly = schedule
                .text("freq", 10)?
                .is_none_or(|freq| freq == "WEEKLY");
            let (Some(from), Some(until)) = (opens, closes) else {
                *left_out += 1;
                continue;
            };
            let from = minute(&from).ok_or_else(|| self.wrong("schedules.opens_at"))?;
            let until = minute(&until).ok_or_else(|| self.wrong("schedules.closes_at"))?;
            let span = Span::new(from, until).ok_or_else(|| self.wrong("schedules.closes_at"))?;
            for day in byday.split(',').map(str::trim) {
                match DAYS.iter().position(|code| *code == day) {
                    Some(place) if weekly && !days[place].contains(&span) => {
                        days[place].push(span);
                    }
                    Some(_) if weekly => {}
                    _ => *left_out += 1,
                }
            }
        }
        Hours::of(days).ok_or_else(|| self.wrong("schedules"))
    }

    fn phones(&self, organization: &Self) -> Result<Vec<String>, Refused> {
        let mut numbers: Vec<String> = Vec::new();
        for phone in self.list("phones").chain(organization.list("phones")) {
            if let Some(number) = phone.text("number", PHONE)?
                && !numbers.contains(&number)
                && numbers.len() < 2
            {
                numbers.push(number);
            }
        }
        Ok(numbers)
    }

    fn address(&self) -> Result<Option<String>, Refused> {
        let Some(address) = self.list("addresses").next() else {
            return self.text("description", 200);
        };
        let mut parts = Vec::new();
        for field in ["address_1", "address_2", "city"] {
            parts.extend(address.text(field, 100)?);
        }
        let whole = parts.join(", ");
        Ok((!whole.is_empty()).then(|| whole.chars().take(200).collect()))
    }

    fn wheelchair(&self) -> Known {
        let told = self.list("accessibility").any(|one| {
            let description = one.value.get("description").and_then(Value::as_str);
            description.is_some_and(|text| text.to_lowercase().contains("wheelchair"))
        });
        if told { Known::Yes } else { Known::Unknown }
    }
}

/// `09:00`, `09:00:00`, `09:00+02:00`, `09:00Z`: the hour on the partner's own wall.
fn minute(told: &str) -> Option<u16> {
    let (hours, rest) = told.split_once(':')?;
    let hours: u16 = hours.parse().ok()?;
    let minutes: u16 = rest.get(..2)?.parse().ok()?;
    (hours <= 24 && minutes < 60 && hours * 60 + minutes <= 24 * 60).then_some(hours * 60 + minutes)
}

/// The partners as a file for other centres and directories.
pub fn write(partners: &[Partner]) -> Vec<u8> {
    let services: Vec<Value> = partners
        .iter()
        .flat_map(|partner| {
            let services = partner.profile.services.iter();
            services.map(|service| one(partner, *service))
        })
        .collect();
    let mut bytes = serde_json::to_vec_pretty(&services).unwrap_or_default();
    bytes.push(b'\n');
    bytes
}

fn one(partner: &Partner, service: Service) -> Value {
    let profile = &partner.profile;
    let made = |what: &str| derived(partner.id, service.code(), what);
    let name = crate::_rust_i18n_translate("en", service.label_key()).into_owned();
    let phones: Vec<Value> = profile
        .phones
        .iter()
        .enumerate()
        .map(|(place, number)| json!({ "id": made(&format!("phone {place}")), "number": number }))
        .collect();
    let mut whole = json!({
        "id": made("service"),
        "name": name,
        "status": "active",
        "organization": organization(partner),
        "phones": phones,
        "schedules": schedules(partner, &made),
        "languages": profile.languages.iter().map(|code| json!({
            "id": made(&format!("language {code}")), "code": code,
            "name": crate::_rust_i18n_translate("en", &format!("language.{code}")),
        })).collect::<Vec<_>>(),
        "attributes": [attribute(&made("attribute"), SERVICES, service.code(), &name)],
    });
    if let Some(area) = &profile.area {
        whole["service_areas"] = json!([{ "id": made("area"), "name": area }]);
    }
    if let Some(fees) = &profile.cost_note {
        whole["fees_description"] = json!(fees);
    }
    if let Some(day) = profile.verified {
        whole["assured_date"] = json!(day.to_string());
    }
    if let Some(location) = location(partner, &made) {
        whole["service_at_locations"] = json!([{ "id": made("at"), "location": location }]);
    }
    whole
}

fn organization(partner: &Partner) -> Value {
    let profile = &partner.profile;
    let made = |what: &str| derived(partner.id, "organization", what);
    let mut names = profile.names.iter().map(|name| &name.written);
    let kind = profile.kind;
    let kind_name = crate::_rust_i18n_translate("en", kind.label_key()).into_owned();
    let mut whole = json!({
        "id": hyphened(*partner.id.as_bytes()),
        "name": names.next(),
        // The specification asks for one; the kind is what we know.
        "description": kind_name,
        "attributes": [attribute(&made("attribute"), KINDS, kind.code(), &kind_name)],
    });
    if let Some(other) = names.next() {
        whole["alternate_name"] = json!(other);
    }
    if let Some(focal) = &profile.focal {
        whole["contacts"] = json!([{ "id": made("contact"), "name": focal }]);
    }
    whole
}

fn schedules(partner: &Partner, made: &impl Fn(&str) -> String) -> Vec<Value> {
    let spans = partner.profile.hours.spans();
    spans
        .map(|(day, span)| {
            let code = DAYS[place(day)];
            json!({
                "id": made(&format!("schedule {code} {}", span.from())),
                "freq": "WEEKLY", "byday": code,
                "opens_at": clock(span.from()), "closes_at": clock(span.until()),
            })
        })
        .collect()
}

fn place(day: Weekday) -> usize {
    WEEK.iter().position(|other| *other == day).unwrap_or(0)
}

/// An address of one line has no country code or postal code of its own, which an HSDS address
/// must have; so the location is described in words.
fn location(partner: &Partner, made: &impl Fn(&str) -> String) -> Option<Value> {
    let profile = &partner.profile;
    let wheelchair = profile.wheelchair == Known::Yes;
    if profile.address.is_none() && !wheelchair {
        return None;
    }
    let mut whole = json!({ "id": made("location"), "location_type": "physical" });
    if let Some(address) = &profile.address {
        whole["description"] = json!(address);
    }
    if wheelchair {
        whole["accessibility"] =
            json!([{ "id": made("wheelchair"), "description": "Wheelchair access" }]);
    }
    Some(whole)
}

fn attribute(id: &str, taxonomy: &str, code: &str, name: &str) -> Value {
    json!({
        "id": id,
        "taxonomy_term": {
            "id": derived(PartnerId::from_bytes([0; 16]), taxonomy, code),
            "code": code, "name": name, "description": name, "taxonomy": taxonomy,
        },
    })
}

/// The same id each time for the same part of the same partner, so that whoever reads the file
/// twice does not have it twice.
fn derived(partner: PartnerId, of: &str, what: &str) -> String {
    let mut hasher = blake3::Hasher::new_derive_key("darna hsds id v1");
    hasher.update(partner.as_bytes());
    hasher
        .update(of.as_bytes())
        .update(b"\0")
        .update(what.as_bytes());
    let mut bytes = [0; 16];
    hasher.finalize_xof().fill(&mut bytes);
    hyphened(*uuid::Builder::from_custom_bytes(bytes).as_uuid().as_bytes())
}

fn hyphened(bytes: [u8; 16]) -> String {
    uuid::Uuid::from_bytes(bytes).hyphenated().to_string()
}
