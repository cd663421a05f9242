//! The endpoints of action plans.

use actix_web::{HttpResponse, get, web};
use utoipa_actix_web::service_config::ServiceConfig;

use super::views::{ActionPlan, ActionPlanFilters};
use crate::access::Public;
use crate::http::answer::{Item, List};
use crate::http::error::ApiError;
use crate::http::query::Query;
use crate::http::shape::{ItemShape, Shape};
use crate::platform::identity::Key;
use crate::resources::handlers;

/// Mounts the endpoints.
pub fn configure(config: &mut ServiceConfig) {
    config.service(list_action_plans).service(find_action_plan);
}

/// List action plans
///
/// What addressees say they will do, newest first.
#[utoipa::path(tag = "Action plans", params(ActionPlanFilters, Shape<ActionPlan>), responses((status = 200, description = "One page of action plans", body = List<ActionPlan>)))]
#[get("/action-plans")]
pub async fn list_action_plans(
    public: Public,
    query: Query<ActionPlanFilters, Shape<ActionPlan>>,
) -> Result<HttpResponse, ApiError> {
    handlers::list(public, query).await
}

/// Show an action plan
///
/// A withdrawn action plan is returned without its actions.
#[utoipa::path(
    tag = "Action plans",
    params(("id" = String, Path, description = "The id", max_length = 150, example = "4c899a2c-db8c-88f9-9717-d70bf354931e"), ItemShape<ActionPlan>),
    responses((status = 200, description = "The action plan", body = Item<ActionPlan>))
)]
#[get("/action-plans/{id}")]
pub async fn find_action_plan(
    public: Public,
    key: web::Path<Key>,
    query: Query<ItemShape<ActionPlan>>,
) -> Result<HttpResponse, ApiError> {
    handlers::find(public, key.into_inner(), query).await
}
