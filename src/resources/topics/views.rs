//! What requests for topics may say, and what they are answered with.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use utoipa::{IntoParams, ToSchema};

use super::model::TopicRow;
use crate::http::as_of::AsOf;
use crate::http::page::{Count, Paging};
use crate::http::references::{Expandable, NameReference, expandable};
use crate::platform::db::Value;
use crate::platform::db::keyset::Order;

/// A topic.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Topic {
    /// The id.
    #[schema(
        min_length = 36,
        max_length = 36,
        example = "01890a5d-ac96-774b-bcce-b302099a8057"
    )]
    pub id: String,
    /// The slug; works wherever the id does.
    #[schema(min_length = 1, max_length = 150, example = "stalking")]
    pub slug: String,
    /// The name.
    #[schema(max_length = 300, example = "Stalking")]
    pub name: String,
    /// What it covers.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 5000)]
    pub description: Option<String>,
    /// The wider topic.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(no_recursion)]
    pub parent: Option<Expandable<NameReference, Topic>>,
    /// The revision, from 1.
    #[schema(minimum = 1, maximum = 9007199254740991_i64)]
    pub revision: i64,
    /// When the record last changed.
    pub updated_at: DateTime<Utc>,
}

impl Topic {
    /// The view of a row. `parents` holds the parents' rows; `whole` the parents to show in full.
    pub fn new(
        row: TopicRow,
        parents: &HashMap<String, TopicRow>,
        whole: &HashMap<String, Topic>,
    ) -> Self {
        let parent = row
            .parent_id
            .as_ref()
            .and_then(|id| parents.get(id))
            .map(|parent| expandable(super::queries::reference(parent), &parent.id, whole));
        Self {
            id: row.id,
            slug: row.slug,
            name: row.name,
            description: row.description,
            parent,
            revision: row.revision,
            updated_at: row.updated_at.and_utc(),
        }
    }
}

/// The members of a topic that `fields` can name.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema, strum::IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
#[allow(missing_docs)]
pub enum TopicField {
    Id,
    Slug,
    Name,
    Description,
    Parent,
    Revision,
    UpdatedAt,
}

/// The references of a topic that `expand` can replace by whole records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum TopicExpansion {
    Parent,
}

/// The orders that topics can be listed in.
#[derive(Clone, Copy, Debug, Default, Deserialize, ToSchema)]
#[allow(missing_docs)]
pub enum TopicSort {
    #[default]
    #[serde(rename = "name")]
    Name,
    #[serde(rename = "-name")]
    NameDescending,
}

impl TopicSort {
    /// The order in the statement.
    pub fn order(self) -> Order {
        Order {
            column: "t.name",
            id: "t.id",
            descending: matches!(self, Self::NameDescending),
        }
    }

    /// Where a row stands in this order.
    pub fn place(self, row: &TopicRow) -> (Value, String) {
        (Value::from(&row.name), row.id.clone())
    }
}

/// The parameters of the list of topics.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct ListTopics {
    /// Only topics directly below these, by id or slug. Repeat for several.
    #[param(max_items = 50, example = json!(["stalking"]))]
    pub parent: Vec<String>,
    /// The order.
    #[param(inline)]
    pub sort: TopicSort,
    /// Only these members of each record. Repeat, or separate with commas.
    #[param(inline, max_items = 50)]
    pub fields: Vec<TopicField>,
    /// Show these references as whole records. Repeat, or separate with commas.
    #[param(inline, max_items = 50)]
    pub expand: Vec<TopicExpansion>,
    /// Whether to count all matches.
    #[param(inline)]
    pub count: Count,
    /// How many records a page holds.
    #[param(minimum = 1, maximum = 100, default = 20, example = 20)]
    pub limit: Option<i64>,
    /// Where to go on; from `page.next` or `page.prev` of an answer.
    #[param(max_length = 2000)]
    pub cursor: Option<String>,
    /// What was known at the end of that day, or at that moment. What was taken back since is shown as it is now.
    #[param(value_type = Option<String>, example = "2026-11-01")]
    pub as_of: Option<AsOf>,
}

impl ListTopics {
    /// The paging parameters.
    pub fn paging(&self) -> Paging<'_> {
        Paging {
            limit: self.limit,
            cursor: self.cursor.as_deref(),
        }
    }
}

/// The parameters of one topic.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct FindTopic {
    /// Only these members. Repeat, or separate with commas.
    #[param(inline, max_items = 50)]
    pub fields: Vec<TopicField>,
    /// Show these references as whole records. Repeat, or separate with commas.
    #[param(inline, max_items = 50)]
    pub expand: Vec<TopicExpansion>,
    /// What was known at the end of that day, or at that moment. What was taken back since is shown as it is now.
    #[param(value_type = Option<String>, example = "2026-11-01")]
    pub as_of: Option<AsOf>,
}
