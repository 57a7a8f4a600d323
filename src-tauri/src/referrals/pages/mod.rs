//! From a need to a result: choose a partner, write the draft, ask for the agreement, send the
//! letter, and follow what comes of it.

mod incoming;
mod lists;

use askama::Template;
use chrono::{NaiveDate, NaiveDateTime, NaiveTime};

use super::forms::{
    Around, DraftForm, Speakers, Speaking, Tellable, Wrong, ahead, amount, currencies, day, gone,
    of_profile,
};
use super::print;
use super::rules::{Covered, NotCovered, Out, Payer, Refusal as NotTaken, Stage, Step};
use super::store::{self, Agreement, Happened, Print, Referral, Standing, What};
use crate::cases::reach;
use crate::cases::rules::{CaseFile, Kind, Reach, Urgency};
use crate::cases::store::{self as cases, Expected};
use crate::interpreters::{self, rules::Assigned, rules::Interpreter};
use crate::kit::date;
use crate::kit::hours;
use crate::kit::id::{CaseId, PartnerId, PersonId, ReferralId};
use crate::kit::lang::Lang;
use crate::kit::lists::{Currency, Service, SpokenLanguage};
use crate::kit::paper::Document;
use crate::kit::text;
use crate::partners::rules::{Need, choose};
use crate::partners::{self, Finder, Line, Partner};
use crate::people::{self, consent::How, rules::Profile};
use crate::settings::{self, Settings};
use crate::vault::{Casework, CaseworkEvent, CaseworkTx, Event, Refusal};
use crate::web::access::Route;
use crate::web::{Answer, Call, Choice, Ctx, Field, Handler, Result, choices};

pub const ROUTES: &[(Route, Handler)] = &[
    (Route::Referrals, lists::list),
    (Route::CaseReferrals, lists::of_case),
    (Route::ReferralsIn, incoming::list),
    (Route::NewReferralIn, incoming::new),
    (Route::ReceiveReferralIn, incoming::receive),
    (Route::ReferralInPage, incoming::page),
    (Route::StepReferralIn, incoming::step),
    (Route::PrintFeedback, incoming::feedback),
    (Route::NewReferral, new),
    (Route::DraftReferral, draft),
    (Route::ReferralPage, page),
    (Route::AgreeToReferral, agree),
    (Route::WithdrawFromReferral, withdraw),
    (Route::PrintReferral, letter),
    (Route::PrintReferralSlip, slip),
    (Route::StepReferral, step),
    (Route::CostReferral, cost),
    (Route::PartnerResults, lists::partner_results),
];

