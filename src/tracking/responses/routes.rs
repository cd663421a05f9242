//! The endpoints of responses.

use actix_web::{HttpResponse, get, web};
use utoipa_actix_web::service_config::ServiceConfig;

use super::views::{Response, ResponseFilters};
use crate::access::Public;
use crate::http::answer::{Item, List};
use crate::http::error::ApiError;
use crate::http::query::Query;
use crate::http::shape::{ItemShape, Shape};
use crate::platform::identity::Key;
use crate::resources::handlers;

/// Mounts the endpoints.
pub fn configure(config: &mut ServiceConfig) {
    config.service(list_responses).service(find_response);
}

/// List responses
///
/// Who responded, on whose behalf and to which recommendations, newest first.
#[utoipa::path(tag = "Responses", params(ResponseFilters, Shape<Response>), responses((status = 200, description = "One page of responses", body = List<Response>)))]
#[get("/responses")]
pub async fn list_responses(
    public: Public,
    query: Query<ResponseFilters, Shape<Response>>,
) -> Result<HttpResponse, ApiError> {
    handlers::list(public, query).await
}

/// Show a response
///
/// A withdrawn or withheld response is returned without its content.
#[utoipa::path(
    tag = "Responses",
    params(("id" = String, Path, description = "The id", max_length = 150, example = "1524db82-09ee-8111-83a6-9e391483359a"), ItemShape<Response>),
    responses((status = 200, description = "The response", body = Item<Response>))
)]
#[get("/responses/{id}")]
pub async fn find_response(
    public: Public,
    key: web::Path<Key>,
    query: Query<ItemShape<Response>>,
) -> Result<HttpResponse, ApiError> {
    handlers::find(public, key.into_inner(), query).await
}
