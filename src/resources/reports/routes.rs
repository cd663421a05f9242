//! The endpoints of reports.

use actix_web::{HttpResponse, get, web};
use utoipa_actix_web::service_config::ServiceConfig;

use super::params::ReportFilters;
use super::views::Report;
use crate::access::Public;
use crate::http::answer::{Item, List};
use crate::http::error::ApiError;
use crate::http::query::Query;
use crate::http::shape::{ItemShape, Shape};
use crate::platform::identity::Key;
use crate::resources::handlers;

/// Mounts the endpoints.
pub fn configure(config: &mut ServiceConfig) {
    config.service(list_reports).service(find_report);
}

/// List reports
///
/// Newest first. Embargoed reports and reports with a future date appear when they become public, and withdrawn ones
/// only with `state=withdrawn`.
#[utoipa::path(tag = "Reports", params(ReportFilters, Shape<Report>), responses((status = 200, description = "One page of reports", body = List<Report>)))]
#[get("/reports")]
pub async fn list_reports(
    public: Public,
    query: Query<ReportFilters, Shape<Report>>,
) -> Result<HttpResponse, ApiError> {
    handlers::list(public, query).await
}

/// Show a report
///
/// By id or slug. A withdrawn report is returned as a notice. A removed report returns 410, or 451 if it was removed
/// for legal reasons.
#[utoipa::path(
    tag = "Reports",
    params(("id" = String, Path, description = "The id or slug", max_length = 150, example = "stalking-super-complaint-2024"), ItemShape<Report>),
    responses((status = 200, description = "The report", body = Item<Report>))
)]
#[get("/reports/{id}")]
pub async fn find_report(
    public: Public,
    key: web::Path<Key>,
    query: Query<ItemShape<Report>>,
) -> Result<HttpResponse, ApiError> {
    handlers::find(public, key.into_inner(), query).await
}
