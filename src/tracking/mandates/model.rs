//! The mandate, as rows and as a document.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;
use garde::Validate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::schema::mandates;
use crate::log::{Recorded, Resource};
use crate::platform::db::Json;
use crate::platform::identity::{Key, RecordId, Slug};
use crate::platform::mistakes::{MistakeCode, broken};
use crate::platform::states::PublicationState;
use crate::platform::time;
use crate::platform::values;
use crate::writing::recorder::RecordedBy;

/// A row of `mandates`.
#[derive(Clone, Debug, Queryable, QueryableByName, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = mandates, treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct MandateRow {
    /// The id.
    pub id: RecordId,
    /// Same as the id: mandates have no slug.
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
    /// The organisation that may answer for others.
    pub representative_id: RecordId,
    /// The organisation that granted it.
    pub granted_by_id: RecordId,
    /// The only report that it is about; `None` if it is about all.
    pub report_id: Option<RecordId>,
    /// The first day.
    pub from_on: NaiveDate,
    /// The day after the last one.
    pub until_on: Option<NaiveDate>,
    /// The URL where it was published.
    pub source_url: Option<String>,
    /// A note.
    pub note: Option<String>,
    /// Who recorded it, as JSON, if that is known.
    pub recorded_by: Option<Json<RecordedBy>>,
}

/// A mandate to answer for others, as in imports and in the change log.
#[derive(Clone, Debug, Default, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MandateDocument {
    /// Always `mandate`.
    #[serde(rename = "type", default, skip_serializing)]
    #[garde(skip)]
    pub resource: Option<Resource>,
    /// The id; derived from grantor, representative, report and first day if absent.
    #[serde(default, skip_serializing)]
    #[garde(skip)]
    #[schema(value_type = Option<String>, format = "uuid", max_length = 36)]
    pub id: Option<uuid::Uuid>,
    /// The organisation that may answer for others.
    #[garde(skip)]
    pub representative: Key,
    /// Those that it may answer for: organisations, and groups as they were on the day of a report.
    #[garde(length(min = 1, max = 500))]
    #[schema(min_items = 1, max_items = 500)]
    pub represents: Vec<Key>,
    /// The organisation that granted it: the one that is represented, or a publisher of the report.
    #[garde(skip)]
    pub granted_by: Key,
    /// The report that it is about; absent if it is about all reports.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(skip)]
    pub report: Option<Key>,
    /// The first day on which the representative may answer.
    #[serde(deserialize_with = "time::day")]
    #[garde(skip)]
    #[schema(example = "2026-10-01")]
    pub from: NaiveDate,
    /// The day after the last one. A mandate is ended by setting it; answers given before stay.
    #[serde(
        default,
        deserialize_with = "time::optional_day",
        skip_serializing_if = "Option::is_none"
    )]
    #[garde(custom(not_before(self.from)))]
    pub until: Option<NaiveDate>,
    /// The URL where it was published.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(custom(values::web_url)))]
    #[schema(max_length = 2000, format = "uri")]
    pub source_url: Option<String>,
    /// A note.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(custom(values::text(5000))))]
    #[schema(min_length = 1, max_length = 5000)]
    pub note: Option<String>,
    /// Who recorded it first. Set by the server; only administrators can carry it over from another instance.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(skip)]
    pub recorded_by: Option<RecordedBy>,
    /// The publication state.
    #[serde(default)]
    #[garde(skip)]
    pub state: PublicationState,
}

fn not_before(from: NaiveDate) -> impl FnOnce(&Option<NaiveDate>, &()) -> garde::Result {
    move |until, _| match until.is_some_and(|until| until < from) {
        true => Err(broken(
            MistakeCode::Inconsistent,
            "'until' must not be before 'from'.",
        )),
        false => Ok(()),
    }
}

impl MandateDocument {
    /// The row for this document, whose links must be ids.
    ///
    /// # Errors
    /// When a link is no id.
    pub fn row(&self, id: RecordId, recorded: Recorded) -> QueryResult<MandateRow> {
        Ok(MandateRow {
            id,
            slug: id.into(),
            state: self.state,
            revision: recorded.revision,
            change_seq: recorded.seq,
            created_at: recorded.created_at,
            updated_at: recorded.updated_at,
            representative_id: self.representative.resolved()?,
            granted_by_id: self.granted_by.resolved()?,
            report_id: Key::optional(self.report.as_ref())?,
            from_on: self.from,
            until_on: self.until,
            source_url: self.source_url.clone(),
            note: self.note.clone(),
            recorded_by: self.recorded_by.clone().map(Json::new).transpose()?,
        })
    }
}
