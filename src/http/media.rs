//! Content negotiation: which media type a client prefers.

use actix_web::http::header::{self, HeaderMap, Quality, QualityItem};
use actix_web::mime::Mime;

/// The media types that some endpoints offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// `application/json`.
    Json,
    /// `text/csv`.
    Csv,
    /// `application/ld+json`.
    JsonLd,
}

/// The media type that the client prefers (RFC 9110, 12.5.1): the first of several with the same weight, and JSON if
/// none matches.
pub fn preferred(headers: &HeaderMap) -> Format {
    let accepted = || headers.get_all(header::ACCEPT);
    // most requests name neither CSV nor JSON-LD and need no further parsing
    let names_another = accepted().any(|value| {
        let named = |name: &str| {
            let mut parts = value.as_bytes().windows(name.len());
            parts.any(|part| part.eq_ignore_ascii_case(name.as_bytes()))
        };
        named("text/csv") || named("application/ld+json")
    });
    if !names_another {
        return Format::Json;
    }
    let mut best = (Quality::ZERO, Format::Json);
    let items = header::from_comma_delimited::<_, QualityItem<Mime>>(accepted());
    for item in items.unwrap_or_default() {
        let format = match item.item.essence_str() {
            "text/csv" => Format::Csv,
            "application/ld+json" => Format::JsonLd,
            "application/json" | "application/*" | "*/*" => Format::Json,
            _ => continue,
        };
        if item.quality > best.0 {
            best = (item.quality, format);
        }
    }
    best.1
}

/// Whether the client names HTML, as browsers do. Scripts that accept anything get JSON.
pub fn accepts_html(headers: &HeaderMap) -> bool {
    let mut accepted = headers.get_all(header::ACCEPT);
    accepted.any(|value| {
        value
            .to_str()
            .is_ok_and(|value| value.contains("text/html"))
    })
}
