//! The progress update, as rows and as a document.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;
use garde::Validate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::schema::progress_updates;
use crate::log::{Recorded, Resource};
use crate::platform::db::{EnumText, Json};
use crate::platform::identity::{Key, RecordId, Slug};
use crate::platform::states::PublicationState;
use crate::platform::time;
use crate::platform::values::{self, Withdrawal};
use crate::tracking::obligations::model::ImplementationStatus;
use crate::writing::recorder::RecordedBy;

/// A row of `progress_updates`.
#[derive(Clone, Debug, Queryable, QueryableByName, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = progress_updates, treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct ProgressUpdateRow {
    /// The id.
    pub id: RecordId,
    /// Same as the id: progress updates have no slug.
    pub slug: Slug,
    /// The publication state.
    pub state: PublicationState,
    /// The revision, from 1.
    pub revision: i64,
    /// The newest entry of the change log.
    pub change_seq: i64,
    /// When it was first stored.
    pub created_at: NaiveDateTime,
    /// When it last changed.
    pub updated_at: NaiveDateTime,
    /// The report that makes the recommendation.
    pub report_id: RecordId,
    /// The recommendation.
    pub recommendation_id: RecordId,
    /// The addressee.
    pub organisation_id: RecordId,
    /// The author.
    pub author_id: RecordId,
    /// The implementation status.
    pub status: EnumText<ImplementationStatus>,
    /// The day, month or year that it applies to.
    pub as_at: String,
    /// The text.
    pub text: Option<String>,
    /// The URL where it was published.
    pub source_url: Option<String>,
    /// The day it was published.
    pub published_on: Option<NaiveDate>,
    /// Evidence for the status, as JSON.
    pub evidence: Json<Vec<Evidence>>,
    /// Who recorded it, as JSON, if that is known.
    pub recorded_by: Option<Json<RecordedBy>>,
    /// When and why it was withdrawn, as JSON.
    pub withdrawal: Option<Json<Withdrawal>>,
}

/// A page or document that is evidence for the status.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Evidence {
    /// The URL.
    #[garde(custom(values::web_url))]
    #[schema(max_length = 2000, format = "uri")]
    pub url: String,
    /// The title.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(custom(values::text(300))))]
    #[schema(min_length = 1, max_length = 300)]
    pub title: Option<String>,
}

/// A progress update, as in imports and in the change log.
#[derive(Clone, Debug, Default, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProgressUpdateDocument {
    /// Always `progress_update`.
    #[serde(rename = "type", default, skip_serializing)]
    #[garde(skip)]
    pub resource: Option<Resource>,
    /// The id; derived from recommendation, addressee, author and `as_at` if absent.
    #[serde(default, skip_serializing)]
    #[garde(skip)]
    #[schema(value_type = Option<String>, format = "uuid", max_length = 36)]
    pub id: Option<uuid::Uuid>,
    /// The report that makes the recommendation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(skip)]
    pub report: Option<Key>,
    /// The number of the recommendation in the report.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(custom(values::text(60))), custom(values::number_or_id(&self.report, &self.recommendation)))]
    #[schema(min_length = 1, max_length = 60, example = "7.1")]
    pub number: Option<String>,
    /// The recommendation, by id or slug, instead of report and number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(skip)]
    pub recommendation: Option<Key>,
    /// The addressee.
    #[garde(skip)]
    pub organisation: Key,
    /// The author; the addressee if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(skip)]
    pub author: Option<Key>,
    /// The implementation status.
    #[garde(skip)]
    pub status: ImplementationStatus,
    /// The day, month or year that it applies to.
    #[garde(custom(values::partial_date))]
    #[schema(min_length = 4, max_length = 10, example = "2025-08-01")]
    pub as_at: String,
    /// The text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(custom(values::text(50_000))))]
    #[schema(min_length = 1, max_length = 50000)]
    pub text: Option<String>,
    /// The URL where it was published.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(custom(values::web_url)))]
    #[schema(max_length = 2000, format = "uri")]
    pub source_url: Option<String>,
    /// The day it was published.
    #[serde(
        default,
        deserialize_with = "time::optional_day",
        skip_serializing_if = "Option::is_none"
    )]
    #[garde(skip)]
    pub published_on: Option<NaiveDate>,
    /// Evidence for the status.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[garde(length(max = 50), dive)]
    #[schema(max_items = 50)]
    pub evidence: Vec<Evidence>,
    /// Who recorded it first. Set by the server; only administrators can carry it over from another instance.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(skip)]
    pub recorded_by: Option<RecordedBy>,
    /// When and why it was withdrawn. Required in the state `withdrawn`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(dive, custom(values::reason_if_withdrawn(self.state)))]
    pub withdrawal: Option<Withdrawal>,
    /// The publication state.
    #[serde(default)]
    #[garde(skip)]
    pub state: PublicationState,
}

impl ProgressUpdateDocument {
    /// The author.
    pub fn author(&self) -> &Key {
        self.author.as_ref().unwrap_or(&self.organisation)
    }

    /// The row for this document, whose links must be ids.
    ///
    /// # Errors
    /// When the evidence cannot be encoded as JSON.
    pub fn row(
        &self,
        id: RecordId,
        report_id: RecordId,
        recorded: Recorded,
    ) -> QueryResult<ProgressUpdateRow> {
        Ok(ProgressUpdateRow {
            id,
            slug: id.into(),
            state: self.state,
            revision: recorded.revision,
            change_seq: recorded.seq,
            created_at: recorded.created_at,
            updated_at: recorded.updated_at,
            report_id,
            recommendation_id: Key::required(self.recommendation.as_ref())?,
            organisation_id: self.organisation.resolved()?,
            author_id: self.author().resolved()?,
            status: EnumText(self.status),
            as_at: self.as_at.clone(),
            text: self.text.clone(),
            source_url: self.source_url.clone(),
            published_on: self.published_on,
            evidence: Json::new(self.evidence.clone())?,
            recorded_by: self.recorded_by.clone().map(Json::new).transpose()?,
            withdrawal: self.withdrawal.clone().map(Json::new).transpose()?,
        })
    }
}