/// Why something was not written.
#[derive(Debug, thiserror::Error)]
enum Problem {
    #[error(transparent)]
    Vault(#[from] Refusal),
    #[error(transparent)]
    Taken(#[from] NotTaken),
    #[error(transparent)]
    Letter(#[from] NotCovered),
}

/// The case that a referral is of, for whoever may see it now.
fn case_of(casework: &Casework<'_>, call: &Call, case: CaseId) -> Result<(CaseFile, bool)> {
    let file = cases::case_file(casework, case)?.ok_or(Refusal::Missing)?;
    let (actor, today) = (call.actor()?, call.app.world.today());
    let told = cases::reason_today(casework, case, actor.user, today)?;
    match reach(actor, &file, told) {
        Reach::Own => Ok((file, true)),
        Reach::Unassigned | Reach::Told => Ok((file, false)),
        // The case's page asks for the reason; here not even the referral is known.
        Reach::Other => Err(Refusal::Missing),
    }
}

/// As [`case_of`], for whoever writes in it.
fn own_case(casework: &Casework<'_>, call: &Call, case: CaseId) -> Result<CaseFile> {
    match case_of(casework, call, case)? {
        (file, true) => Ok(file),
        _ => Err(Refusal::Role),
    }
}

#[derive(Template)]
#[template(path = "referrals/choose.html")]
struct Choose<'p> {
    c: &'p Ctx,
    case: CaseId,
    number: String,
    /// The draft that gets another partner; `None` for a new one.
    referral: Option<ReferralId>,
    finder: Finder,
    /// Each with whether it has just declined.
    found: Vec<(Line, bool)>,
    need: String,
    /// Of the health need that it begins from, to be sent along.
    begun_from: Vec<(&'static str, String)>,
}

#[derive(Template)]
#[template(path = "referrals/draft.html")]
struct Draft<'p> {
    c: &'p Ctx,
    case: CaseId,
    referral: Option<ReferralId>,
    need: Service,
    need_told: String,
    line: Line,
    /// What its letter is written in, by that language's own name.
    letter_in: &'static str,
    form: DraftForm,
}

/// What a case of this kind is referred for, until somebody says otherwise.
fn usual_need(kind: Kind) -> Service {
    match kind {
        Kind::Legal => Service::LegAdvice,
        Kind::Medical => Service::MedRefer,
        Kind::Psychosocial => Service::PsyCounselling,
        Kind::Social => Service::SocKind,
    }
}

/// The service that this partner gives for what is needed.
fn service(need: Need, partner: &Partner) -> Option<Service> {
    let mut services = partner.profile.services.iter().copied();
    match need {
        Need::One(service) => services.find(|given| *given == service),
        Need::Any(group) => services.find(|given| given.group() == group),
    }
}

/// What the pages of a draft need to know.
struct Ground {
    file: CaseFile,
    people: Vec<(PersonId, Profile)>,
    interpreters: Vec<Interpreter>,
    partners: Vec<Partner>,
    areas: Vec<String>,
    settings: Settings,
    referral: Option<Referral>,
}

fn ground(call: &Call, case: CaseId) -> Result<Ground> {
    let wanted: Option<ReferralId> = call.sent.get("referral").parse().ok();
    let with: Option<PersonId> = call.sent.get("person").parse().ok();
    call.read_casework(&CaseworkEvent::CaseRead { case }, |casework| {
        let file = own_case(casework, call, case)?;
        let mut people = Vec::new();
        let concerned = file.people.iter().filter(|(_, role)| role.is_concerned());
        for (person, _) in concerned {
            let record = people::record(casework, *person)?;
            people.extend(record.map(|record| (*person, record.profile)));
        }
        // Whoever it begins with stands first, and so is chosen.
        people.sort_by_key(|(person, _)| Some(*person) != with);
        let referral = match wanted {
            Some(id) => store::referral(casework, id)?.filter(|referral| referral.case == case),
            None => None,
        };
        Ok(Ground {
            file,
            people,
            interpreters: interpreters::all(casework)?,
            partners: partners::all(casework)?,
            areas: partners::areas(casework)?,
            settings: settings::of(casework)?,
            referral,
        })
    })
}

impl Ground {
    fn partner(&self, call: &Call) -> Option<&Partner> {
        let asked: PartnerId = call.sent.get("partner").parse().ok()?;
        self.partners.iter().find(|partner| partner.id == asked)
    }

    fn around<'g>(&'g self, c: &Ctx, partner: &'g Partner, need: Service) -> Around<'g> {
        Around {
            partner,
            need,
            people: &self.people,
            interpreters: &self.interpreters,
            currency: &self.settings.currency,
            today: c.today(),
            follow_up: self.referral.as_ref().and_then(|known| known.follow_up),
        }
    }
}

fn new(call: &Call) -> Result {
    let c = &call.context();
    let case: CaseId = call.part("case")?;
    let ground = ground(call, case)?;
    let usual = usual_need(ground.file.story.kind);
    let need = Need::from_code(call.sent.get("need")).unwrap_or(Need::One(usual));
    let chosen = ground
        .partner(call)
        .and_then(|partner| Some((partner, service(need, partner)?)));
    let Some((partner, need)) = chosen else {
        return choose_partner(call, c, &ground, need, usual);
    };
    let around = ground.around(c, partner, need);
    let form = match &ground.referral {
        Some(referral) => DraftForm::of(c, &around, referral),
        None => DraftForm::blank(c, &around, urgency(call, &ground)),
    };
    Answer::page(&Draft {
        c,
        case,
        referral: ground.referral.as_ref().map(|referral| referral.id),
        need,
        need_told: c.t(need.label_key()),
        line: Line::of(c, partner),
        letter_in: partner.profile.letters_in.own_name(),
        form,
    })
}

/// That of the health need that it begins from, else that of the case.
fn urgency(call: &Call, ground: &Ground) -> Urgency {
    let asked = Urgency::from_code(call.sent.get("urgency"));
    asked.unwrap_or(ground.file.story.urgency)
}

/// The partners that give it, the safe ones first.
fn choose_partner(call: &Call, c: &Ctx, ground: &Ground, need: Need, usual: Service) -> Result {
    let languages = &ground.settings.languages;
    let (mut finder, mut wanted) = Finder::read(call, c, &ground.areas, languages);
    if wanted.need.is_none() {
        finder.choose_need(c, usual);
        wanted.need = Some(need);
    }
    let all = ground.partners.clone();
    let mut found = partners::rules::find(&wanted, all, c.wall(), c.language());
    let before = ground.referral.as_ref();
    let declined = before
        .filter(|referral| matches!(referral.state, Out::Declined { .. }))
        .map(|referral| referral.partner);
    // Another is looked for: who has just said no stands last.
    found.sort_by_key(|partner| Some(partner.id) == declined);
    Answer::page(&Choose {
        c,
        case: ground.file.id,
        number: ground.file.number.to_string(),
        referral: ground.referral.as_ref().map(|referral| referral.id),
        need: finder.need.value.clone(),
        begun_from: ["urgency", "person"]
            .map(|name| (name, call.sent.get(name).to_owned()))
            .into_iter()
            .filter(|(_, sent)| !sent.is_empty())
            .collect(),
        finder,
        found: found
            .iter()
            .map(|partner| (Line::of(c, partner), Some(partner.id) == declined))
            .collect(),
    })
}

fn draft(call: &Call) -> Result {
    let c = &call.context();
    let case: CaseId = call.part("case")?;
    let ground = ground(call, case)?;
    let partner = ground.partner(call).ok_or(Refusal::Missing)?;
    let need = Service::from_code(call.sent.get("need")).ok_or(Refusal::Missing)?;
    let around = ground.around(c, partner, need);
    let mut form = DraftForm::blank(c, &around, urgency(call, &ground));
    let known = ground.referral.as_ref().map(|referral| referral.id);
    let Some(draft) = form.read(c, &call.sent, &around) else {
        return Answer::refused(&Draft {
            c,
            case,
            referral: known,
            need,
            need_told: c.t(need.label_key()),
            line: Line::of(c, partner),
            letter_in: partner.profile.letters_in.own_name(),
            form,
        });
    };
    let (world, actor) = (&call.app.world, call.actor()?);
    let referral = call.write_casework(|tx| {
        own_case(tx, call, case)?;
        match known {
            Some(referral) => {
                let mut now = store::referral(tx, referral)?.ok_or(Refusal::Missing)?;
                // After a no it is a draft again as soon as it is written to somebody.
                if let Ok(drafted) = now.state.clone().step(Step::Redraft, c.today()) {
                    now.partner = draft.chosen.partner();
                    store::put_state(tx, world, actor, &now, &drafted)?;
                }
                store::revise(tx, referral, &draft)?;
                Ok::<_, Refusal>((referral, CaseworkEvent::ReferralRevised { case, referral }))
            }
            None => {
                let referral = store::insert(tx, world, actor, case, &draft)?;
                Ok((referral, CaseworkEvent::ReferralDrafted { case, referral }))
            }
        }
    })?;
    call.say("referrals.said.drafted");
    Answer::see(format!("/referrals/{referral}"))
}

/// A referral with all that its page shows.
struct Loaded {
    referral: Referral,
    number: String,
    own: bool,
    standing: Standing,
    profile: Profile,
    code: String,
    interpreters: Vec<Interpreter>,
    settings: Settings,
    history: Vec<Happened>,
    /// Everybody to whom it ever was.
    partners: Vec<Partner>,
    /// When its letter was printed last.
    print: Option<Print>,
    /// Where the person is expected, as the desk has it.
    place: Option<String>,
}

impl Loaded {
    fn covered(&self, c: &Ctx) -> std::result::Result<Covered, NotCovered> {
        self.standing.covered(&self.referral, c.today())
    }

    /// Where the person is to come, as far as the partner has said.
    fn told_place(&self) -> Option<&String> {
        match &self.referral.state {
            Out::Accepted { place } => place.as_ref(),
            _ => self.place.as_ref(),
        }
    }

    /// The partners to whom a letter went, with their phones, as one text.
    fn told_already(&self, c: &Ctx) -> Option<String> {
        let sent = |partner: &&Partner| {
            let mut history = self.history.iter();
            history.any(|one| {
                matches!(one.what, What::Came(Stage::Sent)) && one.partner == Some(partner.id)
            })
        };
        let told = self.partners.iter().filter(sent).map(|partner| {
            // Isolated: a name in another script and a number keep their order.
            let profile = &partner.profile;
            let name = format!("\u{2068}{}\u{2069}", profile.called(c.language()));
            let phone = profile.phones.first();
            phone.map_or(name.clone(), |phone| {
                format!("{name} \u{2066}{phone}\u{2069}")
            })
        });
        let told: Vec<String> = told.collect();
        (!told.is_empty()).then(|| told.join(" · "))
    }

    /// Who can speak for the person on that day.
    fn speaking(&self, on: NaiveDate) -> Speaking<'_> {
        Speaking {
            interpreters: &self.interpreters,
            person: Some(&self.profile),
            others: &[],
            on,
        }
    }

    fn letter<'l>(&'l self, covered: &'l Covered) -> print::Letter<'l> {
        print::Letter {
            referral: &self.referral,
            partner: &self.standing.partner,
            profile: &self.profile,
            settings: &self.settings,
            covered,
        }
    }
}

fn load(call: &Call) -> Result<Loaded> {
    let id: ReferralId = call.part("referral")?;
    let case = call.list_casework(|casework| {
        let known = store::referral(casework, id)?.ok_or(Refusal::Missing)?;
        case_of(casework, call, known.case)?;
        Ok::<_, Refusal>(known.case)
    })?;
    call.read_casework(&CaseworkEvent::CaseRead { case }, |casework| {
        let referral = store::referral(casework, id)?.ok_or(Refusal::Missing)?;
        let (file, own) = case_of(casework, call, case)?;
        let person = people::record(casework, referral.person)?.ok_or(Refusal::Missing)?;
        let expected = match referral.appointed {
            Some(at) => cases::appointments(casework, case, at.date())?,
            None => Vec::new(),
        };
        let history = store::history(casework, id)?;
        let mut told: Vec<PartnerId> = history.iter().filter_map(|one| one.partner).collect();
        told.sort_unstable();
        told.dedup();
        let mut partners = Vec::new();
        for partner in told {
            partners.extend(partners::partner(casework, partner)?);
        }
        let ours = expected
            .into_iter()
            .find(|one| Some(one.id) == referral.appointment);
        Ok(Loaded {
            number: file.number.to_string(),
            place: ours.and_then(|one| one.room),
            own,
            standing: Standing::of(casework, &file, &referral)?,
            code: person.code.to_string(),
            profile: person.profile,
            interpreters: interpreters::all(casework)?,
            settings: settings::of(casework)?,
            history,
            partners,
            print: store::last_print(casework, id)?,
            referral,
        })
    })
}

/// The fields of whatever is done next.
struct StepForm {
    reason: Field,
    result: Field,
    cancel_reason: Field,
    day: Field,
    hour: Field,
    place: Field,
    came_on: Field,
    speakers: Speakers,
    how: Field,
    hows: Vec<Choice>,
    read_in: Field,
    languages: Vec<Choice>,
    expires: Field,
    payer: Field,
    payers: Vec<Choice>,
    actual: Field,
    currency: Field,
    currencies: Vec<Choice>,
    follow_up: Field,
}

impl StepForm {
    fn of(c: &Ctx, loaded: &Loaded) -> Self {
        let referral = &loaded.referral;
        let speaks = loaded.profile.languages.first().map_or("", String::as_str);
        let place = loaded.told_place();
        let place = place
            .or(loaded.standing.partner.profile.address.as_ref())
            .cloned();
        let place = place.unwrap_or_default();
        let money = referral.actual.or(referral.estimate);
        let currency = money.map_or(&*loaded.settings.currency, |m| m.currency.code);
        let actual = referral.actual.map(|m| m.number()).unwrap_or_default();
        let follow_up = referral.follow_up.map(date::typed);
        Self {
            reason: Field::new("reason", 300),
            result: Field::new("result", 600),
            cancel_reason: Field::new("cancel-reason", 300),
            day: Field::new("day", 12),
            hour: Field::new("hour", 5),
            place: Field::new("place", 120).typed(&place),
            came_on: Field::new("came-on", 12),
            speakers: Speakers::of(c, loaded.speaking(c.today()), referral.interpreter),
            // Nobody has agreed before somebody says how.
            how: Field::new("how", 20),
            hows: Vec::new(),
            read_in: Field::new("read-in", 3).typed(speaks),
            languages: Vec::new(),
            expires: Field::new("expires", 12),
            payer: Field::new("payer", 20).typed(referral.payer.code()),
            payers: Vec::new(),
            actual: Field::new("actual", 20).typed(&actual),
            currency: Field::new("currency", 3).typed(currency),
            currencies: Vec::new(),
            follow_up: Field::new("follow-up", 12).typed(&follow_up.unwrap_or_default()),
        }
    }

