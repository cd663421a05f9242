//! The endpoints of feeds.

use actix_web::{HttpResponse, get};
use chrono::NaiveDateTime;
use diesel::result::QueryResult;
use utoipa_actix_web::service_config::ServiceConfig;

use super::feed::{FeedPage, Tombstone};
use super::json::{self, JsonFeed};
use super::names;
use super::params::FeedShape;
use super::{atom, removed, rss, titles};
use crate::access::Public;
use crate::http::answer::{self, Freshness};
use crate::http::error::ApiError;
use crate::http::page;
use crate::http::query::Query;
use crate::http::shape::Sort;
use crate::log::{Dependencies, Resource};
use crate::platform::db::DbConnection;
use crate::platform::db::keyset::{Keyset, KeysetPosition, Slice};
use crate::publishing::filters::WithoutState;
use crate::resources::articles::params::ArticleFilters;
use crate::resources::articles::views::Article;
use crate::resources::collection::{Collection, Context};
use crate::resources::recommendations::params::{RecommendationExpansion, RecommendationFilters};
use crate::resources::recommendations::views::Recommendation;
use crate::resources::{articles, recommendations};

type ArticleFeedFilters = WithoutState<ArticleFilters>;
type RecommendationFeedFilters = WithoutState<RecommendationFilters>;

/// Mounts the endpoints.
pub fn configure(config: &mut ServiceConfig) {
    config
        .service(show_articles_rss)
        .service(show_articles_atom)
        .service(show_articles_json)
        .service(show_recommendations_rss)
        .service(show_recommendations_atom)
        .service(show_recommendations_json);
}

/// The format of a feed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum FeedFormat {
    Rss,
    Atom,
    Json,
}

/// Follow articles by RSS
///
/// RSS 2.0, newest first, with the filters of `/v1/articles`. The `guid` of an item never changes. Withdrawn articles
/// are left out.
#[utoipa::path(tag = "Feeds", params(ArticleFeedFilters, FeedShape), responses((status = 200, description = "One page of the feed (RSS 2.0)", body = String, content_type = "application/rss+xml")))]
#[get("/feeds/articles.rss")]
pub async fn show_articles_rss(
    public: Public,
    query: Query<ArticleFeedFilters, FeedShape>,
) -> Result<HttpResponse, ApiError> {
    of_articles(public, query, FeedFormat::Rss).await
}

/// Follow articles by Atom
///
/// Atom (RFC 4287), newest first, with the filters of `/v1/articles`. The `id` of an entry never changes, and minor
/// edits do not change `updated`. A withdrawn article is replaced by an `at:deleted-entry` (RFC 6721). The first page
/// also lists the latest withdrawals, and the latest removals regardless of filters.
#[utoipa::path(tag = "Feeds", params(ArticleFeedFilters, FeedShape), responses((status = 200, description = "One page of the feed (RFC 4287)", body = String, content_type = "application/atom+xml")))]
#[get("/feeds/articles.atom")]
pub async fn show_articles_atom(
    public: Public,
    query: Query<ArticleFeedFilters, FeedShape>,
) -> Result<HttpResponse, ApiError> {
    of_articles(public, query, FeedFormat::Atom).await
}

/// Follow articles by JSON Feed
///
/// JSON Feed 1.1, newest first, with the filters of `/v1/articles`. The `id` of an item never changes, and minor edits
/// do not change `date_modified`. Withdrawn articles are left out.
#[utoipa::path(tag = "Feeds", params(ArticleFeedFilters, FeedShape), responses((status = 200, description = "One page of the feed (JSON Feed 1.1)", body = JsonFeed, content_type = "application/feed+json")))]
#[get("/feeds/articles.json")]
pub async fn show_articles_json(
    public: Public,
    query: Query<ArticleFeedFilters, FeedShape>,
) -> Result<HttpResponse, ApiError> {
    of_articles(public, query, FeedFormat::Json).await
}

