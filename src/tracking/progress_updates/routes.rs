//! The endpoints of progress updates.

use actix_web::{HttpResponse, delete, get, patch, post, web};
use utoipa_actix_web::service_config::ServiceConfig;

use super::kind::KIND;
use super::model::ProgressUpdateDocument;
use super::views::{ProgressUpdate, ProgressUpdateFilters};
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
        .service(list_progress_updates)
        .service(create_progress_update)
        .service(find_progress_update)
        .service(change_progress_update)
        .service(remove_progress_update);
}

/// List progress updates
///
/// How far addressees say they are, newest first. A status may go backwards, which is news; the newest is in the matrix.
#[utoipa::path(tag = "Progress updates", params(ProgressUpdateFilters, Shape<ProgressUpdate>), responses((status = 200, description = "One page of progress updates", body = List<ProgressUpdate>)))]
#[get("/progress-updates")]
pub async fn list_progress_updates(
    public: Public,
    query: Query<ProgressUpdateFilters, Shape<ProgressUpdate>>,
) -> Result<HttpResponse, ApiError> {
    collection::list(public, query).await
}

/// Show a progress update
///
/// A withdrawn one answers without its text.
#[utoipa::path(
    tag = "Progress updates",
    params(("id" = String, Path, description = "The id", max_length = 150, example = "01890a5d-ac96-874b-bcce-b302099a8057"), ItemShape<ProgressUpdate>),
    responses((status = 200, description = "The progress update", body = Item<ProgressUpdate>))
)]
#[get("/progress-updates/{id}")]
pub async fn find_progress_update(
    public: Public,
    key: web::Path<String>,
    query: Query<ItemShape<ProgressUpdate>>,
) -> Result<HttpResponse, ApiError> {
    collection::find(public, key.into_inner(), query).await
}

/// Create a progress update
///
/// Takes `responses:write` for the author, the addressee itself when none is named. The document is that of an import. `Idempotency-Key` makes it safe to send twice.
#[utoipa::path(tag = "Progress updates", request_body = ProgressUpdateDocument, responses((status = 201, description = "The progress update, as it was created", body = Item<ProgressUpdate>)))]
#[post("/progress-updates")]
pub async fn create_progress_update(client: Client, body: Body) -> Result<HttpResponse, ApiError> {
    records::create(client, &KIND, body).await
}

/// Change a progress update
///
/// A merge patch (RFC 7396): members that are named take the place of what is there, `null` removes, and the
/// rest stays. A later state is a new update, so that the one before stays on record. `If-Match` takes the `ETag` of any reading of the progress update. Takes `responses:write` for the author.
#[utoipa::path(
    tag = "Progress updates",
    params(("id" = String, Path, description = "The id", max_length = 150, example = "01890a5d-ac96-874b-bcce-b302099a8057")),
    request_body(content = ref("#/components/schemas/ProgressUpdatePatch"), content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The progress update, as it is now", body = Item<ProgressUpdate>))
)]
#[patch("/progress-updates/{id}")]
pub async fn change_progress_update(
    client: Client,
    key: web::Path<String>,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    records::change(client, &KIND, key.into_inner(), body).await
}

/// Remove a progress update
///
/// It answers 410 from then on. Needs `If-Match`. Takes `responses:write` for the author.
#[utoipa::path(
    tag = "Progress updates",
    params(("id" = String, Path, description = "The id", max_length = 150, example = "01890a5d-ac96-874b-bcce-b302099a8057")),
    responses((status = 204, description = "It is removed"))
)]
#[delete("/progress-updates/{id}")]
pub async fn remove_progress_update(
    client: Client,
    key: web::Path<String>,
) -> Result<HttpResponse, ApiError> {
    records::remove(client, &KIND, key.into_inner(), None).await
}
