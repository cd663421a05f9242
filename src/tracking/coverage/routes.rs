//! The endpoint of the coverage matrix.

use actix_web::{HttpRequest, HttpResponse, get, web};
use chrono::{NaiveDate, NaiveDateTime};
use serde_json::json;
use std::collections::HashSet;
use utoipa_actix_web::service_config::ServiceConfig;

use super::params::{CoverageFormat, ShowCoverage};
use super::views::{Coverage, CoverageData};
use super::{csv, queries};
use crate::access::{Public, lookup};
use crate::http::answer::{self, Item};
use crate::http::as_of::AsOf;
use crate::http::error::ApiError;
use crate::http::media::{self, Format};
use crate::http::query::Query;
use crate::http::shape;
use crate::log::Resource;
use crate::platform::clock::uk_day;
use crate::platform::csv::{WITH_HEADER, marked};
use crate::platform::db::{DbConnection, Sql};
use crate::platform::identity::{Key, RecordId};
use crate::platform::mistakes::MistakeCode;
use crate::resources::collection::Collection;
use crate::resources::organisations::parts::name_on;
use crate::resources::reports::views::Report;
use crate::resources::{in_language, references, reports};
use crate::tracking::below_reports::ListConditions;
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
/// `as_of`, as it was known on that day; with `on`, as it was on that day by the dates of the facts. As CSV with `format=csv` or `Accept: text/csv`, one line per cell.
#[utoipa::path(
    tag = "Reports",
    params(("id" = String, Path, description = "The id or slug", max_length = 150, example = "stalking-super-complaint-2024"), ShowCoverage),
    responses((status = 200, description = "The coverage matrix", content((Item<Coverage> = "application/json"), (String = "text/csv"))))
)]
#[get("/reports/{id}/coverage")]
pub async fn show_report_coverage(
    public: Public,
    request: HttpRequest,
    key: web::Path<Key>,
    query: Query<ShowCoverage>,
) -> Result<HttpResponse, ApiError> {
    let (key, rights) = (key.into_inner(), public.rights());
    let public = public
        .with_preview(query.params.preview.as_deref(), query.params.as_of)?
        .as_of(query.params.as_of)
        .await?;
    let pass = public.pass();
    let format = format(&request, &query.params)?;
    let with_mark = query.params.bom;
    let (params, now, pages) = (query.params.clone(), public.now, public.pages());
    let on = shape::day(params.on, params.as_of);
    let ((mut coverage, mut translated), freshness) = public
        .read(move |c| {
            let ownership = &reports::queries::OWNERSHIP;
            let id = match &pass {
                Some(pass) => lookup::for_preview(c, ownership, &key, pass, now)?,
                None => lookup::for_reading(c, ownership, &key, &rights, now)?,
            };
            let selection = ListConditions::new(c, now, queries::cells_of(id, on))
                .organisations("o.organisation_id", "organisation", &params.organisation)?
                .recommendations("o.recommendation_id", &params.recommendation)?
                .sql;
            let data = load(c, id, &selection, (now, on))?;
            let mut coverage = Coverage::new(data, now.and_utc(), on.unwrap_or(uk_day(now)));
            coverage.on = params.on;
            let coverages = std::slice::from_ref(&coverage);
            let translated = in_language::translated(c, coverages, (params.lang.as_ref(), &pages))?;
            Ok((coverage, translated.and_then(|mut all| all.pop())))
        })
        .await?;
    let freshness = freshness.without(Resource::Article);
    if let Some(validity) = freshness.validity {
        coverage.as_at = validity.since.and_utc();
        if let Some(translated) = &mut translated {
            translated["as_at"] = json!(coverage.as_at);
        }
    }
    let response = match (format, translated) {
        (CoverageFormat::Json, Some(data)) => answer::json(&Item { data }, freshness)?,
        (CoverageFormat::Json, None) => answer::json(&Item { data: coverage }, freshness)?,
        (CoverageFormat::Csv, _) => {
            let lines = csv::write(&coverage).map_err(|error| ApiError::internal(&error))?;
            let lines = marked(lines, with_mark);
            answer::text(lines, WITH_HEADER, freshness)
        }
    };
    Ok(answer::vary_by_accept(response))
}

fn load(
    c: &mut DbConnection,
    id: RecordId,
    selection: &Sql,
    (now, on): (NaiveDateTime, Option<NaiveDate>),
) -> Result<CoverageData, ApiError> {
    let report = Report::row(c, id)?;
    let size = queries::size(c, selection)?;
    if size > MAX_CELLS {
        let detail = format!(
            "The matrix has {size} cells; a response may have at most {MAX_CELLS}. Filter by organisation or recommendation."
        );
        return Err(ApiError::parameter(
            MistakeCode::TooMuch,
            "organisation",
            detail,
        ));
    }
    let plans = match report.state.is_withdrawn() {
        true => Vec::new(),
        false => action_plans::queries::of_report(c, id, on)?,
    };
    let urls = plans.iter().map(|plan| plan.url.as_str()).collect();
    let mut cells = queries::cells(c, selection)?;
    for cell in &mut cells {
        if cell.state.is_withdrawn() || report.state.is_withdrawn() {
            cell.hide_statements()?;
        }
    }
    let mut named = HashSet::new();
    for cell in &cells {
        named.extend(cell.statements.claims.iter().map(|claim| claim.made_by));
        named.extend(cell.transferred_to_id);
    }
    let mut names = references::named(c, Resource::Organisation, named)?;
    if let Some(day) = on {
        name_on(c, names.values_mut(), day)?;
    }
    let visited_by = on.map_or(now, |day| AsOf::Day(day).moment().min(now));
    Ok(CoverageData {
        pages: linked_pages::present::by_urls(c, urls, visited_by)?,
        plans,
        columns: queries::columns(c, id, selection)?,
        addressees: queries::addressees(c, report.published_on, on, selection)?,
        names,
        cells,
        report,
    })
}

/// The format requested by the parameter or, without it, by the `Accept` header.
fn format(request: &HttpRequest, params: &ShowCoverage) -> Result<CoverageFormat, ApiError> {
    let accepted = || match media::preferred(request.headers()) {
        Format::Csv => CoverageFormat::Csv,
        _ => CoverageFormat::Json,
    };
    let format = params.format.unwrap_or_else(accepted);
    if format == CoverageFormat::Csv && params.lang.is_some() {
        let detail = "CSV has the records' own names: omit this parameter, or ask for JSON.";
        return Err(ApiError::parameter(
            MistakeCode::DoesNotApply,
            "lang",
            detail,
        ));
    }
    if format == CoverageFormat::Json && params.bom {
        let detail = "JSON has no byte order mark: omit this parameter, or ask for CSV.";
        return Err(ApiError::parameter(
            MistakeCode::DoesNotApply,
            "bom",
            detail,
        ));
    }
    Ok(format)
}
