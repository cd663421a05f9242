//! The endpoints of organisations.

use actix_web::{HttpRequest, HttpResponse, delete, get, patch, post, put, web};
use utoipa_actix_web::service_config::ServiceConfig;

use super::json_ld::GovernmentOrganization;
use super::kind::KIND;
use super::model::OrganisationDocument;
use super::parts;
use super::views::{Organisation, OrganisationFilters};
use crate::access::{Client, Public, lookup};
use crate::http::answer::{self, Item, List};
use crate::http::body::Body;
use crate::http::error::ApiError;
use crate::http::media::{self, Form};
use crate::http::page::Page;
use crate::http::query::{NoParameters, Query};
use crate::http::shape::{ItemShape, Shape};
use crate::log::Resource;
use crate::resources::collection;
use crate::resources::organisations::views::{OrganisationExpansion, OrganisationName};
use crate::writing::records;

/// Mounts the endpoints.
pub fn configure(config: &mut ServiceConfig) {
    config
        .service(list_organisations)
        .service(create_organisation)
        .service(find_organisation)
        .service(change_organisation)
        .service(put_organisation)
        .service(remove_organisation)
        .service(list_organisation_names);
}

/// List organisations
///
/// By name. `as_of` shows the names that were in use on a day; `identifier` finds a body by its number in
/// another register; `name` finds it by any name it ever had.
#[utoipa::path(tag = "Organisations", params(OrganisationFilters, Shape<Organisation>), responses((status = 200, description = "One page of organisations", body = List<Organisation>)))]
#[get("/organisations")]
pub async fn list_organisations(
    public: Public,
    query: Query<OrganisationFilters, Shape<Organisation>>,
) -> Result<HttpResponse, ApiError> {
    collection::list(public, query).await
}

/// Show an organisation
///
/// By id or slug. A slug that the organisation had before answers 308. With `as_of`, `name` is the name of
/// that day, where its dated names tell. With `Accept: application/ld+json` as linked data, in the words of schema.org.
#[utoipa::path(
    tag = "Organisations",
    params(("id" = String, Path, description = "The id or slug", max_length = 150, example = "iopc"), ItemShape<Organisation>),
    responses((status = 200, description = "The organisation", content((Item<Organisation> = "application/json"), (GovernmentOrganization = "application/ld+json"))))
)]
#[get("/organisations/{id}")]
pub async fn find_organisation(
    public: Public,
    request: HttpRequest,
    key: web::Path<String>,
    query: Query<ItemShape<Organisation>>,
) -> Result<HttpResponse, ApiError> {
    let is_linked = media::preferred(request.headers()) == Form::JsonLd;
    let mut shape = query.params;
    if is_linked {
        let sent = [!shape.fields.is_empty(), !shape.expand.is_empty()];
        answer::no_selection([("fields", sent[0]), ("expand", sent[1])])?;
        shape.expand = vec![OrganisationExpansion::Parent];
    }
    let fields = shape.fields.clone();
    let (organisation, _, freshness, public) =
        collection::one::<Organisation>(public, key.into_inner(), shape).await?;
    let freshness = freshness.without(Resource::Article);
    let revision = organisation.revision;
    if is_linked {
        let linked = GovernmentOrganization::new(organisation, &public.base);
        return answer::linked_data(&linked, revision, freshness);
    }
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

/// Create an organisation
///
/// Takes `organisations:write` for the organisation itself; a new one, for `*`. The document is that of an import. `Idempotency-Key` makes it safe to send twice.
#[utoipa::path(tag = "Organisations", request_body = OrganisationDocument, responses((status = 201, description = "The organisation, as it was created", body = Item<Organisation>)))]
#[post("/organisations")]
pub async fn create_organisation(client: Client, body: Body) -> Result<HttpResponse, ApiError> {
    records::create(client, &KIND, body).await
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
    records::change(client, &KIND, key.into_inner(), body).await
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
    records::put(client, &KIND, key.into_inner(), body).await
}

/// Remove an organisation
///
/// It answers 410 from then on. Needs `If-Match`. Takes `organisations:write` for the organisation itself; a new one, for `*`.
#[utoipa::path(
    tag = "Organisations",
    params(("id" = String, Path, description = "The id or slug", max_length = 150, example = "iopc"), records::Removal),
    responses((status = 204, description = "It is removed"))
)]
#[delete("/organisations/{id}")]
pub async fn remove_organisation(
    client: Client,
    key: web::Path<String>,
    removal: Query<records::Removal>,
) -> Result<HttpResponse, ApiError> {
    records::remove(client, &KIND, key.into_inner(), Some(removal)).await
}
