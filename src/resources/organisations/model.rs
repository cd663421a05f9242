//! The row and the document of an organisation.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;
use diesel::result::QueryResult;
use garde::Validate;
use serde::{Deserialize, Serialize};

use super::schema::organisation_names;
use crate::log::{Recorded, Resource};
use crate::platform::db::Json;
use crate::platform::db::schema::organisations;
use crate::platform::folding::sort_key;
use crate::platform::identity::{Key, RecordId, Slug};
use crate::platform::language::Language;
use crate::platform::states::PublicationState;
use crate::platform::values::{self, Identifier};
use crate::resources::other_languages::{OrganisationTexts, distinct};

/// A row of `organisations`.
#[derive(Clone, Debug, Queryable, QueryableByName, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = organisations, treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct OrganisationRow {
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
    /// The current name.
    pub name: String,
    /// The acronym.
    pub acronym: Option<String>,
    /// The kind of organisation.
    pub kind: Option<String>,
    /// What it does.
    pub description: Option<String>,
    /// The organisation that it is part of or reports to.
    pub parent_id: Option<RecordId>,
    /// Its website.
    pub homepage: Option<String>,
    /// Its news feed.
    pub feed: Option<String>,
    /// The area of its remit.
    pub jurisdiction: Option<String>,
    /// When it was founded: `YYYY`, `YYYY-MM` or `YYYY-MM-DD`.
    pub founded: Option<String>,
    /// When it was dissolved: `YYYY`, `YYYY-MM` or `YYYY-MM-DD`.
    pub dissolved: Option<String>,
    /// What it is sorted by: the name without case and accents, and then as it is.
    pub sort_name: String,
    /// The language of its own texts.
    pub language: String,
    /// What it is called in other languages, as JSON.
    pub other_languages: Json<Vec<OrganisationTexts>>,
}

/// An organisation, as imported and as stored in the change log.
#[derive(Clone, Debug, Default, Serialize, Deserialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OrganisationDocument {
    /// Always `organisation`.
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
    /// The current name.
    #[garde(custom(values::text(300)))]
    #[schema(min_length = 1, max_length = 300)]
    pub name: String,
    /// The acronym.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(custom(values::text(60))))]
    #[schema(min_length = 1, max_length = 60)]
    pub acronym: Option<String>,
    /// The kind of organisation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(custom(values::token)))]
    #[schema(min_length = 1, max_length = 60, pattern = "^[a-z0-9][a-z0-9_.-]*$")]
    pub kind: Option<String>,
    /// What it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(length(chars, max = 5000))]
    #[schema(max_length = 5000)]
    pub description: Option<String>,
    /// The dated names: former ones and, if its date is known, the current one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[garde(length(max = 100), dive)]
    #[schema(max_items = 100)]
    pub names: Vec<DatedName>,
    /// The organisation that it is part of or reports to, by id or slug.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(skip)]
    pub parent: Option<Key>,
    /// Its website.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(custom(values::web_url)))]
    #[schema(max_length = 2000, format = "uri")]
    pub homepage: Option<String>,
    /// Its news feed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(custom(values::web_url)))]
    #[schema(max_length = 2000, format = "uri")]
    pub feed: Option<String>,
    /// The area of its remit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(custom(values::text(200))))]
    #[schema(min_length = 1, max_length = 200)]
    pub jurisdiction: Option<String>,
    /// Its identifiers in other registers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[garde(length(max = 100), dive)]
    #[schema(max_items = 100)]
    pub identifiers: Vec<Identifier>,
    /// When it was founded: `YYYY`, `YYYY-MM` or `YYYY-MM-DD`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(custom(values::partial_date)))]
    #[schema(
        min_length = 4,
        max_length = 10,
        pattern = "^[0-9]{4}(-[0-9]{2}){0,2}$"
    )]
    pub founded: Option<String>,
    /// When it was dissolved: `YYYY`, `YYYY-MM` or `YYYY-MM-DD`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(custom(values::partial_date)))]
    #[schema(
        min_length = 4,
        max_length = 10,
        pattern = "^[0-9]{4}(-[0-9]{2}){0,2}$"
    )]
    pub dissolved: Option<String>,
    /// The organisations that succeeded it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[garde(length(max = 100), dive)]
    #[schema(max_items = 100)]
    pub successors: Vec<Successor>,
    /// The language of the name and the description, as a BCP 47 tag. Default: `en`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(custom(values::language)))]
    #[schema(value_type = Option<String>, min_length = 2, max_length = 35)]
    pub language: Option<Language>,
    /// What it is called in other languages.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[garde(length(max = 50), custom(distinct(self.language.as_ref())), dive)]
    #[schema(max_items = 50)]
    pub other_languages: Vec<OrganisationTexts>,
    /// The publication state.
    #[serde(default)]
    #[garde(skip)]
    pub state: PublicationState,
    /// For a removed duplicate: the record that remains, by id or slug. Requires the state `gone`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(skip)]
    pub merged_into: Option<Key>,
}

