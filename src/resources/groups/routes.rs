//! The endpoints of groups.

use actix_web::{HttpResponse, delete, get, patch, post, put, web};
use utoipa_actix_web::service_config::ServiceConfig;

use super::kind::KIND;
use super::model::GroupDocument;
use super::views::{Group, GroupFilters};
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
        .service(list_groups)
        .service(create_group)
        .service(find_group)
        .service(change_group)
        .service(put_group)
        .service(remove_group);
}

/// List groups
///
/// By name. Members come with the days they joined and left, where known; `as_of` keeps those of one day.
#[utoipa::path(tag = "Groups", params(GroupFilters, Shape<Group>), responses((status = 200, description = "One page of groups", body = List<Group>)))]
#[get("/groups")]
pub async fn list_groups(
    public: Public,
    query: Query<GroupFilters, Shape<Group>>,
) -> Result<HttpResponse, ApiError> {
    collection::list(public, query).await
}

/// Show a group
///
/// By id or slug, with its members: all that are on record, or with `as_of` those of one day.
#[utoipa::path(
    tag = "Groups",
    params(("id" = String, Path, description = "The id or slug", max_length = 150, example = "all-chief-constables-england-wales"), ItemShape<Group>),
    responses((status = 200, description = "The group", body = Item<Group>))
)]
#[get("/groups/{id}")]
pub async fn find_group(
    public: Public,
    key: web::Path<String>,
    query: Query<ItemShape<Group>>,
) -> Result<HttpResponse, ApiError> {
    collection::find(public, key.into_inner(), query).await
}

/// Create a group
///
/// Takes `organisations:write` for `*`: groups belong to nobody. The document is that of an import. `Idempotency-Key` makes it safe to send twice.
#[utoipa::path(tag = "Groups", request_body = GroupDocument, responses((status = 201, description = "The group, as it was created", body = Item<Group>)))]
#[post("/groups")]
pub async fn create_group(client: Client, body: Body) -> Result<HttpResponse, ApiError> {
    records::create(client, &KIND, body).await
}

/// Change a group
///
/// A merge patch (RFC 7396): members that are named take the place of what is there, `null` removes, and the
/// rest stays. `If-Match` takes the `ETag` of any reading of the group. Takes `organisations:write` for `*`: groups belong to nobody.
#[utoipa::path(
    tag = "Groups",
    params(("id" = String, Path, description = "The id or slug", max_length = 150, example = "all-chief-constables-england-wales")),
    request_body(content = ref("#/components/schemas/GroupPatch"), content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The group, as it is now", body = Item<Group>))
)]
#[patch("/groups/{id}")]
pub async fn change_group(
    client: Client,
    key: web::Path<String>,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    records::change(client, &KIND, key.into_inner(), body).await
}

/// Put a group under its slug
///
/// For scripts that know the slug: creates the group, or takes the place of the one that is there, which
/// needs `If-Match`. `If-None-Match: *` creates only. Takes `organisations:write` for `*`: groups belong to nobody.
#[utoipa::path(
    tag = "Groups",
    params(("id" = String, Path, description = "The slug, or the id of a group that exists", max_length = 150, example = "all-chief-constables-england-wales")),
    request_body = GroupDocument,
    responses(
        (status = 200, description = "The group, as it is now", body = Item<Group>),
        (status = 201, description = "The group, as it was created", body = Item<Group>)
    )
)]
#[put("/groups/{id}")]
pub async fn put_group(
    client: Client,
    key: web::Path<String>,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    records::put(client, &KIND, key.into_inner(), body).await
}

/// Remove a group
///
/// It answers 410 from then on. Needs `If-Match`. Takes `organisations:write` for `*`: groups belong to nobody.
#[utoipa::path(
    tag = "Groups",
    params(("id" = String, Path, description = "The id or slug", max_length = 150, example = "all-chief-constables-england-wales"), records::Removal),
    responses((status = 204, description = "It is removed"))
)]
#[delete("/groups/{id}")]
pub async fn remove_group(
    client: Client,
    key: web::Path<String>,
    removal: Query<records::Removal>,
) -> Result<HttpResponse, ApiError> {
    records::remove(client, &KIND, key.into_inner(), Some(removal)).await
}
