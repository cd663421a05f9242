//! The OpenAPI document, and a page made from it. All of the page's files are inside the binary.

use actix_web::http::header;
use actix_web::{HttpResponse, get, web};
use std::sync::{Arc, LazyLock};
use utoipa_swagger_ui::Config;

use crate::http::error::ApiError;

/// Scripts and styles from here only; the page's own style attributes and its inlined icons must work.
const PAGE_POLICY: &str = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
     frame-ancestors 'none'; form-action 'none'; base-uri 'self'";

static PAGE: LazyLock<Arc<Config<'static>>> = LazyLock::new(|| {
    Arc::new(
        Config::from("/openapi.json")
            .try_it_out_enabled(true)
            .use_base_layout(),
    )
});

/// Where the OpenAPI document comes from: it is made of the routes, this one among them.
pub struct Description {
    /// The document.
    pub text: fn() -> &'static str,
    /// Its entity tag.
    pub tag: fn() -> &'static str,
}

/// The OpenAPI document
///
/// This description, generated from the code that serves.
#[utoipa::path(tag = "Service", responses((status = 200, description = "The document", body = serde_json::Value)))]
#[get("/openapi.json")]
pub async fn show_openapi(openapi: web::Data<Description>) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("application/json")
        .insert_header((header::ETAG, (openapi.tag)()))
        .insert_header((header::CACHE_CONTROL, "public, max-age=300"))
        .body((openapi.text)())
}

/// The documentation page
///
/// For people. It works without any other server.
#[utoipa::path(tag = "Service", responses((status = 200, description = "A page", body = String, content_type = "text/html")))]
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
        // the page names its files relative to itself; it must also work as /docs
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