    /// The lists, with what is chosen marked: also what was typed beside an error.
    fn offer(&mut self, c: &Ctx, loaded: &Loaded) {
        let how = &self.how.value;
        self.hows = choices(How::ALL, |h| (h.code(), c.t(h.label_key())), how);
        self.languages = partners::languages(c, &self.read_in, &loaded.settings.languages);
        let payer = &self.payer.value;
        self.payers = choices(Payer::ALL, |p| (p.code(), c.t(p.label_key())), payer);
        self.currencies = currencies(c, &self.currency);
    }

    /// When, where and with whom; the hour as people write it. Without a day there is no
    /// appointment yet: `may_wait` of somebody who has only just accepted.
    fn read_meeting(
        &mut self,
        c: &Ctx,
        call: &Call,
        loaded: &Loaded,
        may_wait: bool,
    ) -> Option<Meeting> {
        let sent = &call.sent;
        let waits = ["day", "hour"]
            .iter()
            .all(|name| sent.get(name).trim().is_empty());
        let (mut on, mut hour) = (None, None);
        if !(may_wait && waits) {
            on = self.day.read(c, sent, day);
            hour = self.hour.read(c, sent, |typed, _| {
                let minute = hours::minute(typed).map_err(|_| Wrong::Hour)?;
                NaiveTime::from_hms_opt(u32::from(minute / 60), u32::from(minute % 60), 0)
                    .ok_or(Wrong::Hour)
            });
        }
        let place = self.place.optional(c, sent);
        let speaking = loaded.speaking(on.unwrap_or(c.today()));
        let interpreter = self.speakers.read(c, sent, speaking);
        let at = on.zip(hour).map(|(on, hour)| on.and_time(hour));
        let meeting = Meeting {
            at,
            place: place?,
            interpreter: interpreter?,
        };
        (at.is_some() || may_wait && waits).then_some(meeting)
    }
}

/// What is agreed with a partner who accepts.
struct Meeting {
    /// `None` where the partner has given no day yet.
    at: Option<NaiveDateTime>,
    place: Option<String>,
    interpreter: Option<Assigned>,
}

#[derive(Template)]
#[template(path = "referrals/referral.html")]
struct Page<'p> {
    c: &'p Ctx,
    id: ReferralId,
    title: String,
    case: CaseId,
    case_number: String,
    person: PersonId,
    person_name: String,
    person_code: String,
    line: Line,
    /// The need's code, for the address of the draft.
    need: &'static str,
    own: bool,
    stage: Stage,
    stage_told: String,
    facts: Vec<(String, String)>,
    told: Vec<Tellable>,
    /// What is read out: in the language of the page, and in those of the person that it speaks.
    words: Vec<(Lang, String)>,
    read_out: String,
    /// Why the letter may not go; `None` where it may.
    stopped: Option<String>,
    /// Whether what it says now is on paper.
    printed: Printed,
    agreed: Option<String>,
    /// Whether there is an agreement to take back, as the person can at any time.
    revocable: bool,
    /// Whether it was taken back after the partner had been told, and the referral goes on.
    taken_back: bool,
    /// Whether anything of it is still to be done.
    open: bool,
    /// Whom a letter has told already, where it was taken back or could be: that is undone by
    /// nobody here.
    told_already: Option<String>,
    form: StepForm,
    history: Vec<Moment>,
    refused: Option<String>,
}

