//! The endpoints of organisations.

use actix_web::{HttpResponse, get, web};
use chrono::NaiveDate;
use std::collections::HashMap;

use super::model::OrganisationRow;
use super::parts;
use super::queries::{self, Filter};
use super::views::{
    FindOrganisation, ListOrganisations, Organisation, OrganisationExpansion, OrganisationName,
};
use crate::articles::views::{Article, ListArticles};
use crate::auth::Public;
use crate::changes::Resource;
use crate::db::DbConnection;
use crate::http::answer::{self, Item, List};
use crate::http::error::ApiError;
use crate::http::page::{self, Count, Page};
use crate::http::query::{NoParameters, Query, scheme_and_value};
use crate::lookup;

/// List organisations
///
/// By name. `as_of` shows the names that were in use on a day; `identifier` finds a body by its number in
/// another register; `name` finds it by any name it ever had.
#[utoipa::path(tag = "Organisations", params(ListOrganisations), responses((status = 200, description = "One page of organisations", body = List<Organisation>)))]
#[get("/organisations")]
pub async fn list_organisations(
    public: Public,
    query: Query<ListOrganisations>,
) -> Result<HttpResponse, ApiError> {
    let keyset = page::keyset(&query, query.params.paging(), public.cursors())?;
    let identifier = scheme_and_value("identifier", query.params.identifier.as_deref())?;
    let (params, now) = (query.params.clone(), public.now);
    let ((slice, organisations), freshness) = public
        .read(move |c| {
            let parents = lookup::filter(c, Resource::Organisation, "parent", &params.parent, now)?;
            let filter = Filter {
                kinds: params.kind,
                parents,
                identifier,
                name: params.name,
            };
            let counted = params.count == Count::Exact;
            let slice = queries::list(c, &filter, params.sort.order(), &keyset, counted)?;
            let organisations = views(c, slice.rows.clone(), &params.expand, params.as_of)?;
            Ok((slice, organisations))
        })
        .await?;
    let sort = query.params.sort;
    let page = page::links(&query, public.cursors(), &public.base, &slice, |row| {
        sort.place(row)
    })?;
    let fields: Vec<&str> = query.params.fields.iter().map(<&str>::from).collect();
    answer::list(organisations, page, &fields, freshness)
}

/// Show an organisation
///
/// By id or slug. A slug that the organisation had before answers 308. With `as_of`, `name` is the name of
/// that day, where its dated names tell.
#[utoipa::path(
    tag = "Organisations",
    params(("id" = String, Path, description = "The id or slug", max_length = 150, example = "iopc"), FindOrganisation),
    responses((status = 200, description = "The organisation", body = Item<Organisation>))
)]
#[get("/organisations/{id}")]
pub async fn find_organisation(
    public: Public,
    key: web::Path<String>,
    query: Query<FindOrganisation>,
) -> Result<HttpResponse, ApiError> {
    let (params, now) = (query.params.clone(), public.now);
    let (organisations, freshness) = public
        .read(move |c| {
            let id = lookup::find(c, Resource::Organisation, &key, now)?;
            let row = queries::find(c, &id)?;
            views(c, vec![row], &params.expand, params.as_of)
        })
        .await?;
    let organisation = organisations.first().ok_or_else(ApiError::not_found)?;
    let fields: Vec<&str> = query.params.fields.iter().map(<&str>::from).collect();
    answer::item(organisation, organisation.revision, &fields, freshness)
}

/// List an organisation's names
///
/// Every dated name on record, in the order of the record, on one page.
#[utoipa::path(
    tag = "Organisations",
    params(("id" = String, Path, description = "The id or slug", max_length = 150, example = "iopc")),
    responses((status = 200, description = "The names", body = List<OrganisationName>))
)]
#[get("/organisations/{id}/names")]
pub async fn list_organisation_names(
    public: Public,
    key: web::Path<String>,
    _query: Query<NoParameters>,
) -> Result<HttpResponse, ApiError> {
    let now = public.now;
    let (names, freshness) = public
        .read(move |c| {
            let id = lookup::find(c, Resource::Organisation, &key, now)?;
            Ok(parts::names(c, &[&id])?
                .iter()
                .map(OrganisationName::new)
                .collect::<Vec<_>>())
        })
        .await?;
    let page = Page {
        next: None,
        prev: None,
        has_more: false,
        count: None,
    };
    answer::list(names, page, &[], freshness)
}

/// List an organisation's articles
///
/// What the organisation published, alone or with others, newest first. Takes the filters of
/// `/v1/articles`; an `organisation` filter must match as well.
#[utoipa::path(
    tag = "Organisations",
    params(("id" = String, Path, description = "The id or slug", max_length = 150, example = "iopc"), ListArticles),
    responses((status = 200, description = "One page of articles", body = List<Article>))
)]
#[get("/organisations/{id}/articles")]
pub async fn list_organisation_articles(
    public: Public,
    key: web::Path<String>,
    query: Query<ListArticles>,
) -> Result<HttpResponse, ApiError> {
    crate::articles::routes::list(public, Some(key.into_inner()), query).await
}

fn views(
    c: &mut DbConnection,
    rows: Vec<OrganisationRow>,
    expand: &[OrganisationExpansion],
    as_of: Option<NaiveDate>,
) -> Result<Vec<Organisation>, ApiError> {
    let parts = parts::load(c, &rows)?;
    let whole = if expand.contains(&OrganisationExpansion::Parent) {
        queries::whole(c, &parts.parents.keys().collect::<Vec<_>>())?
    } else {
        HashMap::new()
    };
    Ok(rows
        .into_iter()
        .map(|row| Organisation::new(row, &parts, &whole, as_of))
        .collect())
}
