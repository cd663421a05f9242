//! The row and the document of a topic.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use diesel::result::QueryResult;
use garde::Validate;
use serde::{Deserialize, Serialize};

use super::schema::topics;
use crate::log::{Recorded, Resource};
use crate::platform::db::Json;
use crate::platform::folding::sort_key;
use crate::platform::identity::{Key, RecordId, Slug};
use crate::platform::language::Language;
use crate::platform::states::PublicationState;
use crate::platform::values;
use crate::resources::other_languages::{TopicTexts, distinct};

/// A row of `topics`.
#[derive(Clone, Debug, Queryable, QueryableByName, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = topics, treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct TopicRow {
    /// The id.
    pub id: RecordId,
    /// The slug.
    pub slug: Slug,
    /// The publication state.
    pub state: PublicationState,
    /// The revision, from 1.
    pub revision: i64,
    /// The number of its latest entry in the change log.
    pub change_seq: i64,
    /// When it was first stored.
    pub created_at: NaiveDateTime,
    /// When it was last changed.
    pub updated_at: NaiveDateTime,
    /// The name.
    pub name: String,
    /// What it covers.
    pub description: Option<String>,
    /// The broader topic.
    pub parent_id: Option<RecordId>,
    /// What it is sorted by: the name without case and accents, and then as it is.
    pub sort_name: String,
    /// The language of its own texts.
    pub language: String,
    /// What it is called in other languages, as JSON.
    pub other_languages: Json<Vec<TopicTexts>>,
}

/// A topic, as imported and as stored in the change log.
#[derive(Clone, Debug, Default, Serialize, Deserialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TopicDocument {
    /// Always `topic`.
    #[serde(rename = "type", default, skip_serializing)]
    #[garde(skip)]
    pub resource: Option<Resource>,
    /// The id. Assigned if absent.
    #[serde(default, skip_serializing)]
    #[garde(skip)]
    #[schema(value_type = Option<String>, format = "uuid", max_length = 36)]
    pub id: Option<uuid::Uuid>,
    /// The slug.
    #[garde(custom(values::slug))]
    #[schema(
        value_type = String,
        min_length = 1,
        max_length = 150,
        pattern = "^[a-z0-9_]+(-[a-z0-9_]+)*$"
    )]
    pub slug: Slug,
    /// The name.
    #[garde(custom(values::text(300)))]
    #[schema(min_length = 1, max_length = 300)]
    pub name: String,
    /// What it covers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(length(chars, max = 5000))]
    #[schema(max_length = 5000)]
    pub description: Option<String>,
    /// The broader topic, by id or slug.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(skip)]
    pub parent: Option<Key>,
    /// The language of the name and the description, as a BCP 47 tag. Default: `en`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(custom(values::language)))]
    #[schema(value_type = Option<String>, min_length = 2, max_length = 35)]
    pub language: Option<Language>,
    /// What it is called in other languages.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[garde(length(max = 50), custom(distinct(self.language.as_ref())), dive)]
    #[schema(max_items = 50)]
    pub other_languages: Vec<TopicTexts>,
    /// The publication state.
    #[serde(default)]
    #[garde(skip)]
    pub state: PublicationState,
    /// For a removed duplicate: the record that remains, by id or slug. Requires the state `gone`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(skip)]
    pub merged_into: Option<Key>,
}

impl TopicDocument {
    /// The row for this document, with its links resolved to ids.
    pub fn row(&self, id: RecordId, recorded: Recorded) -> QueryResult<TopicRow> {
        Ok(TopicRow {
            id,
            slug: self.slug.clone(),
            state: self.state,
            revision: recorded.revision,
            change_seq: recorded.seq,
            created_at: recorded.created_at,
            updated_at: recorded.updated_at,
            name: self.name.clone(),
            description: self.description.clone(),
            sort_name: sort_key(&self.name),
            language: self.language.clone().unwrap_or_default().to_string(),
            other_languages: Json::new(self.other_languages.clone())?,
            parent_id: Key::optional(self.parent.as_ref())?,
        })
    }
}
