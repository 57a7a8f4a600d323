//! The manager's list, one user, and everybody's own passphrase.

use askama::Template;
use chrono::DateTime;
use rusqlite::named_params;

use crate::kit::id::UserId;
use crate::lock;
use crate::vault::keyfile::Cost;
use crate::vault::secret::Passphrase;
use crate::vault::{Db, Refusal, Roles, SheetDue, SlotState, words};
use crate::web::access::Route;
use crate::web::{Answer, Call, Choice, Ctx, Field, Handler, Result};

pub const ROUTES: &[(Route, Handler)] = &[
    (Route::Users, list),
    (Route::AddUser, add),
    (Route::UserPage, page),
    (Route::ChangeRoles, change_roles),
    (Route::RenewUser, renew),
    (Route::DisableUser, disable),
    (Route::OwnPassphrase, own),
    (Route::ChangePassphrase, change),
];

const ROLES: [(&str, Roles, &str); 3] = [
    ("desk", Roles::DESK, "users.role.desk"),
    ("caseworker", Roles::CASEWORKER, "users.role.caseworker"),
    ("manager", Roles::MANAGER, "users.role.manager"),
];

/// A user in words.
struct User {
    id: UserId,
    name: String,
    roles: Roles,
    disabled: bool,
}

fn users(db: &Db<'_>) -> Result<Vec<User>> {
    db.all(
        "select id, name, roles, disabled is not null from user order by disabled is not null, name",
        [],
        |row| {
            Ok(User {
                id: row.get(0)?,
                name: row.get(1)?,
                roles: Roles::from_bits(row.get(2)?).unwrap_or(Roles::DESK),
                disabled: row.get(3)?,
            })
        },
    )
}

fn user(db: &Db<'_>, id: UserId) -> Result<User> {
    users(db)?
        .into_iter()
        .find(|user| user.id == id)
        .ok_or(Refusal::Missing)
}

fn role_names(c: &Ctx, roles: Roles) -> String {
    let held = ROLES.iter().filter(|(_, role, _)| roles.meet(*role));
    held.map(|(.., label)| c.t(label))
        .collect::<Vec<_>>()
        .join(" · ")
}

/// The fields that a new slot is made of.
struct Form {
    name: Field,
    roles: Field,
    choices: Vec<Choice>,
    passphrase: Field,
    again: Field,
    offered: String,
}

impl Form {
    fn new(call: &Call, c: &Ctx, roles: Roles) -> Self {
        Self {
            name: Field::new("name", 80),
            roles: Field::new("roles", 20),
            choices: ROLES
                .iter()
                .map(|(code, role, label)| Choice::new(*code, c.t(label), roles.meet(*role)))
                .collect(),
            passphrase: Field::new("passphrase", words::LONGEST),
            again: Field::new("again", words::LONGEST),
            offered: words::offered_again(call.sent.get("offered"), &call.app.world),
        }
    }

    fn read_roles(&mut self, c: &Ctx, call: &Call) -> Option<Roles> {
        let chosen: Vec<&str> = call.sent.all("roles").collect();
        for choice in &mut self.choices {
            choice.chosen = chosen.contains(&choice.value.as_str());
        }
        let roles = ROLES
            .iter()
            .filter(|(code, ..)| chosen.contains(code))
            .map(|(_, role, _)| *role)
            .reduce(Roles::and);
        if roles.is_none() {
            self.roles.wrong(c.t("users.refusal.roles"));
        }
        roles
    }

    fn read_passphrase(
        &mut self,
        c: &Ctx,
        call: &Call,
        secret: bool,
        name: &str,
    ) -> Option<Passphrase> {
        let passphrase = Passphrase::new(call.sent.get("passphrase"));
        let strong = words::strong_enough(&passphrase, secret, &[name]);
        if let Err(weak) = &strong {
            self.passphrase.wrong(c.because(weak));
        }
        let same = passphrase.as_str() == Passphrase::new(call.sent.get("again")).as_str();
        if !same {
            self.again.wrong(c.t("users.refusal.again"));
        }
        (strong.is_ok() && same).then_some(passphrase)
    }

    /// Something else was refused: a passphrase never goes back with the page.
    fn type_again(&mut self, c: &Ctx) {
        self.passphrase.wrong(c.t("setup.refusal.type_again"));
    }
}

