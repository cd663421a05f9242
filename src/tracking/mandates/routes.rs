//! The endpoints of mandates.

use actix_web::{HttpResponse, get, web};
use utoipa_actix_web::service_config::ServiceConfig;

use super::views::{Mandate, MandateFilters};
use crate::access::Public;
use crate::http::answer::{Item, List};
use crate::http::error::ApiError;
use crate::http::query::Query;
use crate::http::shape::{ItemShape, Shape};
use crate::platform::identity::Key;
use crate::resources::handlers;

/// Mounts the endpoints.
pub fn configure(config: &mut ServiceConfig) {
    config.service(list_mandates).service(find_mandate);
}

/// List mandates
///
/// Who may answer for whom, newest first. A response on behalf of others counts for those of whom the responder has a
/// mandate on the day of the response; for the others it is shown as a claim.
#[utoipa::path(tag = "Mandates", params(MandateFilters, Shape<Mandate>), responses((status = 200, description = "One page of mandates", body = List<Mandate>)))]
#[get("/mandates")]
pub async fn list_mandates(
    public: Public,
    query: Query<MandateFilters, Shape<Mandate>>,
) -> Result<HttpResponse, ApiError> {
    handlers::list(public, query).await
}

/// Show a mandate
///
/// Who may answer for whom, from when, and who granted it.
#[utoipa::path(
    tag = "Mandates",
    params(("id" = String, Path, description = "The id", max_length = 150, example = "342fb507-e099-8bb5-8fd4-94dad55bcded"), ItemShape<Mandate>),
    responses((status = 200, description = "The mandate", body = Item<Mandate>))
)]
#[get("/mandates/{id}")]
pub async fn find_mandate(
    public: Public,
    key: web::Path<Key>,
    query: Query<ItemShape<Mandate>>,
) -> Result<HttpResponse, ApiError> {
    handlers::find(public, key.into_inner(), query).await
}
