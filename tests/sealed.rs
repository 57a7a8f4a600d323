//! What is sealed: who opens it and who does not, naming, handing over, the sheet of the two, and
//! that removing, restoring and new passphrases keep it so.

use std::fs;

use axum::http::StatusCode;
use darna::kit::id::{CounsellingNoteId, RecordId, UserId};
use darna::vault::keyfile::{Cost, Holder, KeyFile};
use darna::vault::sealed::{SealedKind, Unsealed};
use darna::vault::secret::Passphrase;
use darna::vault::words::RecoveryWords;
use darna::vault::{Actor, CaseworkEvent, Refusal, Roles};
use darna_tests::casework::{WORDS, add, enter, open, visitor};
use darna_tests::centre::{Centre, PASSPHRASE, Page};
use darna_tests::outside::Recorded;
use darna_tests::sticks::Stick;

const KIND: SealedKind = SealedKind::CounsellingNote;

struct House {
    centre: Centre,
    leila: Actor,
    nadia: Actor,
    omar: Actor,
}

impl House {
    /// Leila counsels; Nadia and Omar are named; Samira is the manager.
    fn new() -> Self {
        Self::in_a(Centre::founded())
    }

    fn in_a(centre: Centre) -> Self {
        let [leila, nadia, omar] =
            ["Leila", "Nadia", "Omar"].map(|name| add(&centre, name, Roles::CASEWORKER));
        for name in ["Nadia", "Omar", "Leila"] {
            enter(&centre, name);
        }
        enter_manager(&centre);
        let manager = centre.manager();
        let vault = &centre.app.vault;
        vault
            .name_sealed(manager, nadia.user, Some(omar.user))
            .expect("named");
        Self {
            centre,
            leila,
            nadia,
            omar,
        }
    }

    fn seal(&self, by: Actor, readers: &[UserId], words: &str) -> Result<RecordId, Refusal> {
        let world = &self.centre.app.world;
        let id = CounsellingNoteId::new(world).record();
        self.centre.app.vault.write_casework(by, None, |tx| {
            tx.seal(world, KIND, id, readers, words)?;
            Ok((id, CaseworkEvent::NotesSearched))
        })
    }

    /// What somebody reads who comes in anew.
    fn read(&self, name: &str, actor: Actor, id: RecordId) -> Unsealed {
        enter(&self.centre, name);
        self.read_here(actor, id)
    }

    fn read_here(&self, actor: Actor, id: RecordId) -> Unsealed {
        let vault = &self.centre.app.vault;
        let read = vault.list_casework(actor, |casework| casework.unseal(KIND, id));
        read.expect("a look")
    }
}

fn enter_manager(centre: &Centre) {
    if centre.get("/").to != "/lock" {
        centre.post("/", "/lock", &[]);
    }
    let told = [("name", "Samira"), ("passphrase", PASSPHRASE)];
    let page = centre.post("/lock", "/unlock", &told);
    assert_eq!(page.status, StatusCode::SEE_OTHER, "{}", page.html);
}

fn words(text: &str) -> Unsealed {
    Unsealed::Words(text.to_owned())
}

#[test]
fn whoever_seals_need_not_be_able_to_open() {
    let house = House::new();
    enter(&house.centre, "Leila");
    let own = house
        .seal(house.leila, &[house.leila.user], "Hers")
        .expect("sealed");
    let theirs = house.seal(house.leila, &[], "Posted in").expect("sealed");
    assert_eq!(house.read_here(house.leila, own), words("Hers"));
    assert_eq!(house.read_here(house.leila, theirs), Unsealed::Closed);
    for (name, actor) in [("Nadia", house.nadia), ("Omar", house.omar)] {
        assert_eq!(house.read(name, actor, own), words("Hers"));
        assert_eq!(house.read(name, actor, theirs), words("Posted in"));
    }
    // The manager who named them gets nothing, and neither does another caseworker.
    enter_manager(&house.centre);
    assert_eq!(
        house.read_here(house.centre.manager(), own),
        Unsealed::Closed
    );
    let dana = add(&house.centre, "Dana", Roles::CASEWORKER);
    assert_eq!(house.read("Dana", dana, own), Unsealed::Closed);
}

