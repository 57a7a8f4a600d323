//! Who is named, and what each of the two can do.

use askama::Template;

use super::sheet;
use crate::cases::forms::chosen;
use crate::kit::id::UserId;
use crate::vault::sealed::Standing;
use crate::vault::words::RecoveryWords;
use crate::vault::{Refusal, Roles, user_called};
use crate::web::access::Route;
use crate::web::{Answer, Call, Choice, Ctx, Field, Handler, Result};

pub const ROUTES: &[(Route, Handler)] = &[
    (Route::Sealed, page),
    (Route::NameSealed, name),
    (Route::HandOverSealed, hand_over),
    (Route::OpenBySealedSheet, open),
    (Route::SealedSheet, sheet::page),
    (Route::SealedSheetTold, sheet::told),
    (Route::SealedWords, sheet::words),
    (Route::PrintSealedWords, sheet::print),
    (Route::SealedCheck, sheet::check),
    (Route::SealedChecked, sheet::checked),
];

/// Characters of 24 words and the spaces between them.
const WORDS: usize = 400;

#[derive(Template)]
#[template(path = "sealed/sealed.html")]
struct Page<'p> {
    c: &'p Ctx,
    /// The names of the two; empty before anybody was named.
    names: Vec<String>,
    standing: Option<Standing>,
    /// Whoever is in is one of the two.
    mine: bool,
    first: Field,
    firsts: Vec<Choice>,
    second: Field,
    seconds: Vec<Choice>,
    words: Field,
}

fn sealed_page<'p>(call: &Call, c: &'p Ctx) -> Result<Page<'p>> {
    let actor = call.actor()?;
    let told = call.app.vault.sealed_standing(actor)?;
    let users = users(call)?;
    let named = told.as_ref().map(|(pair, _)| pair.named());
    let named = named.unwrap_or_default();
    let (first, second) = (named.first().copied(), named.get(1).copied());
    let mut names = Vec::new();
    for user in &named {
        names.push(call.read(|db| user_called(db, *user))?);
    }
    Ok(Page {
        c,
        names,
        standing: told.map(|(_, standing)| standing),
        mine: named.contains(&actor.user),
        first: Field::new("first", 40),
        firsts: user_choices(c, &users, first),
        second: Field::new("second", 40),
        seconds: user_choices(c, &users, second),
        words: Field::new("sheet-words", WORDS),
    })
}

/// Those who could be named: everybody whose passphrase opens casework.
fn users(call: &Call) -> Result<Vec<(UserId, String)>> {
    let readers = Roles::CASEWORKER.and(Roles::MANAGER).bits();
    call.read(|db| {
        db.all(
            "select id, name from user where disabled is null and roles & ?1 <> 0 order by name",
            [readers],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
    })
}

fn user_choices(c: &Ctx, users: &[(UserId, String)], chosen: Option<UserId>) -> Vec<Choice> {
    let nobody = Choice::new("", c.t("cases.nobody"), chosen.is_none());
    let all = users.iter().map(|(user, name)| {
        let is = Some(*user) == chosen;
        Choice::new(user.to_string(), name.clone(), is)
    });
    std::iter::once(nobody).chain(all).collect()
}

fn page(call: &Call) -> Result {
    let c = &call.context();
    Answer::page(&sealed_page(call, c)?)
}

fn name(call: &Call) -> Result {
    let c = &call.context();
    let mut page = sealed_page(call, c)?;
    let users = users(call)?;
    let known = |typed: &str| {
        let mut known = users.iter().map(|(user, _)| *user);
        known.find(|user| user.to_string() == typed)
    };
    let first = page.first.read(c, &call.sent, |v, _| chosen(known(v)));
    let second = page.second.read(c, &call.sent, |v, _| {
        if v.is_empty() {
            Ok(None)
        } else {
            chosen(known(v)).map(Some)
        }
    });
    page.firsts = user_choices(c, &users, first);
    page.seconds = user_choices(c, &users, second.flatten());
    let (Some(first), Some(second)) = (first, second) else {
        return Answer::refused(&page);
    };
    match call.app.vault.name_sealed(call.actor()?, first, second) {
        Ok(()) => {
            call.say("sealed.said.named");
            Answer::see("/sealed")
        }
        Err(why @ (Refusal::NotToBeNamed | Refusal::OneMustStay)) => {
            page.second.wrong(c.because(&why));
            Answer::refused(&page)
        }
        Err(why) => Err(why),
    }
}

fn hand_over(call: &Call) -> Result {
    let number = call.app.vault.hand_over(call.actor()?)?;
    call.say_of("sealed.said.handed_over", &number.to_string(), None);
    Answer::see("/sealed")
}

/// One of the two, whose passphrase is new, gets the key back from the sheet.
fn open(call: &Call) -> Result {
    let c = &call.context();
    let mut page = sealed_page(call, c)?;
    let Some(words) = page
        .words
        .read(c, &call.sent, |typed, _| RecoveryWords::parse(typed))
    else {
        page.words.value.clear();
        return Answer::refused(&page);
    };
    match call.app.vault.open_by_sealed_sheet(call.actor()?, &words) {
        Ok(()) => {
            call.say("sealed.said.opened");
            Answer::see("/sealed")
        }
        Err(Refusal::Sheet) => {
            page.words.value.clear();
            page.words.wrong(c.t("sealed.refusal.sheet"));
            Answer::refused(&page)
        }
        Err(why) => Err(why),
    }
}
