//! The index of the API: what `/` and `/v1` answer.

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, get, web};
use serde::Serialize;
use std::fmt::Write;
use utoipa::ToSchema;

use super::docs::Description;
use crate::http::answer::Item;
use crate::http::{base_url, media};
use crate::platform::config::Config;

/// Where to start.
#[derive(Serialize, ToSchema)]
pub struct ApiIndex {
    /// The name of the program.
    #[schema(max_length = 40, example = "Answerable")]
    pub name: &'static str,
    /// The version of the program.
    #[schema(max_length = 40, example = "0.1.0")]
    pub version: &'static str,
    /// The documentation, for people.
    #[schema(
        format = "uri",
        max_length = 2_000,
        example = "http://127.0.0.1:8080/docs"
    )]
    pub documentation: String,
    /// The OpenAPI document.
    #[schema(
        format = "uri",
        max_length = 2_000,
        example = "http://127.0.0.1:8080/openapi.json"
    )]
    pub openapi: String,
    /// What anyone may read without a parameter.
    #[schema(max_items = 100)]
    pub links: Vec<IndexLink>,
}

/// A link of the index.
#[derive(Serialize, ToSchema)]
pub struct IndexLink {
    /// What is there.
    #[schema(max_length = 200, example = "List articles")]
    pub title: String,
    /// The address.
    #[schema(
        format = "uri",
        max_length = 2_000,
        example = "http://127.0.0.1:8080/v1/articles"
    )]
    pub url: String,
}

/// Show the index
///
/// Where to start: a page for browsers, JSON otherwise.
#[utoipa::path(
    tag = "Service",
    responses((status = 200, description = "The index", content((Item<ApiIndex> = "application/json"), (String = "text/html"))))
)]
#[get("/")]
pub async fn show_index(
    request: HttpRequest,
    config: web::Data<Config>,
    description: web::Data<Description>,
) -> HttpResponse {
    show(&request, &config, &description)
}

/// Show the index of this version
///
/// As `/`: there is one version of the API.
#[utoipa::path(
    tag = "Service",
    responses((status = 200, description = "The index", content((Item<ApiIndex> = "application/json"), (String = "text/html"))))
)]
#[get("")]
pub async fn show_version_index(
    request: HttpRequest,
    config: web::Data<Config>,
    description: web::Data<Description>,
) -> HttpResponse {
    show(&request, &config, &description)
}

fn show(request: &HttpRequest, config: &Config, description: &Description) -> HttpResponse {
    let base = base_url::of(config.public_url.as_deref(), request.head());
    let entries = description.entries.iter();
    let links = entries.map(|entry| IndexLink {
        title: entry.title.clone(),
        url: format!("{base}{}", entry.path),
    });
    let data = ApiIndex {
        name: "Answerable",
        version: env!("CARGO_PKG_VERSION"),
        documentation: format!("{base}/docs"),
        openapi: format!("{base}/openapi.json"),
        links: links.collect(),
    };
    let mut response = HttpResponse::Ok();
    response
        .insert_header((header::CACHE_CONTROL, "public, max-age=300"))
        .insert_header((header::VARY, "Accept"));
    if media::accepts_html(request.headers()) {
        return response
            .content_type("text/html; charset=utf-8")
            .body(page(&data));
    }
    response.json(Item { data })
}

fn page(index: &ApiIndex) -> String {
    let ApiIndex {
        name,
        version,
        documentation,
        openapi,
        ..
    } = index;
    let mut page = format!(
        "<!DOCTYPE html><html lang=\"en\"><meta charset=\"utf-8\"><title>{name}</title><main><h1>{name}</h1>\
         <p>Version {version}. <a href=\"{documentation}\">Documentation</a>, <a href=\"{openapi}\">OpenAPI</a></p><ul>"
    );
    for IndexLink { title, url } in &index.links {
        let _ = write!(page, "<li><a href=\"{url}\">{title}</a></li>");
    }
    page.push_str("</ul></main></html>");
    page
}