#[test]
fn a_text_moved_to_another_record_or_put_back_does_not_open() {
    let house = House::new();
    enter(&house.centre, "Leila");
    let me = [house.leila.user];
    let first = house.seal(house.leila, &me, "One").expect("sealed");
    let second = house.seal(house.leila, &me, "Two").expect("sealed");
    let world = &house.centre.app.world;
    let vault = &house.centre.app.vault;
    let moved = vault.write_casework(house.leila, None, |tx| {
        tx.execute(
            "update casework.sealed_text set words =
               (select words from casework.sealed_text t where t.id = ?1) where id = ?2",
            [first, second],
        )?;
        Ok::<_, Refusal>(((), CaseworkEvent::NotesSearched))
    });
    moved.expect("an edit by somebody with the key");
    let read = vault.list_casework(house.leila, |casework| casework.unseal(KIND, second));
    assert!(matches!(read, Err(Refusal::Sealed)), "{read:?}");
    // Sealed anew, only the new text is there, and for the readers of now.
    let again = vault.write_casework(house.leila, None, |tx| {
        tx.seal(world, KIND, first, &[], "Three")?;
        Ok::<_, Refusal>(((), CaseworkEvent::NotesSearched))
    });
    again.expect("sealed again");
    assert_eq!(house.read_here(house.leila, first), Unsealed::Closed);
    assert_eq!(house.read("Omar", house.omar, first), words("Three"));
}

#[test]
fn removing_one_of_the_two_boxes_everything_anew() {
    let house = House::new();
    let centre = &house.centre;
    enter(centre, "Leila");
    let id = house
        .seal(house.leila, &[house.leila.user], "Kept")
        .expect("sealed");
    enter_manager(centre);
    let vault = &centre.app.vault;
    vault
        .disable_user(centre.manager(), house.omar.user)
        .expect("shut out");
    // Until she hands it over, the notes of before are boxed for the former half, which she holds.
    assert_eq!(house.read("Nadia", house.nadia, id), words("Kept"));
    assert_eq!(vault.hand_over(house.nadia).expect("handed over"), 1);
    assert_eq!(house.read_here(house.nadia, id), words("Kept"));
    assert_eq!(house.read("Leila", house.leila, id), words("Kept"));
    // A second is named; what was sealed is closed to them until she hands over again.
    enter_manager(centre);
    let dana = add(centre, "Dana", Roles::CASEWORKER);
    vault
        .name_sealed(centre.manager(), house.nadia.user, Some(dana.user))
        .expect("named");
    assert_eq!(house.read("Dana", dana, id), Unsealed::Closed);
    assert!(matches!(vault.hand_over(dana), Ok(0)), "nothing to give");
    assert_eq!(house.read("Nadia", house.nadia, id), words("Kept"));
    vault.hand_over(house.nadia).expect("handed over");
    assert_eq!(house.read("Dana", dana, id), words("Kept"));
    // The only one left cannot be removed.
    enter_manager(centre);
    vault
        .disable_user(centre.manager(), dana.user)
        .expect("shut out");
    let alone = vault.disable_user(centre.manager(), house.nadia.user);
    assert!(matches!(alone, Err(Refusal::LastNamed)), "{alone:?}");
}

#[test]
fn of_two_named_before_one_must_stay() {
    let house = House::new();
    let centre = &house.centre;
    let dana = add(centre, "Dana", Roles::CASEWORKER);
    let dina = add(centre, "Dina", Roles::DESK);
    let vault = &centre.app.vault;
    let name = |first, second| vault.name_sealed(centre.manager(), first, second);
    let both = name(dana.user, Some(house.leila.user));
    assert!(matches!(both, Err(Refusal::OneMustStay)), "{both:?}");
    let desk = name(house.nadia.user, Some(dina.user));
    assert!(matches!(desk, Err(Refusal::NotToBeNamed)), "{desk:?}");
    let twice = name(house.nadia.user, Some(house.nadia.user));
    assert!(matches!(twice, Err(Refusal::NotToBeNamed)), "{twice:?}");
    name(dana.user, Some(house.omar.user)).expect("one stays");
    // A caseworker names nobody.
    enter(centre, "Leila");
    let own = vault.name_sealed(house.leila, house.leila.user, Some(house.omar.user));
    assert!(matches!(own, Err(Refusal::Role)), "{own:?}");
}

