//! The endpoints of exports.

use actix_web::{HttpResponse, get};
use utoipa_actix_web::service_config::ServiceConfig;

use super::Format;
use super::params::{
    Asked, ExportArticles, ExportObligations, ExportOrganisations, ExportRecommendations,
};
use super::sending::send;
use crate::access::Public;
use crate::http::error::ApiError;
use crate::http::query::Query;

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
        .service(export_obligations_as_csv);
}

/// Export articles as NDJSON
///
/// Every article that is public and fits the filters, one JSON object a line, as the list shows it, in the order of
/// their ids. By default without bodies: name `body_html` in `fields` to have them. An export that broke off goes on with `after`.
#[utoipa::path(tag = "Exports", params(ExportArticles), responses((status = 200, description = "A line for each article: an object as in `Article`", body = String, content_type = "application/x-ndjson")))]
#[get("/exports/articles.ndjson")]
pub async fn export_articles_as_ndjson(
    public: Public,
    query: Query<ExportArticles>,
) -> Result<HttpResponse, ApiError> {
    send(public, Asked::Articles(query.params), Format::Ndjson).await
}

/// Export articles as CSV
///
/// The same as a table (RFC 4180), with the names of the columns first. Entries of a list are separated by `; `, and
/// lists of more than names are JSON. A cell that a spreadsheet would take for a formula begins with `'`.
#[utoipa::path(tag = "Exports", params(ExportArticles), responses((status = 200, description = "A row for each article, after the names of the columns; with `after`, without them", body = String, content_type = "text/csv")))]
#[get("/exports/articles.csv")]
pub async fn export_articles_as_csv(
    public: Public,
    query: Query<ExportArticles>,
) -> Result<HttpResponse, ApiError> {
    send(public, Asked::Articles(query.params), Format::Csv).await
}

/// Export organisations as NDJSON
///
/// Every organisation that is public and fits the filters, one JSON object a line, as the list shows it, in the order of
/// their ids. With every name that each ever had. An export that broke off goes on with `after`.
#[utoipa::path(tag = "Exports", params(ExportOrganisations), responses((status = 200, description = "A line for each organisation: an object as in `Organisation`", body = String, content_type = "application/x-ndjson")))]
#[get("/exports/organisations.ndjson")]
pub async fn export_organisations_as_ndjson(
    public: Public,
    query: Query<ExportOrganisations>,
) -> Result<HttpResponse, ApiError> {
    send(public, Asked::Organisations(query.params), Format::Ndjson).await
}

/// Export organisations as CSV
///
/// The same as a table (RFC 4180), with the names of the columns first. Entries of a list are separated by `; `, and
/// lists of more than names are JSON. A cell that a spreadsheet would take for a formula begins with `'`.
#[utoipa::path(tag = "Exports", params(ExportOrganisations), responses((status = 200, description = "A row for each organisation, after the names of the columns; with `after`, without them", body = String, content_type = "text/csv")))]
#[get("/exports/organisations.csv")]
pub async fn export_organisations_as_csv(
    public: Public,
    query: Query<ExportOrganisations>,
) -> Result<HttpResponse, ApiError> {
    send(public, Asked::Organisations(query.params), Format::Csv).await
}

/// Export recommendations as NDJSON
///
/// Every recommendation that is public and fits the filters, one JSON object a line, as the list shows it, in the order of
/// their ids. Who was told to do what, and by when. An export that broke off goes on with `after`.
#[utoipa::path(tag = "Exports", params(ExportRecommendations), responses((status = 200, description = "A line for each recommendation: an object as in `Recommendation`", body = String, content_type = "application/x-ndjson")))]
#[get("/exports/recommendations.ndjson")]
pub async fn export_recommendations_as_ndjson(
    public: Public,
    query: Query<ExportRecommendations>,
) -> Result<HttpResponse, ApiError> {
    send(public, Asked::Recommendations(query.params), Format::Ndjson).await
}

/// Export recommendations as CSV
///
/// The same as a table (RFC 4180), with the names of the columns first. Entries of a list are separated by `; `, and
/// lists of more than names are JSON. A cell that a spreadsheet would take for a formula begins with `'`.
#[utoipa::path(tag = "Exports", params(ExportRecommendations), responses((status = 200, description = "A row for each recommendation, after the names of the columns; with `after`, without them", body = String, content_type = "text/csv")))]
#[get("/exports/recommendations.csv")]
pub async fn export_recommendations_as_csv(
    public: Public,
    query: Query<ExportRecommendations>,
) -> Result<HttpResponse, ApiError> {
    send(public, Asked::Recommendations(query.params), Format::Csv).await
}

/// Export obligations as NDJSON
///
/// Every obligation that is public and fits the filters, one JSON object a line, as the list shows it, in the order of
/// their ids. One for each recommendation and each organisation that it comes to, with how it stands today. An export that broke off goes on with `after`.
#[utoipa::path(tag = "Exports", params(ExportObligations), responses((status = 200, description = "A line for each obligation: an object as in `Obligation`", body = String, content_type = "application/x-ndjson")))]
#[get("/exports/obligations.ndjson")]
pub async fn export_obligations_as_ndjson(
    public: Public,
    query: Query<ExportObligations>,
) -> Result<HttpResponse, ApiError> {
    send(public, Asked::Obligations(query.params), Format::Ndjson).await
}

/// Export obligations as CSV
///
/// The same as a table (RFC 4180), with the names of the columns first. Entries of a list are separated by `; `, and
/// lists of more than names are JSON. A cell that a spreadsheet would take for a formula begins with `'`.
#[utoipa::path(tag = "Exports", params(ExportObligations), responses((status = 200, description = "A row for each obligation, after the names of the columns; with `after`, without them", body = String, content_type = "text/csv")))]
#[get("/exports/obligations.csv")]
pub async fn export_obligations_as_csv(
    public: Public,
    query: Query<ExportObligations>,
) -> Result<HttpResponse, ApiError> {
    send(public, Asked::Obligations(query.params), Format::Csv).await
}