fn page(call: &Call) -> Result {
    let c = &call.context();
    let loaded = load(call)?;
    let form = StepForm::of(c, &loaded);
    Answer::page(&shown(c, loaded, form, None))
}

fn shown<'p>(c: &'p Ctx, loaded: Loaded, mut form: StepForm, refused: Option<String>) -> Page<'p> {
    form.offer(c, &loaded);
    let covered = loaded.covered(c);
    let referral = &loaded.referral;
    let stage = referral.stage(covered.is_ok(), c.today());
    let line = Line::of(c, &loaded.standing.partner);
    let told: Vec<Tellable> = tellable(c, &loaded);
    let agreed = loaded
        .standing
        .consent
        .as_ref()
        .filter(|_| covered.is_ok())
        .map(|consent| {
            let given = c.day(consent.given);
            match consent.expires {
                Some(until) => c.tw(
                    "referrals.agreed_until",
                    &[("day", &given), ("until", &c.day(until))],
                ),
                None => c.tw("referrals.agreed_on", &[("day", &given)]),
            }
        });
    let consent = loaded.standing.consent.as_ref();
    Page {
        c,
        id: referral.id,
        revocable: consent.is_some_and(|consent| consent.withdrawn.is_none()),
        told_already: consent.and(loaded.told_already(c)),
        taken_back: referral.taken_back(consent).is_some(),
        open: referral.state.is_open(),
        title: referral.number(),
        case: referral.case,
        case_number: loaded.number.clone(),
        person: referral.person,
        person_name: loaded.profile.called().to_owned(),
        person_code: loaded.code.clone(),
        need: referral.need.code(),
        own: loaded.own,
        stage,
        stage_told: c.t(stage.label_key()),
        facts: facts(c, &loaded),
        told,
        words: words(c, &loaded),
        read_out: referral.read_out(),
        printed: Printed::of(c, &loaded, covered.as_ref().ok()),
        stopped: covered.err().map(|why| c.because(&why)),
        agreed,
        line,
        form,
        history: loaded
            .history
            .into_iter()
            .map(|one| happened(c, &loaded.partners, one))
            .collect(),
        refused,
    }
}