#[derive(Template)]
#[template(path = "users/list.html")]
struct List<'p> {
    c: &'p Ctx,
    users: Vec<Line>,
    /// Whether something is to be looked at in the lines.
    mind: bool,
    sheet: Option<(String, String)>,
    form: Form,
}

struct Line {
    id: UserId,
    name: String,
    roles: String,
    disabled: bool,
    /// What is to be looked at.
    mind: Option<String>,
}

fn list(call: &Call) -> Result {
    let c = &call.context();
    let form = Form::new(call, c, Roles::DESK);
    Answer::page(&shown(call, c, form)?)
}

fn shown<'p>(call: &Call, c: &'p Ctx, form: Form) -> Result<List<'p>> {
    let users = call.read(users)?;
    let review = call.app.vault.review(call.actor()?.user)?;
    let day = |at: &str| {
        let at = DateTime::parse_from_rfc3339(at).map(|at| c.day(c.date(at.to_utc())));
        at.unwrap_or_default()
    };
    let lines = users.into_iter().map(|user| {
        let mut slots = review.slots.iter();
        let mind = slots.find(|(id, _)| *id == user.id).map(|(_, state)| state);
        Line {
            id: user.id,
            name: user.name,
            roles: role_names(c, user.roles),
            disabled: user.disabled,
            mind: mind.map(|state| match state {
                SlotState::Waits(since) => c.tw("users.waits", &[("day", &day(since))]),
                SlotState::Strange => c.t("users.strange"),
            }),
        }
    });
    Ok(List {
        c,
        users: lines.collect(),
        mind: !review.slots.is_empty(),
        sheet: review.sheet.as_ref().map(|due| match due {
            SheetDue::Missing => (c.t("users.sheet_missing"), c.t("users.sheet_missing_hint")),
            SheetDue::Left { name, at } => (
                c.tw("users.sheet_due", &[("name", name), ("day", &day(at))]),
                c.t("users.sheet_due_hint"),
            ),
        }),
        form,
    })
}

fn add(call: &Call) -> Result {
    let c = &call.context();
    let mut form = Form::new(call, c, Roles::DESK);
    let name = form.name.required(c, &call.sent);
    let roles = form.read_roles(c, call);
    let secret = roles.is_some_and(Roles::open_casework);
    let passphrase = form.read_passphrase(c, call, secret, call.sent.get("name"));
    let (Some(name), Some(roles), Some(passphrase)) = (name, roles, &passphrase) else {
        if passphrase.is_some() {
            form.type_again(c);
        }
        return Answer::refused(&shown(call, c, form)?);
    };
    let (vault, actor) = (&call.app.vault, call.actor()?);
    match vault.add_user(
        actor,
        &name,
        roles,
        c.language(),
        passphrase,
        Cost::here(&call.app.world),
    ) {
        Ok(_) => {
            call.say_of("users.said.added", &name, None);
            Answer::see("/users")
        }
        Err(taken @ (Refusal::NameTaken | Refusal::NameShutOut)) => {
            form.name.wrong(c.because(&taken));
            form.type_again(c);
            Answer::refused(&shown(call, c, form)?)
        }
        Err(other) => Err(other),
    }
}

#[derive(Template)]
#[template(path = "users/user.html")]
struct Page<'p> {
    c: &'p Ctx,
    user: User,
    form: Form,
    /// Whether it is asked first: all keys will be renewed.
    asking: bool,
    /// Whether the key to casework comes with it: their passphrase of today is asked.
    raising: bool,
    present: Field,
    refused: Option<String>,
}

impl<'p> Page<'p> {
    fn new(call: &Call, c: &'p Ctx) -> Result<Self> {
        let id: UserId = call.part("user")?;
        let user = call.read(|db| user(db, id))?;
        Ok(Self {
            c,
            form: Form::new(call, c, user.roles),
            user,
            asking: false,
            raising: false,
            present: Field::new("present", words::LONGEST),
            refused: None,
        })
    }

    /// The list, where it was done. Whoever changed what they are themselves comes in anew.
    fn answer(mut self, call: &Call, done: Result<()>, said: &'static str) -> Result {
        if let Err(refusal) = done {
            self.refused = Some(self.c.because(&refusal));
            return Answer::refused(&self);
        }
        if call.actor()?.user == self.user.id {
            call.app.lock();
            return Answer::see("/lock");
        }
        call.say_of(said, &self.user.name, None);
        Answer::see("/users")
    }
}

