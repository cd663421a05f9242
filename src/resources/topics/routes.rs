//! The endpoints of topics.

use actix_web::{HttpResponse, get, web};
use utoipa_actix_web::service_config::ServiceConfig;

use super::views::{Topic, TopicFilters};
use crate::access::Public;
use crate::http::answer::{Item, List};
use crate::http::error::ApiError;
use crate::http::query::Query;
use crate::http::shape::{ItemShape, Shape};
use crate::platform::identity::Key;
use crate::resources::handlers;

/// Mounts the endpoints.
pub fn configure(config: &mut ServiceConfig) {
    config.service(list_topics).service(find_topic);
}

/// List topics
///
/// The vocabulary that articles are filed under, ordered by name. `parent` returns the direct children of a topic.
#[utoipa::path(tag = "Topics", params(TopicFilters, Shape<Topic>), responses((status = 200, description = "One page of topics", body = List<Topic>)))]
#[get("/topics")]
pub async fn list_topics(
    public: Public,
    query: Query<TopicFilters, Shape<Topic>>,
) -> Result<HttpResponse, ApiError> {
    handlers::list(public, query).await
}

/// Show a topic
///
/// By id or slug. A former slug redirects with 308.
#[utoipa::path(
    tag = "Topics",
    params(("id" = String, Path, description = "The id or slug", max_length = 150, example = "stalking"), ItemShape<Topic>),
    responses((status = 200, description = "The topic", body = Item<Topic>))
)]
#[get("/topics/{id}")]
pub async fn find_topic(
    public: Public,
    key: web::Path<Key>,
    query: Query<ItemShape<Topic>>,
) -> Result<HttpResponse, ApiError> {
    handlers::find(public, key.into_inner(), query).await
}
