//! The endpoints of assessments.

use actix_web::{HttpResponse, delete, get, patch, post, web};
use chrono::NaiveDateTime;
use utoipa_actix_web::service_config::ServiceConfig;

use super::kind::{KIND, OWNERSHIP};
use super::model::AssessmentDocument;
use super::present;
use super::queries::{self, Filter};
use super::views::{Assessment, FindAssessment, ListAssessments};
use crate::access::{Client, Public, lookup};
use crate::http::answer::{self, Item, List};
use crate::http::body::Body;
use crate::http::error::ApiError;
use crate::http::page::{self, Count};
use crate::http::query::Query;
use crate::log::Resource;
use crate::log::entries::Extent;
use crate::platform::db::DbConnection;
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
            let assessments = present::views(c, slice.rows.clone())?;
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
            let id = lookup::for_reading(c, &OWNERSHIP, &key, &rights, now)?;
            let row = queries::find(c, &id)?;
            present::views(c, vec![row])
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
