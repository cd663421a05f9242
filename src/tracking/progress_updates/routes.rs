//! The endpoints of progress updates.

use actix_web::{HttpResponse, get, web};
use utoipa_actix_web::service_config::ServiceConfig;

use super::views::{ProgressUpdate, ProgressUpdateFilters};
use crate::access::Public;
use crate::http::answer::{Item, List};
use crate::http::error::ApiError;
use crate::http::query::Query;
use crate::http::shape::{ItemShape, Shape};
use crate::platform::identity::Key;
use crate::resources::handlers;

/// Mounts the endpoints.
pub fn configure(config: &mut ServiceConfig) {
    config
        .service(list_progress_updates)
        .service(find_progress_update);
}

/// List progress updates
///
/// The implementation statuses that addressees report, or that others report about them, newest first. A status may go
/// backwards; the newest counts.
#[utoipa::path(tag = "Progress updates", params(ProgressUpdateFilters, Shape<ProgressUpdate>), responses((status = 200, description = "One page of progress updates", body = List<ProgressUpdate>)))]
#[get("/progress-updates")]
pub async fn list_progress_updates(
    public: Public,
    query: Query<ProgressUpdateFilters, Shape<ProgressUpdate>>,
) -> Result<HttpResponse, ApiError> {
    handlers::list(public, query).await
}

/// Show a progress update
///
/// A withdrawn progress update is returned without its text and evidence.
#[utoipa::path(
    tag = "Progress updates",
    params(("id" = String, Path, description = "The id", max_length = 150, example = "626dcaa8-1bb6-8816-af71-a6c6fb44ea88"), ItemShape<ProgressUpdate>),
    responses((status = 200, description = "The progress update", body = Item<ProgressUpdate>))
)]
#[get("/progress-updates/{id}")]
pub async fn find_progress_update(
    public: Public,
    key: web::Path<Key>,
    query: Query<ItemShape<ProgressUpdate>>,
) -> Result<HttpResponse, ApiError> {
    handlers::find(public, key.into_inner(), query).await
}
