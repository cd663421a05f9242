//! The endpoints of action plans.

use actix_web::{HttpResponse, delete, get, patch, post, web};
use utoipa_actix_web::service_config::ServiceConfig;

use super::kind::KIND;
use super::model::ActionPlanDocument;
use super::views::{ActionPlan, ActionPlanFilters};
use crate::access::{Client, Public};
use crate::http::answer::{Item, List};
use crate::http::body::Body;
use crate::http::error::ApiError;
use crate::http::query::Query;
use crate::http::shape::{ItemShape, Shape};
use crate::resources::collection;
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
#[utoipa::path(tag = "Action plans", params(ActionPlanFilters, Shape<ActionPlan>), responses((status = 200, description = "One page of action plans", body = List<ActionPlan>)))]
#[get("/action-plans")]
pub async fn list_action_plans(
    public: Public,
    query: Query<ActionPlanFilters, Shape<ActionPlan>>,
) -> Result<HttpResponse, ApiError> {
    collection::list(public, query).await
}

/// Show an action plan
///
/// A withdrawn one answers without its actions.
#[utoipa::path(
    tag = "Action plans",
    params(("id" = String, Path, description = "The id", max_length = 150, example = "01890a5d-ac96-874b-bcce-b302099a8057"), ItemShape<ActionPlan>),
    responses((status = 200, description = "The action plan", body = Item<ActionPlan>))
)]
#[get("/action-plans/{id}")]
pub async fn find_action_plan(
    public: Public,
    key: web::Path<String>,
    query: Query<ItemShape<ActionPlan>>,
) -> Result<HttpResponse, ApiError> {
    collection::find(public, key.into_inner(), query).await
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