fn page(call: &Call) -> Result {
    let c = &call.context();
    Answer::page(&Page::new(call, c)?)
}

/// The passphrase stays. Where the key to casework is taken away it is asked first; where it comes,
/// whoever gets it types their passphrase.
fn change_roles(call: &Call) -> Result {
    let c = &call.context();
    let mut page = Page::new(call, c)?;
    let Some(roles) = page.form.read_roles(c, call) else {
        return Answer::refused(&page);
    };
    if roles == page.user.roles {
        return Answer::see("/users");
    }
    let taken = page.user.roles.open_casework() && !roles.open_casework();
    if taken && call.sent.get("sure") != "yes" {
        page.asking = true;
        return Answer::refused(&page);
    }
    let raised = roles.open_casework() && !page.user.roles.open_casework();
    let present = Passphrase::new(call.sent.get("present"));
    if raised && present.as_str().is_empty() {
        page.raising = true;
        return Answer::refused(&page);
    }
    let vault = &call.app.vault;
    let done = vault.change_roles(call.actor()?, page.user.id, roles, &present);
    let why = match &done {
        Err(Refusal::Passphrase) => c.t("users.refusal.present"),
        Err(Refusal::Wait(seconds)) => lock::wait(c, *seconds),
        _ => return page.answer(call, done, "users.said.roles"),
    };
    page.raising = true;
    page.present.wrong(why);
    Answer::refused(&page)
}

/// A new passphrase; with it roles, for whoever was shut out and comes in again.
fn renew(call: &Call) -> Result {
    let c = &call.context();
    let mut page = Page::new(call, c)?;
    let roles = match page.user.disabled {
        true => page.form.read_roles(c, call),
        false => Some(page.user.roles),
    };
    let secret = roles.is_some_and(Roles::open_casework);
    let passphrase = page.form.read_passphrase(c, call, secret, &page.user.name);
    let (Some(roles), Some(passphrase)) = (roles, passphrase) else {
        return Answer::refused(&page);
    };
    let (vault, cost) = (&call.app.vault, Cost::here(&call.app.world));
    let done = vault.renew_user(call.actor()?, page.user.id, roles, &passphrase, cost);
    page.answer(call, done, "users.said.renewed")
}

fn disable(call: &Call) -> Result {
    let c = &call.context();
    let page = Page::new(call, c)?;
    let done = call.app.vault.disable_user(call.actor()?, page.user.id);
    page.answer(call, done, "users.said.disabled")
}

#[derive(Template)]
#[template(path = "users/own.html")]
struct Own<'p> {
    c: &'p Ctx,
    old: Field,
    form: Form,
    pin: lock::PinForm,
}

impl<'p> Own<'p> {
    fn new(call: &Call, c: &'p Ctx) -> Result<Self> {
        Ok(Self {
            c,
            old: Field::new("old", words::LONGEST),
            form: Form::new(call, c, Roles::DESK),
            pin: lock::PinForm::new(call)?,
        })
    }
}

fn own(call: &Call) -> Result {
    let c = &call.context();
    Answer::page(&Own::new(call, c)?)
}

fn change(call: &Call) -> Result {
    let c = &call.context();
    let actor = call.actor()?;
    let name = call.read(|db| {
        db.one(
            "select name from user where id = :id",
            named_params! { ":id": actor.user },
            |row| row.get::<_, String>(0),
        )
    })?;
    let mut page = Own::new(call, c)?;
    let secret = actor.roles.open_casework();
    let name = name.unwrap_or_default();
    let Some(new) = page.form.read_passphrase(c, call, secret, &name) else {
        return Answer::refused(&page);
    };
    let old = Passphrase::new(call.sent.get("old"));
    match call
        .app
        .vault
        .change_passphrase(actor, &old, &new, Cost::here(&call.app.world))
    {
        Ok(()) => {
            call.say("users.said.changed");
            Answer::see("/")
        }
        Err(Refusal::Passphrase) => {
            page.old.wrong(c.t("lock.refusal.own"));
            page.form.type_again(c);
            Answer::refused(&page)
        }
        Err(Refusal::Wait(seconds)) => {
            page.old.wrong(lock::wait(c, seconds));
            Answer::refused(&page)
        }
        Err(other) => Err(other),
    }
}