#[test]
fn a_new_passphrase_of_ones_own_keeps_what_one_reads_and_one_given_by_the_manager_does_not() {
    let house = House::new();
    let centre = &house.centre;
    enter(centre, "Leila");
    let id = house
        .seal(house.leila, &[house.leila.user], "Kept")
        .expect("sealed");
    let vault = &centre.app.vault;
    let new = Passphrase::new("walnut ribbon copper violin meadow anchor");
    vault
        .change_passphrase(house.leila, &Passphrase::new(WORDS), &new, Cost::FLOOR)
        .expect("changed");
    vault.lock(house.leila);
    vault.unlock(house.leila.user, &new).expect("in");
    assert_eq!(house.read_here(house.leila, id), words("Kept"));
    vault.lock(house.leila);

    enter_manager(centre);
    let given = Passphrase::new(WORDS);
    for actor in [house.leila, house.nadia] {
        vault
            .renew_user(
                centre.manager(),
                actor.user,
                actor.roles,
                &given,
                Cost::FLOOR,
            )
            .expect("renewed");
    }
    assert_eq!(house.read("Leila", house.leila, id), Unsealed::Closed);
    assert_eq!(house.read("Nadia", house.nadia, id), Unsealed::Closed);
    assert!(matches!(vault.hand_over(house.nadia), Err(Refusal::Sealed)));
    // The other of the two gives both back what they had.
    assert_eq!(house.read("Omar", house.omar, id), words("Kept"));
    vault.hand_over(house.omar).expect("handed over");
    assert_eq!(house.read("Leila", house.leila, id), words("Kept"));
    assert_eq!(house.read("Nadia", house.nadia, id), words("Kept"));
}

#[test]
fn another_role_keeps_what_one_reads_unless_casework_goes_with_it() {
    let house = House::new();
    let (centre, vault) = (&house.centre, &house.centre.app.vault);
    enter(centre, "Leila");
    let id = house
        .seal(house.leila, &[house.leila.user], "Kept")
        .expect("sealed");
    let change = |roles| {
        enter_manager(centre);
        vault
            .change_roles(
                centre.manager(),
                house.leila.user,
                roles,
                &Passphrase::new(WORDS),
            )
            .expect("changed");
        vault.lock(centre.manager());
    };
    change(Roles::CASEWORKER.and(Roles::DESK));
    assert_eq!(house.read("Leila", house.leila, id), words("Kept"));
    assert_eq!(
        house.read("Leila", house.leila, id),
        words("Kept"),
        "after it settled"
    );
    change(Roles::DESK);
    change(Roles::CASEWORKER);
    assert_eq!(house.read("Leila", house.leila, id), Unsealed::Closed);
    assert_eq!(house.read("Omar", house.omar, id), words("Kept"));
    vault.hand_over(house.omar).expect("handed over");
    assert_eq!(house.read("Leila", house.leila, id), words("Kept"));
    // One of the two goes; the other has a new half, and all is boxed for it.
    enter_manager(centre);
    vault
        .change_roles(
            centre.manager(),
            house.nadia.user,
            Roles::DESK,
            &Passphrase::new(""),
        )
        .expect("changed");
    assert_eq!(house.read("Omar", house.omar, id), words("Kept"));
}

