//! The endpoints of articles.

use actix_web::{HttpRequest, HttpResponse, delete, get, patch, post, put, web};
use chrono::NaiveDateTime;
use utoipa_actix_web::service_config::ServiceConfig;

use super::json_ld::NewsArticle;
use super::kind::{KIND, OWNERSHIP};
use super::model::ArticleDocument;
use super::present;
use super::queries::{self, Filter};
use super::views::{Article, ArticleExpansion, ArticleField, FindArticle, ListArticles};
use crate::access::{Client, Public, Scope, Sight, lookup};
use crate::http::answer::{self, Item, List};
use crate::http::body::Body;
use crate::http::discovery;
use crate::http::error::ApiError;
use crate::http::media::{self, Form};
use crate::http::page::{self, Count};
use crate::http::query::Query;
use crate::log::entries::Extent;
use crate::log::{Basis, Resource};
use crate::platform::clock::truncate;
use crate::platform::db::DbConnection;
use crate::platform::states::EditorialState;
use crate::platform::web_address::duplicate_key;
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

/// What an article names.
pub const NAMED: [Resource; 4] = [
    Resource::Organisation,
    Resource::Topic,
    Resource::Report,
    Resource::Recommendation,
];

/// List articles
///
/// Newest first. `expand` brings whole organisations, topics, reports and recommendations along, so that
/// one call renders a page. Articles that are scheduled or under embargo are not here before their moment;
/// withdrawn ones only with `state=withdrawn`.
#[utoipa::path(tag = "Articles", params(ListArticles), responses((status = 200, description = "One page of articles", body = List<Article>)))]
#[get("/articles")]
pub async fn list_articles(
    public: Public,
    query: Query<ListArticles>,
) -> Result<HttpResponse, ApiError> {
    list(public, None, query).await
}

