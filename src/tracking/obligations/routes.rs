//! The endpoints of obligations.

use actix_web::{HttpResponse, get, patch, web};
use chrono::NaiveDateTime;
use utoipa_actix_web::service_config::ServiceConfig;

use super::kind::KIND;
use super::present;
use super::queries::{self, Filter};
use super::views::{FindObligation, ListObligations, Obligation};
use crate::access::{Client, Public, lookup};
use crate::http::answer::{self, Item, List};
use crate::http::body::Body;
use crate::http::error::ApiError;
use crate::http::page::{self, Count};
use crate::http::query::Query;
use crate::log::Resource;
use crate::log::entries::Extent;
use crate::platform::clock::uk_day;
use crate::platform::db::DbConnection;
use crate::resources::recommendations;
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
/// Who was told to do what, by when, and how it stands: one record for each recommendation and each organisation that
/// it comes to. By due date. `state=overdue` finds those whose day has passed, for whose response somebody has looked
/// since; where nobody has looked, the state is `not_checked`.
#[utoipa::path(tag = "Obligations", params(ListObligations), responses((status = 200, description = "One page of obligations", body = List<Obligation>)))]
#[get("/obligations")]
pub async fn list_obligations(
    public: Public,
    query: Query<ListObligations>,
) -> Result<HttpResponse, ApiError> {
    list(public, Scope::All, query).await
}

/// Show an obligation
///
/// What one organisation was told to do by one recommendation. Three things are kept apart: how it responded, how far
/// it says it is, and what the recommender concluded.
#[utoipa::path(
    tag = "Obligations",
    params(("id" = String, Path, description = "The id", max_length = 150, example = "01890a5d-ac96-874b-bcce-b302099a8057"), FindObligation),
    responses((status = 200, description = "The obligation", body = Item<Obligation>))
)]
#[get("/obligations/{id}")]
pub async fn find_obligation(
    public: Public,
    id: web::Path<String>,
    query: Query<FindObligation>,
) -> Result<HttpResponse, ApiError> {
    let public = public
        .as_of(query.params.as_of, Extent::WithoutArticles)
        .await?;
    let (expand, now, rights) = (query.params.expand.clone(), public.now, public.rights());
    let (obligations, freshness) = public
        .read(move |c| {
            let row = queries::find(c, &id.to_ascii_lowercase())?;
            let row = row.ok_or_else(ApiError::not_found)?;
            let under = &row.recommendation_id;
            lookup::for_reading(c, &recommendations::kind::OWNERSHIP, under, &rights, now)?;
            present::views(c, vec![row], &expand, now)
        })
        .await?;
    let obligation = obligations.first().ok_or_else(ApiError::not_found)?;
    let fields: Vec<&str> = query.params.fields.iter().map(<&str>::from).collect();
    answer::item(
        obligation,
        obligation.revision,
        &fields,
        freshness.without(Resource::Article),
    )
}

/// Record something of an obligation
///
/// What the recommender, or whoever keeps the record, knows of the obligation itself: a merge patch (RFC 7396) of
/// `revisions` (every day that a deadline was moved to), `checked_on`, `transferred_to`, `disputes` and `note`. `If-Match`
/// takes the `ETag` of any reading of the obligation. Takes `recommendations:write` for one of the publishers of the report.
#[utoipa::path(
    tag = "Obligations",
    params(("id" = String, Path, description = "The id", max_length = 150, example = "01890a5d-ac96-874b-bcce-b302099a8057")),
    request_body(content = ref("#/components/schemas/ObligationPatch"), content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The obligation, as it is now", body = Item<Obligation>))
)]
#[patch("/obligations/{id}")]
pub async fn change_obligation(
    client: Client,
    key: web::Path<String>,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    records::change(client, &KIND, key.into_inner(), body).await
}

/// Whose obligations a list is about, by its path.
#[derive(Clone, Debug)]
pub enum Scope {
    /// Everybody's.
    All,
    /// Those of an organisation.
    Organisation(String),
    /// Those under a recommendation.
    Recommendation(String),
}