#[test]
fn the_sheet_of_the_two_gives_the_key_back_and_opens_nothing_else() {
    let house = House::new();
    let centre = &house.centre;
    enter(centre, "Leila");
    let id = house
        .seal(house.leila, &[house.leila.user], "Kept")
        .expect("sealed");
    enter(centre, "Nadia");
    let page = centre.get("/sealed");
    assert!(page.html.contains("make a sheet here now"), "{}", page.html);
    assert_eq!(page.attribute(".rail a[aria-current]", "href"), "/cases");
    let begin = centre.post("/sealed/sheet", "/sealed/sheet", &[("passphrase", "wrong")]);
    assert_eq!(begin.status, StatusCode::UNPROCESSABLE_ENTITY);
    let begin = centre.post("/sealed/sheet", "/sealed/sheet", &[("passphrase", WORDS)]);
    assert_eq!(begin.to, "/sealed/words", "{}", begin.html);
    let told = centre.get("/sealed/words").all("ol.words li");
    assert_eq!(told.len(), 24);
    assert_eq!(centre.checks("/sealed/check", &told).to, "/sealed");
    let page = centre.get("/sealed");
    assert!(!page.html.contains("There is no sheet"), "{}", page.html);

    let vault = &centre.app.vault;
    let sheet = RecoveryWords::parse(&told.join(" ")).expect("words");
    assert!(!vault.recovery_opens(&sheet).expect("the key file"));
    enter_manager(centre);
    let page = centre.get("/sealed");
    assert_eq!(page.attribute(".rail a[aria-current]", "href"), "/users");
    for actor in [house.nadia, house.omar] {
        let given = Passphrase::new(WORDS);
        vault
            .renew_user(
                centre.manager(),
                actor.user,
                actor.roles,
                &given,
                Cost::FLOOR,
            )
            .expect("renewed");
    }
    // Only one of the two can use it: the manager cannot.
    let manager = vault.open_by_sealed_sheet(centre.manager(), &sheet);
    assert!(matches!(manager, Err(Refusal::Role)), "{manager:?}");
    assert_eq!(house.read("Omar", house.omar, id), Unsealed::Closed);
    let typed = told.join(" ");
    let wrong = centre.post(
        "/sealed",
        "/sealed/opened",
        &[("sheet-words", "orchid tunnel")],
    );
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    let opened = centre.post("/sealed", "/sealed/opened", &[("sheet-words", &typed)]);
    assert_eq!(opened.to, "/sealed", "{}", opened.html);
    assert_eq!(house.read_here(house.omar, id), words("Kept"));
    assert_eq!(house.read("Omar", house.omar, id), words("Kept"));
    vault.hand_over(house.omar).expect("handed over");
    assert_eq!(house.read("Nadia", house.nadia, id), words("Kept"));
}

#[test]
fn new_keys_for_the_centre_leave_what_is_sealed_as_it_was() {
    let house = House::new();
    let centre = &house.centre;
    let dana = add(centre, "Dana", Roles::CASEWORKER);
    enter(centre, "Leila");
    let id = house
        .seal(house.leila, &[house.leila.user], "Kept")
        .expect("sealed");
    enter_manager(centre);
    let vault = &centre.app.vault;
    vault
        .disable_user(centre.manager(), dana.user)
        .expect("shut out");
    for (name, actor) in [("Leila", house.leila), ("Omar", house.omar)] {
        assert_eq!(house.read(name, actor, id), words("Kept"), "{name}");
    }
    vault.verify_journals().expect("whole chains");
}

#[test]
fn a_manager_names_two_on_the_page_and_until_then_nothing_is_sealed() {
    let centre = Centre::founded();
    let leila = add(&centre, "Leila", Roles::CASEWORKER);
    let omar = add(&centre, "Omar", Roles::CASEWORKER);
    enter(&centre, "Leila");
    let person = visitor(&centre, "Almaz Tesfaye");
    let case = open(&centre, leila, person, "Sleeps badly", &[]);
    let page = centre.get(&format!("/cases/{case}/counselling"));
    assert!(page.html.contains("Nothing can be sealed yet"));
    let sent = centre.post(
        &format!("/cases/{case}"),
        &format!("/cases/{case}/counselling"),
        &[
            ("who", &*person.to_string()),
            ("talk-day", "2026-11-24"),
            ("minutes", "50"),
            ("talk-kind", "alone"),
            ("talk-words", "typed-and-kept"),
        ],
    );
    assert_eq!(sent.status, StatusCode::UNPROCESSABLE_ENTITY);
    enter_manager(&centre);
    let (first, second) = (leila.user.to_string(), omar.user.to_string());
    let same = [("first", &*first), ("second", &*first)];
    let refused = centre.post("/sealed", "/sealed", &same);
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    let two = [("first", &*first), ("second", &*second)];
    assert_eq!(centre.post("/sealed", "/sealed", &two).to, "/sealed");
    let page = centre.get("/sealed");
    assert!(page.html.contains("Leila") && page.html.contains("Omar"));
    enter(&centre, "Leila");
    assert!(centre.get("/sealed").html.contains("You hold the key"));
}

