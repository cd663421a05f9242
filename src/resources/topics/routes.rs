//! The endpoints of topics.

use actix_web::{HttpResponse, delete, get, patch, post, put, web};
use utoipa_actix_web::service_config::ServiceConfig;

use super::kind::KIND;
use super::model::TopicDocument;
use super::views::{Topic, TopicFilters};
use crate::access::{Client, Public};
use crate::http::answer::{Item, List};
use crate::http::body::Body;
use crate::http::error::ApiError;
use crate::http::query::Query;
use crate::http::shape::{ItemShape, Shape};
use crate::resources::collection;
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
#[utoipa::path(tag = "Topics", params(TopicFilters, Shape<Topic>), responses((status = 200, description = "One page of topics", body = List<Topic>)))]
#[get("/topics")]
pub async fn list_topics(
    public: Public,
    query: Query<TopicFilters, Shape<Topic>>,
) -> Result<HttpResponse, ApiError> {
    collection::list(public, query).await
}

/// Show a topic
///
/// By id or slug. A slug that the topic had before answers 308.
#[utoipa::path(
    tag = "Topics",
    params(("id" = String, Path, description = "The id or slug", max_length = 150, example = "stalking"), ItemShape<Topic>),
    responses((status = 200, description = "The topic", body = Item<Topic>))
)]
#[get("/topics/{id}")]
pub async fn find_topic(
    public: Public,
    key: web::Path<String>,
    query: Query<ItemShape<Topic>>,
) -> Result<HttpResponse, ApiError> {
    collection::find(public, key.into_inner(), query).await
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
