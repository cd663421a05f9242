//! The endpoints of groups.

use actix_web::{HttpResponse, delete, get, patch, post, put, web};
use chrono::{NaiveDate, NaiveDateTime};
use std::collections::HashMap;

use super::model::{GroupDocument, GroupRow};
use super::queries::{self, Filter};
use super::views::{FindGroup, Group, GroupExpansion, ListGroups};
use crate::auth::{Client, Public};
use crate::changes::Resource;
use crate::changes::feed::Extent;
use crate::db::DbConnection;
use crate::http::answer::{self, Item, List, Shown};
use crate::http::error::ApiError;
use crate::http::page::{self, Count};
use crate::http::query::Query;
use crate::past::AsOf;
use crate::writing::{self, body::Body};
use crate::{lookup, organisations};

/// List groups
///
/// By name. Members come with the days they joined and left, where known; `as_of` keeps those of one day.
#[utoipa::path(tag = "Groups", params(ListGroups), responses((status = 200, description = "One page of groups", body = List<Group>)))]
#[get("/groups")]
pub async fn list_groups(
    public: Public,
    query: Query<ListGroups>,
) -> Result<HttpResponse, ApiError> {
    let known = query.params.as_of.and_then(AsOf::moment_only);
    let public = public.as_of(known, Extent::WithoutArticles).await?;
    let keyset = page::keyset(&query, query.params.paging(), public.cursors())?;
    let (params, now) = (query.params.clone(), public.now);
    let ((slice, groups), freshness) = public
        .read(move |c| {
            let members = lookup::filter(c, Resource::Organisation, "member", &params.member, now)?;
            let counted = params.count == Count::Exact;
            let slice = queries::list(
                c,
                &Filter { members },
                params.sort.order(),
                &keyset,
                counted,
            )?;
            let groups = views(
                c,
                slice.rows.clone(),
                &params.expand,
                params.as_of.map(AsOf::day),
            )?;
            Ok((slice, groups))
        })
        .await?;
    let sort = query.params.sort;
    let page = page::links(&query, public.cursors(), &public.base, &slice, |row| {
        sort.place(row)
    })?;
    let fields: Vec<&str> = query.params.fields.iter().map(<&str>::from).collect();
    answer::list(groups, page, &fields, freshness.without(Resource::Article))
}

/// Show a group
///
/// By id or slug, with its members: all that are on record, or with `as_of` those of one day.
#[utoipa::path(
    tag = "Groups",
    params(("id" = String, Path, description = "The id or slug", max_length = 150, example = "all-chief-constables-england-wales"), FindGroup),
    responses((status = 200, description = "The group", body = Item<Group>))
)]
#[get("/groups/{id}")]
pub async fn find_group(
    public: Public,
    key: web::Path<String>,
    query: Query<FindGroup>,
) -> Result<HttpResponse, ApiError> {
    let known = query.params.as_of.and_then(AsOf::moment_only);
    let public = public.as_of(known, Extent::WithoutArticles).await?;
    let (params, now) = (query.params.clone(), public.now);
    let (groups, freshness) = public
        .read(move |c| {
            let id = lookup::find(c, Resource::Group, &key, now)?;
            let row = queries::find(c, &id)?;
            views(c, vec![row], &params.expand, params.as_of.map(AsOf::day))
        })
        .await?;
    let group = groups.first().ok_or_else(ApiError::not_found)?;
    let fields: Vec<&str> = query.params.fields.iter().map(<&str>::from).collect();
    answer::item(
        group,
        group.revision,
        &fields,
        freshness.without(Resource::Article),
    )
}

/// Create a group
///
/// Takes `organisations:write` for `*`: groups belong to nobody. The document is that of an import. `Idempotency-Key` makes it safe to send twice.
#[utoipa::path(tag = "Groups", request_body = GroupDocument, responses((status = 201, description = "The group, as it was created", body = Item<Group>)))]
#[post("/groups")]
pub async fn create_group(client: Client, body: Body) -> Result<HttpResponse, ApiError> {
    writing::create(client, Resource::Group, body, show).await
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
    writing::change(client, Resource::Group, key.into_inner(), body, show).await
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
    writing::put(client, Resource::Group, key.into_inner(), body, show).await
}

/// Remove a group
///
/// It answers 410 from then on. Needs `If-Match`. Takes `organisations:write` for `*`: groups belong to nobody.
#[utoipa::path(
    tag = "Groups",
    params(("id" = String, Path, description = "The id or slug", max_length = 150, example = "all-chief-constables-england-wales"), writing::Removal),
    responses((status = 204, description = "It is removed"))
)]
#[delete("/groups/{id}")]
pub async fn remove_group(
    client: Client,
    key: web::Path<String>,
    removal: Query<writing::Removal>,
) -> Result<HttpResponse, ApiError> {
    writing::remove(client, Resource::Group, key.into_inner(), Some(removal)).await
}

fn show(c: &mut DbConnection, id: &str, _now: NaiveDateTime) -> Result<Shown, ApiError> {
    let row = queries::find(c, id)?;
    let group = views(c, vec![row], &[], None)?
        .pop()
        .ok_or_else(ApiError::not_found)?;
    Shown::new(&group, group.revision)
}

fn views(
    c: &mut DbConnection,
    rows: Vec<GroupRow>,
    expand: &[GroupExpansion],
    as_of: Option<NaiveDate>,
) -> Result<Vec<Group>, ApiError> {
    let ids: Vec<&String> = rows.iter().map(|row| &row.id).collect();
    let members = queries::members(c, &ids, as_of)?;
    let whole = if expand.contains(&GroupExpansion::Members) {
        let mut ids: Vec<&String> = members
            .values()
            .flatten()
            .map(|member| &member.id)
            .collect();
        ids.sort();
        ids.dedup();
        organisations::queries::whole(c, &ids)?
    } else {
        HashMap::new()
    };
    Ok(rows
        .into_iter()
        .map(|row| Group::new(row, &members, &whole))
        .collect())
}
