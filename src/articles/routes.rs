//! The endpoints of articles.

use actix_web::{HttpResponse, get, web};
use chrono::NaiveDateTime;

use super::model::ArticleRow;
use super::parts;
use super::queries::{self, Filter};
use super::views::{Article, ArticleExpansion, ArticleField, FindArticle, ListArticles, Whole};
use crate::auth::Public;
use crate::changes::Resource;
use crate::clock::truncate;
use crate::db::DbConnection;
use crate::http::answer::{self, Item, List};
use crate::http::error::ApiError;
use crate::http::page::{self, Count};
use crate::http::query::Query;
use crate::web_address::duplicate_key;
use crate::{lookup, organisations, recommendations, reports, topics};

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
/// with 410, or 451 if that was for legal reasons.
#[utoipa::path(
    tag = "Articles",
    params(("id" = String, Path, description = "The id or slug", max_length = 150, example = "iopc-welcomes-stalking-super-complaint-responses"), FindArticle),
    responses((status = 200, description = "The article", body = Item<Article>))
)]
#[get("/articles/{id}")]
pub async fn find_article(
    public: Public,
    key: web::Path<String>,
    query: Query<FindArticle>,
) -> Result<HttpResponse, ApiError> {
    let (expand, now) = (query.params.expand.clone(), public.now);
    let (articles, freshness) = public
        .read(move |c| {
            let id = lookup::find(c, Resource::Article, &key, now)?;
            let row = queries::find(c, &id)?;
            views(c, vec![row], &expand, now)
        })
        .await?;
    let article = articles.first().ok_or_else(ApiError::not_found)?;
    let fields: Vec<&str> = query.params.fields.iter().map(<&str>::from).collect();
    answer::item(article, article.revision, &fields, freshness)
}

/// The list, of all articles or of those of one publisher.
pub async fn list(
    public: Public,
    publisher: Option<String>,
    query: Query<ListArticles>,
) -> Result<HttpResponse, ApiError> {
    let keyset = page::keyset(&query, query.params.paging(), public.cursors())?;
    let (params, now, sort) = (query.params.clone(), public.now, query.params.sort);
    let ((slice, articles), freshness) = public
        .read(move |c| {
            let mut filter = filter(c, &params, now)?;
            if let Some(publisher) = publisher {
                filter.publisher = Some(lookup::find(c, Resource::Organisation, &publisher, now)?);
            }
            let with_body = params.fields.contains(&ArticleField::BodyHtml);
            let slice = queries::list(
                c,
                &filter,
                sort.order(),
                &keyset,
                with_body,
                params.count == Count::Exact,
            )?;
            let articles = views(c, slice.rows.clone(), &params.expand, now)?;
            Ok((slice, articles))
        })
        .await?;
    let page = page::links(&query, public.cursors(), &public.base, &slice, |row| {
        sort.place(row)
    })?;
    let fields: Vec<&str> = query.params.fields.iter().map(<&str>::from).collect();
    answer::list(articles, page, &fields, freshness)
}

fn filter(
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

fn views(
    c: &mut DbConnection,
    rows: Vec<ArticleRow>,
    expand: &[ArticleExpansion],
    now: NaiveDateTime,
) -> Result<Vec<Article>, ApiError> {
    let parts = parts::load(c, &rows, now)?;
    let mut whole = Whole::default();
    let asked = |expansion| expand.contains(&expansion);
    if asked(ArticleExpansion::Organisation) || asked(ArticleExpansion::CoPublishers) {
        let bodies = organisations::queries::whole(c, &parts.ids("organisation"))?;
        if asked(ArticleExpansion::CoPublishers) {
            whole.co_publishers = bodies.clone();
        }
        if asked(ArticleExpansion::Organisation) {
            whole.organisations = bodies;
        }
    }
    if asked(ArticleExpansion::Topics) {
        whole.topics = topics::queries::whole(c, &parts.ids("topic"))?;
    }
    if asked(ArticleExpansion::Reports) {
        whole.reports = reports::queries::whole(c, &parts.ids("report"), now)?;
    }
    if asked(ArticleExpansion::Recommendations) {
        whole.recommendations =
            recommendations::queries::whole(c, &parts.ids("recommendation"), now)?;
    }
    Ok(rows
        .into_iter()
        .filter_map(|row| Article::new(row, &parts, &whole))
        .collect())
}
