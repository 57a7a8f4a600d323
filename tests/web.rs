//! Set-up, lock and languages through the real router and a real encrypted centre.

use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, header};
use darna::kit::world::World;
use darna::vault::Vault;
use darna::web::App;
use scraper::{Html, Selector};
use tempfile::TempDir;
use tokio::runtime::Runtime;
use tower::ServiceExt;

const PASSPHRASE: &str = "lantern orbit velvet cactus harbour seven";

struct Window {
    app: Arc<App>,
    runtime: Runtime,
    _folder: TempDir,
}

struct Page {
    status: StatusCode,
    to: String,
    html: String,
}

impl Page {
    fn all(&self, css: &str) -> Vec<String> {
        let selector = Selector::parse(css).expect("a selector");
        let page = Html::parse_document(&self.html);
        page.select(&selector)
            .map(|found| found.text().collect::<String>().trim().to_owned())
            .collect()
    }

    fn value(&self, name: &str) -> String {
        let selector = Selector::parse(&format!("input[name='{name}']")).expect("a selector");
        let page = Html::parse_document(&self.html);
        let input = page
            .select(&selector)
            .next()
            .unwrap_or_else(|| panic!("no field {name} in {}", self.html));
        input.value().attr("value").unwrap_or_default().to_owned()
    }
}

impl Window {
    fn new() -> Self {
        let folder = TempDir::new().expect("a temporary folder");
        let vault = Vault::at(folder.path(), World::system()).expect("a vault");
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .expect("a runtime");
        Self {
            app: App::new(vault, World::system()),
            runtime,
            _folder: folder,
        }
    }

    fn ask(&self, request: Request<Body>) -> Page {
        self.runtime.block_on(async {
            let Ok(response) = darna::app(&self.app).oneshot(request).await;
            let to = response
                .headers()
                .get(header::LOCATION)
                .map_or("", |to| to.to_str().expect("a path"))
                .to_owned();
            let status = response.status();
            let body = to_bytes(response.into_body(), usize::MAX)
                .await
                .expect("a body");
            Page {
                status,
                to,
                html: String::from_utf8_lossy(&body).into_owned(),
            }
        })
    }

    fn get(&self, path: &str) -> Page {
        self.ask(Request::get(path).body(Body::empty()).expect("a request"))
    }

    /// Sends a form from the page at `from`, with that page's tokens.
    fn post(&self, from: &str, path: &str, fields: &[(&str, &str)]) -> Page {
        let csrf = self.get(from).value("csrf");
        let mut body = format!("csrf={csrf}");
        for (name, value) in fields {
            body.push_str(&format!("&{name}={}", value.replace(' ', "+")));
        }
        self.send(path, body)
    }

    fn send(&self, path: &str, body: String) -> Page {
        let request =
            Request::post(path).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.ask(request.body(Body::from(body)).expect("a request"))
    }

    fn founded() -> Self {
        let window = Self::new();
        let told = [
            ("centre", "House of Thyme"),
            ("manager", "Samira"),
            ("passphrase", PASSPHRASE),
            ("again", PASSPHRASE),
        ];
        assert_eq!(window.post("/setup", "/setup", &told).to, "/setup/sheet");
        let words = window.get("/setup/sheet").all("ol.words li");
        assert_eq!(words.len(), 24);
        let typed = [
            ("word-4", &*words[3]),
            ("word-13", &*words[12]),
            ("word-22", &*words[21]),
        ];
        let done = window.post("/setup/check", "/setup/check", &typed);
        assert_eq!(
            (done.status, &*done.to),
            (StatusCode::SEE_OTHER, "/"),
            "{}",
            done.html
        );
        window
    }
}

#[test]
fn an_empty_folder_leads_to_set_up_and_set_up_to_the_home_page() {
    let window = Window::new();
    assert_eq!(window.get("/").to, "/setup");
    assert_eq!(window.get("/lock").to, "/setup");
    let window = Window::founded();
    let home = window.get("/");
    assert!(home.html.contains("Welcome, Samira"), "{}", home.html);
    assert_eq!(window.get("/setup").to, "/", "a centre is founded once");
}

