//! The methods that each path supports, taken from the OpenAPI document, so that the two cannot differ.
//!
//! Handles requests that match no route: 404 for an unknown path, `OPTIONS`, and 405 with `Allow`.

use actix_web::dev::ResourceDef;
use actix_web::http::{Method, header};
use actix_web::{HttpRequest, HttpResponse, web};
use utoipa::openapi::{OpenApi, PathItem};

use super::error::ApiError;
use super::problem::ProblemCode;

/// The request headers that a page on another origin may send: those that this API reads, and those that browsers, caches and
/// tracing libraries add by themselves, which it ignores.
const ALLOWED_HEADERS: &str = "Accept, Accept-Language, Authorization, baggage, Cache-Control, Content-Type, Idempotency-Key, \
     If-Match, If-Modified-Since, If-None-Match, Last-Event-ID, Pragma, traceparent, tracestate, X-Request-Id, X-Requested-With";

/// Paths and their methods.
pub struct RoutesTable {
    routes: Vec<(ResourceDef, String)>,
}

impl RoutesTable {
    /// Reads the paths of a document. Every `GET` implies `HEAD`, and every path supports `OPTIONS`.
    pub fn new(document: &OpenApi) -> Self {
        let methods = |item: &PathItem| {
            let operations = [
                (&item.get, "GET, HEAD"),
                (&item.post, "POST"),
                (&item.put, "PUT"),
                (&item.patch, "PATCH"),
                (&item.delete, "DELETE"),
            ];
            let known = operations
                .iter()
                .filter(|(operation, _)| operation.is_some());
            let methods = known.map(|(_, methods)| *methods).chain(["OPTIONS"]);
            methods.collect::<Vec<_>>().join(", ")
        };
        let paths = document.paths.paths.iter();
        Self {
            routes: paths
                .map(|(path, item)| (ResourceDef::new(path.as_str()), methods(item)))
                .collect(),
        }
    }

    fn allowed(&self, path: &str) -> Option<&str> {
        let mut routes = self.routes.iter();
        let (_, methods) = routes.find(|(route, _)| route.is_match(path))?;
        Some(methods)
    }
}

/// Handles a request that matches no route.
pub async fn fallback(
    request: HttpRequest,
    table: web::Data<RoutesTable>,
) -> Result<HttpResponse, ApiError> {
    let Some(allow) = table.allowed(request.path()) else {
        let detail = "There is nothing at this path. See /openapi.json for the paths.";
        return Err(ApiError::new(ProblemCode::NotFound, detail));
    };
    if request.method() == Method::OPTIONS {
        return Ok(HttpResponse::NoContent()
            .insert_header((header::ALLOW, allow))
            .insert_header((header::ACCESS_CONTROL_ALLOW_METHODS, allow))
            .insert_header((header::ACCESS_CONTROL_ALLOW_HEADERS, ALLOWED_HEADERS))
            .insert_header((header::ACCESS_CONTROL_MAX_AGE, "86400"))
            .insert_header((header::CACHE_CONTROL, "public, max-age=3600"))
            .finish());
    }
    let detail = format!(
        "{} is not allowed on this path; allowed methods: {allow}.",
        request.method()
    );
    Err(ApiError::new(ProblemCode::MethodNotAllowed, detail).with_header(header::ALLOW, allow))
}