/// Follow recommendations by RSS
///
/// RSS 2.0, newest first, with the filters of `/v1/recommendations`. The `guid` of an item never changes. Withdrawn
/// recommendations are left out.
#[utoipa::path(tag = "Feeds", params(RecommendationFeedFilters, FeedShape), responses((status = 200, description = "One page of the feed (RSS 2.0)", body = String, content_type = "application/rss+xml")))]
#[get("/feeds/recommendations.rss")]
pub async fn show_recommendations_rss(
    public: Public,
    query: Query<RecommendationFeedFilters, FeedShape>,
) -> Result<HttpResponse, ApiError> {
    of_recommendations(public, query, FeedFormat::Rss).await
}

/// Follow recommendations by Atom
///
/// Atom (RFC 4287), newest first, with the filters of `/v1/recommendations`. The `id` of an entry never changes. A
/// withdrawn recommendation is replaced by an `at:deleted-entry` (RFC 6721). The first page also lists the latest
/// withdrawals, and the latest removals regardless of filters.
#[utoipa::path(tag = "Feeds", params(RecommendationFeedFilters, FeedShape), responses((status = 200, description = "One page of the feed (RFC 4287)", body = String, content_type = "application/atom+xml")))]
#[get("/feeds/recommendations.atom")]
pub async fn show_recommendations_atom(
    public: Public,
    query: Query<RecommendationFeedFilters, FeedShape>,
) -> Result<HttpResponse, ApiError> {
    of_recommendations(public, query, FeedFormat::Atom).await
}

/// Follow recommendations by JSON Feed
///
/// JSON Feed 1.1, newest first, with the filters of `/v1/recommendations`. The `id` of an item never changes. Withdrawn
/// recommendations are left out.
#[utoipa::path(tag = "Feeds", params(RecommendationFeedFilters, FeedShape), responses((status = 200, description = "One page of the feed (JSON Feed 1.1)", body = JsonFeed, content_type = "application/feed+json")))]
#[get("/feeds/recommendations.json")]
pub async fn show_recommendations_json(
    public: Public,
    query: Query<RecommendationFeedFilters, FeedShape>,
) -> Result<HttpResponse, ApiError> {
    of_recommendations(public, query, FeedFormat::Json).await
}

async fn of_articles(
    public: Public,
    query: Query<ArticleFeedFilters, FeedShape>,
    format: FeedFormat,
) -> Result<HttpResponse, ApiError> {
    let public = public.as_of(query.shape.as_of).await?;
    let mut keyset = page::keyset(&query.address, &query.shape.paging(), public.cursors())?;
    keyset.is_past = public.is_past();
    let (filters, now, pages) = (query.params.0.clone(), public.now, public.pages());
    let ((positions, articles, removed, title, dependencies), freshness) = public
        .read(move |c| {
            let context = Context::<Article>::at(now, pages);
            let filter = Article::filter(c, filters, &context)?;
            let with_withdrawn = format == FeedFormat::Atom;
            let (slice, latest) = articles::queries::feed(c, &filter, &keyset, with_withdrawn)?;
            let order = Sort::<Article>::DEFAULT.order();
            let dependencies = match with_withdrawn {
                // notices and tombstones, of other pages too
                true => Dependencies::of(&articles::queries::REFERENCED_KINDS)
                    .with_resource(Resource::Article),
                false => articles::dependencies::of_page(&filter, (&keyset, order, &slice)),
            };
            let (mut rows, positions) = slice.split(|row| Sort::<Article>::DEFAULT.position(row));
            rows.extend(latest);
            let mut articles = Article::present(c, rows, &context)?;
            names::of_articles(c, &mut articles)?;
            let removed = removed(c, Resource::Article, format, &keyset, now)?;
            let title = titles::of_articles(c, &filter)?;
            Ok((positions, articles, removed, title, dependencies))
        })
        .await?;
    let mut feed = empty_page(&public, &query, "/v1/articles", &positions)?;
    let language = titles::only(&query.params.0.language);
    feed.language = (!language.is_empty()).then(|| language.to_owned());
    feed.title = title;
    feed.add_articles(articles, &public.addresses());
    feed.tombstones.extend(removed);
    finish(feed, format, freshness.with_dependencies(dependencies))
}

