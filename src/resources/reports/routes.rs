//! The endpoints of reports.

use actix_web::{HttpResponse, delete, get, patch, post, put, web};
use utoipa_actix_web::service_config::ServiceConfig;

use super::kind::{KIND, OWNERSHIP};
use super::model::ReportDocument;
use super::present;
use super::queries::{self, Filter};
use super::views::{FindReport, ListReports, Report};
use crate::access::{Client, Public, Scope, Sight, lookup};
use crate::http::answer::{self, Item, List};
use crate::http::body::Body;
use crate::http::error::ApiError;
use crate::http::page::{self, Count};
use crate::http::query::{Query, scheme_and_value};
use crate::log::Resource;
use crate::log::entries::Extent;
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
#[utoipa::path(tag = "Reports", params(ListReports), responses((status = 200, description = "One page of reports", body = List<Report>)))]
#[get("/reports")]
pub async fn list_reports(
    public: Public,
    query: Query<ListReports>,
) -> Result<HttpResponse, ApiError> {
    let public = public
        .as_of(query.params.as_of, Extent::WithoutArticles)
        .await?;
    let keyset = page::keyset(&query, query.params.paging(), public.cursors())?;
    let reference = scheme_and_value("reference", query.params.reference.as_deref())?;
    let (params, now) = (query.params.clone(), public.now);
    let sight = match params.state.is_public() {
        true => Sight::default(),
        false => public.sight(Scope::RecommendationsWrite)?,
    };
    let ((slice, reports), freshness) = public
        .read(move |c| {
            let body = Resource::Organisation;
            let filter = Filter {
                now,
                state: params.state,
                sight,
                publishers: lookup::filter(c, body, "publisher", &params.publisher, now)?,
                complainant_bodies: lookup::filter(
                    c,
                    body,
                    "complainant_body",
                    &params.complainant_body,
                    now,
                )?,
                kinds: params.kind,
                reference,
                published_from: params.published_from,
                published_before: params.published_before,
            };
            let counted = params.count == Count::Exact;
            let slice = queries::list(c, &filter, params.sort.order(), &keyset, counted)?;
            let reports = present::views(c, slice.rows.clone(), &params.expand, now)?;
            Ok((slice, reports))
        })
        .await?;
    let sort = query.params.sort;
    let page = page::links(&query, public.cursors(), &public.base, &slice, |row| {
        sort.place(row)
    })?;
    let fields: Vec<&str> = query.params.fields.iter().map(<&str>::from).collect();
    answer::list(reports, page, &fields, freshness.without(Resource::Article))
}

/// Show a report
///
/// By id or slug. A withdrawn report answers with the notice; one that was removed with 410, or 451 if that
/// was for legal reasons.
#[utoipa::path(
    tag = "Reports",
    params(("id" = String, Path, description = "The id or slug", max_length = 150, example = "stalking-super-complaint-2024"), FindReport),
    responses((status = 200, description = "The report", body = Item<Report>))
)]
#[get("/reports/{id}")]
pub async fn find_report(
    public: Public,
    key: web::Path<String>,
    query: Query<FindReport>,
) -> Result<HttpResponse, ApiError> {
    let pass = public.pass(query.params.preview.as_deref())?;
    let public = public
        .as_of(query.params.as_of, Extent::WithoutArticles)
        .await?;
    let (expand, now, rights) = (query.params.expand.clone(), public.now, public.rights());
    let with_pass = pass.is_some();
    let (reports, mut freshness) = public
        .read(move |c| {
            let id = match pass {
                Some(pass) => lookup::with_pass(c, Resource::Report, &key, &pass)?,
                None => lookup::for_reading(c, &OWNERSHIP, &key, &rights, now)?,
            };
            let row = queries::find(c, &id)?;
            present::views(c, vec![row], &expand, now)
        })
        .await?;
    freshness.is_private |= with_pass;
    let report = reports.first().ok_or_else(ApiError::not_found)?;
    let fields: Vec<&str> = query.params.fields.iter().map(<&str>::from).collect();
    answer::item(
        report,
        report.revision,
        &fields,
        freshness.without(Resource::Article),
    )
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
