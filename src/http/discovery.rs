//! Discovery: `Link` headers that point to other representations of a record.

use actix_web::HttpResponse;
use actix_web::http::header::{self, HeaderValue};
use url::form_urlencoded;

/// Adds a `Link` to the oEmbed representation of the record at `address`. `base` is the URL where clients reach this
/// API.
pub fn embed_link(response: &mut HttpResponse, base: &str, address: &str) {
    let url: String = form_urlencoded::byte_serialize(address.as_bytes()).collect();
    let link = format!(
        "<{base}/v1/oembed?url={url}>; rel=\"alternate\"; type=\"application/json+oembed\""
    );
    if let Ok(link) = HeaderValue::from_str(&link) {
        response.headers_mut().insert(header::LINK, link);
    }
}
