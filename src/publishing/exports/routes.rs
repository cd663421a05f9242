//! The endpoints of exports.

use actix_web::{HttpResponse, get};
use utoipa_actix_web::service_config::ServiceConfig;

use super::params::{CsvParams, ExportArticles};
use super::reading::{CsvQuery, NdjsonQuery};
use super::sending::send;
use crate::access::Public;
use crate::http::error::ApiError;
use crate::http::shape::ExportShape;
use crate::publishing::site_pages::params::PageFilters;
use crate::publishing::site_pages::views::SitePage;
use crate::resources::articles::views::Article;
use crate::resources::organisations::params::OrganisationFilters;
use crate::resources::organisations::views::Organisation;
use crate::resources::recommendations::params::RecommendationFilters;
use crate::resources::recommendations::views::Recommendation;
use crate::tracking::obligations::params::ObligationFilters;
use crate::tracking::obligations::views::Obligation;

/// Mounts the endpoints.
pub fn configure(config: &mut ServiceConfig) {
    config
        .service(export_articles_as_ndjson)
        .service(export_articles_as_csv)
        .service(export_organisations_as_ndjson)
        .service(export_organisations_as_csv)
        .service(export_recommendations_as_ndjson)
        .service(export_recommendations_as_csv)
        .service(export_obligations_as_ndjson)
        .service(export_obligations_as_csv)
        .service(export_pages_as_ndjson)
        .service(export_pages_as_csv);
}

/// Export articles as NDJSON
///
/// Every public article that matches the filters, as one JSON object per line, in the form of the list and ordered by
/// id. Bodies are left out by default: name `body_html` in `fields` to include them. If an export is cut off, resume it
/// with `after`.
#[utoipa::path(tag = "Exports", params(ExportArticles, ExportShape<Article>), responses((status = 200, description = "One `Article` object per line", body = String, content_type = "application/x-ndjson")))]
#[get("/exports/articles.ndjson")]
pub async fn export_articles_as_ndjson(
    public: Public,
    query: NdjsonQuery<Article>,
) -> Result<HttpResponse, ApiError> {
    send(public, query).await
}

/// Export articles as CSV
///
/// The same records as a table (RFC 4180) with a header row. Lists are joined with `; `, and lists of objects written
/// as JSON. Cells that a spreadsheet would take for a formula are prefixed with `'`.
#[utoipa::path(tag = "Exports", params(ExportArticles, ExportShape<Article>, CsvParams), responses((status = 200, description = "A header row and one row per article; no header row with `after`", body = String, content_type = "text/csv")))]
#[get("/exports/articles.csv")]
pub async fn export_articles_as_csv(
    public: Public,
    query: CsvQuery<Article>,
) -> Result<HttpResponse, ApiError> {
    send(public, query).await
}

/// Export organisations as NDJSON
///
/// Every public organisation that matches the filters, as one JSON object per line, in the form of the list and ordered
/// by id, with all current and former names. If an export is cut off, resume it with `after`.
#[utoipa::path(tag = "Exports", params(OrganisationFilters, ExportShape<Organisation>), responses((status = 200, description = "One `Organisation` object per line", body = String, content_type = "application/x-ndjson")))]
#[get("/exports/organisations.ndjson")]
pub async fn export_organisations_as_ndjson(
    public: Public,
    query: NdjsonQuery<Organisation>,
) -> Result<HttpResponse, ApiError> {
    send(public, query).await
}

/// Export organisations as CSV
///
/// The same records as a table (RFC 4180) with a header row. Lists are joined with `; `, and lists of objects written
/// as JSON. Cells that a spreadsheet would take for a formula are prefixed with `'`.
#[utoipa::path(tag = "Exports", params(OrganisationFilters, ExportShape<Organisation>, CsvParams), responses((status = 200, description = "A header row and one row per organisation; no header row with `after`", body = String, content_type = "text/csv")))]
#[get("/exports/organisations.csv")]
pub async fn export_organisations_as_csv(
    public: Public,
    query: CsvQuery<Organisation>,
) -> Result<HttpResponse, ApiError> {
    send(public, query).await
}

