//! The endpoints of articles.

use actix_web::{HttpRequest, HttpResponse, delete, get, patch, post, put, web};
use utoipa_actix_web::service_config::ServiceConfig;

use super::json_ld::NewsArticle;
use super::kind::KIND;
use super::model::ArticleDocument;
use super::params::{ArticleExpansion, ArticleFilters};
use super::queries::NAMED;
use super::views::Article;
use crate::access::{Client, Public, lookup};
use crate::http::answer::{self, Item, List};
use crate::http::body::Body;
use crate::http::discovery;
use crate::http::error::ApiError;
use crate::http::media::{self, Form};
use crate::http::query::Query;
use crate::http::shape::{ItemShape, Shape};
use crate::log::{Basis, Resource};
use crate::platform::states::EditorialState;
use crate::resources::collection;
use crate::writing::records;

/// Mounts the endpoints.
pub fn configure(config: &mut ServiceConfig) {
    config
        .service(list_articles)
        .service(create_article)
        .service(find_article)
        .service(change_article)
        .service(put_article)
        .service(remove_article)
        .service(list_organisation_articles);
}

/// List articles
///
/// Newest first. `expand` brings whole organisations, topics, reports and recommendations along, so that
/// one call renders a page. Articles that are scheduled or under embargo are not here before their moment;
/// withdrawn ones only with `state=withdrawn`.
#[utoipa::path(tag = "Articles", params(ArticleFilters, Shape<Article>), responses((status = 200, description = "One page of articles", body = List<Article>)))]
#[get("/articles")]
pub async fn list_articles(
    public: Public,
    query: Query<ArticleFilters, Shape<Article>>,
) -> Result<HttpResponse, ApiError> {
    collection::list(public, query).await
}

/// Show an article
///
/// By id or slug. A withdrawn article answers with the notice and without its body; one that was removed
/// with 410, or 451 if that was for legal reasons. With `Accept: application/ld+json` as linked data, in the words of
/// schema.org.
#[utoipa::path(
    tag = "Articles",
    params(("id" = String, Path, description = "The id or slug", max_length = 150, example = "iopc-welcomes-stalking-super-complaint-responses"), ItemShape<Article>),
    responses((status = 200, description = "The article", content((Item<Article> = "application/json"), (NewsArticle = "application/ld+json"))))
)]
#[get("/articles/{id}")]
pub async fn find_article(
    public: Public,
    request: HttpRequest,
    key: web::Path<String>,
    query: Query<ItemShape<Article>>,
) -> Result<HttpResponse, ApiError> {
    let is_linked = media::preferred(request.headers()) == Form::JsonLd;
    let mut shape = query.params;
    let is_expanded = !shape.expand.is_empty();
    if is_linked {
        let sent = !shape.fields.is_empty();
        answer::no_selection([("fields", sent), ("expand", is_expanded)])?;
        shape.expand = vec![
            ArticleExpansion::Organisation,
            ArticleExpansion::CoPublishers,
        ];
    }
    let fields = shape.fields.clone();
    let (article, row, mut freshness, public) =
        collection::one::<Article>(public, key.into_inner(), shape).await?;
    if !is_expanded {
        freshness = freshness.from(basis_of(&article, row.translation_of_id));
    }
    let mut response = match is_linked {
        true => {
            let linked = NewsArticle::new(article.clone(), &public.base);
            answer::linked_data(&linked, article.revision, freshness)?
        }
        false => answer::by_accept(answer::item(
            &article,
            article.revision,
            &fields,
            freshness,
        )?),
    };
    if article.state == EditorialState::Published {
        let address = format!("{}/v1/articles/{}", public.base, article.id);
        discovery::embed_link(&mut response, &public.base, &address);
    }
    Ok(response)
}

