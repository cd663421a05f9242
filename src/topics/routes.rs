//! The endpoints of topics.

use actix_web::{HttpResponse, get, web};
use std::collections::HashMap;

use super::model::TopicRow;
use super::queries::{self, Filter};
use super::views::{FindTopic, ListTopics, Topic, TopicExpansion};
use crate::auth::Public;
use crate::changes::Resource;
use crate::db::DbConnection;
use crate::http::answer::{self, Item, List};
use crate::http::error::ApiError;
use crate::http::page::{self, Count};
use crate::http::query::Query;
use crate::lookup;

/// List topics
///
/// The vocabulary that articles are filed under, by name. `parent` gives one level of the hierarchy.
#[utoipa::path(tag = "Topics", params(ListTopics), responses((status = 200, description = "One page of topics", body = List<Topic>)))]
#[get("/topics")]
pub async fn list_topics(
    public: Public,
    query: Query<ListTopics>,
) -> Result<HttpResponse, ApiError> {
    let keyset = page::keyset(&query, query.params.paging(), public.cursors())?;
    let (params, now) = (query.params.clone(), public.now);
    let ((slice, topics), freshness) = public
        .read(move |c| {
            let filter = Filter {
                parents: lookup::filter(c, Resource::Topic, "parent", &params.parent, now)?,
            };
            let counted = params.count == Count::Exact;
            let slice = queries::list(c, &filter, params.sort.order(), &keyset, counted)?;
            let topics = views(c, slice.rows.clone(), &params.expand)?;
            Ok((slice, topics))
        })
        .await?;
    let sort = query.params.sort;
    let page = page::links(&query, public.cursors(), &public.base, &slice, |row| {
        sort.place(row)
    })?;
    let fields: Vec<&str> = query.params.fields.iter().map(<&str>::from).collect();
    answer::list(topics, page, &fields, freshness)
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
    let (expand, now) = (query.params.expand.clone(), public.now);
    let (topics, freshness) = public
        .read(move |c| {
            let id = lookup::find(c, Resource::Topic, &key, now)?;
            let row = queries::find(c, &id)?;
            views(c, vec![row], &expand)
        })
        .await?;
    let topic = topics.first().ok_or_else(ApiError::not_found)?;
    let fields: Vec<&str> = query.params.fields.iter().map(<&str>::from).collect();
    answer::item(topic, topic.revision, &fields, freshness)
}

fn views(
    c: &mut DbConnection,
    rows: Vec<TopicRow>,
    expand: &[TopicExpansion],
) -> Result<Vec<Topic>, ApiError> {
    let parents = queries::parents(c, &rows)?;
    let whole = if expand.contains(&TopicExpansion::Parent) {
        queries::whole(c, &parents.keys().collect::<Vec<_>>())?
    } else {
        HashMap::new()
    };
    Ok(rows
        .into_iter()
        .map(|row| Topic::new(row, &parents, &whole))
        .collect())
}
