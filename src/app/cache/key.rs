//! Cache keys: everything in a request that its response depends on, normalised.

use actix_http::{Method, Request};
use actix_web::http::header;
use url::form_urlencoded;

use crate::http::media::{self, Format};
use crate::http::{base_url, query};
use crate::platform::config::Config;
use crate::publishing::changes::stream;
use crate::publishing::exports;

/// Parameters whose responses are not cached: `as_of` has its own store, and `preview` shows what is not public.
const NOT_CACHED: [&str; 2] = ["as_of", "preview"];

/// Whether a request reads public data. Others bypass the cache.
pub fn is_public_read(request: &Request) -> bool {
    let head = request.head();
    matches!(head.method, Method::GET | Method::HEAD)
        && head.uri.path().starts_with("/v1/")
        // too large to cache
        && !head.uri.path().starts_with(exports::PATH)
        && head.uri.path() != stream::PATH
        && !head.headers.contains_key(header::AUTHORIZATION)
}

/// Writes the key of a request into `key`. Returns `false` if its response must not be cached.
///
/// The order of parameters and their encoding make no difference. Responses have absolute links, so the host is part of
/// the key unless the public URL is configured.
pub fn write(key: &mut String, request: &Request, config: &Config) -> bool {
    key.clear();
    let head = request.head();
    let length = head.headers.get(header::CONTENT_LENGTH);
    let has_body = length.is_some_and(|length| length.as_bytes() != b"0");
    if has_body || head.headers.contains_key(header::TRANSFER_ENCODING) {
        return false;
    }
    key.push(match media::preferred(&head.headers) {
        Format::Csv => 'c',
        Format::JsonLd => 'l',
        Format::Json => 'j',
    });
    if config.public_url.is_none() {
        key.push_str(base_url::host(head));
    }
    key.push('\n');
    key.push_str(head.uri.path());
    head.uri.query().is_none_or(|text| write_query(key, text))
}

fn write_query(key: &mut String, text: &str) -> bool {
    if is_plain(text) {
        key.extend(["?", text]);
        return true;
    }
    let mut pairs = Vec::with_capacity(8);
    for (name, value) in form_urlencoded::parse(text.as_bytes()) {
        // invalid UTF-8 is rejected later; it must not share a key with a literal U+FFFD
        if NOT_CACHED.contains(&&*name) || name.contains('\u{fffd}') || value.contains('\u{fffd}') {
            return false;
        }
        match query::is_comma_list(&name) {
            true => pairs.extend(value.split(',').map(|one| (name.clone(), one.to_owned()))),
            false => pairs.push((name, value.into_owned())),
        }
    }
    pairs.sort_by(query::order);
    for (index, (name, value)) in pairs.iter().enumerate() {
        key.push(if index == 0 { '?' } else { '&' });
        key.extend(form_urlencoded::byte_serialize(name.as_bytes()));
        key.push('=');
        key.extend(form_urlencoded::byte_serialize(value.as_bytes()));
    }
    true
}

/// Whether a query is a single parameter that is in normal form already.
fn is_plain(text: &str) -> bool {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"*-._=".contains(&b);
    let pair = text.split_once('=');
    text.bytes().all(plain)
        && pair.is_some_and(|(name, value)| !NOT_CACHED.contains(&name) && !value.contains('='))
}
