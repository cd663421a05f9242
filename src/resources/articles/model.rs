//! The row and the document of an article.

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;
use garde::Validate;
use serde::{Deserialize, Serialize};

use super::contents::{
    ArticleLinks, ChangeNote, Correction, StatementDocument, distinct, excerpt_of,
    required_unless_draft,
};
use super::schema::articles;
use crate::log::{EntryOptions, Recorded, Resource};
use crate::platform::clock::stored;
use crate::platform::db::{Backend, Json, StoredTime};
use crate::platform::identity::{Key, RecordId, Slug};
use crate::platform::language::Language;
use crate::platform::states::PublicationState;
use crate::platform::time;
use crate::platform::values::{self, Identifier, Withdrawal};
use crate::platform::web_address::duplicate_key;
use crate::resources::media::{self, Attachment, Image, Media};

/// A row of `articles`.
#[derive(Clone, Debug, Queryable, QueryableByName, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = articles, treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct ArticleRow {
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
    #[diesel(deserialize_as = StoredTime)]
    pub created_at: NaiveDateTime,
    /// When it was last changed, other than by a minor edit.
    #[diesel(deserialize_as = StoredTime)]
    pub updated_at: NaiveDateTime,
    /// The headline.
    pub headline: String,
    /// The summary.
    pub summary: Option<String>,
    /// The language, as a BCP 47 tag.
    pub language: String,
    /// The article that this one translates.
    pub translation_of_id: Option<RecordId>,
    /// The article on its publisher's website, as given.
    pub original_url: Option<String>,
    /// The same link, normalised. Unique.
    pub original_url_key: Option<String>,
    /// The attribution that the licence requires.
    pub attribution: Option<String>,
    /// The licence of its text.
    pub licence: Option<String>,
    /// The statements quoted in it, as JSON.
    pub statements: Json<Vec<StatementDocument>>,
    /// The corrections, as JSON.
    pub corrections: Json<Vec<Correction>>,
    /// Its identifiers in other systems, as JSON.
    pub identifiers: Json<Vec<Identifier>>,
    /// When it was published.
    #[diesel(deserialize_as = StoredTime)]
    pub published_at: NaiveDateTime,
    /// When it was first published, if earlier.
    pub first_published_at: Option<NaiveDateTime>,
    /// The end of the embargo.
    pub embargoed_until: Option<NaiveDateTime>,
    /// From when it is public: the later of publication and embargo.
    #[diesel(deserialize_as = StoredTime)]
    pub visible_from: NaiveDateTime,
    /// When it was withdrawn.
    pub withdrawn_at: Option<NaiveDateTime>,
    /// Why it was withdrawn.
    pub withdrawal_reason: Option<String>,
    /// The beginning of the body, as plain text.
    pub excerpt: Option<String>,
    /// The records that it names, as JSON.
    pub links: Json<ArticleLinks>,
    /// Its images and attachments, as JSON.
    pub media: Json<Media>,
    /// The kind of document, in its publisher's words.
    pub document_type: Option<String>,
    /// What its publisher says of its changes, as JSON.
    pub change_notes: Json<Vec<ChangeNote>>,
    /// The ids of its versions in other languages, as JSON, but for the one that it translates. Follows from the translations: see [`super::parts::follow_translations`].
    #[diesel(skip_insertion, skip_update)]
    pub translations: Json<Vec<RecordId>>,
    /// The body, as sanitised HTML. Lists load it only on request.
    pub body_html: Option<String>,
}

/// The types of its columns.
pub type ArticleColumns =
    diesel::dsl::SqlTypeOf<<ArticleRow as Selectable<Backend>>::SelectExpression>;