/// The list, of all obligations or of those that the path names.
pub async fn list(
    public: Public,
    scope: Scope,
    query: Query<ListObligations>,
) -> Result<HttpResponse, ApiError> {
    let public = public
        .as_of(query.params.as_of, Extent::WithoutArticles)
        .await?;
    let keyset = page::keyset(&query, query.params.paging(), public.cursors())?;
    let (params, now, sort) = (query.params.clone(), public.now, query.params.sort);
    let rights = public.rights();
    let ((slice, obligations), freshness) = public
        .read(move |c| {
            let mut filter = filter(c, &params, now)?;
            match scope {
                Scope::All => {}
                Scope::Organisation(key) => {
                    let id = lookup::find(c, Resource::Organisation, &key, now)?;
                    filter.organisation = Some(id);
                }
                Scope::Recommendation(key) => {
                    let id = lookup::for_reading(
                        c,
                        &recommendations::kind::OWNERSHIP,
                        &key,
                        &rights,
                        now,
                    )?;
                    filter.recommendation = Some(id);
                }
            }
            let counted = params.count == Count::Exact;
            let slice = queries::list(c, &filter, sort.order(), &keyset, counted)?;
            let obligations = present::views(c, slice.rows.clone(), &params.expand, now)?;
            Ok((slice, obligations))
        })
        .await?;
    let page = page::links(&query, public.cursors(), &public.base, &slice, |row| {
        sort.place(row)
    })?;
    let fields: Vec<&str> = query.params.fields.iter().map(<&str>::from).collect();
    answer::list(
        obligations,
        page,
        &fields,
        freshness.without(Resource::Article),
    )
}

/// The filter that the parameters describe.
pub fn filter(
    c: &mut DbConnection,
    params: &ListObligations,
    now: NaiveDateTime,
) -> Result<Filter, ApiError> {
    let mut ids =
        |resource, name: &str, keys: &[String]| lookup::filter(c, resource, name, keys, now);
    Ok(Filter {
        now,
        organisation: None,
        recommendation: None,
        today: uk_day(now),
        organisations: ids(Resource::Organisation, "organisation", &params.organisation)?,
        reports: ids(Resource::Report, "report", &params.report)?,
        recommendations: ids(
            Resource::Recommendation,
            "recommendation",
            &params.recommendation,
        )?,
        groups: ids(Resource::Group, "group", &params.group)?,
        states: params.state.clone(),
        response_requirements: words(&params.response_requirement),
        positions: words(&params.position),
        implementation_statuses: words(&params.implementation_status),
        assessment_statuses: words(&params.assessment_status),
        due_from: params.due_from,
        due_before: params.due_before,
    })
}

fn words<W: Copy + Into<&'static str>>(words: &[W]) -> Vec<String> {
    words.iter().map(|word| (*word).into().to_owned()).collect()
}

/// List an organisation's obligations
///
/// Everything that the organisation was told to do, by due date, and how it stands. Takes the filters of
/// `/v1/obligations`.
#[utoipa::path(
    tag = "Organisations",
    params(("id" = String, Path, description = "The id or slug", max_length = 150, example = "essex-police"), ListObligations),
    responses((status = 200, description = "One page of obligations", body = List<Obligation>))
)]
#[get("/organisations/{id}/obligations")]
pub async fn list_organisation_obligations(
    public: Public,
    key: web::Path<String>,
    query: Query<ListObligations>,
) -> Result<HttpResponse, ApiError> {
    let scope = Scope::Organisation(key.into_inner());
    list(public, scope, query).await
}

/// List a recommendation's obligations
///
/// One for each organisation that it comes to, by due date, and how each stands. Takes the filters of
/// `/v1/obligations`.
#[utoipa::path(
    tag = "Recommendations",
    params(("id" = String, Path, description = "The id or slug", max_length = 150, example = "stalking-super-complaint-2024-7"), ListObligations),
    responses((status = 200, description = "One page of obligations", body = List<Obligation>))
)]
#[get("/recommendations/{id}/obligations")]
pub async fn list_recommendation_obligations(
    public: Public,
    key: web::Path<String>,
    query: Query<ListObligations>,
) -> Result<HttpResponse, ApiError> {
    let scope = Scope::Recommendation(key.into_inner());
    list(public, scope, query).await
}
