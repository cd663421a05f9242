//! Unit tests of `http::media`.
use actix_web::http::header::HeaderValue;
use actix_web::http::header::{self, HeaderMap};
use answerable::http::media::*;

#[test]
fn the_most_acceptable_media_type_wins() {
    for (accept, expected) in [
        ("", Form::Json),
        ("*/*", Form::Json),
        ("text/html, application/xml;q=0.9, */*;q=0.8", Form::Json),
        ("text/csv", Form::Csv),
        ("TEXT/CSV; charset=utf-8", Form::Csv),
        ("text/csv, */*", Form::Csv),
        ("application/json, text/csv", Form::Json),
        ("application/ld+json", Form::JsonLd),
        ("APPLICATION/LD+JSON", Form::JsonLd),
        ("application/ld+json;q=0", Form::Json),
        ("application/ld+json;q=0.5, application/json", Form::Json),
        (
            "text/turtle, application/ld+json;q=0.8, */*;q=0.5",
            Form::JsonLd,
        ),
        ("application/json;q=0, application/ld+json", Form::JsonLd),
        (
            "application/ld+json; profile=\"http://www.w3.org/ns/json-ld#compacted\"",
            Form::JsonLd,
        ),
    ] {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT, HeaderValue::from_static(accept));
        assert_eq!(preferred(&headers), expected, "{accept}");
    }
}
