//! Mandates, as returned by the API, and the parameters of their list.

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::model::MandateRow;
use crate::http::references::{NameReference, TitleReference};
use crate::platform::identity::{Key, RecordId};
use crate::tracking::related_records::{Recorder, RelatedRecords, recorded_at};
use crate::tracking::responses::views::Respondent;

/// A mandate to answer for others.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Mandate {
    /// The id.
    #[schema(
        value_type = String,
        min_length = 36,
        max_length = 36,
        example = "342fb507-e099-8bb5-8fd4-94dad55bcded"
    )]
    pub id: RecordId,
    /// The organisation that may answer for others.
    pub representative: NameReference,
    /// Those that it may answer for: organisations, and groups as they were on the day of a report.
    #[schema(max_items = 500)]
    pub represents: Vec<Respondent>,
    /// The organisation that granted it.
    pub granted_by: NameReference,
    /// The report that it is about; absent if it is about all reports.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub report: Option<TitleReference>,
    /// The first day on which the representative may answer.
    #[schema(example = "2026-10-01")]
    pub from: NaiveDate,
    /// The day after the last one. Answers given before stay.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<NaiveDate>,
    /// The URL where it was published.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 2000, format = "uri")]
    pub source_url: Option<String>,
    /// A note.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 5000)]
    pub note: Option<String>,
    /// When it was recorded here first.
    pub recorded_at: DateTime<Utc>,
    /// Who recorded it first, if that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recorded_by: Option<Recorder>,
    /// The revision, from 1.
    #[schema(minimum = 1, maximum = 9007199254740991_i64)]
    pub revision: i64,
    /// When the record last changed.
    pub updated_at: DateTime<Utc>,
}

impl Mandate {
    /// The view of a row with those that are represented; `None` if a record that it refers to is not public at `now`.
    pub fn new(
        row: MandateRow,
        represents: Vec<Respondent>,
        related: &RelatedRecords,
        now: NaiveDateTime,
    ) -> Option<Self> {
        let report = match row.report_id {
            Some(id) => Some(related.public_report(id, now)?),
            None => None,
        };
        Some(Self {
            id: row.id,
            representative: related.organisation(row.representative_id)?,
            represents,
            granted_by: related.organisation(row.granted_by_id)?,
            report,
            from: row.from_on,
            until: row.until_on,
            source_url: row.source_url,
            note: row.note,
            recorded_at: recorded_at(row.recorded_by.as_ref(), row.created_at),
            recorded_by: related.recorder(row.recorded_by.as_ref()),
            revision: row.revision,
            updated_at: row.updated_at.and_utc(),
        })
    }
}

/// The filters of the list of mandates.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct MandateFilters {
    /// Only mandates of these representatives, by id or slug. Repeat for several.
    #[param(value_type = Vec<String>, max_items = 50, example = json!(["exampleshire-inspectorate"]))]
    pub representative: Vec<Key>,
    /// Only mandates granted by these organisations, by id or slug. Repeat for several.
    #[param(value_type = Vec<String>, max_items = 50, example = json!(["exampleshire-police"]))]
    pub granted_by: Vec<Key>,
    /// Only mandates about one of these reports alone, by id or slug. Repeat for several.
    #[param(value_type = Vec<String>, max_items = 50, example = json!(["exampleshire-custody-2025"]))]
    pub report: Vec<Key>,
    /// Only mandates to answer for one of these organisations by name, by id or slug. Repeat for several.
    #[param(value_type = Vec<String>, max_items = 50, example = json!(["exampleshire-police"]))]
    pub organisation: Vec<Key>,
    /// Only mandates to answer for one of these groups, by id or slug. Repeat for several.
    #[param(value_type = Vec<String>, max_items = 50, example = json!(["all-chief-constables-england-wales"]))]
    pub group: Vec<Key>,
}
