//! The endpoints of recommendations.

use actix_web::{HttpResponse, delete, get, patch, post, put, web};
use utoipa_actix_web::service_config::ServiceConfig;

use super::kind::KIND;
use super::model::RecommendationDocument;
use super::params::RecommendationFilters;
use super::views::Recommendation;
use crate::access::{Client, Public, lookup};
use crate::http::answer::{self, Item, List};
use crate::http::body::Body;
use crate::http::discovery;
use crate::http::error::ApiError;
use crate::http::query::Query;
use crate::http::shape::{ItemShape, Shape, Sort};
use crate::log::Resource;
use crate::platform::states::VisibleState;
use crate::resources::{collection, reports};
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
#[utoipa::path(tag = "Recommendations", params(RecommendationFilters, Shape<Recommendation>), responses((status = 200, description = "One page of recommendations", body = List<Recommendation>)))]
#[get("/recommendations")]
pub async fn list_recommendations(
    public: Public,
    query: Query<RecommendationFilters, Shape<Recommendation>>,
) -> Result<HttpResponse, ApiError> {
    collection::list(public, query).await
}

/// Show a recommendation
///
/// By id or slug. The default slug is the report's slug and the number: `stalking-super-complaint-2024-7`.
#[utoipa::path(
    tag = "Recommendations",
    params(("id" = String, Path, description = "The id or slug", max_length = 150, example = "stalking-super-complaint-2024-7"), ItemShape<Recommendation>),
    responses((status = 200, description = "The recommendation", body = Item<Recommendation>))
)]
#[get("/recommendations/{id}")]
pub async fn find_recommendation(
    public: Public,
    key: web::Path<String>,
    query: Query<ItemShape<Recommendation>>,
) -> Result<HttpResponse, ApiError> {
    let fields = query.params.fields.clone();
    let (recommendation, _, freshness, public) =
        collection::one(public, key.into_inner(), query.params).await?;
    let freshness = freshness.without(Resource::Article);
    let mut response = answer::item(&recommendation, recommendation.revision, &fields, freshness)?;
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

/// List a report's recommendations
///
/// In the order of their numbers: 2 before 10, 7 before 7.1. Takes the filters of `/v1/recommendations`.
#[utoipa::path(
    tag = "Reports",
    params(("id" = String, Path, description = "The id or slug", max_length = 150, example = "stalking-super-complaint-2024"), RecommendationFilters, Shape<Recommendation>),
    responses((status = 200, description = "One page of recommendations", body = List<Recommendation>))
)]
#[get("/reports/{id}/recommendations")]
pub async fn list_report_recommendations(
    public: Public,
    key: web::Path<String>,
    mut query: Query<RecommendationFilters, Shape<Recommendation>>,
) -> Result<HttpResponse, ApiError> {
    let report = key.into_inner();
    query.shape.sort = query.shape.sort.or_else(|| Sort::named("number"));
    collection::list_below(public, query, move |c, filter, context| {
        let reports = &reports::queries::OWNERSHIP;
        filter.report = Some(lookup::for_reading(
            c,
            reports,
            &report,
            &context.rights,
            context.now,
        )?);
        Ok(())
    })
    .await
}
