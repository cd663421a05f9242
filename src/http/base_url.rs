//! The URL where clients reach this API: the prefix of every absolute URL in a response.

use actix_web::http::header::HOST;
use actix_web::http::header::HeaderMap;

/// The configured public URL, or else one built from the request's `Host`.
///
/// Only letters, digits and `.:-[]` are accepted in the header, so that nothing else can be injected into a response.
/// Behind a proxy or a cache, configure the public URL: the header is then ignored.
pub fn of(public_url: Option<&str>, headers: &HeaderMap) -> String {
    if let Some(url) = public_url {
        return url.trim_end_matches('/').to_owned();
    }
    format!("http://{}", host(headers))
}

/// The request's `Host`, if it is safe to use in a response.
pub fn host(headers: &HeaderMap) -> &str {
    let host = headers.get(HOST).and_then(|host| host.to_str().ok());
    let is_plain = |host: &&str| {
        let plain = |b: u8| b.is_ascii_alphanumeric() || b".:-[]".contains(&b);
        (1..=255).contains(&host.len()) && host.bytes().all(plain)
    };
    host.filter(is_plain).unwrap_or("localhost")
}
