//! The endpoints of responses.

use actix_web::{HttpResponse, delete, get, patch, post, web};
use utoipa_actix_web::service_config::ServiceConfig;

use super::kind::KIND;
use super::model::ResponseDocument;
use super::views::{Response, ResponseFilters};
use crate::access::{Client, Public};
use crate::http::answer::{Item, List};
use crate::http::body::Body;
use crate::http::error::ApiError;
use crate::http::query::Query;
use crate::http::shape::{ItemShape, Shape};
use crate::resources::collection;
use crate::writing::records;

/// Mounts the endpoints.
pub fn configure(config: &mut ServiceConfig) {
    config
        .service(list_responses)
        .service(create_response)
        .service(find_response)
        .service(change_response)
        .service(remove_response);
}

/// List responses
///
/// What was answered, newest first: by whom and for whom, and to which recommendations.
#[utoipa::path(tag = "Responses", params(ResponseFilters, Shape<Response>), responses((status = 200, description = "One page of responses", body = List<Response>)))]
#[get("/responses")]
pub async fn list_responses(
    public: Public,
    query: Query<ResponseFilters, Shape<Response>>,
) -> Result<HttpResponse, ApiError> {
    collection::list(public, query).await
}

/// Show a response
///
/// A withdrawn response, or one that is not published, answers without its words.
#[utoipa::path(
    tag = "Responses",
    params(("id" = String, Path, description = "The id", max_length = 150, example = "01890a5d-ac96-874b-bcce-b302099a8057"), ItemShape<Response>),
    responses((status = 200, description = "The response", body = Item<Response>))
)]
#[get("/responses/{id}")]
pub async fn find_response(
    public: Public,
    key: web::Path<String>,
    query: Query<ItemShape<Response>>,
) -> Result<HttpResponse, ApiError> {
    collection::find(public, key.into_inner(), query).await
}

/// Create a response
///
/// Takes `responses:write` for the responder: a body submits its own. Each recommendation must be addressed to the
/// responder, or to one of those for whom it responds. The document is that of an import. `Idempotency-Key` makes it safe to send twice.
#[utoipa::path(tag = "Responses", request_body = ResponseDocument, responses((status = 201, description = "The response, as it was created", body = Item<Response>)))]
#[post("/responses")]
pub async fn create_response(client: Client, body: Body) -> Result<HttpResponse, ApiError> {
    records::create(client, &KIND, body).await
}

/// Change a response
///
/// A merge patch (RFC 7396): members that are named take the place of what is there, `null` removes, and the
/// rest stays. A later response is a new one, so that what was said before stays on record. `If-Match` takes the `ETag` of any reading of the response. Takes `responses:write` for the responder.
#[utoipa::path(
    tag = "Responses",
    params(("id" = String, Path, description = "The id", max_length = 150, example = "01890a5d-ac96-874b-bcce-b302099a8057")),
    request_body(content = ref("#/components/schemas/ResponsePatch"), content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The response, as it is now", body = Item<Response>))
)]
#[patch("/responses/{id}")]
pub async fn change_response(
    client: Client,
    key: web::Path<String>,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    records::change(client, &KIND, key.into_inner(), body).await
}

/// Remove a response
///
/// It answers 410 from then on. Needs `If-Match`. Takes `responses:write` for the responder.
#[utoipa::path(
    tag = "Responses",
    params(("id" = String, Path, description = "The id", max_length = 150, example = "01890a5d-ac96-874b-bcce-b302099a8057")),
    responses((status = 204, description = "It is removed"))
)]
#[delete("/responses/{id}")]
pub async fn remove_response(
    client: Client,
    key: web::Path<String>,
) -> Result<HttpResponse, ApiError> {
    records::remove(client, &KIND, key.into_inner(), None).await
}
