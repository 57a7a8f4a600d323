//! The directory with its finder, one partner, its form, and files to and from other centres.

use askama::Template;
use chrono::NaiveDate;

use super::forms::{Around, PartnerForm, spoken_first};
use super::hsds::{self, Directory, Incoming};
use super::print;
use super::rules::{self, Kind, Known, Need, Partner, Profile, Safety, Wanted};
use super::store;
use crate::kit::hours::{Door, WEEK, clock};
use crate::kit::id::PartnerId;
use crate::kit::lang::Lang;
use crate::kit::lists::{LANGUAGES, Service, ServiceGroup, SpokenLanguage};
use crate::kit::paper::Paper;
use crate::kit::text;
use crate::settings::{self, Settings};
use crate::vault::{Event, Refusal};
use crate::web::access::Route;
use crate::web::form::{Fact, differing, theirs};
use crate::web::{Answer, Call, Choice, Ctx, Field, Handler, Result, choices};

pub const ROUTES: &[(Route, Handler)] = &[
    (Route::Partners, list),
    (Route::NewPartner, new),
    (Route::AddPartner, add),
    (Route::PartnerPage, page),
    (Route::EditPartner, edit),
    (Route::RevisePartner, revise),
    (Route::VerifyPartner, verify),
    (Route::EndPartner, end),
    (Route::PartnerFiles, files),
    (Route::ExportPartners, export),
    (Route::ReadPartners, read),
    (Route::ImportPartners, import),
    (Route::PartnerHandout, handout),
];

/// One partner in a list or above a page.
pub struct Line {
    pub id: PartnerId,
    pub name: String,
    pub also: Vec<String>,
    pub kind: String,
    pub authority: bool,
    pub safety: Safety,
    pub safety_told: String,
    pub door: Option<(bool, String)>,
    pub stale: bool,
    pub agreement_over: bool,
    pub services: String,
    pub languages: String,
    pub area: Option<String>,
    pub phone: Option<String>,
}

impl Line {
    pub fn of(c: &Ctx, partner: &Partner) -> Self {
        let profile = &partner.profile;
        let name = profile.called(c.language()).to_owned();
        Self {
            id: partner.id,
            also: profile
                .names
                .iter()
                .filter(|other| other.written != name)
                .map(|other| other.written.clone())
                .collect(),
            name,
            kind: c.t(profile.kind.label_key()),
            authority: profile.is_authority(),
            safety: profile.safety,
            safety_told: c.t(profile.safety.label_key()),
            door: door(c, partner),
            stale: profile.is_stale(c.today()),
            agreement_over: profile.agreement_over(c.today()),
            services: services_told(c, &profile.services),
            languages: languages_told(c, &profile.languages),
            area: profile.area.clone(),
            phone: profile.phones.first().cloned(),
        }
    }
}

/// Whether it is open now, and until or from when.
fn door(c: &Ctx, partner: &Partner) -> Option<(bool, String)> {
    let now = c.wall();
    if partner.profile.hours.is_always() {
        return Some((true, c.t("partners.open_always")));
    }
    match partner.profile.hours.at(now) {
        Door::NotKnown => None,
        Door::Open(until) => {
            let hour = clock(until);
            Some((true, c.tw("partners.open_until", &[("hour", &hour)])))
        }
        Door::Closed(day, minute) => {
            let (day, hour) = (c.day_name(day), clock(minute));
            let with = [("day", &*day), ("hour", &*hour)];
            Some((false, c.tw("partners.opens", &with)))
        }
    }
}

fn services_told(c: &Ctx, services: &[Service]) -> String {
    let told: Vec<String> = services.iter().map(|s| c.t(s.label_key())).collect();
    told.join(" · ")
}

fn languages_told(c: &Ctx, codes: &[String]) -> String {
    let spoken = codes
        .iter()
        .filter_map(|code| SpokenLanguage::from_code(code));
    let told: Vec<String> = spoken.map(|language| c.t(&language.label_key())).collect();
    told.join(" · ")
}

