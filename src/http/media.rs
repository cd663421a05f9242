//! What form of an answer a client prefers, where there are several.

use actix_web::http::header::{self, HeaderMap, Quality, QualityItem};

/// The forms that some answers have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// The API's own.
    Json,
    /// Lines of values.
    Csv,
    /// Linked data.
    JsonLd,
}

/// The form that the client takes best (RFC 9110, 12.5.1), and of equal ones the first; JSON unless it is one of the others.
pub fn preferred(headers: &HeaderMap) -> Form {
    let accepted = || headers.get_all(header::ACCEPT);
    // most name none of the others, and nothing more is read of theirs
    let names_another = accepted().any(|value| {
        let named = |name: &str| {
            let mut parts = value.as_bytes().windows(name.len());
            parts.any(|part| part.eq_ignore_ascii_case(name.as_bytes()))
        };
        named("text/csv") || named("application/ld+json")
    });
    if !names_another {
        return Form::Json;
    }
    let mut best = (Quality::ZERO, Form::Json);
    let items = header::from_comma_delimited::<_, QualityItem<String>>(accepted());
    for item in items.unwrap_or_default() {
        let name = item.item.split(';').next().unwrap_or_default().trim();
        let form = match name.to_ascii_lowercase().as_str() {
            "text/csv" => Form::Csv,
            "application/ld+json" => Form::JsonLd,
            "application/json" | "application/*" | "*/*" => Form::Json,
            _ => continue,
        };
        if item.quality > best.0 {
            best = (item.quality, form);
        }
    }
    best.1
}
