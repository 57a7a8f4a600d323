//! The native dialogs and the system's viewer. Only Rust asks for them: the page has no command.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use darna::web::Outside;
#[cfg(target_os = "linux")]
use darna::web::Swap;
use tauri::{AppHandle, Manager, Wry};
use tauri_plugin_dialog::{DialogExt, FileDialogBuilder, FilePath};

use super::MAIN;

/// The window as the pages know it; nothing lies outside before it has opened.
#[derive(Clone, Default)]
pub struct Window {
    app: Arc<OnceLock<AppHandle>>,
}

impl Window {
    pub(super) fn opened(&self, app: &AppHandle) {
        let _ = self.app.set(app.clone());
    }

    /// A dialog in front of the window. The answer is waited for: never on the main thread.
    fn dialog(&self, title: &str) -> Option<FileDialogBuilder<Wry>> {
        let app = self.app.get()?;
        let dialog = app.dialog().file().set_title(title);
        Some(match app.get_webview_window(MAIN) {
            Some(window) => dialog.set_parent(&window),
            None => dialog,
        })
    }
}

impl Outside for Window {
    fn show(&self, file: &Path) -> io::Result<()> {
        tauri_plugin_opener::open_path(file, None::<&str>).map_err(io::Error::other)
    }

    fn folder(&self, title: &str) -> Option<PathBuf> {
        path(self.dialog(title)?.blocking_pick_folder())
    }

    fn file(&self, title: &str, endings: &[&str]) -> Option<PathBuf> {
        let dialog = self.dialog(title)?.add_filter(endings.join(", "), endings);
        path(dialog.blocking_pick_file())
    }

    fn place(&self, title: &str, name: &str) -> Option<PathBuf> {
        path(self.dialog(title)?.set_file_name(name).blocking_save_file())
    }

    #[cfg(target_os = "linux")]
    fn release(&self, drive: &Path) -> bool {
        super::drives::unmount(drive).unwrap_or(false)
    }

    #[cfg(target_os = "linux")]
    fn swap(&self) -> Swap {
        super::swap::below(Path::new("/"))
    }

    fn forget(&self, place: &str) {
        let window = self.app.get().and_then(|app| app.get_webview_window(MAIN));
        let Some(window) = window else {
            return;
        };
        let Some(url) = window.url().ok().and_then(|url| url.join(place).ok()) else {
            return;
        };
        #[cfg(target_os = "linux")]
        super::webkit::forget(&window);
        // A new document: what the old one held goes with it.
        let _ = window.navigate(url);
    }
}

fn path(chosen: Option<FilePath>) -> Option<PathBuf> {
    chosen.and_then(|chosen| chosen.into_path().ok())
}