async fn of_recommendations(
    public: Public,
    query: Query<RecommendationFeedFilters, FeedShape>,
    format: FeedFormat,
) -> Result<HttpResponse, ApiError> {
    let public = public.as_of(query.shape.as_of).await?;
    let mut keyset = page::keyset(&query.address, &query.shape.paging(), public.cursors())?;
    keyset.is_past = public.is_past();
    let (filters, now, pages) = (query.params.0.clone(), public.now, public.pages());
    let ((positions, recommendations, removed, title), freshness) = public
        .read(move |c| {
            let context = Context {
                expand: vec![RecommendationExpansion::Report],
                ..Context::<Recommendation>::at(now, pages)
            };
            let filter = Recommendation::filter(c, filters, &context)?;
            let with_withdrawn = format == FeedFormat::Atom;
            let (slice, latest) =
                recommendations::queries::feed(c, &filter, &keyset, with_withdrawn)?;
            let (mut rows, positions) =
                slice.split(|row| Sort::<Recommendation>::DEFAULT.position(row));
            rows.extend(latest);
            let mut recommendations = Recommendation::present(c, rows, &context)?;
            names::of_recommendations(c, &mut recommendations)?;
            let removed = removed(c, Resource::Recommendation, format, &keyset, now)?;
            let title = titles::of_recommendations(c, &filter)?;
            Ok((positions, recommendations, removed, title))
        })
        .await?;
    let mut feed = empty_page(&public, &query, "/v1/recommendations", &positions)?;
    feed.title = title;
    feed.add_recommendations(recommendations, &public.addresses());
    feed.tombstones.extend(removed);
    finish(feed, format, freshness.without(Resource::Article))
}

/// The latest removals, for the first page of a feed whose format has tombstones.
fn removed(
    c: &mut DbConnection,
    resource: Resource,
    format: FeedFormat,
    keyset: &Keyset,
    now: NaiveDateTime,
) -> QueryResult<Vec<Tombstone>> {
    match format == FeedFormat::Atom && keyset.from.is_none() {
        true => removed::latest(c, resource, keyset.limit, now),
        false => Ok(Vec::new()),
    }
}

/// The page that starts and ends at these positions, still without title and items. `list` is the path of the same
/// records as a list.
fn empty_page<F>(
    public: &Public,
    query: &Query<F, FeedShape>,
    list: &str,
    positions: &Slice<KeysetPosition>,
) -> Result<FeedPage, ApiError> {
    let (address, base) = (&query.address, &public.base);
    let url =
        |path: &str, keep: fn(&str) -> bool| format!("{base}{path}{}", address.query_string(keep));
    let is_filter = |name: &str| !["cursor", "limit"].contains(&name);
    Ok(FeedPage {
        id: url(address.path(), is_filter),
        title: String::new(),
        language: None,
        address: url(address.path(), |_| true),
        first: url(address.path(), |name| name != "cursor"),
        list: url(list, is_filter),
        page: public.links(address, positions, Clone::clone)?,
        items: Vec::new(),
        tombstones: Vec::new(),
    })
}

fn finish(
    feed: FeedPage,
    format: FeedFormat,
    freshness: Freshness,
) -> Result<HttpResponse, ApiError> {
    let page = feed.page.clone();
    let (body, media_type) = match format {
        FeedFormat::Rss => (rss::write(&feed).map_err(internal)?, rss::MEDIA_TYPE),
        FeedFormat::Atom => (atom::write(&feed).map_err(internal)?, atom::MEDIA_TYPE),
        FeedFormat::Json => (json::write(feed).map_err(internal)?, json::MEDIA_TYPE),
    };
    Ok(answer::text_page(body, media_type, &page, freshness))
}

fn internal(error: impl std::fmt::Display) -> ApiError {
    ApiError::internal(&error)
}