/// An article, as imported and as stored in the change log.
#[derive(Clone, Debug, Serialize, Deserialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ArticleDocument {
    /// Always `article`.
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
    /// The headline.
    #[garde(custom(values::text(300)))]
    #[schema(min_length = 1, max_length = 300)]
    pub headline: String,
    /// When it was published. Required unless it is a draft.
    #[serde(
        default,
        deserialize_with = "time::optional_time",
        skip_serializing_if = "Option::is_none"
    )]
    #[garde(custom(required_unless_draft(self.state)))]
    pub published_at: Option<DateTime<Utc>>,
    /// The publisher, by id or slug.
    #[garde(skip)]
    pub organisation: Key,
    /// The co-publishers, by id or slug.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[garde(length(max = 50))]
    #[schema(max_items = 50)]
    pub co_publishers: Vec<Key>,
    /// The summary.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(length(chars, max = 2000))]
    #[schema(max_length = 2000)]
    pub summary: Option<String>,
    /// The body, as HTML. It is sanitised before it is stored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(length(chars, max = 1_000_000))]
    #[schema(max_length = 1000000)]
    pub body_html: Option<String>,
    /// The topics it is filed under, by id or slug.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[garde(length(max = 50))]
    #[schema(max_items = 50)]
    pub topics: Vec<Key>,
    /// The article on its publisher's website.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(custom(values::web_url)))]
    #[schema(max_length = 2000, format = "uri")]
    pub original_url: Option<String>,
    /// The language, as a BCP 47 tag. Default: `en`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(custom(values::language)))]
    #[schema(value_type = Option<String>, min_length = 2, max_length = 35)]
    pub language: Option<Language>,
    /// The article that this one translates, by id or slug.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(skip)]
    pub translation_of: Option<Key>,
    /// The reports it is about, by id or slug.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[garde(length(max = 50))]
    #[schema(max_items = 50)]
    pub reports: Vec<Key>,
    /// The recommendations it is about, by id or slug.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[garde(length(max = 200))]
    #[schema(max_items = 200)]
    pub recommendations: Vec<Key>,
    /// The attribution that the licence requires.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(custom(values::text(1000))))]
    #[schema(min_length = 1, max_length = 1000)]
    pub attribution: Option<String>,
    /// The licence of its text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(custom(values::text(2000))))]
    #[schema(min_length = 1, max_length = 2000)]
    pub licence: Option<String>,
    /// The statements quoted in it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[garde(length(max = 50), dive)]
    #[schema(max_items = 50)]
    pub statements: Vec<StatementDocument>,
    /// The published corrections.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[garde(length(max = 100), dive)]
    #[schema(max_items = 100)]
    pub corrections: Vec<Correction>,
    /// Its identifiers in other systems.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[garde(length(max = 50), dive)]
    #[schema(max_items = 50)]
    pub identifiers: Vec<Identifier>,
    /// The images, whose files stay where they are published.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[garde(length(max = 50), custom(media::one_lead), dive)]
    #[schema(max_items = 50)]
    pub images: Vec<Image>,
    /// The files that are published with it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[garde(length(max = 200), dive)]
    #[schema(max_items = 200)]
    pub attachments: Vec<Attachment>,
    /// The kind of document, in its publisher's words: `news_story`, `press_release`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(custom(values::token)))]
    #[schema(min_length = 1, max_length = 60, pattern = "^[a-z0-9][a-z0-9_.-]*$")]
    pub document_type: Option<String>,
    /// What its publisher says of its changes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[garde(length(max = 500), dive)]
    #[schema(max_items = 500)]
    pub change_notes: Vec<ChangeNote>,
    /// When it was first published, if earlier.
    #[serde(
        default,
        deserialize_with = "time::optional_time",
        skip_serializing_if = "Option::is_none"
    )]
    #[garde(skip)]
    pub first_published_at: Option<DateTime<Utc>>,
    /// When its publisher last changed it, other than by a minor edit.
    #[serde(
        default,
        deserialize_with = "time::optional_time",
        skip_serializing_if = "Option::is_none"
    )]
    #[garde(skip)]
    pub updated_at: Option<DateTime<Utc>>,
    /// The end of the embargo.
    #[serde(
        default,
        deserialize_with = "time::optional_time",
        skip_serializing_if = "Option::is_none"
    )]
    #[garde(skip)]
    pub embargoed_until: Option<DateTime<Utc>>,
    /// When and why it was withdrawn.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(dive, custom(values::reason_if_withdrawn(self.state)))]
    pub withdrawal: Option<Withdrawal>,
    /// The publication state.
    #[serde(default)]
    #[garde(skip)]
    pub state: PublicationState,
    /// For a removed duplicate: the record that remains, by id or slug. Requires the state `gone`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(skip)]
    pub merged_into: Option<Key>,
    /// Whether this change is a minor edit, such as a corrected typing error, which leaves `updated_at` unchanged.
    /// Recorded with the change, not in the record.
    #[serde(default, skip_serializing)]
    #[garde(skip)]
    pub is_minor_edit: bool,
}

