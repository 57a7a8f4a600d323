//! A centre at work: the real router over real encrypted files, as a window would use it.

use std::path::Path;
use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, header};
use darna::kit::world::{Seeded, World};

use crate::clock::SetClock;
use crate::outside::Recorded;
use darna::vault::{Actor, Refusal, Roles, Vault};
use darna::web::App;
use scraper::{Html, Selector};
use tempfile::TempDir;
use tokio::runtime::Runtime;
use tower::ServiceExt;

pub const PASSPHRASE: &str = "lantern orbit velvet cactus harbour seven";

pub struct Centre {
    pub clock: SetClock,
    pub app: Arc<App>,
    pub outside: Recorded,
    runtime: Runtime,
    pub folder: TempDir,
}

pub struct Page {
    pub status: StatusCode,
    /// Where a 303 leads; empty otherwise.
    pub to: String,
    pub html: String,
}

impl Page {
    pub fn all(&self, css: &str) -> Vec<String> {
        let selector = Selector::parse(css).expect("a selector");
        let page = Html::parse_document(&self.html);
        page.select(&selector)
            .map(|found| found.text().collect::<String>().trim().to_owned())
            .collect()
    }

    /// An attribute of the first that `css` finds.
    pub fn attribute(&self, css: &str, name: &str) -> String {
        let selector = Selector::parse(css).expect("a selector");
        let page = Html::parse_document(&self.html);
        let found = page.select(&selector).next();
        let found = found.unwrap_or_else(|| panic!("no {css} in {}", self.html));
        found.value().attr(name).unwrap_or_default().to_owned()
    }

    pub fn value(&self, name: &str) -> String {
        let selector = Selector::parse(&format!("input[name='{name}']")).expect("a selector");
        let page = Html::parse_document(&self.html);
        let input = page
            .select(&selector)
            .next()
            .unwrap_or_else(|| panic!("no field {name} in {}", self.html));
        input.value().attr("value").unwrap_or_default().to_owned()
    }
}

impl Centre {
    /// An empty folder, before set-up.
    pub fn unfounded() -> Self {
        Self::unfounded_beside(Recorded::default())
    }

    /// With something outside the window: dialogs that answer, sticks that are plugged in.
    pub fn unfounded_beside(outside: Recorded) -> Self {
        Self::made(TempDir::new().expect("a temporary folder"), outside, 7)
    }

    /// Another laptop: its chance is its own, as no two events may ever have one id.
    pub fn elsewhere(outside: Recorded) -> Self {
        Self::made(TempDir::new().expect("a temporary folder"), outside, 8)
    }

    /// Opened to practise.
    pub fn practising() -> Self {
        let folder = TempDir::new().expect("a temporary folder");
        Self::opened(folder, Recorded::default(), 7, App::practising)
    }

    fn made(folder: TempDir, outside: Recorded, seed: u64) -> Self {
        Self::opened(folder, outside, seed, App::with)
    }

    fn opened(
        folder: TempDir,
        outside: Recorded,
        seed: u64,
        app: fn(Vault, World, Recorded) -> Arc<App>,
    ) -> Self {
        let clock = SetClock::new();
        let world = World::new(clock.clone(), Seeded::new(seed));
        let vault = Vault::at(folder.path(), world.clone()).expect("a vault");
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .expect("a runtime");
        Self {
            clock,
            app: app(vault, world, outside.clone()),
            outside,
            runtime,
            folder,
        }
    }

