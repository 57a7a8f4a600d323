//! The end of the session, a shutdown or a terminal ends the program as closing its window does:
//! locked, and with nothing left in clear.

use std::sync::Arc;

use darna::web::App;
use tauri::AppHandle;
use tauri::async_runtime::spawn;
use tokio::signal::unix::{SignalKind, signal};

pub fn watch(handle: &AppHandle, app: &Arc<App>) {
    for kind in [
        SignalKind::terminate(),
        SignalKind::interrupt(),
        SignalKind::hangup(),
    ] {
        let (handle, app) = (handle.clone(), Arc::clone(app));
        spawn(async move {
            // One that cannot be heard ends the program as the system has it.
            let Ok(mut heard) = signal(kind) else {
                return;
            };
            if heard.recv().await.is_some() {
                std::thread::spawn(move || super::end(&handle, &app));
            }
        });
    }
}
