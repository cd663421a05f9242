//! The endpoint of attributions.

use actix_web::{HttpResponse, get};
use std::collections::HashMap;
use utoipa_actix_web::service_config::ServiceConfig;

use super::params::AttributionFilters;
use super::queries::{self, MAX_TERMS};
use super::views::{Attribution, Terms};
use crate::access::{Public, lookup};
use crate::http::answer::{self, List};
use crate::http::error::ApiError;
use crate::http::page::{self, Paging};
use crate::http::query::Query;
use crate::log::{Dependencies, Resource};
use crate::platform::db::Value;
use crate::platform::identity::RecordId;
use crate::resources::organisations;

/// Mounts the endpoints.
pub fn configure(config: &mut ServiceConfig) {
    config.service(list_attributions);
}

/// List attributions
///
/// The licences of each publisher's public articles, with the attribution to show when republishing them, and the
/// number of articles under each. Ordered by the publisher's name. Publishers without public articles are left out.
#[utoipa::path(tag = "Articles", params(AttributionFilters, Paging), responses((status = 200, description = "One page of publishers with their licence terms", body = List<Attribution>)))]
#[get("/attributions")]
pub async fn list_attributions(
    public: Public,
    query: Query<AttributionFilters, Paging>,
) -> Result<HttpResponse, ApiError> {
    let keyset = page::keyset(&query.address, &query.shape, public.cursors())?;
    let (publishers, now) = (query.params.organisation, public.now);
    let ((slice, terms), freshness) = public
        .read(move |c| {
            let resource = Resource::Organisation;
            let organisations = lookup::filter(c, resource, "organisation", &publishers, now)?;
            let slice = queries::publishers(c, &organisations, &keyset, now)?;
            let terms = queries::terms(c, &slice.rows, now)?;
            Ok((slice, terms))
        })
        .await?;
    let mut of_each: HashMap<RecordId, Vec<Terms>> = HashMap::new();
    for row in terms {
        of_each.entry(row.organisation_id).or_default().push(Terms {
            licence: row.licence,
            attribution: row.attribution,
            article_count: row.count,
        });
    }
    let attributions = slice.rows.iter().map(|row| {
        let mut terms = of_each.remove(&row.id).unwrap_or_default();
        let has_more_terms = terms.len() > MAX_TERMS;
        terms.truncate(MAX_TERMS);
        Attribution {
            organisation: organisations::queries::reference(row),
            terms,
            has_more_terms,
        }
    });
    let attributions = attributions.collect();
    let page = public.links(&query.address, &slice, |row| {
        (Value::from(&row.name), row.id.to_string())
    })?;
    let dependencies = Dependencies::of(&[Resource::Organisation, Resource::Article]);
    answer::list(
        attributions,
        page,
        &[],
        freshness.with_dependencies(dependencies),
    )
}