    pub fn ask(&self, request: Request<Body>) -> Page {
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

    pub fn get(&self, path: &str) -> Page {
        self.ask(Request::get(path).body(Body::empty()).expect("a request"))
    }

    /// The token of this window, from whatever page it may see.
    pub fn csrf(&self) -> String {
        let home = self.get("/");
        if home.to.is_empty() {
            return home.value("csrf");
        }
        self.get(&home.to).value("csrf")
    }

    /// The manager that set-up made.
    pub fn manager(&self) -> Actor {
        let first = self.app.vault.read::<_, Refusal>(|db| {
            db.one("select id from user order by created limit 1", [], |row| {
                row.get(0)
            })
        });
        Actor {
            user: first.expect("an open vault").expect("a user"),
            roles: Roles::MANAGER.and(Roles::DESK),
        }
    }

    /// Sends a form from the page at `from`, with that page's tokens, and of the state of its
    /// record that the page shows.
    pub fn post(&self, from: &str, path: &str, fields: &[(&str, &str)]) -> Page {
        let page = self.get(from);
        let mut body = format!("csrf={}&write={}", page.value("csrf"), page.value("write"));
        for state in ["version", "read-out"] {
            let told = fields.iter().any(|(name, _)| *name == state);
            if !told && !page.all(&format!("[name={state}]")).is_empty() {
                body.push_str(&format!("&{state}={}", page.value(state)));
            }
        }
        for (name, value) in fields {
            body.push_str(&format!("&{name}={}", encoded(value)));
        }
        self.send(path, body)
    }

    pub fn send(&self, path: &str, body: String) -> Page {
        let request =
            Request::post(path).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.ask(request.body(Body::from(body)).expect("a request"))
    }

    /// Goes through set-up up to the recovery sheet.
    pub fn told(&self) {
        self.post("/setup", "/setup", &[("lang", "en")]);
        self.post("/setup/kind", "/setup/kind", &[("kind", "real")]);
        let name = [("name", "House of Thyme"), ("currency", "LBP")];
        assert_eq!(
            self.post("/setup/centre", "/setup/centre", &name).to,
            "/setup/week"
        );
        let week = [
            ("week-start", "monday"),
            ("weekend", "saturday-sunday"),
            ("calendar", "gregorian"),
        ];
        assert_eq!(
            self.post("/setup/week", "/setup/week", &week).to,
            "/setup/languages"
        );
        let spoken = [("languages", "ara"), ("languages", "amh")];
        assert_eq!(
            self.post("/setup/languages", "/setup/languages", &spoken)
                .to,
            "/setup/keeping"
        );
        let kept = [
            ("keep-cases", "7"),
            ("keep-visits", "3"),
            ("keep-leads", "1"),
            ("idle-minutes", "5"),
        ];
        assert_eq!(
            self.post("/setup/keeping", "/setup/keeping", &kept).to,
            "/setup/manager"
        );
        let manager = [
            ("manager", "Samira"),
            ("passphrase", PASSPHRASE),
            ("again", PASSPHRASE),
        ];
        assert_eq!(
            self.post("/setup/manager", "/setup/manager", &manager).to,
            "/setup/sheet"
        );
    }

    /// Types the words back that a page asks for.
    pub fn checks(&self, page: &str, words: &[String]) -> Page {
        let typed = [
            ("word-4", &*words[3]),
            ("word-13", &*words[12]),
            ("word-22", &*words[21]),
        ];
        self.post(page, page, &typed)
    }

    pub fn founded() -> Self {
        Self::unfounded().begun().0
    }

    /// A centre below a folder that the test chose.
    pub fn founded_in(folder: &Path) -> Self {
        std::fs::create_dir_all(folder).expect("a folder");
        let folder = TempDir::new_in(folder).expect("a folder");
        Self::made(folder, Recorded::default(), 7).begun().0
    }

    /// A centre that stands in a data folder already, and is locked.
    pub fn of(folder: TempDir) -> Self {
        Self::made(folder, Recorded::default(), 9)
    }

    /// Through set-up to its end; with the words of the recovery sheet.
    pub fn begun(self) -> (Self, Vec<String>) {
        let centre = self;
        centre.told();
        let words = centre.get("/setup/sheet").all("ol.words li");
        assert_eq!(words.len(), 24);
        let done = centre.checks("/setup/check", &words);
        assert_eq!(
            (done.status, &*done.to),
            (StatusCode::SEE_OTHER, "/"),
            "{}",
            done.html
        );
        (centre, words)
    }
}

/// As a browser sends it: application/x-www-form-urlencoded.
pub fn encoded(value: &str) -> String {
    value
        .bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => char::from(byte).to_string(),
            _ => format!("%{byte:02X}"),
        })
        .collect()
}
