//! The endpoints of groups.

use actix_web::{HttpResponse, get, web};
use chrono::NaiveDate;
use std::collections::HashMap;

use super::model::GroupRow;
use super::queries::{self, Filter};
use super::views::{FindGroup, Group, GroupExpansion, ListGroups};
use crate::auth::Public;
use crate::changes::Resource;
use crate::db::DbConnection;
use crate::http::answer::{self, Item, List};
use crate::http::error::ApiError;
use crate::http::page::{self, Count};
use crate::http::query::Query;
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
            let groups = views(c, slice.rows.clone(), &params.expand, params.as_of)?;
            Ok((slice, groups))
        })
        .await?;
    let sort = query.params.sort;
    let page = page::links(&query, public.cursors(), &public.base, &slice, |row| {
        sort.place(row)
    })?;
    let fields: Vec<&str> = query.params.fields.iter().map(<&str>::from).collect();
    answer::list(groups, page, &fields, freshness)
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
    let (params, now) = (query.params.clone(), public.now);
    let (groups, freshness) = public
        .read(move |c| {
            let id = lookup::find(c, Resource::Group, &key, now)?;
            let row = queries::find(c, &id)?;
            views(c, vec![row], &params.expand, params.as_of)
        })
        .await?;
    let group = groups.first().ok_or_else(ApiError::not_found)?;
    let fields: Vec<&str> = query.params.fields.iter().map(<&str>::from).collect();
    answer::item(group, group.revision, &fields, freshness)
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