/// What is looked for, as fields; their values stand in the address.
pub struct Finder {
    pub name: Field,
    pub need: Field,
    pub needs: Vec<Choice>,
    pub language: Field,
    pub languages: Vec<Choice>,
    pub area: Field,
    pub areas: Vec<Choice>,
    pub open: Field,
}

impl Finder {
    pub fn read(call: &Call, c: &Ctx, areas: &[String], first: &[String]) -> (Self, Wanted) {
        let typed = |name: &str, limit| Field::new(name, limit).typed(call.sent.get(name));
        let (name, need) = (typed("name", 120), typed("need", 20));
        let (language, area) = (typed("language", 3), typed("area", 60));
        let open = typed("open", 3);
        let wanted = Wanted {
            need: Need::from_code(&need.value),
            language: SpokenLanguage::from_code(&language.value).map(|l| l.code.to_owned()),
            area: areas.iter().find(|known| **known == area.value).cloned(),
            open_now: !open.value.is_empty(),
            name: text::optional(&name.value, 120).ok().flatten(),
        };
        let mut offered = vec![any(c, &area)];
        offered.extend(
            areas
                .iter()
                .map(|a| Choice::new(a.clone(), a.clone(), *a == area.value)),
        );
        let finder = Self {
            needs: needs(c, &need),
            languages: languages(c, &language, first),
            areas: offered,
            name,
            need,
            language,
            area,
            open,
        };
        (finder, wanted)
    }
}

impl Finder {
    /// Asks for this need where nobody has asked for one.
    pub fn choose_need(&mut self, c: &Ctx, need: Service) {
        need.code().clone_into(&mut self.need.value);
        self.needs = needs(c, &self.need);
    }
}

fn any(c: &Ctx, field: &Field) -> Choice {
    Choice::new("", c.t("partners.any"), field.value.is_empty())
}

/// Each group of services as a whole, then one by one.
fn needs(c: &Ctx, need: &Field) -> Vec<Choice> {
    let mut all = vec![any(c, need)];
    for group in ServiceGroup::ALL {
        let chosen = group.code() == need.value;
        all.push(Choice::new(group.code(), c.t(group.label_key()), chosen));
        let services = Service::ALL.iter().filter(|s| s.group() == *group);
        all.extend(services.map(|s| {
            let label = format!("{} · {}", c.t(group.label_key()), c.t(s.label_key()));
            Choice::new(s.code(), label, s.code() == need.value)
        }));
    }
    all
}

/// Every language, the centre's own first.
pub fn languages(c: &Ctx, field: &Field, first: &[String]) -> Vec<Choice> {
    let mut all = vec![any(c, field)];
    all.extend(spoken_first(first).map(|language| {
        let label = format!("{} · {}", c.t(&language.label_key()), language.own_name);
        Choice::new(language.code, label, language.code == field.value)
    }));
    all
}

#[derive(Template)]
#[template(path = "partners/list.html")]
struct List<'p> {
    c: &'p Ctx,
    finder: Finder,
    found: Vec<Line>,
    /// Whether there is any partner at all.
    some: bool,
    sought: bool,
    count: String,
    besides: Vec<Choice>,
    /// What was looked for, as it stands in the address.
    query: Vec<(String, String)>,
}

fn list(call: &Call) -> Result {
    let c = &call.context();
    let (all, areas, settings) =
        call.read(|db| Ok::<_, Refusal>((store::all(db)?, store::areas(db)?, settings::of(db)?)))?;
    let (finder, wanted) = Finder::read(call, c, &areas, &settings.languages);
    let some = !all.is_empty();
    let found = rules::find(&wanted, all, c.wall(), c.language());
    let found: Vec<Line> = found.iter().map(|partner| Line::of(c, partner)).collect();
    let number = found.len().to_string();
    Answer::page(&List {
        c,
        finder,
        found,
        some,
        sought: wanted != Wanted::default(),
        count: c.tw("partners.count", &[("number", &number)]),
        besides: besides(c),
        query: ["need", "language", "area", "name", "open"]
            .map(|name| (name.to_owned(), call.sent.get(name).to_owned()))
            .into_iter()
            .filter(|(_, value)| !value.is_empty())
            .collect(),
    })
}

