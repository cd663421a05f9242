//! Where clients reach this API: the start of every absolute URL in an answer.

use actix_web::http::header::HOST;
use actix_web::http::header::HeaderMap;

/// The configured public address, or else what the request's `Host` says.
///
/// Only letters, digits and `.:-[]` are taken from the header, so that nothing else can be smuggled into
/// an answer. Behind a proxy or a cache, configure the public address: then no header has a say.
pub fn of(public_url: Option<&str>, headers: &HeaderMap) -> String {
    if let Some(url) = public_url {
        return url.trim_end_matches('/').to_owned();
    }
    let host = headers
        .get(HOST)
        .and_then(|host| host.to_str().ok())
        .unwrap_or_default();
    let plain = host
        .bytes()
        .all(|b| b.is_ascii_alphanumeric() || b".:-[]".contains(&b));
    if host.is_empty() || host.len() > 255 || !plain {
        return "http://localhost".to_owned();
    }
    format!("http://{host}")
}
