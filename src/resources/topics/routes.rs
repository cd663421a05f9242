//! The endpoints of topics.

use actix_web::{HttpResponse, delete, get, patch, post, put, web};
use utoipa_actix_web::service_config::ServiceConfig;

use super::kind::KIND;
use super::model::TopicDocument;
use super::present;
use super::queries::{self, Filter};
use super::views::{FindTopic, ListTopics, Topic};
use crate::access::{Client, Public, lookup};
use crate::http::answer::{self, Item, List};
use crate::http::body::Body;
use crate::http::error::ApiError;
use crate::http::page::{self, Count};
use crate::http::query::Query;
use crate::log::Resource;
use crate::log::entries::Extent;
use crate::writing::records;

/// Mounts the endpoints.
pub fn configure(config: &mut ServiceConfig) {
    config
        .service(list_topics)
        .service(create_topic)
        .service(find_topic)
        .service(change_topic)
        .service(put_topic)
        .service(remove_topic);
}

/// List topics
///
/// The vocabulary that articles are filed under, by name. `parent` gives one level of the hierarchy.
#[utoipa::path(tag = "Topics", params(ListTopics), responses((status = 200, description = "One page of topics", body = List<Topic>)))]
#[get("/topics")]
pub async fn list_topics(
    public: Public,
    query: Query<ListTopics>,
) -> Result<HttpResponse, ApiError> {
    let public = public
        .as_of(query.params.as_of, Extent::WithoutArticles)
        .await?;
    let keyset = page::keyset(&query, query.params.paging(), public.cursors())?;
    let (params, now) = (query.params.clone(), public.now);
    let ((slice, topics), freshness) = public
        .read(move |c| {
            let filter = Filter {
                parents: lookup::filter(c, Resource::Topic, "parent", &params.parent, now)?,
            };
            let counted = params.count == Count::Exact;
            let slice = queries::list(c, &filter, params.sort.order(), &keyset, counted)?;
            let topics = present::views(c, slice.rows.clone(), &params.expand)?;
            Ok((slice, topics))
        })
        .await?;
    let sort = query.params.sort;
    let page = page::links(&query, public.cursors(), &public.base, &slice, |row| {
        sort.place(row)
    })?;
    let fields: Vec<&str> = query.params.fields.iter().map(<&str>::from).collect();
    answer::list(topics, page, &fields, freshness.without(Resource::Article))
}

/// Show a topic
///
/// By id or slug. A slug that the topic had before answers 308.
#[utoipa::path(
    tag = "Topics",
    params(("id" = String, Path, description = "The id or slug", max_length = 150, example = "stalking"), FindTopic),
    responses((status = 200, description = "The topic", body = Item<Topic>))
)]
#[get("/topics/{id}")]
pub async fn find_topic(
    public: Public,
    key: web::Path<String>,
    query: Query<FindTopic>,
) -> Result<HttpResponse, ApiError> {
    let public = public
        .as_of(query.params.as_of, Extent::WithoutArticles)
        .await?;
    let (expand, now) = (query.params.expand.clone(), public.now);
    let (topics, freshness) = public
        .read(move |c| {
            let id = lookup::find(c, Resource::Topic, &key, now)?;
            let row = queries::find(c, &id)?;
            present::views(c, vec![row], &expand)
        })
        .await?;
    let topic = topics.first().ok_or_else(ApiError::not_found)?;
    let fields: Vec<&str> = query.params.fields.iter().map(<&str>::from).collect();
    answer::item(
        topic,
        topic.revision,
        &fields,
        freshness.without(Resource::Article),
    )
}

/// Create a topic
///
/// Takes `organisations:write` for `*`: topics belong to nobody. The document is that of an import. `Idempotency-Key` makes it safe to send twice.
#[utoipa::path(tag = "Topics", request_body = TopicDocument, responses((status = 201, description = "The topic, as it was created", body = Item<Topic>)))]
#[post("/topics")]
pub async fn create_topic(client: Client, body: Body) -> Result<HttpResponse, ApiError> {
    records::create(client, &KIND, body).await
}

/// Change a topic
///
/// A merge patch (RFC 7396): members that are named take the place of what is there, `null` removes, and the
/// rest stays. `If-Match` takes the `ETag` of any reading of the topic. Takes `organisations:write` for `*`: topics belong to nobody.
#[utoipa::path(
    tag = "Topics",
    params(("id" = String, Path, description = "The id or slug", max_length = 150, example = "stalking")),
    request_body(content = ref("#/components/schemas/TopicPatch"), content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The topic, as it is now", body = Item<Topic>))
)]
#[patch("/topics/{id}")]
pub async fn change_topic(
    client: Client,
    key: web::Path<String>,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    records::change(client, &KIND, key.into_inner(), body).await
}

/// Put a topic under its slug
///
/// For scripts that know the slug: creates the topic, or takes the place of the one that is there, which
/// needs `If-Match`. `If-None-Match: *` creates only. Takes `organisations:write` for `*`: topics belong to nobody.
#[utoipa::path(
    tag = "Topics",
    params(("id" = String, Path, description = "The slug, or the id of a topic that exists", max_length = 150, example = "stalking")),
    request_body = TopicDocument,
    responses(
        (status = 200, description = "The topic, as it is now", body = Item<Topic>),
        (status = 201, description = "The topic, as it was created", body = Item<Topic>)
    )
)]
#[put("/topics/{id}")]
pub async fn put_topic(
    client: Client,
    key: web::Path<String>,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    records::put(client, &KIND, key.into_inner(), body).await
}

/// Remove a topic
///
/// It answers 410 from then on. Needs `If-Match`. Takes `organisations:write` for `*`: topics belong to nobody.
#[utoipa::path(
    tag = "Topics",
    params(("id" = String, Path, description = "The id or slug", max_length = 150, example = "stalking"), records::Removal),
    responses((status = 204, description = "It is removed"))
)]
#[delete("/topics/{id}")]
pub async fn remove_topic(
    client: Client,
    key: web::Path<String>,
    removal: Query<records::Removal>,
) -> Result<HttpResponse, ApiError> {
    records::remove(client, &KIND, key.into_inner(), Some(removal)).await
}
