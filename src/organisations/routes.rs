//! The endpoints of organisations.

use actix_web::{HttpRequest, HttpResponse, delete, get, patch, post, put, web};
use chrono::{NaiveDate, NaiveDateTime};
use std::collections::HashMap;

use super::json_ld::GovernmentOrganization;
use super::model::{OrganisationDocument, OrganisationRow};
use super::parts;
use super::queries::{self, Filter};
use super::views::{
    FindOrganisation, ListOrganisations, Organisation, OrganisationExpansion, OrganisationName,
};
use crate::articles::views::{Article, ListArticles};
use crate::auth::{Client, Public};
use crate::changes::Resource;
use crate::changes::feed::Extent;
use crate::db::DbConnection;
use crate::http::answer::{self, Item, List, Shown};
use crate::http::error::ApiError;
use crate::http::media::{self, Form};
use crate::http::page::{self, Count, Page};
use crate::http::query::{NoParameters, Query, scheme_and_value};
use crate::lookup;
use crate::obligations::routes::Scope;
use crate::obligations::views::{ListObligations, Obligation};
use crate::past::AsOf;
use crate::writing::{self, body::Body};

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
    let known = query.params.as_of.and_then(AsOf::moment_only);
    let public = public.as_of(known, Extent::WithoutArticles).await?;
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
            let organisations = views(
                c,
                slice.rows.clone(),
                &params.expand,
                params.as_of.map(AsOf::day),
            )?;
            Ok((slice, organisations))
        })
        .await?;
    let sort = query.params.sort;
    let page = page::links(&query, public.cursors(), &public.base, &slice, |row| {
        sort.place(row)
    })?;
    let fields: Vec<&str> = query.params.fields.iter().map(<&str>::from).collect();
    answer::list(
        organisations,
        page,
        &fields,
        freshness.without(Resource::Article),
    )
}

/// Show an organisation
///
/// By id or slug. A slug that the organisation had before answers 308. With `as_of`, `name` is the name of
/// that day, where its dated names tell. With `Accept: application/ld+json` as linked data, in the words of schema.org.
#[utoipa::path(
    tag = "Organisations",
    params(("id" = String, Path, description = "The id or slug", max_length = 150, example = "iopc"), FindOrganisation),
    responses((status = 200, description = "The organisation", content((Item<Organisation> = "application/json"), (GovernmentOrganization = "application/ld+json"))))
)]
#[get("/organisations/{id}")]
pub async fn find_organisation(
    public: Public,
    request: HttpRequest,
    key: web::Path<String>,
    query: Query<FindOrganisation>,
) -> Result<HttpResponse, ApiError> {
    let is_linked = media::preferred(request.headers()) == Form::JsonLd;
    let mut params = query.params.clone();
    if is_linked {
        let sent = [!params.fields.is_empty(), !params.expand.is_empty()];
        answer::no_selection([("fields", sent[0]), ("expand", sent[1])])?;
        params.expand = vec![OrganisationExpansion::Parent];
    }
    let known = params.as_of.and_then(AsOf::moment_only);
    let public = public.as_of(known, Extent::WithoutArticles).await?;
    let now = public.now;
    let (mut organisations, freshness) = public
        .read(move |c| {
            let id = lookup::find(c, Resource::Organisation, &key, now)?;
            let row = queries::find(c, &id)?;
            views(c, vec![row], &params.expand, params.as_of.map(AsOf::day))
        })
        .await?;
    let freshness = freshness.without(Resource::Article);
    let organisation = organisations.pop().ok_or_else(ApiError::not_found)?;
    let revision = organisation.revision;
    if is_linked {
        let linked = GovernmentOrganization::new(organisation, &public.base);
        return answer::linked_data(&linked, revision, freshness);
    }
    let fields: Vec<&str> = query.params.fields.iter().map(<&str>::from).collect();
    let response = answer::item(&organisation, revision, &fields, freshness)?;
    Ok(answer::by_accept(response))
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
    answer::list(names, page, &[], freshness.without(Resource::Article))
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
    crate::obligations::routes::list(public, scope, query).await
}

/// Create an organisation
///
/// Takes `organisations:write` for the organisation itself; a new one, for `*`. The document is that of an import. `Idempotency-Key` makes it safe to send twice.
#[utoipa::path(tag = "Organisations", request_body = OrganisationDocument, responses((status = 201, description = "The organisation, as it was created", body = Item<Organisation>)))]
#[post("/organisations")]
pub async fn create_organisation(client: Client, body: Body) -> Result<HttpResponse, ApiError> {
    writing::create(client, Resource::Organisation, body, show).await
}

/// Change an organisation
///
/// A merge patch (RFC 7396): members that are named take the place of what is there, `null` removes, and the
/// rest stays. `If-Match` takes the `ETag` of any reading of the organisation. Takes `organisations:write` for the organisation itself; a new one, for `*`.
#[utoipa::path(
    tag = "Organisations",
    params(("id" = String, Path, description = "The id or slug", max_length = 150, example = "iopc")),
    request_body(content = ref("#/components/schemas/OrganisationPatch"), content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The organisation, as it is now", body = Item<Organisation>))
)]
#[patch("/organisations/{id}")]
pub async fn change_organisation(
    client: Client,
    key: web::Path<String>,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    writing::change(client, Resource::Organisation, key.into_inner(), body, show).await
}

/// Put an organisation under its slug
///
/// For scripts that know the slug: creates the organisation, or takes the place of the one that is there, which
/// needs `If-Match`. `If-None-Match: *` creates only. Takes `organisations:write` for the organisation itself; a new one, for `*`.
#[utoipa::path(
    tag = "Organisations",
    params(("id" = String, Path, description = "The slug, or the id of a organisation that exists", max_length = 150, example = "iopc")),
    request_body = OrganisationDocument,
    responses(
        (status = 200, description = "The organisation, as it is now", body = Item<Organisation>),
        (status = 201, description = "The organisation, as it was created", body = Item<Organisation>)
    )
)]
#[put("/organisations/{id}")]
pub async fn put_organisation(
    client: Client,
    key: web::Path<String>,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    writing::put(client, Resource::Organisation, key.into_inner(), body, show).await
}

/// Remove an organisation
///
/// It answers 410 from then on. Needs `If-Match`. Takes `organisations:write` for the organisation itself; a new one, for `*`.
#[utoipa::path(
    tag = "Organisations",
    params(("id" = String, Path, description = "The id or slug", max_length = 150, example = "iopc"), writing::Removal),
    responses((status = 204, description = "It is removed"))
)]
#[delete("/organisations/{id}")]
pub async fn remove_organisation(
    client: Client,
    key: web::Path<String>,
    removal: Query<writing::Removal>,
) -> Result<HttpResponse, ApiError> {
    writing::remove(
        client,
        Resource::Organisation,
        key.into_inner(),
        Some(removal),
    )
    .await
}

fn show(c: &mut DbConnection, id: &str, _now: NaiveDateTime) -> Result<Shown, ApiError> {
    let row = queries::find(c, id)?;
    let organisation = views(c, vec![row], &[], None)?
        .pop()
        .ok_or_else(ApiError::not_found)?;
    Shown::new(&organisation, organisation.revision)
}

/// The views of rows. With `as_of`, `name` is the name of that day.
pub fn views(
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
