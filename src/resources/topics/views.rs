//! The parameters and views of topics.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use utoipa::{IntoParams, ToSchema};

use super::model::TopicRow;
use crate::http::references::{Expandable, NameReference, expandable};
use crate::platform::identity::{Key, RecordId, Slug};
use crate::resources::other_languages::TopicTexts;

/// A topic.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Topic {
    /// The id.
    #[schema(
        value_type = String,
        min_length = 36,
        max_length = 36,
        example = "01890a5d-ac96-774b-bcce-b302099a8057"
    )]
    pub id: RecordId,
    /// The slug, which can be used in place of the id.
    #[schema(value_type = String, min_length = 1, max_length = 150, example = "stalking")]
    pub slug: Slug,
    /// The name.
    #[schema(max_length = 300, example = "Stalking")]
    pub name: String,
    /// What it covers.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 5000)]
    pub description: Option<String>,
    /// The language of the name and other texts, as a BCP 47 tag: the record's own or, with `lang`, that one if it has it.
    #[schema(max_length = 35, example = "en")]
    pub language: String,
    /// What it is called in other languages.
    #[schema(max_items = 50)]
    pub other_languages: Vec<TopicTexts>,
    /// The broader topic.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(no_recursion)]
    pub parent: Option<Expandable<NameReference, Topic>>,
    /// The revision, from 1.
    #[schema(minimum = 1, maximum = 9007199254740991_i64)]
    pub revision: i64,
    /// When the record was last changed.
    pub updated_at: DateTime<Utc>,
}

impl Topic {
    /// The view of a row. `parents` has references to the parents, `expanded` the parents to include in full.
    pub fn new(
        row: TopicRow,
        parents: &HashMap<RecordId, NameReference>,
        expanded: &HashMap<RecordId, Topic>,
    ) -> Self {
        let parent = row.parent_id.and_then(|id| parents.get(&id));
        Self {
            id: row.id,
            slug: row.slug,
            name: row.name,
            description: row.description,
            parent: parent.map(|parent| expandable(parent.clone(), parent.id, expanded)),
            language: row.language,
            other_languages: row.other_languages.into_inner(),
            revision: row.revision,
            updated_at: row.updated_at.and_utc(),
        }
    }
}

/// The references of a topic that `expand` can replace with whole records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::EnumString, strum::VariantNames)]
#[strum(serialize_all = "snake_case")]
#[allow(missing_docs)]
pub enum TopicExpansion {
    Parent,
}

/// The filters of the list of topics.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct TopicFilters {
    /// Only direct children of these topics, by id or slug. Repeat for several.
    #[param(value_type = Vec<String>, max_items = 50, example = json!(["stalking"]))]
    pub parent: Vec<Key>,
}