impl ArticleDocument {
    /// From when it is public, if ever.
    pub fn visible_from(&self) -> Option<NaiveDateTime> {
        let published_at = self.published_at.filter(|_| self.state.is_shown())?;
        Some(self.appears_at(stored(published_at)))
    }

    /// How a change to it is logged.
    pub fn entry_options(&self) -> EntryOptions {
        EntryOptions {
            visible_from: self.visible_from(),
            is_minor: self.is_minor_edit,
            ..EntryOptions::default()
        }
    }

    /// The later of publication and embargo.
    fn appears_at(&self, published_at: NaiveDateTime) -> NaiveDateTime {
        let embargo = self.embargoed_until.map(stored);
        embargo.map_or(published_at, |until| until.max(published_at))
    }

    /// The row for this document, with its links resolved to ids.
    ///
    /// # Errors
    /// If a value cannot be serialised as JSON.
    pub fn row(&self, id: RecordId, recorded: Recorded) -> QueryResult<ArticleRow> {
        // a draft without one is in lists by when it was first stored
        let published_at = self.published_at.map_or(recorded.created_at, stored);
        let changed_at = match recorded.revision {
            1 => published_at,
            _ => recorded.updated_at,
        };
        let withdrawal = self.withdrawal.as_ref();
        Ok(ArticleRow {
            id,
            slug: self.slug.clone(),
            state: self.state,
            revision: recorded.revision,
            change_seq: recorded.seq,
            created_at: recorded.created_at,
            updated_at: self.updated_at.map_or(changed_at, stored),
            headline: self.headline.clone(),
            summary: self.summary.clone(),
            language: self.language.clone().unwrap_or_default().to_string(),
            translation_of_id: Key::optional(self.translation_of.as_ref())?,
            original_url: self.original_url.clone(),
            original_url_key: self.original_url.as_deref().and_then(duplicate_key),
            attribution: self.attribution.clone(),
            licence: self.licence.clone(),
            statements: Json::new(self.statements.clone())?,
            corrections: Json::new(self.corrections.clone())?,
            identifiers: Json::new(self.identifiers.clone())?,
            published_at,
            first_published_at: self.first_published_at.map(stored),
            embargoed_until: self.embargoed_until.map(stored),
            visible_from: self.appears_at(published_at),
            withdrawn_at: withdrawal.map(|withdrawal| stored(withdrawal.at)),
            withdrawal_reason: withdrawal.map(|withdrawal| withdrawal.reason.clone()),
            excerpt: self.body_html.as_deref().map(excerpt_of),
            links: Json::new(ArticleLinks {
                organisations: distinct(
                    [&self.organisation].into_iter().chain(&self.co_publishers),
                )?,
                topics: distinct(&self.topics)?,
                reports: distinct(&self.reports)?,
                recommendations: distinct(&self.recommendations)?,
            })?,
            media: Json::new(Media::of(&self.images, &self.attachments))?,
            document_type: self.document_type.clone(),
            change_notes: Json::new(self.change_notes.clone())?,
            translations: Json::new(Vec::new())?,
            body_html: self.body_html.clone(),
        })
    }
}