/// Create an article
///
/// Takes `articles:write` for the organisation that publishes it, and `articles:publish` unless it is and stays a draft. The document is that of an import. `Idempotency-Key` makes it safe to send twice.
#[utoipa::path(tag = "Articles", request_body = ArticleDocument, responses((status = 201, description = "The article, as it was created", body = Item<Article>)))]
#[post("/articles")]
pub async fn create_article(client: Client, body: Body) -> Result<HttpResponse, ApiError> {
    records::create(client, &KIND, body).await
}

/// Change an article
///
/// A merge patch (RFC 7396): members that are named take the place of what is there, `null` removes, and the
/// rest stays. `If-Match` takes the `ETag` of any reading of the article. Takes `articles:write` for the organisation that publishes it, and `articles:publish` unless it is and stays a draft.
#[utoipa::path(
    tag = "Articles",
    params(("id" = String, Path, description = "The id or slug", max_length = 150, example = "iopc-welcomes-stalking-super-complaint-responses")),
    request_body(content = ref("#/components/schemas/ArticlePatch"), content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The article, as it is now", body = Item<Article>))
)]
#[patch("/articles/{id}")]
pub async fn change_article(
    client: Client,
    key: web::Path<String>,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    records::change(client, &KIND, key.into_inner(), body).await
}

/// Put an article under its slug
///
/// For scripts that know the slug: creates the article, or takes the place of the one that is there, which
/// needs `If-Match`. `If-None-Match: *` creates only. Takes `articles:write` for the organisation that publishes it, and `articles:publish` unless it is and stays a draft.
#[utoipa::path(
    tag = "Articles",
    params(("id" = String, Path, description = "The slug, or the id of a article that exists", max_length = 150, example = "iopc-welcomes-stalking-super-complaint-responses")),
    request_body = ArticleDocument,
    responses(
        (status = 200, description = "The article, as it is now", body = Item<Article>),
        (status = 201, description = "The article, as it was created", body = Item<Article>)
    )
)]
#[put("/articles/{id}")]
pub async fn put_article(
    client: Client,
    key: web::Path<String>,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    records::put(client, &KIND, key.into_inner(), body).await
}

/// Remove an article
///
/// It answers 410 from then on. Needs `If-Match`. Takes `articles:write` for the organisation that publishes it, and `articles:publish` unless it is and stays a draft.
#[utoipa::path(
    tag = "Articles",
    params(("id" = String, Path, description = "The id or slug", max_length = 150, example = "iopc-welcomes-stalking-super-complaint-responses"), records::Removal),
    responses((status = 204, description = "It is removed"))
)]
#[delete("/articles/{id}")]
pub async fn remove_article(
    client: Client,
    key: web::Path<String>,
    removal: Query<records::Removal>,
) -> Result<HttpResponse, ApiError> {
    records::remove(client, &KIND, key.into_inner(), Some(removal)).await
}

/// What makes an article that is shown without expansions another one: itself, its original and its translations, and
/// whatever it names.
fn basis_of(article: &Article, original: Option<String>) -> Basis {
    let translations = article.translations.iter().map(|other| other.id.clone());
    let own = translations.chain([article.id.clone()]).chain(original);
    Basis::of(&NAMED).with_records(own)
}

/// List an organisation's articles
///
/// What the organisation published, alone or with others, newest first. Takes the filters of
/// `/v1/articles`; an `organisation` filter must match as well.
#[utoipa::path(
    tag = "Organisations",
    params(("id" = String, Path, description = "The id or slug", max_length = 150, example = "iopc"), ArticleFilters, Shape<Article>),
    responses((status = 200, description = "One page of articles", body = List<Article>))
)]
#[get("/organisations/{id}/articles")]
pub async fn list_organisation_articles(
    public: Public,
    key: web::Path<String>,
    query: Query<ArticleFilters, Shape<Article>>,
) -> Result<HttpResponse, ApiError> {
    let key = key.into_inner();
    collection::list_below(public, query, move |c, filter, context| {
        let publisher = lookup::find(c, Resource::Organisation, &key, context.now)?;
        filter.publisher = Some(publisher);
        Ok(())
    })
    .await
}
