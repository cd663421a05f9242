//! The endpoints of organisations.

use actix_web::{HttpRequest, HttpResponse, get, web};
use utoipa_actix_web::service_config::ServiceConfig;

use super::json_ld::GovernmentOrganization;
use super::params::OrganisationFilters;
use super::parts;
use super::views::Organisation;
use crate::access::{Public, lookup};
use crate::http::answer::{self, Item, List};
use crate::http::error::ApiError;
use crate::http::media::{self, Format};
use crate::http::page::Page;
use crate::http::query::{NoParameters, Query};
use crate::http::shape::{ItemShape, Shape};
use crate::log::Resource;
use crate::platform::identity::Key;
use crate::resources::handlers;
use crate::resources::organisations::params::OrganisationExpansion;
use crate::resources::organisations::views::OrganisationName;

/// Mounts the endpoints.
pub fn configure(config: &mut ServiceConfig) {
    config
        .service(list_organisations)
        .service(find_organisation)
        .service(list_organisation_names);
}

/// List organisations
///
/// Ordered by name. `on` returns the names in use on a day, `identifier` finds an organisation by its identifier in
/// another register, and `name` finds it by any current or former name.
#[utoipa::path(tag = "Organisations", params(OrganisationFilters, Shape<Organisation>), responses((status = 200, description = "One page of organisations", body = List<Organisation>)))]
#[get("/organisations")]
pub async fn list_organisations(
    public: Public,
    query: Query<OrganisationFilters, Shape<Organisation>>,
) -> Result<HttpResponse, ApiError> {
    handlers::list(public, query).await
}

/// Show an organisation
///
/// By id or slug. A former slug redirects with 308. With `on`, `name` is the name on that day, if its dated names
/// cover it. `Accept: application/ld+json` returns JSON-LD in the schema.org vocabulary.
#[utoipa::path(
    tag = "Organisations",
    params(("id" = String, Path, description = "The id or slug", max_length = 150, example = "iopc"), ItemShape<Organisation>),
    responses((status = 200, description = "The organisation", content((Item<Organisation> = "application/json"), (GovernmentOrganization = "application/ld+json"))))
)]
#[get("/organisations/{id}")]
pub async fn find_organisation(
    public: Public,
    request: HttpRequest,
    key: web::Path<Key>,
    query: Query<ItemShape<Organisation>>,
) -> Result<HttpResponse, ApiError> {
    let is_json_ld = media::preferred(request.headers()) == Format::JsonLd;
    let mut shape = query.params;
    if is_json_ld {
        answer::reject_selection([
            ("fields", !shape.fields.is_empty()),
            ("expand", !shape.expand.is_empty()),
            ("lang", shape.lang.is_some()),
        ])?;
        shape.expand = vec![OrganisationExpansion::Parent];
    }
    let fields = shape.fields.clone();
    let (one, freshness) =
        handlers::read_one::<Organisation>(public, key.into_inner(), shape).await?;
    let freshness = freshness.without(Resource::Article);
    if is_json_ld {
        let revision = one.view.revision;
        let linked = GovernmentOrganization::new(one.view, &one.public.addresses());
        return answer::linked_data(&linked, revision, freshness);
    }
    Ok(answer::vary_by_accept(one.answer(&fields, freshness)?))
}

/// List an organisation's names
///
/// All dated names, in the order of the record, on one page.
#[utoipa::path(
    tag = "Organisations",
    params(("id" = String, Path, description = "The id or slug", max_length = 150, example = "iopc")),
    responses((status = 200, description = "The names", body = List<OrganisationName>))
)]
#[get("/organisations/{id}/names")]
pub async fn list_organisation_names(
    public: Public,
    key: web::Path<Key>,
    _query: Query<NoParameters>,
) -> Result<HttpResponse, ApiError> {
    let now = public.now;
    let (names, freshness): (Vec<OrganisationName>, _) = public
        .read(move |c| {
            let id = lookup::find(c, Resource::Organisation, &key, now)?;
            let names = parts::names(c, &[id])?.remove(&id).unwrap_or_default();
            Ok(names.into_iter().map(OrganisationName::from).collect())
        })
        .await?;
    let freshness = freshness.without(Resource::Article);
    answer::list(names, Page::default(), &[], freshness)
}