/// Show an article
///
/// By id or slug. A withdrawn article answers with the notice and without its body; one that was removed
/// with 410, or 451 if that was for legal reasons. With `Accept: application/ld+json` as linked data, in the words of
/// schema.org.
#[utoipa::path(
    tag = "Articles",
    params(("id" = String, Path, description = "The id or slug", max_length = 150, example = "iopc-welcomes-stalking-super-complaint-responses"), FindArticle),
    responses((status = 200, description = "The article", content((Item<Article> = "application/json"), (NewsArticle = "application/ld+json"))))
)]
#[get("/articles/{id}")]
pub async fn find_article(
    public: Public,
    request: HttpRequest,
    key: web::Path<String>,
    query: Query<FindArticle>,
) -> Result<HttpResponse, ApiError> {
    let pass = public.pass(query.params.preview.as_deref())?;
    let public = public.as_of(query.params.as_of, Extent::Everything).await?;
    let is_linked = media::preferred(request.headers()) == Form::JsonLd;
    let (mut expand, now, rights) = (query.params.expand.clone(), public.now, public.rights());
    if is_linked {
        let sent = [!query.params.fields.is_empty(), !expand.is_empty()];
        answer::no_selection([("fields", sent[0]), ("expand", sent[1])])?;
        expand = vec![
            ArticleExpansion::Organisation,
            ArticleExpansion::CoPublishers,
        ];
    }
    let with_pass = pass.is_some();
    let ((articles, original), mut freshness) = public
        .read(move |c| {
            let id = match pass {
                Some(pass) => lookup::with_pass(c, Resource::Article, &key, &pass)?,
                None => lookup::for_reading(c, &OWNERSHIP, &key, &rights, now)?,
            };
            let row = queries::find(c, &id)?;
            let original = row.translation_of_id.clone();
            Ok((present::views(c, vec![row], &expand, now)?, original))
        })
        .await?;
    freshness.is_private |= with_pass;
    let articles = with_text(articles, &query.params.fields);
    let article = articles.first().ok_or_else(ApiError::not_found)?;
    if query.params.expand.is_empty() {
        freshness = freshness.from(basis_of(article, original));
    }
    let fields: Vec<&str> = query.params.fields.iter().map(<&str>::from).collect();
    let mut response = match is_linked {
        true => {
            let linked = NewsArticle::new(article.clone(), &public.base);
            answer::linked_data(&linked, article.revision, freshness)?
        }
        false => answer::by_accept(answer::item(article, article.revision, &fields, freshness)?),
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

/// The list, of all articles or of those of one publisher.
pub async fn list(
    public: Public,
    publisher: Option<String>,
    query: Query<ListArticles>,
) -> Result<HttpResponse, ApiError> {
    let public = public.as_of(query.params.as_of, Extent::Everything).await?;
    let keyset = page::keyset(&query, query.params.paging(), public.cursors())?;
    let (params, now, sort) = (query.params.clone(), public.now, query.params.sort);
    let sight = match params.state.is_public() {
        true => Sight::default(),
        false => public.sight(Scope::ArticlesWrite)?,
    };
    let ((slice, articles), mut freshness) = public
        .read(move |c| {
            let mut filter = filter(c, &params, now)?;
            filter.sight = sight;
            if let Some(publisher) = publisher {
                filter.publisher = Some(lookup::find(c, Resource::Organisation, &publisher, now)?);
            }
            let bodies = [ArticleField::BodyHtml, ArticleField::BodyText];
            let with_body = bodies.iter().any(|field| params.fields.contains(field));
            let slice = queries::list(
                c,
                &filter,
                sort.order(),
                &keyset,
                with_body,
                params.count == Count::Exact,
            )?;
            let articles = present::views(c, slice.rows.clone(), &params.expand, now)?;
            Ok((slice, with_text(articles, &params.fields)))
        })
        .await?;
    if query.params.expand.is_empty() {
        freshness = freshness.from(Basis::of(&NAMED).with_resource(Resource::Article));
    }
    let page = page::links(&query, public.cursors(), &public.base, &slice, |row| {
        sort.place(row)
    })?;
    let fields: Vec<&str> = query.params.fields.iter().map(<&str>::from).collect();
    answer::list(articles, page, &fields, freshness)
}

/// What makes an article that is shown without expansions another one: itself, its original and its translations, and
/// whatever it names.
fn basis_of(article: &Article, original: Option<String>) -> Basis {
    let translations = article.translations.iter().map(|other| other.id.clone());
    let own = translations.chain([article.id.clone()]).chain(original);
    Basis::of(&NAMED).with_records(own)
}

/// The same with the words of their bodies, if those are asked for.
fn with_text(articles: Vec<Article>, fields: &[ArticleField]) -> Vec<Article> {
    match fields.contains(&ArticleField::BodyText) {
        true => articles.into_iter().map(Article::with_text).collect(),
        false => articles,
    }
}

/// The filters of a list, with what they name resolved to ids.
pub fn filter(
    c: &mut DbConnection,
    params: &ListArticles,
    now: NaiveDateTime,
) -> Result<Filter, ApiError> {
    let original_url_key = params.original_url.as_deref().map(|address| {
        let detail = "Expected an absolute http or https URL.";
        duplicate_key(address)
            .ok_or_else(|| ApiError::parameter("invalid_value", "original_url", detail))
    });
    let time = |at: chrono::DateTime<chrono::Utc>| truncate(at.naive_utc());
    Ok(Filter {
        now,
        state: params.state,
        sight: Sight::default(),
        publisher: None,
        organisations: lookup::filter(
            c,
            Resource::Organisation,
            "organisation",
            &params.organisation,
            now,
        )?,
        topics: lookup::filter(c, Resource::Topic, "topic", &params.topic, now)?,
        reports: lookup::filter(c, Resource::Report, "report", &params.report, now)?,
        recommendations: lookup::filter(
            c,
            Resource::Recommendation,
            "recommendation",
            &params.recommendation,
            now,
        )?,
        languages: params.language.clone(),
        original_url_key: original_url_key.transpose()?,
        published_from: params.published_from.map(time),
        published_before: params.published_before.map(time),
        updated_from: params.updated_from.map(time),
        updated_before: params.updated_before.map(time),
    })
}

/// List an organisation's articles
///
/// What the organisation published, alone or with others, newest first. Takes the filters of
/// `/v1/articles`; an `organisation` filter must match as well.
#[utoipa::path(
    tag = "Organisations",
    params(("id" = String, Path, description = "The id or slug", max_length = 150, example = "iopc"), ListArticles),
    responses((status = 200, description = "One page of articles", body = List<Article>))
)]
#[get("/organisations/{id}/articles")]
pub async fn list_organisation_articles(
    public: Public,
    key: web::Path<String>,
    query: Query<ListArticles>,
) -> Result<HttpResponse, ApiError> {
    list(public, Some(key.into_inner()), query).await
}
