//! The URL where clients reach this API: the prefix of every absolute URL in a response.

use actix_web::dev::RequestHead;
use actix_web::http::header::HOST;

/// The configured public URL, or else one built from the host that the request names.
///
/// Only letters, digits and `.:-[]` are accepted in it, so that nothing else can be injected into a response.
/// Behind a proxy or a cache, configure the public URL: the header is then ignored.
pub fn of(public_url: Option<&str>, head: &RequestHead) -> String {
    if let Some(url) = public_url {
        return url.trim_end_matches('/').to_owned();
    }
    format!("http://{}", host(head))
}

/// The host that the request names, if it is safe to use in a response: that of a target in absolute form comes before the
/// header `Host` (RFC 9112, 3.2.2).
pub fn host(head: &RequestHead) -> &str {
    let header = || head.headers.get(HOST).and_then(|host| host.to_str().ok());
    let target = head.uri.authority().map(|authority| authority.as_str());
    let host = target.or_else(header);
    let is_plain = |host: &&str| {
        let plain = |b: u8| b.is_ascii_alphanumeric() || b".:-[]".contains(&b);
        (1..=255).contains(&host.len()) && host.bytes().all(plain)
    };
    host.filter(is_plain).unwrap_or("localhost")
}
