//! The endpoints of feeds.

use actix_web::{HttpResponse, get};
use chrono::NaiveDateTime;
use diesel::result::QueryResult;
use utoipa_actix_web::service_config::ServiceConfig;

use super::feed::{Feed, Tombstone};
use super::json::{self, JsonFeed};
use super::params::{FeedOfArticles, FeedOfRecommendations};
use super::{atom, removed, rss};
use crate::access::Public;
use crate::http::answer::{self, Freshness};
use crate::http::error::ApiError;
use crate::http::page::{self, Page};
use crate::http::query::Query;
use crate::log::{Basis, Resource};
use crate::platform::db::DbConnection;
use crate::platform::db::keyset::Keyset;
use crate::resources::recommendations::params::{RecommendationExpansion, RecommendationSort};
use crate::resources::{articles, organisations, recommendations};

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

/// What a feed is written as.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Format {
    Rss,
    Atom,
    Json,
}

/// Follow articles by RSS
///
/// RSS 2.0, newest first, with the filters of `/v1/articles`. The `guid` of an item never changes. What was withdrawn
/// is left out.
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
/// Atom (RFC 4287), newest first, with the filters of `/v1/articles`. The `id` of an entry never changes, and `updated`
/// moves on real changes only. What was withdrawn is an `at:deleted-entry` (RFC 6721) in its place, and the latest
/// withdrawals are on the first page too, with the latest removals of all.
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
/// JSON Feed 1.1, newest first, with the filters of `/v1/articles`. The `id` of an item never changes, and
/// `date_modified` moves on real changes only. What was withdrawn is left out.
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
/// RSS 2.0, newest first, with the filters of `/v1/recommendations`. The `guid` of an item never changes. What was
/// withdrawn is left out.
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
/// Atom (RFC 4287), newest first, with the filters of `/v1/recommendations`. The `id` of an entry never changes. What
/// was withdrawn is an `at:deleted-entry` (RFC 6721) in its place, and the latest withdrawals are on the first page
/// too, with the latest removals of all.
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
/// JSON Feed 1.1, newest first, with the filters of `/v1/recommendations`. The `id` of an item never changes. What was
/// withdrawn is left out.
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
    let keyset = page::keyset(&query, query.params.paging(), public.cursors())?;
    let (params, now) = (query.params.list(), public.now);
    let ((slice, articles, removed, names), freshness) = public
        .read(move |c| {
            let filter = articles::routes::filter(c, &params, now)?;
            let tells_withdrawn = format == Format::Atom;
            let (slice, latest) = articles::queries::feed(c, &filter, &keyset, tells_withdrawn)?;
            let rows = slice.rows.iter().cloned().chain(latest).collect();
            let articles = articles::present::views(c, rows, &[], now)?;
            let removed = removed(c, Resource::Article, format, &keyset, now)?;
            Ok((slice, articles, removed, names(c, &filter.organisations)?))
        })
        .await?;
    let sort = articles::params::ArticleSort::PublishedAtDescending;
    let page = page::links(&query, public.cursors(), &public.base, &slice, |row| {
        sort.place(row)
    })?;
    let mut feed = frame(&query, &public.base, "/v1/articles", page);
    feed.title = title("Articles", "by", &names);
    feed.language = match query.params.language.as_slice() {
        [language] => Some(language.clone()),
        _ => None,
    };
    feed.add_articles(articles, &public.base);
    feed.tombstones.extend(removed);
    let basis = Basis::of(&articles::routes::NAMED).with_resource(Resource::Article);
    finish(feed, format, freshness.from(basis))
}

async fn of_recommendations(
    public: Public,
    query: Query<FeedOfRecommendations>,
    format: Format,
) -> Result<HttpResponse, ApiError> {
    let keyset = page::keyset(&query, query.params.paging(), public.cursors())?;
    let (params, now) = (query.params.list(), public.now);
    let ((slice, recommendations, removed, names), freshness) = public
        .read(move |c| {
            let filter = recommendations::routes::filter(c, &params, now)?;
            let tells_withdrawn = format == Format::Atom;
            let (slice, latest) =
                recommendations::queries::feed(c, &filter, &keyset, tells_withdrawn)?;
            let rows = slice.rows.iter().cloned().chain(latest).collect();
            let expand = [RecommendationExpansion::Report];
            let recommendations = recommendations::present::views(c, rows, &expand, now)?;
            let removed = removed(c, Resource::Recommendation, format, &keyset, now)?;
            let names = names(c, &filter.organisations)?;
            Ok((slice, recommendations, removed, names))
        })
        .await?;
    let sort = RecommendationSort::PublishedOnDescending;
    let page = page::links(&query, public.cursors(), &public.base, &slice, |row| {
        sort.place(row)
    })?;
    let mut feed = frame(&query, &public.base, "/v1/recommendations", page);
    feed.title = title("Recommendations", "to", &names);
    feed.add_recommendations(recommendations, &public.base);
    feed.tombstones.extend(removed);
    finish(feed, format, freshness.without(Resource::Article))
}

/// What was removed of late, for the first page of a feed that can say so.
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

/// The names of the organisations that were asked for.
fn names(c: &mut DbConnection, ids: &[String]) -> Result<Vec<String>, ApiError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let mut bodies = organisations::queries::by_ids(c, &ids.iter().collect::<Vec<_>>())?;
    let names = ids.iter().filter_map(|id| bodies.remove(id));
    Ok(names.map(|body| body.name).collect())
}

fn title(what: &str, relation: &str, names: &[String]) -> String {
    match names {
        [] => what.to_owned(),
        names => format!("{what} {relation} {}", names.join(", ")),
    }
}

/// A page with nothing in it yet.
fn frame<T>(query: &Query<T>, base: &str, list: &str, page: Page) -> Feed {
    let own = |keep: fn(&str) -> bool| format!("{base}{}{}", query.path(), query.string_of(keep));
    let is_filter = |name: &str| !["cursor", "limit"].contains(&name);
    Feed {
        id: own(is_filter),
        title: String::new(),
        language: None,
        address: own(|_| true),
        first: own(|name| name != "cursor"),
        list: format!("{base}{list}{}", query.string_of(is_filter)),
        page,
        entries: Vec::new(),
        tombstones: Vec::new(),
    }
}

fn finish(feed: Feed, format: Format, freshness: Freshness) -> Result<HttpResponse, ApiError> {
    let page = feed.page.clone();
    let (body, media_type) = match format {
        Format::Rss => (rss::write(&feed).map_err(internal)?, rss::MEDIA_TYPE),
        Format::Atom => (atom::write(&feed).map_err(internal)?, atom::MEDIA_TYPE),
        Format::Json => (json::write(feed).map_err(internal)?, json::MEDIA_TYPE),
    };
    answer::text_page(body, media_type, &page, freshness)
}

fn internal(error: impl std::fmt::Display) -> ApiError {
    ApiError::internal(&error)
}
