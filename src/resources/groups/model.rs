//! The row and the document of a group.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use diesel::result::QueryResult;
use garde::Validate;
use serde::{Deserialize, Serialize};

use crate::log::{Recorded, Resource};
use crate::platform::db::Json;
use crate::platform::db::schema::groups;
use crate::platform::folding::sort_key;
use crate::platform::identity::{Key, RecordId, Slug};
use crate::platform::language::Language;
use crate::platform::states::PublicationState;
use crate::platform::values;
use crate::resources::other_languages::{GroupTexts, distinct};

/// A row of `groups`.
#[derive(Clone, Debug, Queryable, QueryableByName, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = groups, treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct GroupRow {
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
    /// A description of who belongs to it.
    pub definition: Option<String>,
    /// What it is sorted by: the name without case and accents, and then as it is.
    pub sort_name: String,
    /// The language of its own texts.
    pub language: String,
    /// What it is called in other languages, as JSON.
    pub other_languages: Json<Vec<GroupTexts>>,
}

/// A group, as imported and as stored in the change log.
#[derive(Clone, Debug, Default, Serialize, Deserialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GroupDocument {
    /// Always `group`.
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
    /// A description of who belongs to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(length(chars, max = 5000))]
    #[schema(max_length = 5000)]
    pub definition: Option<String>,
    /// The current and former members.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[garde(length(max = 2000), dive)]
    #[schema(max_items = 2000)]
    pub members: Vec<Member>,
    /// The language of the name and the definition, as a BCP 47 tag. Default: `en`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(custom(values::language)))]
    #[schema(value_type = Option<String>, min_length = 2, max_length = 35)]
    pub language: Option<Language>,
    /// What it is called in other languages.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[garde(length(max = 50), custom(distinct(self.language.as_ref())), dive)]
    #[schema(max_items = 50)]
    pub other_languages: Vec<GroupTexts>,
    /// The publication state.
    #[serde(default)]
    #[garde(skip)]
    pub state: PublicationState,
    /// For a removed duplicate: the record that remains, by id or slug. Requires the state `gone`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(skip)]
    pub merged_into: Option<Key>,
}

/// An organisation's membership of a group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Member {
    /// The member, by id or slug.
    #[garde(skip)]
    pub organisation: Key,
    /// The first day of membership: `YYYY`, `YYYY-MM` or `YYYY-MM-DD`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(custom(values::partial_date)))]
    #[schema(
        min_length = 4,
        max_length = 10,
        pattern = "^[0-9]{4}(-[0-9]{2}){0,2}$"
    )]
    pub from: Option<String>,
    /// The day after the last day of membership: `YYYY`, `YYYY-MM` or `YYYY-MM-DD`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(custom(values::partial_date)))]
    #[schema(
        min_length = 4,
        max_length = 10,
        pattern = "^[0-9]{4}(-[0-9]{2}){0,2}$"
    )]
    pub until: Option<String>,
}

impl GroupDocument {
    /// The row for this document.
    pub fn row(&self, id: RecordId, recorded: Recorded) -> QueryResult<GroupRow> {
        Ok(GroupRow {
            id,
            slug: self.slug.clone(),
            state: self.state,
            revision: recorded.revision,
            change_seq: recorded.seq,
            created_at: recorded.created_at,
            updated_at: recorded.updated_at,
            name: self.name.clone(),
            sort_name: sort_key(&self.name),
            language: self.language.clone().unwrap_or_default().to_string(),
            other_languages: Json::new(self.other_languages.clone())?,
            definition: self.definition.clone(),
        })
    }
}
