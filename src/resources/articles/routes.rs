//! The endpoints of articles.

use actix_web::{HttpRequest, HttpResponse, get, web};
use utoipa_actix_web::service_config::ServiceConfig;

use super::dependencies;
use super::json_ld::NewsArticle;
use super::params::{ArticleExpansion, ArticleFilters};
use super::views::Article;
use crate::access::{Public, lookup};
use crate::http::answer::{self, Item, List, ListOf};
use crate::http::discovery;
use crate::http::error::ApiError;
use crate::http::media::{self, Format};
use crate::http::query::Query;
use crate::http::shape::{ItemShape, Shape};
use crate::log::Resource;
use crate::platform::identity::Key;
use crate::platform::states::EditorialState;
use crate::resources::handlers;
use crate::resources::organisations::views::Organisation;

/// Mounts the endpoints.
pub fn configure(config: &mut ServiceConfig) {
    config
        .service(list_articles)
        .service(find_article)
        .service(list_organisation_articles);
}

/// List articles
///
/// Newest first. `expand` includes whole organisations, topics, reports and recommendations, so that one request is
/// enough to render a page. Scheduled and embargoed articles appear when they become public, and withdrawn ones only
/// with `state=withdrawn`.
#[utoipa::path(tag = "Articles", params(ArticleFilters, Shape<Article>), responses((status = 200, description = "One page of articles", body = List<Article>)))]
#[get("/articles")]
pub async fn list_articles(
    public: Public,
    query: Query<ArticleFilters, Shape<Article>>,
) -> Result<HttpResponse, ApiError> {
    handlers::list(public, query).await
}

/// Show an article
///
/// By id or slug. A withdrawn article is returned as a notice, without its body. A removed article returns 410, or 451
/// if it was removed for legal reasons. `Accept: application/ld+json` returns JSON-LD in the schema.org vocabulary.
#[utoipa::path(
    tag = "Articles",
    params(("id" = String, Path, description = "The id or slug", max_length = 150, example = "iopc-welcomes-stalking-super-complaint-responses"), ItemShape<Article>),
    responses((status = 200, description = "The article", content((Item<Article> = "application/json"), (NewsArticle = "application/ld+json"))))
)]
#[get("/articles/{id}")]
pub async fn find_article(
    public: Public,
    request: HttpRequest,
    key: web::Path<Key>,
    query: Query<ItemShape<Article>>,
) -> Result<HttpResponse, ApiError> {
    let is_json_ld = media::preferred(request.headers()) == Format::JsonLd;
    let mut shape = query.params;
    let is_expanded = !shape.expand.is_empty();
    if is_json_ld {
        answer::reject_selection([
            ("fields", !shape.fields.is_empty()),
            ("expand", is_expanded),
            ("lang", shape.lang.is_some()),
        ])?;
        shape.expand = vec![
            ArticleExpansion::Organisation,
            ArticleExpansion::CoPublishers,
        ];
    }
    let fields = shape.fields.clone();
    let (one, mut freshness) =
        handlers::read_one::<Article>(public, key.into_inner(), shape).await?;
    let (article, base) = (&one.view, &one.public.base);
    if !is_expanded {
        freshness = freshness.with_dependencies(dependencies::of_item(article, &one.row));
    }
    let mut response = match is_json_ld {
        true => {
            let linked = NewsArticle::new(article.clone(), &one.public.addresses());
            answer::linked_data(&linked, article.revision, freshness)?
        }
        false => answer::vary_by_accept(one.answer(&fields, freshness)?),
    };
    if article.state == EditorialState::Published {
        let address = format!("{base}/v1/articles/{}", article.id);
        discovery::embed_link(&mut response, base, &address);
    }
    Ok(response)
}

/// List an organisation's articles
///
/// Articles that the organisation published, alone or with others, newest first. Accepts the filters of `/v1/articles`;
/// an `organisation` filter must match as well. With `expand=organisation`, the response has the organisation too, as `of`:
/// one request for its page.
#[utoipa::path(
    tag = "Organisations",
    params(("id" = String, Path, description = "The id or slug", max_length = 150, example = "iopc"), ArticleFilters, Shape<Article>),
    responses((status = 200, description = "One page of articles", body = ListOf<Article, Organisation>))
)]
#[get("/organisations/{id}/articles")]
pub async fn list_organisation_articles(
    public: Public,
    key: web::Path<Key>,
    query: Query<ArticleFilters, Shape<Article>>,
) -> Result<HttpResponse, ApiError> {
    let key = key.into_inner();
    handlers::list_below(public, query, move |c, filter, context| {
        let organisation = Resource::Organisation;
        let known = context.names.find(organisation, &key, context.now);
        let publisher = match known {
            Some(id) => id,
            None => lookup::find(c, organisation, &key, context.now)?,
        };
        filter.publisher = Some(publisher);
        handlers::of_list::<_, Organisation>(c, context, ArticleExpansion::Organisation, publisher)
    })
    .await
}
