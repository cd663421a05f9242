//! The endpoints of feeds.

use actix_web::{HttpResponse, get};
use chrono::NaiveDateTime;
use diesel::result::QueryResult;
use utoipa_actix_web::service_config::ServiceConfig;

use super::feed::{FeedPage, Tombstone};
use super::json::{self, JsonFeed};
use super::params::{FeedOfArticles, FeedOfRecommendations};
use super::{atom, removed, rss};
use crate::access::Public;
use crate::http::answer::{self, Freshness};
use crate::http::error::ApiError;
use crate::http::page::{self, Page};
use crate::http::query::Query;
use crate::http::shape::Sort;
use crate::log::{Dependencies, Resource};
use crate::platform::db::DbConnection;
use crate::platform::db::keyset::Keyset;
use crate::resources::articles::views::Article;
use crate::resources::collection::{Collection, Context};
use crate::resources::recommendations::params::RecommendationExpansion;
use crate::resources::recommendations::views::Recommendation;
use crate::resources::{articles, recommendations, references};

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
enum Format {
    Rss,
    Atom,
    Json,
}

/// Follow articles by RSS
///
/// RSS 2.0, newest first, with the filters of `/v1/articles`. The `guid` of an item never changes. Withdrawn articles
/// are left out.
#[utoipa::path(tag = "Feeds", params(FeedOfArticles), responses((status = 200, description = "One page of the feed (RSS 2.0)", body = String, content_type = "application/rss+xml")))]
#[get("/feeds/articles.rss")]
pub async fn show_articles_rss(
    public: Public,
    query: Query<FeedOfArticles>,
) -> Result<HttpResponse, ApiError> {
    of_articles(public, query, Format::Rss).await
}

/// Follow articles by Atom
///
/// Atom (RFC 4287), newest first, with the filters of `/v1/articles`. The `id` of an entry never changes, and minor
/// edits do not change `updated`. A withdrawn article is replaced by an `at:deleted-entry` (RFC 6721). The first page
/// also lists the latest withdrawals, and the latest removals regardless of filters.
#[utoipa::path(tag = "Feeds", params(FeedOfArticles), responses((status = 200, description = "One page of the feed (RFC 4287)", body = String, content_type = "application/atom+xml")))]
#[get("/feeds/articles.atom")]
pub async fn show_articles_atom(
    public: Public,
    query: Query<FeedOfArticles>,
) -> Result<HttpResponse, ApiError> {
    of_articles(public, query, Format::Atom).await
}

/// Follow articles by JSON Feed
///
/// JSON Feed 1.1, newest first, with the filters of `/v1/articles`. The `id` of an item never changes, and minor edits
/// do not change `date_modified`. Withdrawn articles are left out.
#[utoipa::path(tag = "Feeds", params(FeedOfArticles), responses((status = 200, description = "One page of the feed (JSON Feed 1.1)", body = JsonFeed, content_type = "application/feed+json")))]
#[get("/feeds/articles.json")]
pub async fn show_articles_json(
    public: Public,
    query: Query<FeedOfArticles>,
) -> Result<HttpResponse, ApiError> {
    of_articles(public, query, Format::Json).await
}

/// Follow recommendations by RSS
///
/// RSS 2.0, newest first, with the filters of `/v1/recommendations`. The `guid` of an item never changes. Withdrawn
/// recommendations are left out.
#[utoipa::path(tag = "Feeds", params(FeedOfRecommendations), responses((status = 200, description = "One page of the feed (RSS 2.0)", body = String, content_type = "application/rss+xml")))]
#[get("/feeds/recommendations.rss")]
pub async fn show_recommendations_rss(
    public: Public,
    query: Query<FeedOfRecommendations>,
) -> Result<HttpResponse, ApiError> {
    of_recommendations(public, query, Format::Rss).await
}

/// Follow recommendations by Atom
///
/// Atom (RFC 4287), newest first, with the filters of `/v1/recommendations`. The `id` of an entry never changes. A
/// withdrawn recommendation is replaced by an `at:deleted-entry` (RFC 6721). The first page also lists the latest
/// withdrawals, and the latest removals regardless of filters.
#[utoipa::path(tag = "Feeds", params(FeedOfRecommendations), responses((status = 200, description = "One page of the feed (RFC 4287)", body = String, content_type = "application/atom+xml")))]
#[get("/feeds/recommendations.atom")]
pub async fn show_recommendations_atom(
    public: Public,
    query: Query<FeedOfRecommendations>,
) -> Result<HttpResponse, ApiError> {
    of_recommendations(public, query, Format::Atom).await
}

/// Follow recommendations by JSON Feed
///
/// JSON Feed 1.1, newest first, with the filters of `/v1/recommendations`. The `id` of an item never changes. Withdrawn
/// recommendations are left out.
#[utoipa::path(tag = "Feeds", params(FeedOfRecommendations), responses((status = 200, description = "One page of the feed (JSON Feed 1.1)", body = JsonFeed, content_type = "application/feed+json")))]
#[get("/feeds/recommendations.json")]
pub async fn show_recommendations_json(
    public: Public,
    query: Query<FeedOfRecommendations>,
) -> Result<HttpResponse, ApiError> {
    of_recommendations(public, query, Format::Json).await
}

