//! An empty window of the same kind: the floor that the program's start and memory stand on.

use tauri::{Url, WebviewUrl, WebviewWindowBuilder};

const PAGE: &str = "<!doctype html><title>Darna</title><body bgcolor=\"#0d4f4a\"></body>";

fn main() -> tauri::Result<()> {
    let start: Url = "darna://localhost/"
        .parse()
        .map_err(|_| tauri::Error::InvalidWebviewUrl("start"))?;
    tauri::Builder::default()
        .register_uri_scheme_protocol("darna", |_, _| {
            tauri::http::Response::builder()
                .header("content-type", "text/html")
                .body(PAGE.as_bytes().to_vec())
                .expect("a page")
        })
        .setup(move |app| {
            WebviewWindowBuilder::new(app, "main", WebviewUrl::CustomProtocol(start))
                .inner_size(1366.0, 768.0)
                .incognito(true)
                .build()?;
            Ok(())
        })
        .run(tauri::generate_context!())
}
