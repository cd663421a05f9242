//! The OpenAPI document, and a documentation page for it. All files of the page are in the binary.

use actix_web::http::header;
use actix_web::{HttpResponse, get, web};
use std::sync::{Arc, LazyLock};
use utoipa_swagger_ui::Config;

use crate::http::error::ApiError;

/// Allows scripts and styles from this origin only, except for the page's own style attributes and inlined icons.
const PAGE_POLICY: &str = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
     frame-ancestors 'none'; form-action 'none'; base-uri 'self'";

static PAGE: LazyLock<Arc<Config<'static>>> = LazyLock::new(|| {
    Arc::new(
        Config::from("/openapi.json")
            .try_it_out_enabled(true)
            .use_base_layout(),
    )
});

/// Provides the OpenAPI document. It is built from the routes, including the one that serves it.
pub struct Description {
    /// The document.
    pub text: &'static LazyLock<String>,
    /// Its entity tag.
    pub tag: &'static LazyLock<String>,
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
pub async fn show_docs() -> Result<HttpResponse, ApiError> {
    file("index.html")
}

/// The files of the documentation page.
pub async fn docs_file(path: web::Path<String>) -> Result<HttpResponse, ApiError> {
    file(if path.is_empty() { "index.html" } else { &path })
}

fn file(name: &str) -> Result<HttpResponse, ApiError> {
    let found = utoipa_swagger_ui::serve(name, PAGE.clone()).map_err(|e| ApiError::internal(&e))?;
    let found = found.ok_or_else(ApiError::not_found)?;
    let mut bytes = found.bytes.into_owned();
    if name == "index.html" {
        // the page refers to its files by relative URLs, which must also work at /docs
        let page =
            String::from_utf8_lossy(&bytes).replacen("<head>", "<head><base href=\"/docs/\">", 1);
        bytes = page
            .replace("<title>Swagger UI</title>", "<title>Answerable API</title>")
            .into_bytes();
    }
    let content_type = match found.content_type.as_str() {
        "text/html" => "text/html; charset=utf-8".to_owned(),
        other => other.to_owned(),
    };
    let mut response = HttpResponse::Ok();
    if found.gzpipped {
        response.insert_header(header::ContentEncoding::Gzip);
    }
    Ok(response
        .content_type(content_type)
        .insert_header((header::CONTENT_SECURITY_POLICY, PAGE_POLICY))
        .insert_header((header::CACHE_CONTROL, "public, max-age=300"))
        .body(bytes))
}
