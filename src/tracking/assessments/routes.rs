//! The endpoints of assessments.

use actix_web::{HttpResponse, delete, get, patch, post, web};
use utoipa_actix_web::service_config::ServiceConfig;

use super::kind::KIND;
use super::model::AssessmentDocument;
use super::views::{Assessment, AssessmentFilters};
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
        .service(list_assessments)
        .service(create_assessment)
        .service(find_assessment)
        .service(change_assessment)
        .service(remove_assessment);
}

/// List assessments
///
/// What recommenders concluded, newest first. Several may stand side by side: the newest is in the matrix.
#[utoipa::path(tag = "Assessments", params(AssessmentFilters, Shape<Assessment>), responses((status = 200, description = "One page of assessments", body = List<Assessment>)))]
#[get("/assessments")]
pub async fn list_assessments(
    public: Public,
    query: Query<AssessmentFilters, Shape<Assessment>>,
) -> Result<HttpResponse, ApiError> {
    collection::list(public, query).await
}

/// Show an assessment
///
/// A withdrawn one answers without its reasons.
#[utoipa::path(
    tag = "Assessments",
    params(("id" = String, Path, description = "The id", max_length = 150, example = "01890a5d-ac96-874b-bcce-b302099a8057"), ItemShape<Assessment>),
    responses((status = 200, description = "The assessment", body = Item<Assessment>))
)]
#[get("/assessments/{id}")]
pub async fn find_assessment(
    public: Public,
    key: web::Path<String>,
    query: Query<ItemShape<Assessment>>,
) -> Result<HttpResponse, ApiError> {
    collection::find(public, key.into_inner(), query).await
}

/// Create an assessment
///
/// Takes `assessments:write` for the assessor, which is a publisher of the report. The document is that of an import. `Idempotency-Key` makes it safe to send twice.
#[utoipa::path(tag = "Assessments", request_body = AssessmentDocument, responses((status = 201, description = "The assessment, as it was created", body = Item<Assessment>)))]
#[post("/assessments")]
pub async fn create_assessment(client: Client, body: Body) -> Result<HttpResponse, ApiError> {
    records::create(client, &KIND, body).await
}

/// Change an assessment
///
/// A merge patch (RFC 7396): members that are named take the place of what is there, `null` removes, and the
/// rest stays. A later conclusion is a new assessment, so that the one before stays on record. `If-Match` takes the `ETag` of any reading of the assessment. Takes `assessments:write` for the assessor.
#[utoipa::path(
    tag = "Assessments",
    params(("id" = String, Path, description = "The id", max_length = 150, example = "01890a5d-ac96-874b-bcce-b302099a8057")),
    request_body(content = ref("#/components/schemas/AssessmentPatch"), content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The assessment, as it is now", body = Item<Assessment>))
)]
#[patch("/assessments/{id}")]
pub async fn change_assessment(
    client: Client,
    key: web::Path<String>,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    records::change(client, &KIND, key.into_inner(), body).await
}

/// Remove an assessment
///
/// It answers 410 from then on. Needs `If-Match`. Takes `assessments:write` for the assessor.
#[utoipa::path(
    tag = "Assessments",
    params(("id" = String, Path, description = "The id", max_length = 150, example = "01890a5d-ac96-874b-bcce-b302099a8057")),
    responses((status = 204, description = "It is removed"))
)]
#[delete("/assessments/{id}")]
pub async fn remove_assessment(
    client: Client,
    key: web::Path<String>,
) -> Result<HttpResponse, ApiError> {
    records::remove(client, &KIND, key.into_inner(), None).await
}
