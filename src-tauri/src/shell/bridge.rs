//! Hands a request of the webview to the router and the answer back. The webview follows no
//! redirect from a custom scheme, so it is followed here and the page's address told to htmx.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, LOCATION, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderName, HeaderValue, Method, Request, Response, StatusCode};
use tower::ServiceExt;

/// The largest request, in bytes; forms have smaller limits of their own.
const LARGEST: usize = 8 * 1024 * 1024;
const HOPS: usize = 4;

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; \
     form-action 'self'; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'";

pub async fn answer(router: Router, request: Request<Vec<u8>>) -> Response<Vec<u8>> {
    if request.body().len() > LARGEST {
        return refused(StatusCode::PAYLOAD_TOO_LARGE);
    }
    let is_asset = request.uri().path().starts_with("/assets/");
    let mut next = request.map(Body::from);
    let mut pushed = None;
    for _ in 0..HOPS {
        let Ok(response) = router.clone().oneshot(next).await;
        let followed = (response.status() == StatusCode::SEE_OTHER)
            .then(|| response.headers().get(LOCATION).cloned())
            .flatten();
        let Some(place) = followed else {
            return match response.status() {
                StatusCode::NOT_FOUND if !is_asset => nowhere(&router).await,
                _ => whole(response, pushed).await,
            };
        };
        let Ok(request) = get(&place) else {
            return refused(StatusCode::BAD_GATEWAY);
        };
        next = request;
        pushed = Some(place);
    }
    refused(StatusCode::LOOP_DETECTED)
}

/// A page instead of an empty window; it tells a missing record and a forbidden one alike.
async fn nowhere(router: &Router) -> Response<Vec<u8>> {
    let Ok(request) = get(&HeaderValue::from_static("/nowhere")) else {
        return refused(StatusCode::NOT_FOUND);
    };
    let Ok(response) = router.clone().oneshot(request).await;
    let mut page = whole(response, None).await;
    *page.status_mut() = StatusCode::NOT_FOUND;
    page
}

fn get(place: &HeaderValue) -> Result<Request<Body>, axum::http::Error> {
    Request::builder()
        .method(Method::GET)
        .uri(place.as_bytes())
        .body(Body::empty())
}

async fn whole(response: Response<Body>, pushed: Option<HeaderValue>) -> Response<Vec<u8>> {
    let (mut parts, body) = response.into_parts();
    let Ok(bytes) = to_bytes(body, usize::MAX).await else {
        return refused(StatusCode::INTERNAL_SERVER_ERROR);
    };
    if let Some(place) = pushed {
        parts
            .headers
            .insert(HeaderName::from_static("hx-push-url"), place);
    }
    guarded(Response::from_parts(parts, bytes.to_vec()))
}

fn refused(status: StatusCode) -> Response<Vec<u8>> {
    let mut response = Response::new(Vec::new());
    *response.status_mut() = status;
    guarded(response)
}

fn guarded(mut response: Response<Vec<u8>>) -> Response<Vec<u8>> {
    let rules = [
        (CONTENT_SECURITY_POLICY, POLICY),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (REFERRER_POLICY, "no-referrer"),
        (CACHE_CONTROL, "no-store"),
    ];
    for (name, value) in rules {
        response
            .headers_mut()
            .insert(name, HeaderValue::from_static(value));
    }
    response
}
