//! The pages that the `type` of a problem document refers to.

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, get, web};
use serde::Serialize;
use strum::IntoEnumIterator;
use utoipa::ToSchema;

use crate::http::answer::Item;
use crate::http::error::ApiError;
use crate::http::media;
use crate::http::problem::ProblemCode;

/// A kind of problem that this API reports.
#[derive(Serialize, ToSchema)]
pub struct ProblemKind {
    /// The code, as in the `code` of a problem document.
    #[schema(max_length = 60, pattern = "^[a-z-]+$", example = "not-found")]
    pub code: &'static str,
    /// The HTTP status.
    #[schema(minimum = 400, maximum = 599, example = 404)]
    pub status: u16,
    /// A short description.
    #[schema(max_length = 200, example = "Not found")]
    pub title: &'static str,
    /// What happened and what to do.
    #[schema(max_length = 4000)]
    pub help: &'static str,
}

impl From<ProblemCode> for ProblemKind {
    fn from(code: ProblemCode) -> Self {
        Self {
            code: code.into(),
            status: code.status(),
            title: code.title(),
            help: code.help(),
        }
    }
}

/// All kinds of problems.
#[derive(Serialize, ToSchema)]
pub struct ProblemKinds {
    /// The kinds, by status.
    #[schema(max_items = 100)]
    pub data: Vec<ProblemKind>,
}

/// List problems
///
/// Every code that a problem document (RFC 9457) of this API may have.
#[utoipa::path(tag = "Service", responses((status = 200, description = "The kinds", body = ProblemKinds)))]
#[get("/problems")]
pub async fn list_problems() -> HttpResponse {
    let data = ProblemCode::iter().map(ProblemKind::from).collect();
    HttpResponse::Ok()
        .insert_header((header::CACHE_CONTROL, "public, max-age=300"))
        .json(ProblemKinds { data })
}

/// Show a problem
///
/// The target of a problem document's `type`: a page for browsers, JSON otherwise.
#[utoipa::path(
    tag = "Service",
    params(("slug" = String, Path, description = "The code", max_length = 60, example = "not-found")),
    responses((status = 200, description = "The kind", content((Item<ProblemKind> = "application/json"), (String = "text/html"))))
)]
#[get("/problems/{slug}")]
pub async fn find_problem(
    request: HttpRequest,
    slug: web::Path<String>,
) -> Result<HttpResponse, ApiError> {
    let code: ProblemCode = slug.parse().map_err(|_| ApiError::not_found())?;
    let mut response = HttpResponse::Ok();
    response
        .insert_header((header::CACHE_CONTROL, "public, max-age=300"))
        .insert_header((header::VARY, "Accept"));
    if media::accepts_html(request.headers()) {
        let (status, title, help) = (code.status(), code.title(), code.help());
        let page = format!(
            "<!DOCTYPE html><html lang=\"en\"><meta charset=\"utf-8\"><title>{title}</title>\
             <h1>{title}</h1><p>{help}</p><p>Status {status}, code <code>{code}</code></p></html>"
        );
        return Ok(response.content_type("text/html; charset=utf-8").body(page));
    }
    let data = ProblemKind::from(code);
    Ok(response.json(Item { data }))
}