fn words(c: &Ctx, loaded: &Loaded) -> Vec<(Lang, String)> {
    let spoken = loaded.profile.languages.iter();
    let mut languages = vec![c.language()];
    for lang in spoken.filter_map(|code| Lang::spoken(code)) {
        if !languages.contains(&lang) {
            languages.push(lang);
        }
    }
    let in_lang = |lang: Lang| {
        let told = loaded.referral.told.iter();
        let labels: Vec<String> = told.map(|one| c.t_in(lang, one.label_key())).collect();
        let with = [
            ("centre", &*loaded.settings.name),
            ("partner", loaded.standing.partner.profile.called(lang)),
            ("told", &*labels.join(" · ")),
        ];
        (lang, c.tw_in(lang, "referrals.words", &with))
    };
    languages.into_iter().map(in_lang).collect()
}

/// Whether the letter stands on paper as it is now, with when it was printed.
enum Printed {
    Never,
    Before(String),
    Now(String),
}

impl Printed {
    fn of(c: &Ctx, loaded: &Loaded, covered: Option<&Covered>) -> Self {
        let Some(print) = &loaded.print else {
            return Self::Never;
        };
        let at = c.moment(print.at);
        let now = covered.map(|covered| loaded.letter(covered).mark());
        if now == Some(print.mark) {
            Self::Now(at)
        } else {
            Self::Before(at)
        }
    }
}

/// A line of the history.
struct Moment {
    what: String,
    /// To whom it was then, where it was not always the same.
    partner: Option<String>,
    at: String,
    by: String,
    words: Option<String>,
}

fn happened(c: &Ctx, partners: &[Partner], one: Happened) -> Moment {
    let at = one.at.map(|at| c.moment(at));
    let when = at.or(one.day.map(|day| c.day(day))).unwrap_or_default();
    let what = match &one.what {
        What::Came(stage) => c.t(stage.label_key()),
        What::Agreed(how) => {
            let how = c.t(how.label_key());
            c.tw("referrals.history_agreed", &[("how", &how)])
        }
        What::Withdrawn => c.t("referrals.history_withdrawn"),
        What::Printed => c.t("referrals.history_printed"),
    };
    let words = match (one.what, one.words) {
        (What::Came(Stage::Arrived), Some(day)) => {
            let day = day.parse().ok().map(|day| c.day(day));
            day.map(|day| c.tw("referrals.came_on", &[("day", &day)]))
        }
        (_, words) => words,
    };
    let several = partners.len() > 1;
    let mut then = partners
        .iter()
        .filter(|known| several && Some(known.id) == one.partner);
    Moment {
        what,
        partner: then
            .next()
            .map(|known| known.profile.called(c.language()).to_owned()),
        at: when,
        by: one.by,
        words,
    }
}

