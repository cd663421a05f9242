//! What form of an answer a client prefers, where there are several.

use actix_web::http::header::{self, HeaderMap};

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

/// The form that the client asks for first; JSON unless it is one of the others.
pub fn preferred(headers: &HeaderMap) -> Form {
    let accept = headers.get(header::ACCEPT);
    let accept = accept.and_then(|accept| accept.to_str().ok());
    let first = accept.unwrap_or_default().trim_start();
    match first {
        first if first.starts_with("text/csv") => Form::Csv,
        first if first.starts_with("application/ld+json") => Form::JsonLd,
        _ => Form::Json,
    }
}
