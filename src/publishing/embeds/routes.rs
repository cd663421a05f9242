//! The endpoints of the script and of the page to frame.

use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpResponse, get};
use std::sync::LazyLock;
use twox_hash::XxHash3_64;
use utoipa_actix_web::service_config::ServiceConfig;

use super::page;
use super::params::NewsShape;
use crate::access::Public;
use crate::http::answer;
use crate::http::envelope::Framed;
use crate::http::error::ApiError;
use crate::http::query::Query;
use crate::http::shape::Sort;
use crate::platform::db::keyset::Keyset;
use crate::publishing::feeds::item::JsonFeedItem;
use crate::publishing::feeds::{names, titles};
use crate::publishing::filters::WithoutState;
use crate::resources::articles::dependencies;
use crate::resources::articles::params::ArticleFilters;
use crate::resources::articles::views::Article;
use crate::resources::collection::{self, Collection, Context};

type NewsFilters = WithoutState<ArticleFilters>;

/// The path of the script. The number stands for one file, to the byte, so that its integrity hash fits for ever.
pub const SCRIPT_PATH: &str = "/embed/1/answerable-news.js";
/// The script.
const SCRIPT: &str = include_str!("answerable-news.js");

/// Mounts the page.
pub fn configure(config: &mut ServiceConfig) {
    config.service(show_news);
}

/// Mounts the script, which is no part of `/v1`: it has a number of its own.
pub fn configure_script(config: &mut ServiceConfig) {
    config.service(show_script);
}

/// Show the script of the embed
///
/// A web component with the latest articles, for pages of any origin. The file never changes, so pages can name its
/// hash in `integrity`. A correction gets another number in the path.
#[utoipa::path(tag = "Feeds", responses((status = 200, description = "The script", body = String, content_type = "text/javascript")))]
#[get("/embed/1/answerable-news.js")]
pub async fn show_script() -> HttpResponse {
    static TAG: LazyLock<String> =
        LazyLock::new(|| format!("\"{:016x}\"", XxHash3_64::oneshot(SCRIPT.as_bytes())));
    HttpResponse::Ok()
        .content_type("text/javascript; charset=utf-8")
        .insert_header((header::ETAG, TAG.as_str()))
        .insert_header((header::CACHE_CONTROL, "public, max-age=31536000, immutable"))
        .body(SCRIPT)
}

/// Show the news as a page to frame
///
/// The latest articles as HTML, for an `iframe` on sites whose policy forbids scripts. Takes the filters of
/// `/v1/articles`. The heading is the title of the feed with the same filters. With one `language`, its words are in
/// that language. The page has no scripts, and any site may frame it. Withdrawn articles are left out.
#[utoipa::path(tag = "Feeds", params(NewsFilters, NewsShape), responses((status = 200, description = "The page", body = String, content_type = "text/html")))]
#[get("/embeds/news")]
pub async fn show_news(
    public: Public,
    query: Query<NewsFilters, NewsShape>,
) -> Result<HttpResponse, ApiError> {
    let keyset = Keyset {
        from: None,
        backwards: false,
        limit: query.shape.limit()?,
        is_past: false,
        ids: None,
    };
    let (filters, now, pages) = (query.params.0, public.now, public.pages());
    let language = titles::only(&filters.language).to_owned();
    let ((title, articles, dependencies), freshness) = public
        .read(move |c| {
            let context = Context::<Article>::at(now, pages);
            let filter = Article::filter(c, filters, &context)?;
            let order = Sort::<Article>::DEFAULT.order();
            let slice = collection::page(c, &filter, order, &keyset, &context)?;
            let dependencies = dependencies::of_page(&filter, (&keyset, order, &slice));
            let mut articles = Article::present(c, slice.rows, &context)?;
            names::of_articles(c, &mut articles)?;
            Ok((titles::of_articles(c, &filter)?, articles, dependencies))
        })
        .await?;
    let addresses = public.addresses();
    let items = articles.into_iter();
    let items: Vec<_> = items
        .map(|article| JsonFeedItem::of_article(article, &addresses))
        .collect();
    let page = page::write(&title, &items, &language);
    let freshness = freshness.with_dependencies(dependencies);
    let mut response = answer::text(page.into_bytes(), "text/html; charset=utf-8", freshness);
    let policy =
        HeaderValue::from_str(&page::POLICY).map_err(|error| ApiError::internal(&error))?;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    response.extensions_mut().insert(Framed);
    Ok(response)
}
