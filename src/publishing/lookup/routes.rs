//! The endpoint of lookups.

use actix_web::{HttpResponse, get};
use utoipa_actix_web::service_config::ServiceConfig;

use super::finding::{self, Found};
use super::params::LookupParams;
use super::views::LocatedRecord;
use crate::access::Public;
use crate::http::answer::{self, Item};
use crate::http::error::ApiError;
use crate::http::query::Query;
use crate::log::Resource;
use crate::platform::identity::Slug;
use crate::platform::mistakes::MistakeCode;
use crate::tracking::catalogue;

/// Mounts the endpoints.
pub fn configure(config: &mut ServiceConfig) {
    config.service(look_up);
}

/// Look up an address
///
/// Which record an address leads to, for a site that gets requests for addresses that it does not know: those with a former
/// slug, and those that articles had where they were first published. `redirect_to` says where to send the reader. 404 if there
/// is no such record; 410 if it was removed, or 451 for legal reasons.
#[utoipa::path(tag = "Search", params(LookupParams), responses((status = 200, description = "The record", body = Item<LocatedRecord>)))]
#[get("/lookup")]
pub async fn look_up(public: Public, query: Query<LookupParams>) -> Result<HttpResponse, ApiError> {
    let url = query.params.url.ok_or_else(|| {
        let detail = "Pass an address, or its path.";
        ApiError::parameter(MistakeCode::Required, "url", detail)
    })?;
    let (addresses, now) = (public.addresses(), public.now);
    let (data, freshness) = public
        .read(move |c| {
            let Found { resource, id, .. } =
                finding::at_address(c, &url, (&addresses, &Resource::WITH_SLUGS), now)?;
            let shown = catalogue::kind(resource).show_one(c, id, now, addresses.pages.clone())?;
            let slug = shown.text("slug")?.ok_or_else(ApiError::not_found)?;
            let page_url = shown.text("page_url")?;
            let elsewhere = page_url.clone();
            let elsewhere = elsewhere.filter(|page| !addresses.pages.is_at(page, &url));
            Ok(LocatedRecord {
                resource,
                id,
                url: format!("{}/v1/{}/{slug}", addresses.base, resource.collection()),
                slug: Slug(slug),
                page_url,
                redirect_to: elsewhere,
            })
        })
        .await?;
    answer::json(&Item { data }, freshness)
}
