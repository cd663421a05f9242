//! The endpoint of embeds.

use actix_web::{HttpResponse, get};
use chrono::NaiveDateTime;
use utoipa_actix_web::service_config::ServiceConfig;

use super::params::{EmbedParams, MAX_SIZE};
use super::views::Embed;
use crate::access::Public;
use crate::http::addresses::Addresses;
use crate::http::answer;
use crate::http::error::ApiError;
use crate::http::problem::ProblemCode;
use crate::http::query::Query;
use crate::log::{Dependencies, Resource};
use crate::platform::db::DbConnection;
use crate::platform::identity::RecordId;
use crate::platform::mistakes::MistakeCode;
use crate::platform::states::{EditorialState, VisibleState};
use crate::publishing::feeds::item::JsonFeedItem;
use crate::publishing::feeds::names;
use crate::publishing::lookup::finding;
use crate::resources::articles;
use crate::resources::articles::views::Article;
use crate::resources::collection::{self, Collection, Context};
use crate::resources::recommendations::params::RecommendationExpansion;
use crate::resources::recommendations::views::Recommendation;

/// Mounts the endpoints.
pub fn configure(config: &mut ServiceConfig) {
    config.service(show_embed);
}

/// The kinds of records that have embeds.
const EMBEDDABLE: [Resource; 2] = [Resource::Article, Resource::Recommendation];

/// Show an embed
///
/// oEmbed 1.0, for articles and recommendations: a quotation without scripts or styles. For a record that was withdrawn
/// or removed, the response is 410 (451 for legal reasons), so that sites drop the embed. `cache_age` is the remaining
/// freshness lifetime of the response.
#[utoipa::path(tag = "Feeds", params(EmbedParams), responses((status = 200, description = "The embed (oEmbed 1.0)", body = Embed)))]
#[get("/oembed")]
pub async fn show_embed(
    public: Public,
    query: Query<EmbedParams>,
) -> Result<HttpResponse, ApiError> {
    let params = query.params;
    if let Some(format) = params.format.filter(|format| format != "json") {
        let detail = format!("The format '{format}' is not supported; use 'json'.");
        return Err(ApiError::new(ProblemCode::NotImplemented, detail));
    }
    let max_size = (params.maxwidth, params.maxheight);
    for (name, size) in [("maxwidth", max_size.0), ("maxheight", max_size.1)] {
        if size.is_some_and(|size| !(1..=MAX_SIZE).contains(&size)) {
            let detail = format!("Expected a whole number from 1 to {MAX_SIZE}.");
            return Err(ApiError::parameter(MistakeCode::OutOfRange, name, detail));
        }
    }
    let url = params.url.ok_or_else(|| {
        let detail = "Pass the URL of an article or recommendation.";
        ApiError::parameter(MistakeCode::Required, "url", detail)
    })?;
    let (addresses, now) = (public.addresses(), public.now);
    let ((item, dependencies), freshness) = public
        .read(move |c| {
            let found = finding::at_address(c, &url, (&addresses, &EMBEDDABLE), now)?;
            let (item, dependencies) = match found.resource {
                Resource::Recommendation => recommendation(c, found.id, &addresses, now)?,
                _ => article(c, found.id, &addresses, now)?,
            };
            Ok(match found.has_moved {
                // another record may take the address
                true => (item, dependencies.with_resource(found.resource)),
                false => (item, dependencies),
            })
        })
        .await?;
    let embed = Embed::new(&item, max_size, &public.base, freshness.cache_age());
    let embed = embed.map_err(|error| ApiError::internal(&error))?;
    answer::json(&embed, freshness.with_dependencies(dependencies))
}

fn article(
    c: &mut DbConnection,
    id: RecordId,
    addresses: &Addresses,
    now: NaiveDateTime,
) -> Result<(JsonFeedItem, Dependencies), ApiError> {
    let row = articles::queries::find(c, id)?;
    let context = Context::at(now, addresses.pages.clone());
    let mut articles = Article::present(c, vec![row.clone()], &context)?;
    names::of_articles(c, &mut articles)?;
    let article = articles.pop().ok_or_else(ApiError::not_found)?;
    let dependencies = articles::dependencies::of_item(&article, &row);
    match article.state {
        EditorialState::Withdrawn => Err(withdrawn(Resource::Article)),
        _ => Ok((JsonFeedItem::of_article(article, addresses), dependencies)),
    }
}

fn recommendation(
    c: &mut DbConnection,
    id: RecordId,
    addresses: &Addresses,
    now: NaiveDateTime,
) -> Result<(JsonFeedItem, Dependencies), ApiError> {
    let context = Context {
        expand: vec![RecommendationExpansion::Report],
        ..Context::at(now, addresses.pages.clone())
    };
    let mut recommendation: Recommendation = collection::view(c, id, &context)?;
    names::of_recommendations(c, std::slice::from_mut(&mut recommendation))?;
    match recommendation.state {
        VisibleState::Withdrawn => Err(withdrawn(Resource::Recommendation)),
        VisibleState::Published => {
            let item = JsonFeedItem::of_recommendation(recommendation, addresses);
            let dependencies = Dependencies::EVERYTHING.without(Resource::Article);
            Ok((item, dependencies))
        }
    }
}

/// The error for a withdrawn record: an embed has no room for its notice.
fn withdrawn(resource: Resource) -> ApiError {
    ApiError::new(ProblemCode::Gone, format!("The {resource} was withdrawn."))
}