async fn of_articles(
    public: Public,
    query: Query<FeedOfArticles>,
    format: Format,
) -> Result<HttpResponse, ApiError> {
    let keyset = page::keyset(&query.address, query.params.paging(), public.cursors())?;
    let (params, now) = (query.params.list(), public.now);
    let ((slice, articles, removed, names), freshness) = public
        .read(move |c| {
            let context = Context::<Article>::at(now);
            let filter = Article::filter(c, params, &context)?;
            let tells_withdrawn = format == Format::Atom;
            let (slice, latest) = articles::queries::feed(c, &filter, &keyset, tells_withdrawn)?;
            let rows = slice.rows.iter().cloned().chain(latest).collect();
            let articles = Article::present(c, rows, &context)?;
            let removed = removed(c, Resource::Article, format, &keyset, now)?;
            Ok((slice, articles, removed, names(c, &filter.organisations)?))
        })
        .await?;
    let page = page::links(
        &query.address,
        public.cursors(),
        &public.base,
        &slice,
        |row| Sort::<Article>::DEFAULT.position(row),
    )?;
    let mut feed = frame(&query, &public.base, "/v1/articles", page);
    feed.title = title("Articles", "by", &names);
    feed.language = match query.params.language.as_slice() {
        [language] => Some(language.clone()),
        _ => None,
    };
    feed.add_articles(articles, &public.base);
    feed.tombstones.extend(removed);
    let basis =
        Dependencies::of(&articles::queries::REFERENCED_KINDS).with_resource(Resource::Article);
    finish(feed, format, freshness.with_dependencies(basis))
}

async fn of_recommendations(
    public: Public,
    query: Query<FeedOfRecommendations>,
    format: Format,
) -> Result<HttpResponse, ApiError> {
    let keyset = page::keyset(&query.address, query.params.paging(), public.cursors())?;
    let (params, now) = (query.params.list(), public.now);
    let ((slice, recommendations, removed, names), freshness) = public
        .read(move |c| {
            let context = Context {
                expand: vec![RecommendationExpansion::Report],
                ..Context::<Recommendation>::at(now)
            };
            let filter = Recommendation::filter(c, params, &context)?;
            let tells_withdrawn = format == Format::Atom;
            let (slice, latest) =
                recommendations::queries::feed(c, &filter, &keyset, tells_withdrawn)?;
            let rows = slice.rows.iter().cloned().chain(latest).collect();
            let recommendations = Recommendation::present(c, rows, &context)?;
            let removed = removed(c, Resource::Recommendation, format, &keyset, now)?;
            let names = names(c, &filter.organisations)?;
            Ok((slice, recommendations, removed, names))
        })
        .await?;
    let page = page::links(
        &query.address,
        public.cursors(),
        &public.base,
        &slice,
        |row| Sort::<Recommendation>::DEFAULT.position(row),
    )?;
    let mut feed = frame(&query, &public.base, "/v1/recommendations", page);
    feed.title = title("Recommendations", "to", &names);
    feed.add_recommendations(recommendations, &public.base);
    feed.tombstones.extend(removed);
    finish(feed, format, freshness.without(Resource::Article))
}

/// The latest removals, for the first page of a feed whose format has tombstones.
fn removed(
    c: &mut DbConnection,
    resource: Resource,
    format: Format,
    keyset: &Keyset,
    now: NaiveDateTime,
) -> QueryResult<Vec<Tombstone>> {
    match format == Format::Atom && keyset.from.is_none() {
        true => removed::latest(c, resource, keyset.limit, now),
        false => Ok(Vec::new()),
    }
}

/// The names of the organisations in the filter.
fn names(c: &mut DbConnection, ids: &[String]) -> Result<Vec<String>, ApiError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let mut bodies = references::named(c, Resource::Organisation, ids)?;
    let names = ids.iter().filter_map(|id| bodies.remove(id));
    Ok(names.map(|body| body.name).collect())
}

fn title(what: &str, relation: &str, names: &[String]) -> String {
    match names {
        [] => what.to_owned(),
        names => format!("{what} {relation} {}", names.join(", ")),
    }
}

/// An empty page.
fn frame<T>(query: &Query<T>, base: &str, list: &str, page: Page) -> FeedPage {
    let own = |keep: fn(&str) -> bool| {
        format!(
            "{base}{}{}",
            query.address.path(),
            query.address.query_string(keep)
        )
    };
    let is_filter = |name: &str| !["cursor", "limit"].contains(&name);
    FeedPage {
        id: own(is_filter),
        title: String::new(),
        language: None,
        address: own(|_| true),
        first: own(|name| name != "cursor"),
        list: format!("{base}{list}{}", query.address.query_string(is_filter)),
        page,
        entries: Vec::new(),
        tombstones: Vec::new(),
    }
}

fn finish(feed: FeedPage, format: Format, freshness: Freshness) -> Result<HttpResponse, ApiError> {
    let page = feed.page.clone();
    let (body, media_type) = match format {
        Format::Rss => (rss::write(&feed).map_err(internal)?, rss::MEDIA_TYPE),
        Format::Atom => (atom::write(&feed).map_err(internal)?, atom::MEDIA_TYPE),
        Format::Json => (json::write(feed).map_err(internal)?, json::MEDIA_TYPE),
    };
    Ok(answer::text_page(body, media_type, &page, freshness))
}

fn internal(error: impl std::fmt::Display) -> ApiError {
    ApiError::internal(&error)
}
