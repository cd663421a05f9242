//! The OpenAPI document, and a documentation page for it. All files of the page are in the binary.

use actix_web::http::header;
use actix_web::{HttpResponse, get, web};
use std::sync::LazyLock;

use crate::http::error::ApiError;

/// Allows scripts from this origin only, and the styles that the page's component brings with it.
const PAGE_POLICY: &str = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
     frame-ancestors 'none'; form-action 'none'; base-uri 'self'";

/// `openapi-explorer`, from its package on npm, as it is published (Apache-2.0; the licence lies beside it).
const COMPONENT: &str = include_str!("docs/openapi-explorer.min.js");

/// A path that anyone may read without a parameter.
pub struct Entry {
    /// The path.
    pub path: String,
    /// What is there.
    pub title: String,
}

/// Provides the OpenAPI document. It is built from the routes, including the one that serves it.
pub struct Description {
    /// The document.
    pub text: &'static LazyLock<String>,
    /// Its entity tag.
    pub tag: &'static LazyLock<String>,
    /// What anyone may read without a parameter.
    pub entries: &'static LazyLock<Vec<Entry>>,
}

/// Show the OpenAPI document
///
/// This document, generated from the code that serves the API.
#[utoipa::path(tag = "Service", responses((status = 200, description = "The document", body = serde_json::Value)))]
#[get("/openapi.json")]
pub async fn show_openapi(openapi: web::Data<Description>) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("application/json")
        .insert_header((header::ETAG, openapi.tag.as_str()))
        .insert_header((header::CACHE_CONTROL, "public, max-age=300"))
        .body(openapi.text.as_str())
}

/// Show the documentation
///
/// For browsers. The page loads nothing from other servers.
#[utoipa::path(tag = "Service", responses((status = 200, description = "The page", body = String, content_type = "text/html")))]
#[get("/docs")]
pub async fn show_docs() -> HttpResponse {
    page()
}

fn script(text: &'static str) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/javascript; charset=utf-8")
        .insert_header((header::CACHE_CONTROL, "public, max-age=300"))
        .body(text)
}

fn page() -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/html; charset=utf-8")
        .insert_header((header::CONTENT_SECURITY_POLICY, PAGE_POLICY))
        .insert_header((header::CACHE_CONTROL, "public, max-age=300"))
        .body(include_str!("docs/page.html"))
}

/// The files of the documentation page.
pub async fn docs_file(name: web::Path<String>) -> Result<HttpResponse, ApiError> {
    match name.as_str() {
        "" => Ok(page()),
        "openapi-explorer.min.js" => Ok(script(COMPONENT)),
        "page.js" => Ok(script(include_str!("docs/page.js"))),
        _ => Err(ApiError::not_found()),
    }
}