/// The second language of a list to hand out.
fn besides(c: &Ctx) -> Vec<Choice> {
    let others = Lang::ALL.into_iter().filter(|lang| *lang != c.language());
    let none = Choice::new("", c.t("partners.handout_alone"), false);
    let choices = others.filter_map(|lang| {
        let spoken = LANGUAGES.iter().find(|spoken| spoken.tag == lang.tag())?;
        Some(Choice::new(spoken.code, lang.own_name().to_owned(), false))
    });
    let mut all: Vec<Choice> = std::iter::once(none).chain(choices).collect();
    if let Some(other) = all.get_mut(1) {
        other.chosen = true;
    }
    all
}

/// What was found, on paper to hand out: never one that reports to the authorities.
fn handout(call: &Call) -> Result {
    let c = &call.context();
    let (all, areas, settings) =
        call.read(|db| Ok::<_, Refusal>((store::all(db)?, store::areas(db)?, settings::of(db)?)))?;
    let (_, wanted) = Finder::read(call, c, &areas, &settings.languages);
    let found = rules::find(&wanted, all, c.wall(), c.language());
    let told: Vec<Partner> = found.into_iter().filter(rules::may_be_told).collect();
    if told.is_empty() {
        return Answer::see("/partners");
    }
    let beside = SpokenLanguage::from_code(call.sent.get("beside")).map_or("", |l| l.code);
    let document = print::handout(c, &settings, beside, &told)?;
    call.print(Paper::PartnerList, None, &document, "/partners")
}

#[derive(Template)]
#[template(path = "partners/partner.html")]
struct Page<'p> {
    c: &'p Ctx,
    line: Line,
    facts: Vec<Fact>,
    phones: Vec<String>,
    hours: Vec<(String, String)>,
    hours_known: bool,
    safety_note: Option<String>,
    note: Option<String>,
    verified: String,
    agreement: Option<String>,
    ended: Option<String>,
}

fn page(call: &Call) -> Result {
    let c = &call.context();
    let id: PartnerId = call.part("partner")?;
    let (partner, settings) = call.read(|db| {
        let partner = store::partner(db, id)?.ok_or(Refusal::Missing)?;
        Ok::<_, Refusal>((partner, settings::of(db)?))
    })?;
    let profile = &partner.profile;
    let start = settings.week_start.weekday().num_days_from_monday() as usize;
    // "Always open" says it all.
    let told_by_day = if profile.hours.is_always() { 0 } else { 7 };
    let hours = (0..told_by_day).map(|n| WEEK[(start + n) % 7]).map(|day| {
        let written = profile.hours.written(day);
        let closed = || c.t("partners.closed");
        let told = if written.is_empty() {
            closed()
        } else {
            written
        };
        (c.day_name(day), told)
    });
    let on = |key: &str, day: NaiveDate| c.tw(key, &[("day", &c.day(day))]);
    Answer::page(&Page {
        c,
        line: Line::of(c, &partner),
        facts: facts(c, profile),
        phones: profile.phones.clone(),
        hours: hours.collect(),
        hours_known: profile.hours.is_known(),
        safety_note: profile.safety_note.clone(),
        note: profile.note.clone(),
        verified: profile.verified.map_or_else(
            || c.t("partners.never_verified"),
            |day| on("partners.verified_on", day),
        ),
        agreement: profile.agreement_until.map(|day| {
            let over = profile.agreement_over(c.today());
            on(
                if over {
                    "partners.agreement_was"
                } else {
                    "partners.agreement_is"
                },
                day,
            )
        }),
        ended: partner.ended.map(|day| on("partners.ended_on", day)),
    })
}

