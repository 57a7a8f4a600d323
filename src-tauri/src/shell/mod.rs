//! The window. The only code that knows Tauri.

mod bridge;
#[cfg(debug_assertions)]
pub mod driven;
#[cfg(target_os = "linux")]
mod drives;
mod outside;
#[cfg(unix)]
mod signals;
mod sleep;
#[cfg(target_os = "linux")]
mod swap;
#[cfg(target_os = "linux")]
mod webkit;

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use darna::kit::lang::Lang;
use darna::vault::Refusal;
use darna::web::App;
use tauri::webview::NewWindowResponse;
use tauri::{AppHandle, Builder, Context, Manager, RunEvent, Url, WebviewUrl, WindowEvent, Wry};
use tauri::{WebviewWindow, WebviewWindowBuilder};

pub use outside::Window;

const SCHEME: &str = "darna";
const MAIN: &str = "main";

/// Opens the one window on the program's own pages and stays until it is closed.
pub fn run(app: &Arc<App>, window: Window, data: &Path) -> tauri::Result<()> {
    let web_data = data.join("window");
    let (closing, watched) = (Arc::clone(app), Arc::clone(app));
    serving(darna::app(app))
        .plugin(one_a_folder(data))
        .plugin(tauri_plugin_dialog::init())
        .setup(move |app| {
            open(app.handle(), Some(&web_data))?;
            window.opened(app.handle());
            sleep::watch(&watched);
            #[cfg(unix)]
            signals::watch(app.handle(), &watched);
            Ok(())
        })
        .build(context())?
        .run(move |handle, event| match event {
            RunEvent::WindowEvent {
                event: WindowEvent::CloseRequested { api, .. },
                ..
            } => {
                api.prevent_close();
                lock_and_close(handle, &closing);
            }
            RunEvent::Exit => closing.lock(),
            _ => {}
        });
    Ok(())
}

/// As long as a page has to lock before its window closes all the same.
const LAST_WORDS: Duration = Duration::from_secs(3);

/// Closes the window once its page has locked: as before every lock, what stands half-typed is
/// kept for whoever typed it.
fn lock_and_close(handle: &AppHandle, app: &Arc<App>) {
    let Some(window) = handle.get_webview_window(MAIN) else {
        return;
    };
    let app = Arc::clone(app);
    // The vault may be busy for seconds, and the window must not stand still for it.
    std::thread::spawn(move || {
        if app.vault.is_open() {
            let _ = window.eval("document.querySelector('#lock-form button')?.click()");
        }
        let until = Instant::now() + LAST_WORDS;
        while app.vault.is_open() && Instant::now() < until {
            std::thread::sleep(Duration::from_millis(20));
        }
        let _ = window.destroy();
    });
}

/// Ends where nobody at the window asks for it: the session is over, or the machine goes down. The
/// window may not even answer any more.
#[cfg(unix)]
fn end(handle: &AppHandle, app: &Arc<App>) {
    // What stands in clear goes first, however long the rest takes.
    app.spool.clear();
    lock_and_close(handle, app);
    std::thread::sleep(LAST_WORDS * 2);
    app.leave();
    std::process::exit(0);
}

/// Tells in a window why there is no centre to show. Where another window already has the folder,
/// that one comes to the front instead.
pub fn refuse(refusal: &Refusal, data: Option<&Path>) -> tauri::Result<()> {
    let mut builder = serving(darna::web::closed(refusal));
    if let (Refusal::InUse, Some(data)) = (refusal, data) {
        builder = builder.plugin(one_a_folder(data));
    }
    builder
        .setup(|app| Ok(open(app.handle(), None).map(|_| ())?))
        .run(context())
}

fn context() -> Context<Wry> {
    tauri::generate_context!()
}

fn serving(router: Router) -> Builder<Wry> {
    Builder::default().register_asynchronous_uri_scheme_protocol(
        SCHEME,
        move |_, request, responder| {
            let router = router.clone();
            // Unwrapping a key takes a second, a dialog stays until it is answered: not on the
            // window's own thread.
            tauri::async_runtime::spawn_blocking(move || {
                let answer = tauri::async_runtime::block_on(bridge::answer(router, request));
                responder.respond(answer);
            });
        },
    )
}

/// A second start on the same folder brings this window to the front and ends.
fn one_a_folder(data: &Path) -> tauri::plugin::TauriPlugin<Wry> {
    let whole = std::path::absolute(data).unwrap_or_else(|_| data.to_owned());
    let mark = blake3::hash(whole.as_os_str().as_encoded_bytes()).to_hex();
    tauri_plugin_single_instance::Builder::new()
        .dbus_id(format!("org.darna.centre.d{}", &mark[..16]))
        .callback(|app, _, _| {
            if let Some(window) = app.get_webview_window(MAIN) {
                let _ = window.unminimize();
                let _ = window.set_focus();
            }
        })
        .build()
}

fn open(app: &AppHandle, web_data: Option<&Path>) -> tauri::Result<WebviewWindow> {
    let start: Url = format!("{SCHEME}://localhost/")
        .parse()
        .map_err(|_| tauri::Error::InvalidWebviewUrl("start"))?;
    // WebKitGTK lets no driver into a private context; a release never gives up the private one.
    let driven = cfg!(debug_assertions) && std::env::var_os("TAURI_WEBVIEW_AUTOMATION").is_some();
    let (width, height) = fitting(app);
    let mut builder = WebviewWindowBuilder::new(app, MAIN, WebviewUrl::CustomProtocol(start))
        .title(NAME)
        .inner_size(width, height)
        .min_inner_size(800.0, 560.0)
        .maximized(true)
        .incognito(!driven)
        .devtools(cfg!(debug_assertions))
        .general_autofill_enabled(false)
        .on_navigation(ours)
        .on_new_window(|_, _| NewWindowResponse::Deny)
        .on_download(|_, _| false)
        .on_document_title_changed(|window, title| {
            let _ = window.set_title(neutral(&title));
        });
    if let Some(web_data) = web_data {
        builder = builder.data_directory(web_data.to_owned());
    }
    let window = builder.build()?;
    #[cfg(target_os = "linux")]
    webkit::restrain(&window)?;
    Ok(window)
}

/// The size of the laptops this is made for, or that of a smaller screen.
fn fitting(app: &AppHandle) -> (f64, f64) {
    let (width, height) = (1366.0, 768.0);
    match app.primary_monitor() {
        Ok(Some(monitor)) => {
            let screen = monitor.size().to_logical::<f64>(monitor.scale_factor());
            (screen.width.min(width), screen.height.min(height))
        }
        _ => (width, height),
    }
}

const NAME: &str = "Darna";

/// Only the program's own pages: a link in a text leads nowhere. Windows shows a custom scheme
/// under a host of its own.
fn ours(url: &Url) -> bool {
    url.scheme() == SCHEME || cfg!(windows) && url.host_str() == Some("darna.localhost")
}

/// What the task bar may show: a page's title can hold a name. The cover's own hides even that
/// this is Darna.
fn neutral(title: &str) -> &str {
    let cover = Lang::ALL.map(darna::cover_title);
    if cover.iter().any(|cover| cover == title) {
        title
    } else {
        NAME
    }
}
