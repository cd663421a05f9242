//! What form of an answer a client prefers, where there are several.

use actix_web::http::header::{self, HeaderMap};

/// Whether the client asks for CSV first.
pub fn prefers_csv(headers: &HeaderMap) -> bool {
    let accept = headers.get(header::ACCEPT);
    let accept = accept
        .and_then(|accept| accept.to_str().ok())
        .unwrap_or_default();
    accept.trim_start().starts_with("text/csv")
}
