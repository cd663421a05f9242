//! Unit tests of `http::media`.
use actix_web::http::header::HeaderValue;
use actix_web::http::header::{self, HeaderMap};
use answerable::http::media::*;

#[test]
fn the_most_acceptable_media_type_wins() {
    for (accept, expected) in [
        ("", Format::Json),
        ("*/*", Format::Json),
        ("text/html, application/xml;q=0.9, */*;q=0.8", Format::Json),
        ("text/csv", Format::Csv),
        ("TEXT/CSV; charset=utf-8", Format::Csv),
        ("text/csv, */*", Format::Csv),
        ("application/json, text/csv", Format::Json),
        ("application/ld+json", Format::JsonLd),
        ("APPLICATION/LD+JSON", Format::JsonLd),
        ("application/ld+json;q=0", Format::Json),
        ("application/ld+json;q=0.5, application/json", Format::Json),
        (
            "text/turtle, application/ld+json;q=0.8, */*;q=0.5",
            Format::JsonLd,
        ),
        ("application/json;q=0, application/ld+json", Format::JsonLd),
        (
            "application/ld+json; profile=\"http://www.w3.org/ns/json-ld#compacted\"",
            Format::JsonLd,
        ),
    ] {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT, HeaderValue::from_static(accept));
        assert_eq!(preferred(&headers), expected, "{accept}");
    }
}
