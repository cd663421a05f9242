//! The endpoints of recommendations.

use actix_web::{HttpResponse, delete, get, patch, post, put, web};
use chrono::NaiveDateTime;
use utoipa_actix_web::service_config::ServiceConfig;

use super::kind::{KIND, OWNERSHIP};
use super::model::RecommendationDocument;
use super::queries::{self, Filter};
use super::views::{FindRecommendation, ListRecommendations, Recommendation, RecommendationSort};
use super::{params, present};
use crate::access::{Client, Public, lookup};
use crate::http::answer::{self, Item, List};
use crate::http::body::Body;
use crate::http::discovery;
use crate::http::error::ApiError;
use crate::http::page::{self, Count};
use crate::http::query::Query;
use crate::log::Resource;
use crate::log::entries::Extent;
use crate::platform::db::DbConnection;
use crate::platform::states::VisibleState;
use crate::resources::reports;
use crate::writing::records;

/// Mounts the endpoints.
pub fn configure(config: &mut ServiceConfig) {
    config
        .service(list_recommendations)
        .service(create_recommendation)
        .service(find_recommendation)
        .service(change_recommendation)
        .service(put_recommendation)
        .service(remove_recommendation)
        .service(list_report_recommendations);
}

/// List recommendations
///
/// Newest first. `organisation` finds everything that comes to a body, directly or through a group such as
/// "all chief constables", as membership stood at publication.
#[utoipa::path(tag = "Recommendations", params(ListRecommendations), responses((status = 200, description = "One page of recommendations", body = List<Recommendation>)))]
#[get("/recommendations")]
pub async fn list_recommendations(
    public: Public,
    query: Query<ListRecommendations>,
) -> Result<HttpResponse, ApiError> {
    list(public, None, query).await
}

/// Show a recommendation
///
/// By id or slug. The default slug is the report's slug and the number: `stalking-super-complaint-2024-7`.
#[utoipa::path(
    tag = "Recommendations",
    params(("id" = String, Path, description = "The id or slug", max_length = 150, example = "stalking-super-complaint-2024-7"), FindRecommendation),
    responses((status = 200, description = "The recommendation", body = Item<Recommendation>))
)]
#[get("/recommendations/{id}")]
pub async fn find_recommendation(
    public: Public,
    key: web::Path<String>,
    query: Query<FindRecommendation>,
) -> Result<HttpResponse, ApiError> {
    let public = public
        .as_of(query.params.as_of, Extent::WithoutArticles)
        .await?;
    let (expand, now, rights) = (query.params.expand.clone(), public.now, public.rights());
    let (recommendations, freshness) = public
        .read(move |c| {
            let id = lookup::for_reading(c, &OWNERSHIP, &key, &rights, now)?;
            let row = queries::find(c, &id)?;
            present::views(c, vec![row], &expand, now)
        })
        .await?;
    let recommendation = recommendations.first().ok_or_else(ApiError::not_found)?;
    let fields: Vec<&str> = query.params.fields.iter().map(<&str>::from).collect();
    let mut response = answer::item(
        recommendation,
        recommendation.revision,
        &fields,
        freshness.without(Resource::Article),
    )?;
    if recommendation.state == VisibleState::Published {
        let address = format!("{}/v1/recommendations/{}", public.base, recommendation.id);
        discovery::embed_link(&mut response, &public.base, &address);
    }
    Ok(response)
}

/// Create a recommendation
///
/// Takes `recommendations:write` for one of the publishers of its report. The document is that of an import. `Idempotency-Key` makes it safe to send twice.
#[utoipa::path(tag = "Recommendations", request_body = RecommendationDocument, responses((status = 201, description = "The recommendation, as it was created", body = Item<Recommendation>)))]
#[post("/recommendations")]
pub async fn create_recommendation(client: Client, body: Body) -> Result<HttpResponse, ApiError> {
    records::create(client, &KIND, body).await
}

/// Change a recommendation
///
/// A merge patch (RFC 7396): members that are named take the place of what is there, `null` removes, and the
/// rest stays. `If-Match` takes the `ETag` of any reading of the recommendation. Takes `recommendations:write` for one of the publishers of its report.
#[utoipa::path(
    tag = "Recommendations",
    params(("id" = String, Path, description = "The id or slug", max_length = 150, example = "stalking-super-complaint-2024-15")),
    request_body(content = ref("#/components/schemas/RecommendationPatch"), content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The recommendation, as it is now", body = Item<Recommendation>))
)]
#[patch("/recommendations/{id}")]
pub async fn change_recommendation(
    client: Client,
    key: web::Path<String>,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    records::change(client, &KIND, key.into_inner(), body).await
}

