//! The endpoints of obligations.

use actix_web::{HttpResponse, get, patch, web};
use utoipa_actix_web::service_config::ServiceConfig;

use super::kind::KIND;
use super::params::{ObligationExpansion, ObligationFilters};
use super::views::Obligation;
use crate::access::{Client, Public, lookup};
use crate::http::answer::{Item, List, ListOf};
use crate::http::body::Body;
use crate::http::error::ApiError;
use crate::http::query::Query;
use crate::http::shape::{ItemShape, Shape};
use crate::log::Resource;
use crate::platform::identity::Key;
use crate::resources::organisations::views::Organisation;
use crate::resources::recommendations::views::Recommendation;
use crate::resources::{handlers, recommendations};
use crate::writing::records;

/// Mounts the endpoints.
pub fn configure(config: &mut ServiceConfig) {
    config
        .service(list_obligations)
        .service(find_obligation)
        .service(change_obligation)
        .service(list_organisation_obligations)
        .service(list_recommendation_obligations);
}

/// List obligations
///
/// What was recommended to whom, by when, and with what result: one record per recommendation and addressee
/// organisation, ordered by due date. `state=overdue` returns obligations past their due date for which somebody has
/// since checked for a response; without such a check, the state is `not_checked`.
#[utoipa::path(tag = "Obligations", params(ObligationFilters, Shape<Obligation>), responses((status = 200, description = "One page of obligations", body = List<Obligation>)))]
#[get("/obligations")]
pub async fn list_obligations(
    public: Public,
    query: Query<ObligationFilters, Shape<Obligation>>,
) -> Result<HttpResponse, ApiError> {
    handlers::list(public, query).await
}

/// Show an obligation
///
/// What one recommendation asks of one organisation. Three things are kept separate: the response, the implementation
/// status that the organisation reports, and the recommender's assessment.
#[utoipa::path(
    tag = "Obligations",
    params(("id" = String, Path, description = "The id", max_length = 150, example = "760fc6ff-2c4c-8b0b-ad5f-3330977bd9bf"), ItemShape<Obligation>),
    responses((status = 200, description = "The obligation", body = Item<Obligation>))
)]
#[get("/obligations/{id}")]
pub async fn find_obligation(
    public: Public,
    key: web::Path<Key>,
    query: Query<ItemShape<Obligation>>,
) -> Result<HttpResponse, ApiError> {
    handlers::find(public, key.into_inner(), query).await
}

/// Record something of an obligation
///
/// What the recommender, or whoever keeps the record, knows of the obligation itself: a merge patch (RFC 7396) of
/// `revisions` (every day that a deadline was moved to), `checked_on`, `transferred_to`, `disputes` and `note`. `If-Match`
/// takes the `ETag` of any reading of the obligation. Takes `recommendations:write` for one of the publishers of the report.
#[utoipa::path(
    tag = "Obligations",
    params(("id" = String, Path, description = "The id", max_length = 150, example = "760fc6ff-2c4c-8b0b-ad5f-3330977bd9bf")),
    request_body(content = ref("#/components/schemas/ObligationPatch"), content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The obligation, as it is now", body = Item<Obligation>), (status = 204, description = "What was recorded on it was erased"))
)]
#[patch("/obligations/{id}")]
pub async fn change_obligation(
    client: Client,
    key: web::Path<Key>,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    records::change(client, &KIND, key, body).await
}

/// List an organisation's obligations
///
/// Everything that was recommended to the organisation, ordered by due date. Accepts the filters of `/v1/obligations`. With
/// `expand=organisation`, the response has the organisation too, as `of`.
#[utoipa::path(
    tag = "Organisations",
    params(("id" = String, Path, description = "The id or slug", max_length = 150, example = "essex-police"), ObligationFilters, Shape<Obligation>),
    responses((status = 200, description = "One page of obligations", body = ListOf<Obligation, Organisation>))
)]
#[get("/organisations/{id}/obligations")]
pub async fn list_organisation_obligations(
    public: Public,
    key: web::Path<Key>,
    query: Query<ObligationFilters, Shape<Obligation>>,
) -> Result<HttpResponse, ApiError> {
    let key = key.into_inner();
    handlers::list_below(public, query, move |c, filter, context| {
        let organisation = lookup::find(c, Resource::Organisation, &key, context.now)?;
        filter.sql.and("o.organisation_id =", Some(organisation));
        handlers::of_list::<_, Organisation>(
            c,
            context,
            ObligationExpansion::Organisation,
            organisation,
        )
    })
    .await
}

/// List a recommendation's obligations
///
/// One for each organisation that the recommendation is addressed to, directly or through a group, ordered by due date.
/// Accepts the filters of `/v1/obligations`. With `expand=recommendation`, the response has the recommendation too, as `of`.
#[utoipa::path(
    tag = "Recommendations",
    params(("id" = String, Path, description = "The id or slug", max_length = 150, example = "stalking-super-complaint-2024-7"), ObligationFilters, Shape<Obligation>),
    responses((status = 200, description = "One page of obligations", body = ListOf<Obligation, Recommendation>))
)]
#[get("/recommendations/{id}/obligations")]
pub async fn list_recommendation_obligations(
    public: Public,
    key: web::Path<Key>,
    query: Query<ObligationFilters, Shape<Obligation>>,
) -> Result<HttpResponse, ApiError> {
    let key = key.into_inner();
    handlers::list_below(public, query, move |c, filter, context| {
        let whose = &recommendations::queries::OWNERSHIP;
        let recommendation = lookup::for_reading(c, whose, &key, &context.rights, context.now)?;
        filter.recommendation = Some(recommendation);
        handlers::of_list::<_, Recommendation>(
            c,
            context,
            ObligationExpansion::Recommendation,
            recommendation,
        )
    })
    .await
}
