//! The endpoints of action plans.

use actix_web::{HttpResponse, delete, get, patch, post, web};
use chrono::NaiveDateTime;
use utoipa_actix_web::service_config::ServiceConfig;

use super::kind::{KIND, OWNERSHIP};
use super::model::ActionPlanDocument;
use super::present;
use super::queries::{self, Filter};
use super::views::{ActionPlan, FindActionPlan, ListActionPlans};
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
        .service(list_action_plans)
        .service(create_action_plan)
        .service(find_action_plan)
        .service(change_action_plan)
        .service(remove_action_plan);
}

/// List action plans
///
/// What addressees publish of what they will do, newest first.
#[utoipa::path(tag = "Action plans", params(ListActionPlans), responses((status = 200, description = "One page of action plans", body = List<ActionPlan>)))]
#[get("/action-plans")]
pub async fn list_action_plans(
    public: Public,
    query: Query<ListActionPlans>,
) -> Result<HttpResponse, ApiError> {
    let public = public
        .as_of(query.params.as_of, Extent::WithoutArticles)
        .await?;
    let keyset = page::keyset(&query, query.params.paging(), public.cursors())?;
    let (params, now, sort) = (query.params.clone(), public.now, query.params.sort);
    let ((slice, action_plans), freshness) = public
        .read(move |c| {
            let filter = filter(c, &params, now)?;
            let counted = params.count == Count::Exact;
            let slice = queries::list(c, &filter, sort.order(), &keyset, counted)?;
            let action_plans = present::views(c, slice.rows.clone())?;
            Ok((slice, action_plans))
        })
        .await?;
    let page = page::links(&query, public.cursors(), &public.base, &slice, |row| {
        sort.place(row)
    })?;
    let fields: Vec<&str> = query.params.fields.iter().map(<&str>::from).collect();
    answer::list(
        action_plans,
        page,
        &fields,
        freshness.without(Resource::Article),
    )
}

/// Show an action plan
///
/// A withdrawn one answers without its actions.
#[utoipa::path(
    tag = "Action plans",
    params(("id" = String, Path, description = "The id", max_length = 150, example = "01890a5d-ac96-874b-bcce-b302099a8057"), FindActionPlan),
    responses((status = 200, description = "The action plan", body = Item<ActionPlan>))
)]
#[get("/action-plans/{id}")]
pub async fn find_action_plan(
    public: Public,
    key: web::Path<String>,
    query: Query<FindActionPlan>,
) -> Result<HttpResponse, ApiError> {
    let public = public
        .as_of(query.params.as_of, Extent::WithoutArticles)
        .await?;
    let (now, rights) = (public.now, public.rights());
    let (action_plans, freshness) = public
        .read(move |c| {
            let id = lookup::for_reading(c, &OWNERSHIP, &key, &rights, now)?;
            let row = queries::find(c, &id)?;
            present::views(c, vec![row])
        })
        .await?;
    let action_plan = action_plans.first().ok_or_else(ApiError::not_found)?;
    let fields: Vec<&str> = query.params.fields.iter().map(<&str>::from).collect();
    answer::item(
        action_plan,
        action_plan.revision,
        &fields,
        freshness.without(Resource::Article),
    )
}

/// Create an action plan
///
/// Takes `responses:write` for the organisation whose plan it is. The document is that of an import. `Idempotency-Key` makes it safe to send twice.
#[utoipa::path(tag = "Action plans", request_body = ActionPlanDocument, responses((status = 201, description = "The action plan, as it was created", body = Item<ActionPlan>)))]
#[post("/action-plans")]
pub async fn create_action_plan(client: Client, body: Body) -> Result<HttpResponse, ApiError> {
    records::create(client, &KIND, body).await
}

/// Change an action plan
///
/// A merge patch (RFC 7396): members that are named take the place of what is there, `null` removes, and the
/// rest stays. A later conclusion is a new action_plan, so that the one before stays on record. `If-Match` takes the `ETag` of any reading of the action_plan. Takes `responses:write` for the organisation whose plan it is.
#[utoipa::path(
    tag = "Action plans",
    params(("id" = String, Path, description = "The id", max_length = 150, example = "01890a5d-ac96-874b-bcce-b302099a8057")),
    request_body(content = ref("#/components/schemas/ActionPlanPatch"), content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The action plan, as it is now", body = Item<ActionPlan>))
)]
#[patch("/action-plans/{id}")]
pub async fn change_action_plan(
    client: Client,
    key: web::Path<String>,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    records::change(client, &KIND, key.into_inner(), body).await
}

/// Remove an action plan
///
/// It answers 410 from then on. Needs `If-Match`. Takes `responses:write` for the organisation whose plan it is.
#[utoipa::path(
    tag = "Action plans",
    params(("id" = String, Path, description = "The id", max_length = 150, example = "01890a5d-ac96-874b-bcce-b302099a8057")),
    responses((status = 204, description = "It is removed"))
)]
#[delete("/action-plans/{id}")]
pub async fn remove_action_plan(
    client: Client,
    key: web::Path<String>,
) -> Result<HttpResponse, ApiError> {
    records::remove(client, &KIND, key.into_inner(), None).await
}

fn filter(
    c: &mut DbConnection,
    params: &ListActionPlans,
    now: NaiveDateTime,
) -> Result<Filter, ApiError> {
    let mut ids =
        |resource, name: &str, keys: &[String]| lookup::filter(c, resource, name, keys, now);
    Ok(Filter {
        now,
        state: params.state,
        reports: ids(Resource::Report, "report", &params.report)?,
        organisations: ids(Resource::Organisation, "organisation", &params.organisation)?,
    })
}