fn facts(c: &Ctx, profile: &Profile) -> Vec<Fact> {
    let mut facts = Vec::new();
    let mut tell = |key: &str, value: Option<String>| {
        let value = value.filter(|value| !value.is_empty());
        facts.extend(value.map(|value| (c.t(key), value)));
    };
    let known = |known: Known| (known != Known::Unknown).then(|| c.t(known.label_key()));
    tell(
        "partners.services",
        Some(services_told(c, &profile.services)),
    );
    tell("partners.area", profile.area.clone());
    tell("partners.address", profile.address.clone());
    tell(
        "partners.languages",
        Some(languages_told(c, &profile.languages)),
    );
    tell("partners.focal", profile.focal.clone());
    let cost = c.t(profile.cost.label_key());
    tell(
        "partners.cost_label",
        Some(match &profile.cost_note {
            Some(note) => format!("{cost} · {note}"),
            None => cost,
        }),
    );
    tell("partners.women_staff", known(profile.women_staff));
    tell("partners.wheelchair", known(profile.wheelchair));
    tell(
        "partners.letters_in",
        Some(profile.letters_in.own_name().to_owned()),
    );
    facts
}

/// All that the form asks.
fn told(c: &Ctx, profile: &Profile) -> Vec<Fact> {
    let mut all = Vec::new();
    for name in &profile.names {
        let language = [("language", name.language.own_name())];
        all.push((c.tw("partners.name_in", &language), name.written.clone()));
    }
    let mut tell = |key: &str, value: Option<String>| {
        all.extend(value.map(|value| (c.t(key), value)));
    };
    tell("partners.kind_label", Some(c.t(profile.kind.label_key())));
    tell(
        "partners.safety_label",
        Some(c.t(profile.safety.label_key())),
    );
    tell("partners.safety_note", profile.safety_note.clone());
    for phone in &profile.phones {
        tell("partners.phone", Some(phone.clone()));
    }
    let agreement = profile.agreement_until.map(|day| c.day(day));
    tell("partners.agreement_until", agreement);
    tell("partners.note", profile.note.clone());
    all.extend(facts(c, profile));
    let hours = WEEK.map(|day| (c.day_name(day), profile.hours.written(day)));
    all.extend(hours);
    all
}

#[derive(Template)]
#[template(path = "partners/edit.html")]
struct Edit<'p> {
    c: &'p Ctx,
    /// `None` for a new one.
    partner: Option<PartnerId>,
    title: String,
    areas: Vec<String>,
    form: PartnerForm,
    /// `None` for a new one.
    version: Option<i64>,
    /// What somebody else has written meanwhile.
    theirs: Option<Vec<Fact>>,
}

fn around(settings: &Settings) -> Around<'_> {
    Around {
        week_starts: settings.week_start.weekday(),
        languages: &settings.languages,
    }
}

fn new(call: &Call) -> Result {
    let c = &call.context();
    let (settings, areas) =
        call.read(|db| Ok::<_, Refusal>((settings::of(db)?, store::areas(db)?)))?;
    Answer::page(&Edit {
        c,
        partner: None,
        title: c.t("partners.new"),
        areas,
        form: PartnerForm::blank(c, &around(&settings)),
        version: None,
        theirs: None,
    })
}

fn add(call: &Call) -> Result {
    let c = &call.context();
    let (settings, areas) =
        call.read(|db| Ok::<_, Refusal>((settings::of(db)?, store::areas(db)?)))?;
    let around = around(&settings);
    let mut form = PartnerForm::blank(c, &around);
    let Some(profile) = form.read(c, &call.sent, &around, None) else {
        return Answer::refused(&Edit {
            c,
            partner: None,
            title: c.t("partners.new"),
            areas,
            form,
            version: None,
            theirs: None,
        });
    };
    let (world, actor) = (&call.app.world, call.actor()?);
    let partner = PartnerId::new(world);
    call.write(|tx| {
        store::insert(tx, world, actor, partner, &profile)?;
        Ok::<_, Refusal>(((), Event::PartnerAdded { partner }))
    })?;
    call.say("partners.said.added");
    Answer::see(format!("/partners/{partner}"))
}

