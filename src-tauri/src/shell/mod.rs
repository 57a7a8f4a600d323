//! The window. The only code that knows Tauri.

mod bridge;

use std::path::Path;
use std::sync::Arc;

use darna::web::App;
use tauri::{Url, WebviewUrl, WebviewWindowBuilder};

const SCHEME: &str = "darna";

/// Opens the one window on the program's own pages and stays until it is closed.
pub fn run(app: &Arc<App>, data: &Path) -> tauri::Result<()> {
    let router = darna::app(app);
    let start: Url = format!("{SCHEME}://localhost/")
        .parse()
        .map_err(|_| tauri::Error::InvalidWebviewUrl("start"))?;
    // Only the program's own pages: the address bar of a link in a text leads nowhere.
    let ours = |url: &Url| url.scheme() == SCHEME || url.host_str() == Some("darna.localhost");
    // WebKitGTK lets no driver into a private context; a release never gives up the private one.
    let driven = cfg!(debug_assertions) && std::env::var_os("TAURI_WEBVIEW_AUTOMATION").is_some();
    let web_data = data.join("window");
    tauri::Builder::default()
        .register_asynchronous_uri_scheme_protocol(SCHEME, move |_, request, responder| {
            let router = router.clone();
            // Unwrapping a key takes a second: not on the window's own thread.
            tauri::async_runtime::spawn_blocking(move || {
                let answer = tauri::async_runtime::block_on(bridge::answer(router, request));
                responder.respond(answer);
            });
        })
        .setup(move |app| {
            WebviewWindowBuilder::new(app, "main", WebviewUrl::CustomProtocol(start))
                .title("Darna")
                .inner_size(1366.0, 768.0)
                .min_inner_size(1000.0, 600.0)
                .incognito(!driven)
                .data_directory(web_data)
                .devtools(cfg!(debug_assertions))
                .on_navigation(ours)
                .build()?;
            Ok(())
        })
        .run(tauri::generate_context!())
}
