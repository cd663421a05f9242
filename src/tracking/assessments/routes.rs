//! The endpoints of assessments.

use actix_web::{HttpResponse, get, web};
use utoipa_actix_web::service_config::ServiceConfig;

use super::views::{Assessment, AssessmentFilters};
use crate::access::Public;
use crate::http::answer::{Item, List};
use crate::http::error::ApiError;
use crate::http::query::Query;
use crate::http::shape::{ItemShape, Shape};
use crate::platform::identity::Key;
use crate::resources::handlers;

/// Mounts the endpoints.
pub fn configure(config: &mut ServiceConfig) {
    config.service(list_assessments).service(find_assessment);
}

/// List assessments
///
/// What recommenders concluded, newest first. An obligation may have several assessments; the newest counts.
#[utoipa::path(tag = "Assessments", params(AssessmentFilters, Shape<Assessment>), responses((status = 200, description = "One page of assessments", body = List<Assessment>)))]
#[get("/assessments")]
pub async fn list_assessments(
    public: Public,
    query: Query<AssessmentFilters, Shape<Assessment>>,
) -> Result<HttpResponse, ApiError> {
    handlers::list(public, query).await
}

/// Show an assessment
///
/// A withdrawn assessment is returned without its reasons.
#[utoipa::path(
    tag = "Assessments",
    params(("id" = String, Path, description = "The id", max_length = 150, example = "54c13380-0685-880b-84a7-d4f21ebdd328"), ItemShape<Assessment>),
    responses((status = 200, description = "The assessment", body = Item<Assessment>))
)]
#[get("/assessments/{id}")]
pub async fn find_assessment(
    public: Public,
    key: web::Path<Key>,
    query: Query<ItemShape<Assessment>>,
) -> Result<HttpResponse, ApiError> {
    handlers::find(public, key.into_inner(), query).await
}
