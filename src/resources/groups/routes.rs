//! The endpoints of groups.

use actix_web::{HttpResponse, get, web};
use utoipa_actix_web::service_config::ServiceConfig;

use super::views::{Group, GroupFilters};
use crate::access::Public;
use crate::http::answer::{Item, List};
use crate::http::error::ApiError;
use crate::http::query::Query;
use crate::http::shape::{ItemShape, Shape};
use crate::platform::identity::Key;
use crate::resources::handlers;

/// Mounts the endpoints.
pub fn configure(config: &mut ServiceConfig) {
    config.service(list_groups).service(find_group);
}

/// List groups
///
/// Ordered by name, with current and former members and, if known, the days they joined and left. `on` returns the
/// members on a day.
#[utoipa::path(tag = "Groups", params(GroupFilters, Shape<Group>), responses((status = 200, description = "One page of groups", body = List<Group>)))]
#[get("/groups")]
pub async fn list_groups(
    public: Public,
    query: Query<GroupFilters, Shape<Group>>,
) -> Result<HttpResponse, ApiError> {
    handlers::list(public, query).await
}

/// Show a group
///
/// By id or slug, with its current and former members or, with `on`, the members on that day.
#[utoipa::path(
    tag = "Groups",
    params(("id" = String, Path, description = "The id or slug", max_length = 150, example = "all-chief-constables-england-wales"), ItemShape<Group>),
    responses((status = 200, description = "The group", body = Item<Group>))
)]
#[get("/groups/{id}")]
pub async fn find_group(
    public: Public,
    key: web::Path<Key>,
    query: Query<ItemShape<Group>>,
) -> Result<HttpResponse, ApiError> {
    handlers::find(public, key.into_inner(), query).await
}