/// A key file in which somebody put a slot of their own in another's place.
fn plant(centre: &Centre, user: UserId, theirs: &str) {
    let path = centre.folder.path().join("gen/0001/keys.mrc");
    let mut file = KeyFile::read(&fs::read(&path).expect("the key file")).expect("a key file");
    let own = centre.manager().user;
    let keys = file.open(own, &Passphrase::new(PASSPHRASE)).expect("keys");
    file.slots.retain(|slot| slot.user != user);
    let holder = Holder::new(user, Roles::CASEWORKER);
    let world = &centre.app.world;
    file.add_passphrase(world, &keys, &holder, &Passphrase::new(theirs), Cost::FLOOR)
        .expect("a slot");
    fs::write(path, file.write(&keys)).expect("written");
}

#[test]
fn the_sealed_half_goes_to_no_slot_that_was_put_in_the_place_of_somebodys() {
    let house = House::new();
    let (centre, vault) = (&house.centre, &house.centre.app.vault);
    let dana = add(centre, "Dana", Roles::CASEWORKER);
    let manager = centre.manager();
    let theirs = "walnut ribbon copper violin meadow anchor";
    plant(centre, dana.user, theirs);
    let named = || vault.name_sealed(manager, house.nadia.user, Some(dana.user));
    let refused = named();
    assert!(matches!(refused, Err(Refusal::StrangeSlot)), "{refused:?}");
    let marks = centre.get("/users").all(".row-facts .badge-wait");
    assert_eq!(
        marks,
        ["The key file has no passphrase of theirs that was set here"]
    );
    let given = Passphrase::new(WORDS);
    vault
        .renew_user(manager, dana.user, dana.roles, &given, Cost::FLOOR)
        .expect("renewed");
    named().expect("named");
    enter(centre, "Nadia");
    plant(centre, dana.user, theirs);
    let refused = vault.hand_over(house.nadia);
    assert!(matches!(refused, Err(Refusal::StrangeSlot)), "{refused:?}");
    let refused = vault.disable_user(manager, house.nadia.user);
    assert!(matches!(refused, Err(Refusal::StrangeSlot)), "{refused:?}");
}

/// Waits for the work to end, as the page does: by asking again.
fn ended(centre: &Centre, path: &str) -> Page {
    loop {
        let page = centre.get(path);
        if page.all("progress").is_empty() {
            return page;
        }
        std::thread::yield_now();
    }
}

#[test]
fn what_is_sealed_comes_back_from_a_stick_for_those_who_read_it() {
    let table = Recorded::default();
    let (centre, _) = Centre::unfounded_beside(table.clone()).begun();
    let house = House::in_a(centre);
    enter(&house.centre, "Leila");
    let id = house
        .seal(house.leila, &[house.leila.user], "Kept")
        .expect("sealed");
    // Whoever is named gets the key into their slot; it need not have been used.
    enter_manager(&house.centre);
    let stick = Stick::new("BLUE");
    table.plug_in(&stick);
    for form in ["/backup/sticks", "/backup"] {
        let page = house.centre.get("/backup");
        let target = format!("form[action='{form}'] input[name=target]");
        let target = page.attribute(&target, "value");
        house.centre.post("/backup", form, &[("target", &target)]);
        ended(&house.centre, "/backup");
    }
    let House {
        centre,
        leila,
        nadia,
        omar,
    } = house;
    drop(centre);

    let fresh = Centre::elsewhere(table);
    fresh.post("/setup/kind", "/setup/kind", &[("kind", "stick")]);
    let list = fresh.get("/setup/stick");
    let backup = list.attribute("button[name=backup]", "value");
    fresh.post("/setup/stick", "/setup/stick", &[("backup", &backup)]);
    let key = [("passphrase", PASSPHRASE)];
    fresh.post("/setup/stick/key", "/setup/stick/key", &key);
    ended(&fresh, "/setup/stick/work");
    let adopted = fresh.post("/setup/stick/work", "/setup/stick/work", &[]);
    assert_eq!(adopted.to, "/lock");
    let house = House {
        centre: fresh,
        leila,
        nadia,
        omar,
    };
    enter_manager(&house.centre);
    assert_eq!(
        house.read_here(house.centre.manager(), id),
        Unsealed::Closed
    );
    for (name, actor) in [("Leila", leila), ("Nadia", nadia), ("Omar", omar)] {
        assert_eq!(house.read(name, actor, id), words("Kept"), "{name}");
    }
}
