//! Locks when nobody can be in front of the screen: the laptop goes to sleep, its session is
//! locked or left to another user, the clock jumps, a hidden window stays hidden too long, or a
//! page no longer asks for anything.

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use darna::web::App;

const TICK: Duration = Duration::from_secs(5);
/// A clock that moved by more than this slept, or was set: safety.md 2.
const JUMP: Duration = Duration::from_secs(600);

pub fn watch(app: &Arc<App>) {
    let ticking = Arc::clone(app);
    std::thread::spawn(move || tick(&ticking));
    #[cfg(target_os = "linux")]
    {
        let (sleeping, leaving) = (Arc::clone(app), Arc::clone(app));
        // Without logind there is nothing to hear; the clock's jump still locks afterwards.
        std::thread::spawn(move || logind::sleep(&sleeping));
        std::thread::spawn(move || logind::session(&leaving));
    }
}

fn tick(app: &App) {
    let (mut steady, mut wall) = (Instant::now(), SystemTime::now());
    let (mut asked, mut since) = (app.asked(), Instant::now());
    loop {
        std::thread::sleep(TICK);
        let passed = steady.elapsed();
        steady = Instant::now();
        let shown = SystemTime::now();
        let jump = match shown.duration_since(wall) {
            Ok(forward) => forward.abs_diff(passed),
            Err(back) => back.duration() + passed,
        };
        wall = shown;
        if jump > JUMP {
            app.lock();
        }
        app.lock_hidden();
        // Counted by the steady clock: the one on the wall can be set back.
        let last = app.asked();
        if last != asked {
            (asked, since) = (last, Instant::now());
        }
        app.lock_silent(since.elapsed());
    }
}

#[cfg(target_os = "linux")]
mod logind {
    use darna::web::App;
    use zbus::blocking::{Connection, Proxy};
    use zbus::zvariant::{OwnedFd, OwnedObjectPath};

    const NAME: &str = "org.freedesktop.login1";

    fn manager(bus: &Connection) -> zbus::Result<Proxy<'static>> {
        let path = "/org/freedesktop/login1";
        Proxy::new(bus, NAME, path, "org.freedesktop.login1.Manager")
    }

    /// Closing the lid sends the laptop to sleep, so this hears both.
    pub fn sleep(app: &App) -> zbus::Result<()> {
        let bus = Connection::system()?;
        let manager = manager(&bus)?;
        let signals = manager.receive_signal("PrepareForSleep")?;
        let mut held = hold(&manager);
        for signal in signals {
            if signal.body().deserialize()? {
                app.lock();
                // Only now may the laptop sleep: the keys must not lie in a sleeping memory.
                drop(held.take());
            } else {
                held = hold(&manager);
            }
        }
        drop(held);
        Ok(())
    }

    fn hold(manager: &Proxy<'_>) -> Option<OwnedFd> {
        let asked = ("sleep", "Darna", "The centre is being locked", "delay");
        manager.call("Inhibit", &asked).ok()
    }

    /// The session of this process: locked by its user, or another one is at the screen.
    pub fn session(app: &App) -> zbus::Result<()> {
        let bus = Connection::system()?;
        let path: OwnedObjectPath =
            manager(&bus)?.call("GetSessionByPID", &(std::process::id(),))?;
        let own = Proxy::new(&bus, NAME, &path, "org.freedesktop.login1.Session")?;
        std::thread::scope(|both| {
            both.spawn(|| {
                for active in own.receive_property_changed::<bool>("Active") {
                    if active.get().is_ok_and(|active| !active) {
                        app.lock();
                    }
                }
            });
            for _ in own.receive_signal("Lock")? {
                app.lock();
            }
            Ok(())
        })
    }
}
