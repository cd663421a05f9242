//! The endpoints of recommendations.

use actix_web::{HttpResponse, get, web};
use utoipa_actix_web::service_config::ServiceConfig;

use super::params::{RecommendationExpansion, RecommendationFilters, ReportPreview};
use super::views::Recommendation;
use crate::access::{Public, lookup};
use crate::http::answer::{Item, List, ListOf};
use crate::http::discovery;
use crate::http::error::ApiError;
use crate::http::query::Query;
use crate::http::shape::{ItemShape, Shape, Sort};
use crate::log::Resource;
use crate::platform::identity::Key;
use crate::platform::states::VisibleState;
use crate::resources::reports::views::Report;
use crate::resources::{handlers, reports};

/// Mounts the endpoints.
pub fn configure(config: &mut ServiceConfig) {
    config
        .service(list_recommendations)
        .service(find_recommendation)
        .service(list_report_recommendations);
}

/// List recommendations
///
/// Newest first. `organisation` finds all recommendations addressed to an organisation, directly or through a group
/// such as "all chief constables", according to its membership at publication.
#[utoipa::path(tag = "Recommendations", params(RecommendationFilters, Shape<Recommendation>), responses((status = 200, description = "One page of recommendations", body = List<Recommendation>)))]
#[get("/recommendations")]
pub async fn list_recommendations(
    public: Public,
    query: Query<RecommendationFilters, Shape<Recommendation>>,
) -> Result<HttpResponse, ApiError> {
    handlers::list(public, query).await
}

/// Show a recommendation
///
/// By id or slug. The default slug consists of the report's slug and the number: `stalking-super-complaint-2024-7`.
#[utoipa::path(
    tag = "Recommendations",
    params(("id" = String, Path, description = "The id or slug", max_length = 150, example = "stalking-super-complaint-2024-7"), ItemShape<Recommendation>),
    responses((status = 200, description = "The recommendation", body = Item<Recommendation>))
)]
#[get("/recommendations/{id}")]
pub async fn find_recommendation(
    public: Public,
    key: web::Path<Key>,
    query: Query<ItemShape<Recommendation>>,
) -> Result<HttpResponse, ApiError> {
    let fields = query.params.fields.clone();
    let (one, freshness) =
        handlers::read_one::<Recommendation>(public, key.into_inner(), query.params).await?;
    let mut response = one.answer(&fields, freshness.without(Resource::Article))?;
    if one.view.state == VisibleState::Published {
        let base = &one.public.base;
        let address = format!("{base}/v1/recommendations/{}", one.view.id);
        discovery::embed_link(&mut response, base, &address);
    }
    Ok(response)
}

/// List a report's recommendations
///
/// Ordered by number: 2 before 10, 7 before 7.1. Accepts the filters of `/v1/recommendations`. With `expand=report`, the
/// response has the report too, as `of`. With the `preview` of a link to the report, it shows those of a report that is not
/// public yet.
#[utoipa::path(
    tag = "Reports",
    params(("id" = String, Path, description = "The id or slug", max_length = 150, example = "stalking-super-complaint-2024"), RecommendationFilters, Shape<Recommendation>, ReportPreview),
    responses((status = 200, description = "One page of recommendations", body = ListOf<Recommendation, Report>))
)]
#[get("/reports/{id}/recommendations")]
pub async fn list_report_recommendations(
    public: Public,
    key: web::Path<Key>,
    mut query: Query<RecommendationFilters, Shape<Recommendation>, ReportPreview>,
) -> Result<HttpResponse, ApiError> {
    let key = key.into_inner();
    let public = public.with_preview(query.own.preview.as_deref(), query.shape.as_of)?;
    let pass = public.pass();
    query.shape.sort = query.shape.sort.or_else(|| Sort::named("number"));
    handlers::list_below(public, query, move |c, filter, context| {
        let (reports, now) = (&reports::queries::OWNERSHIP, context.now);
        let report = match &pass {
            Some(pass) => lookup::for_preview(c, reports, &key, pass, now)?,
            None => lookup::for_reading(c, reports, &key, &context.rights, now)?,
        };
        filter.report = Some(report);
        handlers::of_list::<_, Report>(c, context, RecommendationExpansion::Report, report)
    })
    .await
}
