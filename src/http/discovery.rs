//! Where else a record is to be had: what an answer says in `Link` of its other forms.

use actix_web::HttpResponse;
use actix_web::http::header::{self, HeaderValue};
use url::form_urlencoded;

/// Says in `Link` where the record at an address is as an embed. `base` is where clients reach this API.
pub fn embed_link(response: &mut HttpResponse, base: &str, address: &str) {
    let url: String = form_urlencoded::byte_serialize(address.as_bytes()).collect();
    let link = format!(
        "<{base}/v1/oembed?url={url}>; rel=\"alternate\"; type=\"application/json+oembed\""
    );
    if let Ok(link) = HeaderValue::from_str(&link) {
        response.headers_mut().insert(header::LINK, link);
    }
}