/// What the letter tells, in the words of the page.
fn tellable(c: &Ctx, loaded: &Loaded) -> Vec<Tellable> {
    let referral = &loaded.referral;
    let told = referral.told.iter();
    told.map(|one| Tellable {
        code: one.code(),
        label: c.t(one.label_key()),
        value: referral
            .typed_of(*one)
            .cloned()
            .or_else(|| of_profile(c, &loaded.profile, *one)),
        chosen: true,
        typed: one.is_typed(),
    })
    .collect()
}

fn facts(c: &Ctx, loaded: &Loaded) -> Vec<(String, String)> {
    let referral = &loaded.referral;
    let mut facts = vec![
        (c.t("referrals.need"), c.t(referral.need.label_key())),
        (c.t("referrals.urgency"), c.t(referral.urgency.label_key())),
    ];
    let mut tell = |key: &str, value: Option<String>| {
        facts.extend(value.map(|value| (c.t(key), value)));
    };
    tell("referrals.ask", referral.ask.clone());
    tell("referrals.reason_unsafe", referral.partner_reason.clone());
    tell(
        "referrals.appointment",
        referral.appointed.map(|at| {
            let (day, hour) = (c.weekday(at.date()), at.format("%H:%M").to_string());
            c.tw("shared.date.moment", &[("day", &day), ("hour", &hour)])
        }),
    );
    tell("referrals.place", loaded.told_place().cloned());
    tell("referrals.accompanied_by", referral.accompanied_by.clone());
    let mut known = loaded.interpreters.iter();
    let interpreter = known.find(|one| Some(one.id) == referral.interpreter);
    tell(
        "referrals.interpreter",
        interpreter.map(|one| one.profile.name.clone()),
    );
    let payer = (referral.payer != Payer::Unknown).then(|| c.t(referral.payer.label_key()));
    tell("referrals.payer_label", payer);
    tell("referrals.estimate", referral.estimate.map(|m| m.written()));
    tell("referrals.actual", referral.actual.map(|m| m.written()));
    tell(
        "referrals.follow_up",
        referral.follow_up.map(|day| c.day(day)),
    );
    let words = match &referral.state {
        Out::Declined { reason } => Some(("referrals.declined_because", reason.clone())),
        Out::Completed { result } => Some(("referrals.result", result.clone())),
        Out::Cancelled { reason } => reason
            .clone()
            .map(|reason| ("referrals.cancelled_because", reason)),
        _ => None,
    };
    if let Some((key, words)) = words {
        tell(key, Some(words));
    }
    facts
}

fn agree(call: &Call) -> Result {
    let c = &call.context();
    let loaded = load(call)?;
    let mut form = StepForm::of(c, &loaded);
    let how = form
        .how
        .read(c, &call.sent, |v, _| How::from_code(v).ok_or(Wrong::Choice));
    let read_in = form.read_in.read(c, &call.sent, |v, _| {
        SpokenLanguage::from_code(v)
            .map(|l| l.code)
            .ok_or(Wrong::Choice)
    });
    let today = c.today();
    let expires = form.expires.read(c, &call.sent, |typed, limit| {
        ahead(typed, limit, today, None)
    });
    let read = how.zip(read_in).zip(expires);
    let Some(((how, read_in), expires)) = read else {
        return Answer::refused(&shown(c, loaded, form, None));
    };
    let read_out = loaded.referral.read_out();
    if call.sent.get("read-out") != read_out {
        let why = c.t("referrals.refusal.read_again");
        return Answer::refused(&shown(c, loaded, form, Some(why)));
    }
    let referral = loaded.referral.id;
    let case = loaded.referral.case;
    let (asked, told) = (loaded.referral.asked(), loaded.referral.told.clone());
    let (person, partner) = (loaded.referral.person, loaded.referral.partner);
    // Kept as it was read out: where nobody wrote it down in that language, as it was translated from.
    let words = words(c, &loaded);
    let spoken = words
        .iter()
        .find(|(lang, _)| Lang::spoken(read_in) == Some(*lang));
    let (language, words) = spoken.or(words.first()).ok_or(Refusal::Missing)?;
    let agreement = Agreement {
        person,
        partner,
        asked: &asked,
        told: &told,
        words,
        language: *language,
        read_in,
        how,
        expires,
    };
    let (world, actor) = (&call.app.world, call.actor()?);
    call.write_casework(|tx| {
        own_case(tx, call, case)?;
        // What was read out is what is agreed to: a draft that changed meanwhile is asked anew.
        let now = store::referral(tx, referral)?.ok_or(Refusal::Missing)?;
        if now.read_out() != read_out {
            return Err(Refusal::Missing);
        }
        store::agree(tx, world, actor, referral, &agreement)?;
        Ok(((), CaseworkEvent::ReferralAgreed { case, referral }))
    })?;
    call.say("referrals.said.agreed");
    Answer::see(format!("/referrals/{referral}"))
}