/// A partner and how many times it was changed, with what its form needs around it.
type Found = (Partner, i64, Settings, Vec<String>);

fn found(call: &Call, id: PartnerId) -> Result<Found> {
    call.read(|db| {
        let partner = store::partner(db, id)?.ok_or(Refusal::Missing)?;
        let version = store::version(db, id)?;
        Ok((partner, version, settings::of(db)?, store::areas(db)?))
    })
}

fn edit(call: &Call) -> Result {
    let c = &call.context();
    let id: PartnerId = call.part("partner")?;
    let (partner, version, settings, areas) = found(call, id)?;
    Answer::page(&Edit {
        c,
        partner: Some(id),
        title: partner.profile.called(c.language()).to_owned(),
        areas,
        form: PartnerForm::of(c, &around(&settings), &partner.profile),
        version: Some(version),
        theirs: None,
    })
}

fn revise(call: &Call) -> Result {
    let c = &call.context();
    let id: PartnerId = call.part("partner")?;
    let (partner, known, settings, areas) = found(call, id)?;
    let around = around(&settings);
    let mut form = PartnerForm::blank(c, &around);
    let read = form.read(c, &call.sent, &around, partner.profile.verified);
    let version = call.sent.get("version").parse().unwrap_or(0);
    let again = |version, theirs| {
        Answer::refused(&Edit {
            c,
            partner: Some(id),
            title: partner.profile.called(c.language()).to_owned(),
            areas,
            form,
            version: Some(version),
            theirs,
        })
    };
    let Some(profile) = read else {
        return again(version, None);
    };
    if known != version {
        let differences = differing(&told(c, &profile), &told(c, &partner.profile));
        return again(known, Some(theirs(differences)));
    }
    call.write(|tx| {
        if !store::revise(tx, id, &profile, version)? {
            return Err(Refusal::NotSaved);
        }
        Ok::<_, Refusal>(((), Event::PartnerRevised { partner: id }))
    })?;
    call.say("partners.said.saved");
    Answer::see(format!("/partners/{id}"))
}

fn verify(call: &Call) -> Result {
    let id: PartnerId = call.part("partner")?;
    call.write(|tx| {
        store::verify(tx, &call.app.world, id)?;
        Ok::<_, Refusal>(((), Event::PartnerVerified { partner: id }))
    })?;
    call.say("partners.said.verified");
    Answer::see(format!("/partners/{id}"))
}

/// Ends the work with a partner, or takes it up again.
fn end(call: &Call) -> Result {
    let id: PartnerId = call.part("partner")?;
    let ended = call.sent.get("ended") == "yes";
    call.write(|tx| {
        store::end(tx, &call.app.world, id, ended)?;
        Ok::<_, Refusal>(((), Event::PartnerEnded { partner: id, ended }))
    })?;
    call.say(if ended {
        "partners.said.ended"
    } else {
        "partners.said.resumed"
    });
    Answer::see(format!("/partners/{id}"))
}

/// What was read from a file and waits for a yes, kept with the window.
struct Waiting(Vec<Incoming>);

#[derive(Template)]
#[template(path = "partners/files.html")]
struct Files<'p> {
    c: &'p Ctx,
    refused: Option<(String, String)>,
    preview: Option<Preview>,
}

struct Preview {
    lines: Vec<(Line, bool)>,
    left_out: Option<String>,
    new: usize,
    kind: Field,
    kinds: Vec<Choice>,
    ask_kind: bool,
    summary: String,
}