/// Put a recommendation under its slug
///
/// For scripts that know the slug: creates the recommendation, or takes the place of the one that is there, which
/// needs `If-Match`. `If-None-Match: *` creates only. Takes `recommendations:write` for one of the publishers of its report.
#[utoipa::path(
    tag = "Recommendations",
    params(("id" = String, Path, description = "The slug, or the id of a recommendation that exists", max_length = 150, example = "stalking-super-complaint-2024-15")),
    request_body = RecommendationDocument,
    responses(
        (status = 200, description = "The recommendation, as it is now", body = Item<Recommendation>),
        (status = 201, description = "The recommendation, as it was created", body = Item<Recommendation>)
    )
)]
#[put("/recommendations/{id}")]
pub async fn put_recommendation(
    client: Client,
    key: web::Path<String>,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    records::put(client, &KIND, key.into_inner(), body).await
}

/// Remove a recommendation
///
/// It answers 410 from then on. Needs `If-Match`. Takes `recommendations:write` for one of the publishers of its report.
#[utoipa::path(
    tag = "Recommendations",
    params(("id" = String, Path, description = "The id or slug", max_length = 150, example = "stalking-super-complaint-2024-15"), records::Removal),
    responses((status = 204, description = "It is removed"))
)]
#[delete("/recommendations/{id}")]
pub async fn remove_recommendation(
    client: Client,
    key: web::Path<String>,
    removal: Query<records::Removal>,
) -> Result<HttpResponse, ApiError> {
    records::remove(client, &KIND, key.into_inner(), Some(removal)).await
}

/// The list, of all recommendations or of those of one report.
pub async fn list(
    public: Public,
    report: Option<String>,
    query: Query<ListRecommendations>,
) -> Result<HttpResponse, ApiError> {
    let public = public
        .as_of(query.params.as_of, Extent::WithoutArticles)
        .await?;
    let keyset = page::keyset(&query, query.params.paging(), public.cursors())?;
    let by_default = match report {
        Some(_) => RecommendationSort::Number,
        None => RecommendationSort::PublishedOnDescending,
    };
    let sort = query.params.sort.unwrap_or(by_default);
    let (params, now, rights) = (query.params.clone(), public.now, public.rights());
    let ((slice, recommendations), freshness) = public
        .read(move |c| {
            let mut filter = filter(c, &params, now)?;
            if let Some(report) = report {
                let found =
                    lookup::for_reading(c, &reports::kind::OWNERSHIP, &report, &rights, now);
                filter.report = Some(found?);
            }
            let slice = queries::list(
                c,
                &filter,
                sort.order(),
                &keyset,
                params.count == Count::Exact,
            )?;
            let recommendations = present::views(c, slice.rows.clone(), &params.expand, now)?;
            Ok((slice, recommendations))
        })
        .await?;
    let page = page::links(&query, public.cursors(), &public.base, &slice, |row| {
        sort.place(row)
    })?;
    let fields: Vec<&str> = query.params.fields.iter().map(<&str>::from).collect();
    answer::list(
        recommendations,
        page,
        &fields,
        freshness.without(Resource::Article),
    )
}

/// The filters of a list, with what they name resolved to ids.
pub fn filter(
    c: &mut DbConnection,
    params: &params::ListRecommendations,
    now: NaiveDateTime,
) -> Result<Filter, ApiError> {
    Ok(Filter {
        now,
        state: params.state,
        report: None,
        reports: lookup::filter(c, Resource::Report, "report", &params.report, now)?,
        organisations: lookup::filter(
            c,
            Resource::Organisation,
            "organisation",
            &params.organisation,
            now,
        )?,
        groups: lookup::filter(c, Resource::Group, "group", &params.group, now)?,
        kinds: params.kind.clone(),
        themes: params.theme.clone(),
        response_requirements: params
            .response_requirement
            .iter()
            .map(|r| <&str>::from(r).to_owned())
            .collect(),
        published_from: params.published_from,
        published_before: params.published_before,
        due_from: params.due_from,
        due_before: params.due_before,
    })
}

/// List a report's recommendations
///
/// In the order of their numbers: 2 before 10, 7 before 7.1. Takes the filters of `/v1/recommendations`.
#[utoipa::path(
    tag = "Reports",
    params(("id" = String, Path, description = "The id or slug", max_length = 150, example = "stalking-super-complaint-2024"), ListRecommendations),
    responses((status = 200, description = "One page of recommendations", body = List<Recommendation>))
)]
#[get("/reports/{id}/recommendations")]
pub async fn list_report_recommendations(
    public: Public,
    key: web::Path<String>,
    query: Query<ListRecommendations>,
) -> Result<HttpResponse, ApiError> {
    list(public, Some(key.into_inner()), query).await
}
