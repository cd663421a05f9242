//! oEmbed 1.0: articles and recommendations as a piece of HTML for other people's pages.

pub mod params;
pub mod routes;
pub mod views;

use actix_web::HttpResponse;
use actix_web::http::header::{self, HeaderValue};
use url::form_urlencoded;
use utoipa_actix_web::service_config::ServiceConfig;

/// Mounts the endpoints.
pub fn configure(config: &mut ServiceConfig) {
    config.service(routes::show_embed);
}

/// Says in `Link` where the record at an address is as an embed. `base` is where clients reach this API.
pub fn link(response: &mut HttpResponse, base: &str, address: &str) {
    let url: String = form_urlencoded::byte_serialize(address.as_bytes()).collect();
    let link = format!(
        "<{base}/v1/oembed?url={url}>; rel=\"alternate\"; type=\"application/json+oembed\""
    );
    if let Ok(link) = HeaderValue::from_str(&link) {
        response.headers_mut().insert(header::LINK, link);
    }
}