impl Preview {
    fn of(c: &Ctx, read: &hsds::Read, known: &[Partner]) -> Self {
        let mut directory = Directory::of(known);
        let mut lines = Vec::new();
        for Incoming { partner, .. } in &read.partners {
            let known = directory.has(partner);
            directory.add(partner);
            lines.push((Line::of(c, partner), known));
        }
        let new = lines.iter().filter(|(_, known)| !known).count();
        let left_out = (read.left_out > 0).then(|| {
            let number = read.left_out.to_string();
            c.tw("partners.files.left_out", &[("number", &number)])
        });
        let kind = Field::new("kind", 20).typed(Kind::Clinic.code());
        let (fresh, same) = (new.to_string(), (lines.len() - new).to_string());
        Self {
            lines,
            left_out,
            new,
            kinds: choices(Kind::ALL, |k| (k.code(), c.t(k.label_key())), &kind.value),
            kind,
            ask_kind: read.partners.iter().any(|incoming| !incoming.kind_told),
            summary: c.tw(
                "partners.files.summary",
                &[("new", &fresh), ("known", &same)],
            ),
        }
    }
}

fn files(call: &Call) -> Result {
    let c = &call.context();
    Answer::page(&Files {
        c,
        refused: None,
        preview: None,
    })
}

fn export(call: &Call) -> Result {
    let c = &call.context();
    let all = call.read(store::all)?;
    let going: Vec<Partner> = all.into_iter().filter(|p| p.ended.is_none()).collect();
    let title = c.t("partners.files.save_as");
    let Some(place) = call.app.outside.place(&title, "darna-partners.json") else {
        return Answer::see("/partners/files");
    };
    let number = u32::try_from(going.len()).unwrap_or(u32::MAX);
    // First what the journal says, then the file: nothing leaves unnoticed.
    call.write(|_| Ok::<_, Refusal>(((), Event::PartnersExported { number })))?;
    if std::fs::write(&place, hsds::write(&going)).is_err() {
        return Answer::refused(&Files {
            c,
            refused: Some((
                c.t("partners.files.not_written"),
                c.t("partners.files.try_other"),
            )),
            preview: None,
        });
    }
    call.say("partners.said.exported");
    Answer::see("/partners/files")
}

/// Reads a file and shows what would come in; writes nothing.
fn read(call: &Call) -> Result {
    let c = &call.context();
    let title = c.t("partners.files.choose");
    let Some(path) = call.app.outside.file(&title, &["json"]) else {
        return Answer::see("/partners/files");
    };
    match hsds::open(&path, &call.app.world) {
        Err(why) => Answer::refused(&Files {
            c,
            refused: Some((c.t("partners.files.refused"), why.told(c))),
            preview: None,
        }),
        Ok(read) => {
            let known = call.read(store::all)?;
            let preview = Preview::of(c, &read, &known);
            call.seat(|seat| seat.draft = Some(Box::new(Waiting(read.partners))));
            Answer::page(&Files {
                c,
                refused: None,
                preview: Some(preview),
            })
        }
    }
}

fn import(call: &Call) -> Result {
    let kind = Kind::from_code(call.sent.get("kind")).unwrap_or(Kind::Clinic);
    let waiting = call.seat(|seat| seat.draft.take());
    let Some(waiting) = waiting.and_then(|draft| draft.downcast::<Waiting>().ok()) else {
        return Answer::see("/partners/files");
    };
    let (world, actor) = (&call.app.world, call.actor()?);
    let number = call.write(|tx| {
        let mut known = Directory::of(&store::all(tx)?);
        let mut number = 0;
        for mut incoming in waiting.0 {
            if known.has(&incoming.partner) {
                continue;
            }
            known.add(&incoming.partner);
            if !incoming.kind_told {
                incoming.partner.profile.kind = kind;
            }
            let Partner { id, profile, .. } = &incoming.partner;
            store::insert(tx, world, actor, *id, profile)?;
            number += 1;
        }
        Ok::<_, Refusal>((number, Event::PartnersImported { number }))
    })?;
    call.say_of("partners.said.imported", &number.to_string(), None);
    Answer::see("/partners")
}
