//! The endpoints of reports.

use actix_web::{HttpResponse, delete, get, patch, post, put, web};
use utoipa_actix_web::service_config::ServiceConfig;

use super::kind::KIND;
use super::model::ReportDocument;
use super::views::{Report, ReportFilters};
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
        .service(list_reports)
        .service(create_report)
        .service(find_report)
        .service(change_report)
        .service(put_report)
        .service(remove_report);
}

/// List reports
///
/// Newest first. Reports under embargo, or dated in the future, are not here before their moment.
#[utoipa::path(tag = "Reports", params(ReportFilters, Shape<Report>), responses((status = 200, description = "One page of reports", body = List<Report>)))]
#[get("/reports")]
pub async fn list_reports(
    public: Public,
    query: Query<ReportFilters, Shape<Report>>,
) -> Result<HttpResponse, ApiError> {
    collection::list(public, query).await
}

/// Show a report
///
/// By id or slug. A withdrawn report answers with the notice; one that was removed with 410, or 451 if that
/// was for legal reasons.
#[utoipa::path(
    tag = "Reports",
    params(("id" = String, Path, description = "The id or slug", max_length = 150, example = "stalking-super-complaint-2024"), ItemShape<Report>),
    responses((status = 200, description = "The report", body = Item<Report>))
)]
#[get("/reports/{id}")]
pub async fn find_report(
    public: Public,
    key: web::Path<String>,
    query: Query<ItemShape<Report>>,
) -> Result<HttpResponse, ApiError> {
    collection::find(public, key.into_inner(), query).await
}

/// Create a report
///
/// Takes `recommendations:write` for one of its publishers, and `articles:publish` unless it is and stays a draft. The document is that of an import. `Idempotency-Key` makes it safe to send twice.
#[utoipa::path(tag = "Reports", request_body = ReportDocument, responses((status = 201, description = "The report, as it was created", body = Item<Report>)))]
#[post("/reports")]
pub async fn create_report(client: Client, body: Body) -> Result<HttpResponse, ApiError> {
    records::create(client, &KIND, body).await
}

/// Change a report
///
/// A merge patch (RFC 7396): members that are named take the place of what is there, `null` removes, and the
/// rest stays. `If-Match` takes the `ETag` of any reading of the report. Takes `recommendations:write` for one of its publishers, and `articles:publish` unless it is and stays a draft.
#[utoipa::path(
    tag = "Reports",
    params(("id" = String, Path, description = "The id or slug", max_length = 150, example = "stalking-super-complaint-2024")),
    request_body(content = ref("#/components/schemas/ReportPatch"), content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The report, as it is now", body = Item<Report>))
)]
#[patch("/reports/{id}")]
pub async fn change_report(
    client: Client,
    key: web::Path<String>,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    records::change(client, &KIND, key.into_inner(), body).await
}

/// Put a report under its slug
///
/// For scripts that know the slug: creates the report, or takes the place of the one that is there, which
/// needs `If-Match`. `If-None-Match: *` creates only. Takes `recommendations:write` for one of its publishers, and `articles:publish` unless it is and stays a draft.
#[utoipa::path(
    tag = "Reports",
    params(("id" = String, Path, description = "The slug, or the id of a report that exists", max_length = 150, example = "stalking-super-complaint-2024")),
    request_body = ReportDocument,
    responses(
        (status = 200, description = "The report, as it is now", body = Item<Report>),
        (status = 201, description = "The report, as it was created", body = Item<Report>)
    )
)]
#[put("/reports/{id}")]
pub async fn put_report(
    client: Client,
    key: web::Path<String>,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    records::put(client, &KIND, key.into_inner(), body).await
}

/// Remove a report
///
/// It answers 410 from then on. Needs `If-Match`. Takes `recommendations:write` for one of its publishers, and `articles:publish` unless it is and stays a draft.
#[utoipa::path(
    tag = "Reports",
    params(("id" = String, Path, description = "The id or slug", max_length = 150, example = "stalking-super-complaint-2024"), records::Removal),
    responses((status = 204, description = "It is removed"))
)]
#[delete("/reports/{id}")]
pub async fn remove_report(
    client: Client,
    key: web::Path<String>,
    removal: Query<records::Removal>,
) -> Result<HttpResponse, ApiError> {
    records::remove(client, &KIND, key.into_inner(), Some(removal)).await
}