/// Export recommendations as NDJSON
///
/// Every public recommendation that matches the filters, as one JSON object per line, in the form of the list and
/// ordered by id: who was told to do what, and by when. A recommendation may be addressed to hundreds of organisations:
/// name `addressed_organisations` in `fields` to include them. If an export is cut off, resume it with `after`.
#[utoipa::path(tag = "Exports", params(RecommendationFilters, ExportShape<Recommendation>), responses((status = 200, description = "One `Recommendation` object per line", body = String, content_type = "application/x-ndjson")))]
#[get("/exports/recommendations.ndjson")]
pub async fn export_recommendations_as_ndjson(
    public: Public,
    query: NdjsonQuery<Recommendation>,
) -> Result<HttpResponse, ApiError> {
    send(public, query).await
}

/// Export recommendations as CSV
///
/// The same records as a table (RFC 4180) with a header row. Lists are joined with `; `, and lists of objects written
/// as JSON. Cells that a spreadsheet would take for a formula are prefixed with `'`.
#[utoipa::path(tag = "Exports", params(RecommendationFilters, ExportShape<Recommendation>, CsvParams), responses((status = 200, description = "A header row and one row per recommendation; no header row with `after`", body = String, content_type = "text/csv")))]
#[get("/exports/recommendations.csv")]
pub async fn export_recommendations_as_csv(
    public: Public,
    query: CsvQuery<Recommendation>,
) -> Result<HttpResponse, ApiError> {
    send(public, query).await
}

/// Export obligations as NDJSON
///
/// Every public obligation that matches the filters, as one JSON object per line, in the form of the list and ordered
/// by id. There is one for each recommendation and each organisation it is addressed to, with its state today or, with
/// `on` or `as_of`, on that day. If an export is cut off, resume it with `after`.
#[utoipa::path(tag = "Exports", params(ObligationFilters, ExportShape<Obligation>), responses((status = 200, description = "One `Obligation` object per line", body = String, content_type = "application/x-ndjson")))]
#[get("/exports/obligations.ndjson")]
pub async fn export_obligations_as_ndjson(
    public: Public,
    query: NdjsonQuery<Obligation>,
) -> Result<HttpResponse, ApiError> {
    send(public, query).await
}

/// Export obligations as CSV
///
/// The same records as a table (RFC 4180) with a header row. Lists are joined with `; `, and lists of objects written
/// as JSON. Cells that a spreadsheet would take for a formula are prefixed with `'`.
#[utoipa::path(tag = "Exports", params(ObligationFilters, ExportShape<Obligation>, CsvParams), responses((status = 200, description = "A header row and one row per obligation; no header row with `after`", body = String, content_type = "text/csv")))]
#[get("/exports/obligations.csv")]
pub async fn export_obligations_as_csv(
    public: Public,
    query: CsvQuery<Obligation>,
) -> Result<HttpResponse, ApiError> {
    send(public, query).await
}

/// Export pages as NDJSON
///
/// For the sitemap of a public site: every published article, organisation, recommendation and report, as one JSON object per
/// line, ordered by id: the slug, the page, the versions in other languages, and when the record was last changed other than
/// by a minor edit. If an export is cut off, resume it with `after`.
#[utoipa::path(tag = "Exports", params(PageFilters, ExportShape<SitePage>), responses((status = 200, description = "One `SitePage` object per line", body = String, content_type = "application/x-ndjson")))]
#[get("/exports/pages.ndjson")]
pub async fn export_pages_as_ndjson(
    public: Public,
    query: NdjsonQuery<SitePage>,
) -> Result<HttpResponse, ApiError> {
    send(public, query).await
}

/// Export pages as CSV
///
/// The same records as a table (RFC 4180) with a header row. The versions in other languages are written as their slugs.
#[utoipa::path(tag = "Exports", params(PageFilters, ExportShape<SitePage>, CsvParams), responses((status = 200, description = "A header row and one row per page; no header row with `after`", body = String, content_type = "text/csv")))]
#[get("/exports/pages.csv")]
pub async fn export_pages_as_csv(
    public: Public,
    query: CsvQuery<SitePage>,
) -> Result<HttpResponse, ApiError> {
    send(public, query).await
}