#[test]
fn set_up_says_beside_the_field_what_is_wrong_and_keeps_what_was_typed() {
    let window = Window::new();
    let told = [
        ("centre", "House of Thyme"),
        ("manager", ""),
        ("passphrase", "short"),
        ("again", "other"),
    ];
    let page = window.post("/setup", "/setup", &told);
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(page.value("centre"), "House of Thyme");
    assert_eq!(page.all("#manager-error"), ["Fill this in."]);
    assert_eq!(
        page.all("#passphrase-error"),
        ["Use at least 12 characters."]
    );
    assert_eq!(
        page.all("#again-error"),
        ["This is not the same passphrase."]
    );
    assert!(
        !page.html.contains("short\""),
        "a passphrase is never sent back"
    );
}

#[test]
fn a_word_that_is_not_on_the_sheet_does_not_found_a_centre() {
    let window = Window::new();
    let told = [
        ("centre", "House"),
        ("manager", "Samira"),
        ("passphrase", PASSPHRASE),
        ("again", PASSPHRASE),
    ];
    window.post("/setup", "/setup", &told);
    let typed = [("word-4", "wrong"), ("word-13", ""), ("word-22", "zzz")];
    let page = window.post("/setup/check", "/setup/check", &typed);
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(window.app.vault.is_empty().expect("a folder"));
}

#[test]
fn locking_closes_the_centre_until_name_and_passphrase_fit() {
    let window = Window::founded();
    assert_eq!(window.post("/", "/lock", &[]).to, "/lock");
    assert!(!window.app.vault.is_open());
    assert_eq!(window.get("/").to, "/lock");

    let unlock = |name, passphrase| {
        window.post(
            "/lock",
            "/unlock",
            &[("name", name), ("passphrase", passphrase)],
        )
    };
    let unknown = unlock("Nobody", PASSPHRASE);
    let wrong = unlock("Samira", "something else entirely");
    for refused in [&unknown, &wrong] {
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(
            refused.all(".notice-stop strong"),
            ["Name and passphrase do not fit together. Try again."]
        );
    }
    assert_eq!(wrong.value("name"), "Samira");
    assert_eq!(unlock(" samira ", PASSPHRASE).to, "/");
    assert!(window.app.vault.is_open());
}

#[test]
fn a_form_without_the_windows_token_is_refused() {
    let window = Window::founded();
    assert_eq!(
        window.send("/lock", "csrf=0".into()).status,
        StatusCode::FORBIDDEN
    );
    assert!(window.app.vault.is_open());
}

#[test]
fn every_page_comes_in_the_chosen_language() {
    let window = Window::new();
    for (tag, dir, title) in [
        ("ar", "rtl", "مركز جديد"),
        ("fr", "ltr", "Un nouveau centre"),
        ("en", "ltr", "A new centre"),
    ] {
        window.post("/setup", "/language", &[("lang", tag)]);
        let page = window.get("/setup");
        assert_eq!(page.all("h1"), [title]);
        assert!(
            page.html
                .contains(&format!("<html lang=\"{tag}\" dir=\"{dir}\">"))
        );
    }
}

#[test]
fn what_has_no_row_does_not_exist() {
    let window = Window::founded();
    assert_eq!(window.get("/cases").status, StatusCode::NOT_FOUND);
    assert_eq!(
        window.get("/assets/../Cargo.toml").status,
        StatusCode::NOT_FOUND
    );
    for row in darna::web::access::TABLE {
        let other = if row.method == axum::http::Method::GET {
            "DELETE"
        } else {
            "PUT"
        };
        let request = Request::builder()
            .method(other)
            .uri(row.path)
            .body(Body::empty())
            .expect("a request");
        assert_eq!(
            window.ask(request).status,
            StatusCode::METHOD_NOT_ALLOWED,
            "{other} {}",
            row.path
        );
    }
}