fn withdraw(call: &Call) -> Result {
    let c = &call.context();
    let loaded = load(call)?;
    let (referral, case) = (loaded.referral.id, loaded.referral.case);
    let (world, actor) = (&call.app.world, call.actor()?);
    call.write_casework(|tx| {
        own_case(tx, call, case)?;
        if !store::withdraw(tx, world, actor, referral)? {
            return Err(Refusal::Missing);
        }
        Ok(((), CaseworkEvent::ReferralWithdrawn { case, referral }))
    })?;
    match loaded.told_already(c) {
        Some(told) => call.warn_of("referrals.said.withdrawn_call", &told),
        None => call.say("referrals.said.withdrawn"),
    }
    Answer::see(format!("/referrals/{referral}"))
}

/// The letter, if what it says is agreed to at this moment: also while it lay open as a draft.
fn letter(call: &Call) -> Result {
    let c = &call.context();
    let loaded = load(call)?;
    let referral = loaded.referral.id;
    let case = loaded.referral.case;
    let covered = match loaded.covered(c) {
        Ok(covered) => covered,
        Err(why) => {
            let form = StepForm::of(c, &loaded);
            let why = c.because(&why);
            return Answer::refused(&shown(c, loaded, form, Some(why)));
        }
    };
    let letter = loaded.letter(&covered);
    let document = print::letter(c, &letter)?;
    let (world, actor) = (&call.app.world, call.actor()?);
    show(call, case, &document, |tx| {
        store::note_print(tx, world, actor, referral, letter.mark())
    })?;
    Answer::see(format!("/referrals/{referral}"))
}

