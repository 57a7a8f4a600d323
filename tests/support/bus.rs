//! A message bus of its own for a window, and on it what a laptop's session keeper says: that the
//! lid closes, that the screen is locked or left to somebody else.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, ErrorKind, Read};
use std::os::unix::net::UnixStream;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tempfile::TempDir;
use zbus::blocking::{Connection, connection};
use zbus::zvariant::{OwnedFd, OwnedObjectPath, Value};

const NAME: &str = "org.freedesktop.login1";
const MANAGER: &str = "/org/freedesktop/login1";
const SESSION: &str = "/org/freedesktop/login1/session/one";
const PATIENCE: Duration = Duration::from_secs(30);

pub struct Bus {
    daemon: Child,
    pub address: String,
    _folder: TempDir,
}

impl Bus {
    pub fn start() -> Self {
        let folder = TempDir::new().expect("a temporary folder");
        let mut daemon = Command::new("dbus-daemon")
            .args(["--session", "--nofork", "--print-address"])
            .arg(format!(
                "--address=unix:path={}",
                folder.path().join("bus").display()
            ))
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("dbus-daemon is there (package dbus-daemon)");
        let mut address = String::new();
        let told = daemon.stdout.take().expect("its output");
        BufReader::new(told)
            .read_line(&mut address)
            .expect("its address");
        Self {
            daemon,
            address: address.trim().to_owned(),
            _folder: folder,
        }
    }
}

impl Drop for Bus {
    fn drop(&mut self) {
        let _ = self.daemon.kill();
        let _ = self.daemon.wait();
    }
}

/// The session keeper (systemd-logind, as org.freedesktop.login1 is documented).
pub struct Keeper {
    bus: Connection,
    held: Arc<Mutex<Vec<UnixStream>>>,
}

struct Manager {
    held: Arc<Mutex<Vec<UnixStream>>>,
}

#[zbus::interface(name = "org.freedesktop.login1.Manager")]
impl Manager {
    fn inhibit(
        &self,
        _what: &str,
        _who: &str,
        _why: &str,
        _mode: &str,
    ) -> zbus::fdo::Result<OwnedFd> {
        let (ours, theirs) =
            UnixStream::pair().map_err(|why| zbus::fdo::Error::Failed(why.to_string()))?;
        if let Ok(mut held) = self.held.lock() {
            held.push(ours);
        }
        Ok(std::os::fd::OwnedFd::from(theirs).into())
    }

    #[zbus(name = "GetSessionByPID")]
    fn session(&self, _process: u32) -> zbus::fdo::Result<OwnedObjectPath> {
        OwnedObjectPath::try_from(SESSION).map_err(|why| zbus::fdo::Error::Failed(why.to_string()))
    }
}

struct Session;

#[zbus::interface(name = "org.freedesktop.login1.Session")]
impl Session {
    #[zbus(property)]
    fn active(&self) -> bool {
        true
    }
}

impl Keeper {
    pub fn on(bus: &Bus) -> Self {
        let held = Arc::default();
        let manager = Manager {
            held: Arc::clone(&held),
        };
        let bus = connection::Builder::address(bus.address.as_str())
            .and_then(|builder| builder.name(NAME))
            .and_then(|builder| builder.serve_at(MANAGER, manager))
            .and_then(|builder| builder.serve_at(SESSION, Session))
            .and_then(connection::Builder::build)
            .expect("a name on the bus");
        Self { bus, held }
    }

    /// Waits until somebody holds the laptop awake until they are done.
    pub fn wait_held(&self) {
        let until = Instant::now() + PATIENCE;
        while self.held.lock().expect("the list").is_empty() {
            assert!(Instant::now() < until, "nobody asks to hold sleep off");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Says that the laptop is about to sleep, and waits until it may.
    pub fn sleeps(&self) {
        let mut holds = std::mem::take(&mut *self.held.lock().expect("the list"));
        self.says(MANAGER, "Manager", "PrepareForSleep", &(true,));
        for hold in &mut holds {
            hold.set_read_timeout(Some(PATIENCE)).expect("a limit");
            let let_go = hold.read(&mut [0]);
            assert!(
                matches!(&let_go, Ok(0))
                    || let_go.is_err_and(|why| why.kind() == ErrorKind::ConnectionReset),
                "sleep is let go"
            );
        }
    }

    pub fn wakes(&self) {
        self.says(MANAGER, "Manager", "PrepareForSleep", &(false,));
    }

    pub fn locks_the_screen(&self) {
        self.says(SESSION, "Session", "Lock", &());
    }

    /// Another person of this computer comes to the screen.
    pub fn switches_user(&self) {
        let changed = HashMap::from([("Active", Value::from(false))]);
        let gone: Vec<&str> = Vec::new();
        let body = (format!("{NAME}.Session"), changed, gone);
        self.bus
            .emit_signal(
                None::<&str>,
                SESSION,
                "org.freedesktop.DBus.Properties",
                "PropertiesChanged",
                &body,
            )
            .expect("a signal");
    }

    fn says<B>(&self, path: &str, part: &str, signal: &str, body: &B)
    where
        B: serde::Serialize + zbus::zvariant::DynamicType,
    {
        self.bus
            .emit_signal(None::<&str>, path, format!("{NAME}.{part}"), signal, body)
            .expect("a signal");
    }
}