/// A name, and when it was in use.
#[derive(
    Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Validate, utoipa::ToSchema, QueryableByName,
)]
#[serde(deny_unknown_fields)]
#[diesel(table_name = organisation_names)]
pub struct DatedName {
    /// The name.
    #[garde(custom(values::text(300)))]
    #[schema(min_length = 1, max_length = 300)]
    pub name: String,
    /// The first day of use: `YYYY`, `YYYY-MM` or `YYYY-MM-DD`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(custom(values::partial_date)))]
    #[schema(
        min_length = 4,
        max_length = 10,
        pattern = "^[0-9]{4}(-[0-9]{2}){0,2}$"
    )]
    #[diesel(column_name = from_on)]
    pub from: Option<String>,
    /// The day after the last day of use: `YYYY`, `YYYY-MM` or `YYYY-MM-DD`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(custom(values::partial_date)))]
    #[schema(
        min_length = 4,
        max_length = 10,
        pattern = "^[0-9]{4}(-[0-9]{2}){0,2}$"
    )]
    #[diesel(column_name = until_on)]
    pub until: Option<String>,
}

impl DatedName {
    /// Which of the names was in use on a day, if one that is dated covers it.
    pub fn in_use(names: &[Self], day: NaiveDate) -> Option<String> {
        let day = day.to_string();
        let in_use = |name: &&Self| {
            let (from, until) = (name.from.as_deref(), name.until.as_deref());
            (from.is_some() || until.is_some()) && values::covers(from, until, &day)
        };
        names.iter().find(in_use).map(|name| name.name.clone())
    }
}

/// An organisation that succeeded another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Successor {
    /// The successor, by id or slug.
    #[garde(skip)]
    pub organisation: Key,
    /// The kind of succession.
    #[garde(skip)]
    pub kind: SuccessionKind,
    /// The date: `YYYY`, `YYYY-MM` or `YYYY-MM-DD`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(custom(values::partial_date)))]
    #[schema(
        min_length = 4,
        max_length = 10,
        pattern = "^[0-9]{4}(-[0-9]{2}){0,2}$"
    )]
    pub on: Option<String>,
}

/// The kind of a succession, after `org:ChangeEvent` in the W3C Organization Ontology. A rename is not a succession.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Serialize,
    Deserialize,
    utoipa::ToSchema,
    strum::IntoStaticStr,
    strum::EnumString,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum SuccessionKind {
    /// Several organisations became one.
    Merged,
    /// One organisation became several.
    Split,
    /// One organisation replaced another.
    Replaced,
    /// It became part of another organisation, which continued.
    Absorbed,
    /// Its functions passed to a devolved body.
    Devolved,
}

impl OrganisationDocument {
    /// The row for this document, with its links resolved to ids.
    pub fn row(&self, id: RecordId, recorded: Recorded) -> QueryResult<OrganisationRow> {
        Ok(OrganisationRow {
            id,
            slug: self.slug.clone(),
            state: self.state,
            revision: recorded.revision,
            change_seq: recorded.seq,
            created_at: recorded.created_at,
            updated_at: recorded.updated_at,
            name: self.name.clone(),
            acronym: self.acronym.clone(),
            kind: self.kind.clone(),
            description: self.description.clone(),
            parent_id: Key::optional(self.parent.as_ref())?,
            homepage: self.homepage.clone(),
            feed: self.feed.clone(),
            jurisdiction: self.jurisdiction.clone(),
            founded: self.founded.clone(),
            sort_name: sort_key(&self.name),
            language: self.language.clone().unwrap_or_default().to_string(),
            other_languages: Json::new(self.other_languages.clone())?,
            dissolved: self.dissolved.clone(),
        })
    }
}
