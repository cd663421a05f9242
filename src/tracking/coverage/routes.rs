//! The endpoint of the coverage matrix.

use actix_web::{HttpRequest, HttpResponse, get, web};
use utoipa_actix_web::service_config::ServiceConfig;

use super::csv;
use super::queries::{self, Part};
use super::views::{Coverage, CoverageFormat, Material, ShowCoverage};
use crate::access::{Public, lookup};
use crate::http::answer::{self, Item};
use crate::http::error::ApiError;
use crate::http::media::{self, Format};
use crate::http::query::Query;
use crate::http::references::TitleReference;
use crate::log::Resource;
use crate::log::entries::Extent;
use crate::platform::clock::uk_day;
use crate::platform::csv::WITH_HEADER;
use crate::platform::db::DbConnection;
use crate::resources::reports;
use crate::tracking::{action_plans, linked_pages};

/// Mounts the endpoints.
pub fn configure(config: &mut ServiceConfig) {
    config.service(show_report_coverage);
}

/// The maximum number of cells in a response.
const MAX_CELLS: i64 = 20_000;

/// Show a report's coverage
///
/// The coverage matrix: what was recommended to whom, by when, who responded, who is late, which position each took,
/// and what the recommender concluded. Rows are addressees, columns are recommendations and their elements. With
/// `as_of`, as it was known on that day. As CSV with `format=csv` or `Accept: text/csv`, one line per cell.
#[utoipa::path(
    tag = "Reports",
    params(("id" = String, Path, description = "The id or slug", max_length = 150, example = "stalking-super-complaint-2024"), ShowCoverage),
    responses((status = 200, description = "The coverage matrix", content((Item<Coverage> = "application/json"), (String = "text/csv"))))
)]
#[get("/reports/{id}/coverage")]
pub async fn show_report_coverage(
    public: Public,
    request: HttpRequest,
    key: web::Path<String>,
    query: Query<ShowCoverage>,
) -> Result<HttpResponse, ApiError> {
    let (key, rights) = (key.into_inner(), public.rights());
    let public = match query.params.as_of {
        None => public,
        Some(as_of) => {
            let (key, rights, now) = (key.clone(), rights.clone(), public.now);
            let located = public
                .read(move |c| {
                    lookup::for_reading(c, &reports::queries::OWNERSHIP, &key, &rights, now)
                })
                .await?;
            public.as_of(Some(as_of), Extent::Report(located.0)).await?
        }
    };
    let (params, now) = (query.params.clone(), public.now);
    let (mut coverage, freshness) = public
        .read(move |c| {
            let id = lookup::for_reading(c, &reports::queries::OWNERSHIP, &key, &rights, now)?;
            let part = Part {
                organisations: lookup::filter(
                    c,
                    Resource::Organisation,
                    "organisation",
                    &params.organisation,
                    now,
                )?,
                recommendations: lookup::filter(
                    c,
                    Resource::Recommendation,
                    "recommendation",
                    &params.recommendation,
                    now,
                )?,
            };
            let material = material(c, &id, &part)?;
            Ok(Coverage::new(material, now.and_utc(), uk_day(now)))
        })
        .await?;
    let freshness = freshness.without(Resource::Article);
    if let Some(moments) = freshness.moments {
        coverage.as_at = moments.since.and_utc();
    }
    match format(&request, query.params.format) {
        CoverageFormat::Json => {
            let body = serde_json::to_vec(&Item { data: coverage });
            let body = body.map_err(|error| ApiError::internal(&error))?;
            answer::chosen(body, "application/json", freshness)
        }
        CoverageFormat::Csv => {
            let lines = csv::write(&coverage).map_err(|error| ApiError::internal(&error))?;
            answer::chosen(lines, WITH_HEADER, freshness)
        }
    }
}

fn material(c: &mut DbConnection, id: &str, part: &Part) -> Result<Material, ApiError> {
    let report = reports::queries::find(c, id)?;
    let size = queries::size(c, id, part)?;
    if size > MAX_CELLS {
        let detail = format!(
            "The matrix has {size} cells; a response may have at most {MAX_CELLS}. Filter by organisation or recommendation."
        );
        return Err(ApiError::parameter("too_much", "organisation", detail));
    }
    let plans = action_plans::queries::of_report(c, id)?;
    let urls = plans.iter().map(|plan| plan.url.as_str()).collect();
    Ok(Material {
        pages: linked_pages::queries::by_urls(c, urls)?,
        plans,
        columns: queries::columns(c, id, part)?,
        addressees: queries::addressees(c, id, report.published_on, part)?,
        cells: queries::cells(c, id, part)?,
        published_on: report.published_on,
        report: TitleReference {
            id: report.id,
            slug: report.slug,
            title: report.title,
        },
    })
}

/// The format requested by the parameter or, without it, by the `Accept` header.
fn format(request: &HttpRequest, asked: Option<CoverageFormat>) -> CoverageFormat {
    let by_header = match media::preferred(request.headers()) {
        Format::Csv => CoverageFormat::Csv,
        _ => CoverageFormat::Json,
    };
    asked.unwrap_or(by_header)
}
