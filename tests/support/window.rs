//! The program's real window, driven as a person would: Xvfb, WebKitWebDriver, the debug build.

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use fantoccini::actions::{InputSource, KeyAction, KeyActions};
use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::runtime::Runtime;

use crate::sticks::Stick;

/// A slow machine under load still shows a page in this time.
const PATIENCE: Duration = Duration::from_secs(30);

pub struct Window {
    client: Option<Client>,
    runtime: Runtime,
    driver: Child,
    screen: Child,
    display: u32,
    pub folder: TempDir,
}

/// How a screen shows pages: its size, and whether its owner likes them dark.
#[derive(Clone, Copy)]
pub struct Screen {
    pub size: (u32, u32),
    pub dark: bool,
}

impl Default for Screen {
    fn default() -> Self {
        let size = (1366, 768);
        Self { size, dark: false }
    }
}

impl Window {
    /// Opens the program on an empty folder, on a screen of its own.
    pub fn open() -> Self {
        Self::on(Screen::default(), |_| {})
    }

    /// Opens it on what `filled` puts into the data folder.
    pub fn on(look: Screen, filled: impl FnOnce(&Path)) -> Self {
        Self::under(look, &[], filled)
    }

    /// Opens it among these words of the environment.
    pub fn under(look: Screen, place: &[(&str, &str)], filled: impl FnOnce(&Path)) -> Self {
        let folder = TempDir::new().expect("a temporary folder");
        std::fs::create_dir(folder.path().join("outside")).expect("a folder");
        filled(&folder.path().join("data"));
        let (screen, display) = screen(look.size);
        let theme = if look.dark { "Adwaita:dark" } else { "Adwaita" };
        let port = free_port();
        let driver = Command::new("WebKitWebDriver")
            .arg(format!("--port={port}"))
            .env("DISPLAY", format!(":{display}"))
            .env("TAURI_AUTOMATION", "true")
            .env("TAURI_WEBVIEW_AUTOMATION", "true")
            .env("WEBKIT_DISABLE_DMABUF_RENDERER", "1")
            .env("WEBKIT_DISABLE_COMPOSITING_MODE", "1")
            .env("GTK_THEME", theme)
            .envs(place.iter().copied())
            .env("DARNA_OUTSIDE", folder.path().join("outside"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("WebKitWebDriver is there (package webkit2gtk-driver)");
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .expect("a runtime");
        let mut window = Self {
            client: None,
            runtime,
            driver,
            screen,
            display,
            folder,
        };
        window.client = Some(window.connect(port));
        window
    }

    /// Starts the program once more on the same folder and screen, and waits until it ends.
    pub fn start_again(&self, place: &[(&str, &str)]) -> ExitStatus {
        let mut second = Command::new(program())
            .arg("--data")
            .arg(self.folder.path().join("data"))
            .env("DISPLAY", format!(":{}", self.display))
            .envs(place.iter().copied())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the program starts");
        let until = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = second.try_wait().expect("its status") {
                return status;
            }
            if Instant::now() > until {
                let _ = second.kill();
                let _ = second.wait();
                panic!("a second window stays open");
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// The program, then every process that it started, as the system tells of them.
    pub fn processes(&self) -> Vec<u32> {
        let started = children(self.driver.id()).into_iter().find(runs);
        let mut all = vec![started.expect("the program runs under its driver")];
        let mut asked = 0;
        while let Some(process) = all.get(asked) {
            all.extend(children(*process));
            asked += 1;
        }
        all
    }

    /// Sends the program a signal and waits until it has ended.
    pub fn is_ended_by(&self, signal: &str) {
        let started = self.processes()[0];
        let sent = Command::new("kill")
            .args(["-s", signal, &started.to_string()])
            .status();
        assert!(sent.is_ok_and(|sent| sent.success()));
        let until = Instant::now() + PATIENCE;
        while runs(&started) {
            assert!(Instant::now() < until, "it goes on after {signal}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// What lies outside the window, which the test plays.
    pub fn outside(&self) -> Outside {
        Outside(self.folder.path().join("outside"))
    }

    fn connect(&self, port: u16) -> Client {
        let program = program();
        assert!(
            program.exists(),
            "build it first: cargo build --package darna"
        );
        let options = json!({
            "binary": program,
            "args": ["--data", self.folder.path().join("data")],
        });
        let wanted = [("webkitgtk:browserOptions".to_owned(), options)];
        let address = format!("http://127.0.0.1:{port}");
        let until = Instant::now() + PATIENCE;
        loop {
            let opened = self.runtime.block_on(
                ClientBuilder::new(HttpConnector::new())
                    .capabilities(wanted.clone().into_iter().collect())
                    .connect(&address),
            );
            match opened {
                Ok(client) => return client,
                Err(why) => assert!(Instant::now() < until, "the window did not open: {why}"),
            }
            std::thread::sleep(Duration::from_millis(200));
        }
    }

    fn client(&self) -> &Client {
        self.client.as_ref().expect("open until dropped")
    }

    /// What a script gives; asked again while the page is being changed.
    pub fn script(&self, script: &str) -> Value {
        let until = Instant::now() + PATIENCE;
        loop {
            match self
                .runtime
                .block_on(self.client().execute(script, Vec::new()))
            {
                Ok(value) => return value,
                Err(why) => assert!(Instant::now() < until, "{script}: {why}"),
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Waits until the page has what `css` names.
    pub fn wait(&self, css: &str) {
        let until = Instant::now() + PATIENCE;
        let script = format!("return document.querySelector({}) !== null", json!(css));
        while self.script(&script) != Value::Bool(true) {
            assert!(Instant::now() < until, "no {css} on: {}", self.text("body"));
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Waits until a text stands on the page.
    pub fn shows(&self, text: &str) {
        let until = Instant::now() + PATIENCE;
        while !self.text("body").contains(text) {
            assert!(
                Instant::now() < until,
                "no {text:?} on: {}",
                self.text("body")
            );
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Waits until the window is at an address.
    pub fn is_at(&self, path: &str) {
        let until = Instant::now() + PATIENCE;
        while self.script("return location.pathname") != json!(path) {
            assert!(Instant::now() < until, "never at {path}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    pub fn text(&self, css: &str) -> String {
        let script = format!(
            "return document.querySelector({})?.innerText ?? ''",
            json!(css)
        );
        self.script(&script).as_str().unwrap_or_default().to_owned()
    }

    /// Presses what `css` names and waits until the page that follows has `then`.
    pub fn press(&self, css: &str, then: &str) {
        self.wait(css);
        self.script(&format!("document.querySelector({}).click()", json!(css)));
        self.wait(then);
        self.settle();
    }

    /// Waits until the page stands still: only then is the cursor where it belongs.
    pub fn settle(&self) {
        let busy = "return document.querySelector('.htmx-request, .htmx-swapping, .htmx-settling') !== null";
        let until = Instant::now() + PATIENCE;
        while self.script(busy) == Value::Bool(true) {
            assert!(Instant::now() < until, "the page does not come to rest");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Puts the cursor into a field and types, key by key.
    pub fn type_in(&self, css: &str, text: &str) {
        self.wait(css);
        self.script(&format!("document.querySelector({}).focus()", json!(css)));
        self.keys(text);
        let held = self.script(&format!(
            "return document.querySelector({}).value",
            json!(css)
        ));
        assert_eq!(
            held,
            text,
            "{css} holds what was typed; the cursor is in {} on {}",
            self.script("return document.activeElement.outerHTML"),
            self.text("main")
        );
    }

    pub fn keys(&self, text: &str) {
        let keys = text
            .chars()
            .fold(KeyActions::new("keys".to_owned()), |keys, value| {
                keys.then(KeyAction::Down { value })
                    .then(KeyAction::Up { value })
            });
        self.runtime
            .block_on(self.client().perform_actions(keys))
            .expect("keys are pressed");
    }

    /// Presses a key while Alt is held down.
    pub fn alt(&self, key: char) {
        const ALT: char = '\u{E00A}';
        let keys = KeyActions::new("keys".to_owned())
            .then(KeyAction::Down { value: ALT })
            .then(KeyAction::Down { value: key })
            .then(KeyAction::Up { value: key })
            .then(KeyAction::Up { value: ALT });
        self.runtime
            .block_on(self.client().perform_actions(keys))
            .expect("keys are pressed");
    }

    /// Puts a picture of the window where it can be looked at.
    pub fn picture(&self, path: &Path) {
        let picture = self
            .runtime
            .block_on(self.client().screenshot())
            .expect("a picture");
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(path, picture).expect("a file");
    }
}

/// Of all its threads: the webview starts processes from others than the first.
fn children(of: u32) -> Vec<u32> {
    let threads = std::fs::read_dir(format!("/proc/{of}/task"));
    let threads = threads.into_iter().flatten().flatten();
    let told = threads.map(|thread| std::fs::read_to_string(thread.path().join("children")));
    let told: Vec<String> = told.flatten().collect();
    let all = told.iter().flat_map(|told| told.split_whitespace());
    all.flat_map(str::parse).collect()
}

fn runs(process: &u32) -> bool {
    let told = std::fs::read_to_string(format!("/proc/{process}/stat"));
    told.is_ok_and(|told| told.contains("(darna) ") && !told.contains(") Z "))
}

impl Drop for Window {
    fn drop(&mut self) {
        if let Some(client) = self.client.take() {
            let _ = self.runtime.block_on(client.close());
        }
        for child in [&mut self.driver, &mut self.screen] {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// The dialogs, the viewer, the sticks, the swap and the clock of a driven window.
pub struct Outside(PathBuf);

impl Outside {
    /// What the next dialog gives.
    pub fn choose(&self, path: &Path) {
        let path = path.to_str().expect("a path in letters");
        self.says("chosen", path);
    }

    /// Copies of the files that the viewer was given so far, in order.
    pub fn shown(&self) -> Vec<PathBuf> {
        let folder = std::fs::read_dir(self.0.join("shown"));
        let mut shown: Vec<PathBuf> = folder
            .into_iter()
            .flatten()
            .flatten()
            .map(|entry| entry.path())
            .filter(|path| path.extension().is_some())
            .collect();
        shown.sort();
        shown
    }

    /// Waits for the `nth` file (from 1) that the viewer is given.
    pub fn wait_shown(&self, nth: usize) -> PathBuf {
        let until = Instant::now() + PATIENCE;
        loop {
            if let Some(file) = self.shown().get(nth - 1) {
                return file.clone();
            }
            assert!(Instant::now() < until, "{nth} files are shown");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    pub fn plug_in(&self, stick: &Stick) {
        let path = stick.path().to_str().expect("a path in letters");
        let mut drives = std::fs::read_to_string(self.0.join("drives")).unwrap_or_default();
        drives.push_str(&format!("{}\t{path}\n", stick.name));
        self.says("drives", &drives);
    }

    pub fn pull_out_all(&self) {
        self.says("drives", "");
    }

    /// From now on the laptop's swap is not encrypted.
    pub fn swaps(&self) {
        self.says("swap", "");
    }

    /// Sets the program's clock so far ahead of the system's.
    pub fn days_ahead(&self, days: i64) {
        self.says("ahead", &(days * 86_400).to_string());
    }

    /// Whole or not at all: the program may be reading.
    fn says(&self, name: &str, text: &str) {
        let part = self.0.join("writing");
        std::fs::write(&part, text).expect("a file");
        std::fs::rename(part, self.0.join(name)).expect("a file");
    }
}

/// A screen as small as the laptops', and its number.
fn screen((width, height): (u32, u32)) -> (Child, u32) {
    let mut screen = Command::new("Xvfb")
        .args(["-displayfd", "1", "-nolisten", "tcp", "-screen", "0"])
        .arg(format!("{width}x{height}x24"))
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("Xvfb is there (package xvfb)");
    let mut line = String::new();
    let told = screen.stdout.take().expect("its output");
    BufReader::new(told)
        .read_line(&mut line)
        .expect("its number");
    (screen, line.trim().parse().expect("a number"))
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("its address").port()
}

/// The window's program lies beside the tests, or in the folder above them.
fn program() -> PathBuf {
    let own = std::env::current_exe().expect("this program's own file");
    let beside = own.parent().expect("a folder").join("darna");
    if beside.exists() {
        return beside;
    }
    let folder = own.parent().and_then(Path::parent).expect("target/debug");
    folder.join("darna")
}
