//! What only WebKitGTK itself can be told: no menu of its own, no page kept alive behind the one
//! that is shown, and nothing to go back to after a lock.

use std::cell::RefCell;

use tauri::WebviewWindow;
use webkit2gtk::{SettingsExt, WebViewExt, WebViewSessionState};

thread_local! {
    /// The session as it was before the first page; only the main thread knows the webview.
    static FRESH: RefCell<Option<WebViewSessionState>> = const { RefCell::new(None) };
}

pub fn restrain(window: &WebviewWindow) -> tauri::Result<()> {
    window.with_webview(|webview| {
        let webview = webview.inner();
        if let Some(settings) = WebViewExt::settings(&webview) {
            settings.set_enable_page_cache(false);
            settings.set_enable_webgl(false);
            settings.set_enable_webaudio(false);
            settings.set_javascript_can_access_clipboard(false);
        }
        if !cfg!(debug_assertions) {
            webview.connect_context_menu(|_, _, _, _| true);
        }
        FRESH.with(|fresh| *fresh.borrow_mut() = webview.session_state());
    })
}

/// Empties the list of pages that back and forward lead to.
pub fn forget(window: &WebviewWindow) {
    let _ = window.with_webview(|webview| {
        FRESH.with(|fresh| {
            if let Some(fresh) = &*fresh.borrow() {
                webview.inner().restore_session_state(fresh);
            }
        });
    });
}
