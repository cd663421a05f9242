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
    format!("http://{}", host(headers))
}

/// What the request's `Host` says, if that can be part of an answer.
pub fn host(headers: &HeaderMap) -> &str {
    let host = headers.get(HOST).and_then(|host| host.to_str().ok());
    let is_plain = |host: &&str| {
        let plain = |b: u8| b.is_ascii_alphanumeric() || b".:-[]".contains(&b);
        (1..=255).contains(&host.len()) && host.bytes().all(plain)
    };
    host.filter(is_plain).unwrap_or("localhost")
}