/// Told in the confidential journal alone: the desk's must not know that there is a letter.
fn show(
    call: &Call,
    case: CaseId,
    document: &Document,
    note: impl FnOnce(&CaseworkTx<'_>) -> Result<()>,
) -> Result<()> {
    let pdf = document.pdf(call.app.world.now())?;
    let vault = &call.app.vault;
    vault.write_casework(call.actor()?, None, |tx| {
        own_case(tx, call, case)?;
        note(tx)?;
        Ok::<_, Refusal>(((), CaseworkEvent::LetterPrinted { case }))
    })?;
    call.show(&pdf)
}

fn slip(call: &Call) -> Result {
    let c = &call.context();
    let loaded = load(call)?;
    let referral = loaded.referral.id;
    let Out::Appointment { at } = loaded.referral.state else {
        return Err(Refusal::Missing);
    };
    let reason = loaded.referral.partner_reason.as_deref();
    if choose(&loaded.standing.partner, reason).is_err() {
        let form = StepForm::of(c, &loaded);
        let why = c.t("partners.refusal.no_paper");
        return Answer::refused(&shown(c, loaded, form, Some(why)));
    }
    let document = print::slip(
        c,
        &print::Slip {
            at,
            place: text::optional(call.sent.get("place"), 120).ok().flatten(),
            partner: &loaded.standing.partner,
            profile: &loaded.profile,
            settings: &loaded.settings,
            named: !call.sent.get("named").is_empty(),
            centre: !call.sent.get("centre").is_empty(),
        },
    )?;
    show(call, loaded.referral.case, &document, |_| Ok(()))?;
    Answer::see(format!("/referrals/{referral}"))
}

fn step(call: &Call) -> Result {
    let c = &call.context();
    let loaded = load(call)?;
    let mut form = StepForm::of(c, &loaded);
    let referral = loaded.referral.id;
    let sent = &call.sent;
    let mut meeting = None;
    let steps = match sent.get("step") {
        "send" => loaded.covered(c).map(|covered| {
            let on = c.today();
            vec![Step::Send { covered, on }]
        }),
        given @ ("accept" | "appoint") => {
            let accepts = given == "accept";
            let Some(agreed) = form.read_meeting(c, call, &loaded, accepts) else {
                return Answer::refused(&shown(c, loaded, form, None));
            };
            // With a day it stands at the appointment; the partner's own address need not be kept.
            let address = loaded.standing.partner.profile.address.as_ref();
            let place = agreed.place.clone();
            let place = place.filter(|place| agreed.at.is_none() && Some(place) != address);
            let accept = accepts.then_some(Step::Accept { place });
            let appoint = agreed.at.map(|at| Step::Appoint { at });
            meeting = Some(agreed);
            Ok(accept.into_iter().chain(appoint).collect())
        }
        "decline" => match form.reason.required(c, sent) {
            Some(reason) => Ok(vec![Step::Decline { reason }]),
            None => return Answer::refused(&shown(c, loaded, form, None)),
        },
        "redraft" => Ok(vec![Step::Redraft]),
        "arrive" => Ok(vec![Step::Arrive { on: None }]),
        "came" => {
            let today = c.today();
            let on = form
                .came_on
                .read(c, sent, |typed, limit| gone(typed, limit, today));
            let Some(on) = on else {
                return Answer::refused(&shown(c, loaded, form, None));
            };
            // Whom they saw they have accepted, whether or not they said so.
            let unasked = matches!(loaded.referral.state, Out::Sent { .. });
            let accept = unasked.then_some(Step::Accept { place: None });
            Ok(accept.into_iter().chain([Step::Arrive { on }]).collect())
        }
        "miss" => Ok(vec![Step::Miss]),
        "complete" => match form.result.read(c, sent, text::some_lines) {
            Some(result) => Ok(vec![Step::Complete { result }]),
            None => return Answer::refused(&shown(c, loaded, form, None)),
        },
        "cancel" => match form.cancel_reason.optional(c, sent) {
            Some(reason) => Ok(vec![Step::Cancel { reason }]),
            None => return Answer::refused(&shown(c, loaded, form, None)),
        },
        _ => return Err(Refusal::Missing),
    };
    let taken = steps
        .map_err(Problem::from)
        .and_then(|steps| take(call, &loaded, steps, meeting));
    match taken {
        Ok(stage) => {
            call.say_of("referrals.said.noted", &c.t(stage.label_key()), None);
            Answer::see(format!("/referrals/{referral}"))
        }
        Err(Problem::Vault(refusal)) => Err(refusal),
        Err(why) => {
            let why = c.because(&why);
            Answer::refused(&shown(c, loaded, form, Some(why)))
        }
    }
}

/// Takes the steps in one commit and tells where they led; an appointment also stands at the desk,
/// without its reason.
fn take(
    call: &Call,
    loaded: &Loaded,
    steps: Vec<Step>,
    meeting: Option<Meeting>,
) -> std::result::Result<Stage, Problem> {
    let (world, actor) = (&call.app.world, call.actor()?);
    let today = world.today();
    let Referral {
        id, case, person, ..
    } = loaded.referral;
    let moved = CaseworkEvent::ReferralMoved { case, referral: id };
    let gone = matches!(steps.first(), Some(Step::Cancel { .. }));
    let walk = |tx: &CaseworkTx<'_>| -> std::result::Result<Referral, Problem> {
        own_case(tx, call, case)?;
        let mut now = store::referral(tx, id)?.ok_or(Refusal::Missing)?;
        for step in steps.iter().cloned() {
            let next = now.state.clone().step(step, today)?;
            store::put_state(tx, world, actor, &now, &next)?;
            now.state = next;
        }
        if let Some(meeting) = &meeting {
            store::put_interpreter(tx, id, meeting.interpreter)?;
        }
        Ok(now)
    };
    if let Some((at, place)) = meeting
        .as_ref()
        .and_then(|m| Some((m.at?, m.place.as_deref())))
    {
        let hour = at.format("%H:%M").to_string();
        let expected = Expected {
            person,
            day: at.date(),
            hour: &hour,
            room: place,
        };
        return call.write_both(|desk, tx| {
            let now = walk(tx)?;
            if let Some(before) = now.appointment {
                cases::undo_appointment(desk, tx, world, case, before)?;
            }
            let appointment = cases::make_appointment(desk, tx, world, actor, case, &expected)?;
            store::put_appointment(tx, id, Some(appointment))?;
            Ok((
                now.state.stored(),
                moved,
                Event::AppointmentMade {
                    appointment,
                    person,
                },
            ))
        });
    }
    if let (true, Some(appointment)) = (gone, loaded.referral.appointment) {
        return call.write_both(|desk, tx| {
            let now = walk(tx)?;
            cases::undo_appointment(desk, tx, world, case, appointment)?;
            store::put_appointment(tx, id, None)?;
            let undone = Event::AppointmentUndone { appointment };
            Ok((now.state.stored(), moved, undone))
        });
    }
    call.write_casework(|tx| {
        let now = walk(tx)?;
        Ok((now.state.stored(), moved))
    })
}

/// What it cost and who paid, and when to ask again.
fn cost(call: &Call) -> Result {
    let c = &call.context();
    let loaded = load(call)?;
    let mut form = StepForm::of(c, &loaded);
    let sent = &call.sent;
    let payer = form
        .payer
        .read(c, sent, |v, _| Payer::from_code(v).ok_or(Wrong::Choice));
    let currency = form
        .currency
        .read(c, sent, |v, _| Currency::from_code(v).ok_or(Wrong::Choice));
    let actual = form
        .actual
        .read(c, sent, |typed, limit| amount(typed, limit, currency));
    let (today, before) = (c.today(), loaded.referral.follow_up);
    let follow_up = form
        .follow_up
        .read(c, sent, |typed, limit| ahead(typed, limit, today, before));
    let (Some(payer), Some(actual), Some(follow_up)) = (payer, actual, follow_up) else {
        return Answer::refused(&shown(c, loaded, form, None));
    };
    let (referral, case) = (loaded.referral.id, loaded.referral.case);
    call.write_casework(|tx| {
        own_case(tx, call, case)?;
        store::put_cost(tx, referral, payer, actual, follow_up)?;
        Ok::<_, Refusal>(((), CaseworkEvent::ReferralRevised { case, referral }))
    })?;
    call.say("referrals.said.cost");
    Answer::see(format!("/referrals/{referral}"))
}
