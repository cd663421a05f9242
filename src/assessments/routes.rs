//! The endpoints of assessments.

use actix_web::{HttpResponse, delete, get, patch, post, web};
use chrono::NaiveDateTime;

use super::model::{AssessmentDocument, AssessmentRow};
use super::queries::{self, Filter};
use super::views::{Assessment, FindAssessment, ListAssessments};
use crate::auth::{Client, Public};
use crate::changes::Resource;
use crate::changes::feed::Extent;
use crate::db::DbConnection;
use crate::http::answer::{self, Item, List, Shown};
use crate::http::error::ApiError;
use crate::http::page::{self, Count};
use crate::http::query::Query;
use crate::lookup;
use crate::obligations::parts::{self, Named};
use crate::writing::{self, body::Body};

/// List assessments
///
/// What recommenders concluded, newest first. Several may stand side by side: the newest is in the matrix.
#[utoipa::path(tag = "Assessments", params(ListAssessments), responses((status = 200, description = "One page of assessments", body = List<Assessment>)))]
#[get("/assessments")]
pub async fn list_assessments(
    public: Public,
    query: Query<ListAssessments>,
) -> Result<HttpResponse, ApiError> {
    let public = public
        .as_of(query.params.as_of, Extent::WithoutArticles)
        .await?;
    let keyset = page::keyset(&query, query.params.paging(), public.cursors())?;
    let (params, now, sort) = (query.params.clone(), public.now, query.params.sort);
    let ((slice, assessments), freshness) = public
        .read(move |c| {
            let filter = filter(c, &params, now)?;
            let counted = params.count == Count::Exact;
            let slice = queries::list(c, &filter, sort.order(), &keyset, counted)?;
            let assessments = views(c, slice.rows.clone())?;
            Ok((slice, assessments))
        })
        .await?;
    let page = page::links(&query, public.cursors(), &public.base, &slice, |row| {
        sort.place(row)
    })?;
    let fields: Vec<&str> = query.params.fields.iter().map(<&str>::from).collect();
    answer::list(
        assessments,
        page,
        &fields,
        freshness.without(Resource::Article),
    )
}

/// Show an assessment
///
/// A withdrawn one answers without its reasons.
#[utoipa::path(
    tag = "Assessments",
    params(("id" = String, Path, description = "The id", max_length = 150, example = "01890a5d-ac96-874b-bcce-b302099a8057"), FindAssessment),
    responses((status = 200, description = "The assessment", body = Item<Assessment>))
)]
#[get("/assessments/{id}")]
pub async fn find_assessment(
    public: Public,
    key: web::Path<String>,
    query: Query<FindAssessment>,
) -> Result<HttpResponse, ApiError> {
    let public = public
        .as_of(query.params.as_of, Extent::WithoutArticles)
        .await?;
    let (now, rights) = (public.now, public.rights());
    let (assessments, freshness) = public
        .read(move |c| {
            let id = lookup::for_reading(c, Resource::Assessment, &key, &rights, now)?;
            let row = queries::find(c, &id)?;
            views(c, vec![row])
        })
        .await?;
    let assessment = assessments.first().ok_or_else(ApiError::not_found)?;
    let fields: Vec<&str> = query.params.fields.iter().map(<&str>::from).collect();
    answer::item(
        assessment,
        assessment.revision,
        &fields,
        freshness.without(Resource::Article),
    )
}

/// Create an assessment
///
/// Takes `assessments:write` for the assessor, which is a publisher of the report. The document is that of an import. `Idempotency-Key` makes it safe to send twice.
#[utoipa::path(tag = "Assessments", request_body = AssessmentDocument, responses((status = 201, description = "The assessment, as it was created", body = Item<Assessment>)))]
#[post("/assessments")]
pub async fn create_assessment(client: Client, body: Body) -> Result<HttpResponse, ApiError> {
    writing::create(client, Resource::Assessment, body, show).await
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
    writing::change(client, Resource::Assessment, key.into_inner(), body, show).await
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
    writing::remove(client, Resource::Assessment, key.into_inner(), None).await
}

fn show(c: &mut DbConnection, id: &str, _: NaiveDateTime) -> Result<Shown, ApiError> {
    let row = queries::find(c, id)?;
    let assessment = views(c, vec![row])?.pop().ok_or_else(ApiError::not_found)?;
    Shown::new(&assessment, assessment.revision)
}

fn filter(
    c: &mut DbConnection,
    params: &ListAssessments,
    now: NaiveDateTime,
) -> Result<Filter, ApiError> {
    let mut ids =
        |resource, name: &str, keys: &[String]| lookup::filter(c, resource, name, keys, now);
    Ok(Filter {
        now,
        state: params.state,
        reports: ids(Resource::Report, "report", &params.report)?,
        recommendations: ids(
            Resource::Recommendation,
            "recommendation",
            &params.recommendation,
        )?,
        organisations: ids(Resource::Organisation, "organisation", &params.organisation)?,
        assessors: ids(Resource::Organisation, "assessor", &params.assessor)?,
        statuses: params
            .status
            .iter()
            .map(|status| <&str>::from(status).to_owned())
            .collect(),
    })
}

fn views(c: &mut DbConnection, rows: Vec<AssessmentRow>) -> Result<Vec<Assessment>, ApiError> {
    let mut named = Named::default();
    for row in &rows {
        named.recommendations.push(&row.recommendation_id);
        named.reports.push(&row.report_id);
        named
            .organisations
            .extend([&row.organisation_id, &row.assessor_id]);
        named.urls.extend(row.source_url.as_deref());
    }
    let parts = parts::of(c, named)?;
    Ok(rows
        .into_iter()
        .filter_map(|row| Assessment::new(row, &parts))
        .collect())
}
