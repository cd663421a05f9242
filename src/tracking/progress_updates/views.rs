//! Progress updates, as returned by the API, and the parameters of their list.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::model::ProgressUpdateRow;
use crate::http::references::{NameReference, NumberReference, TitleReference};
use crate::platform::db::Json;
use crate::platform::identity::{Key, RecordId};
use crate::platform::states::VisibleState;
use crate::platform::values::Withdrawal;
use crate::tracking::linked_pages::views::LinkedPage;
use crate::tracking::obligations::generation;
use crate::tracking::obligations::model::ImplementationStatus;
use crate::tracking::related_records::{Recorder, RelatedRecords, recorded_at};

/// The implementation status that an addressee reports, or that somebody else reports about it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ProgressUpdate {
    /// The id.
    #[schema(
        value_type = String,
        min_length = 36,
        max_length = 36,
        example = "626dcaa8-1bb6-8816-af71-a6c6fb44ea88"
    )]
    pub id: RecordId,
    /// Whether the record is in force or withdrawn.
    pub state: VisibleState,
    /// The report that makes the recommendation.
    pub report: TitleReference,
    /// The recommendation.
    pub recommendation: NumberReference,
    /// The addressee.
    pub organisation: NameReference,
    /// The id of the obligation.
    #[schema(value_type = String, min_length = 36, max_length = 36)]
    pub obligation: RecordId,
    /// The author.
    pub author: NameReference,
    /// The implementation status.
    pub status: ImplementationStatus,
    /// The day, month or year that it applies to.
    #[schema(max_length = 10, example = "2025-08-01")]
    pub as_at: String,
    /// The text. Absent if the progress update is withdrawn.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 50000)]
    pub text: Option<String>,
    /// The URL where it was published.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 2000, format = "uri")]
    pub source_url: Option<String>,
    /// The result of checking that URL, if it was checked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub linked_page: Option<LinkedPage>,
    /// The day it was published.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub published_on: Option<NaiveDate>,
    /// Whether the author is the addressee.
    pub is_self_reported: bool,
    /// Evidence for the status. Empty if the record is withdrawn.
    #[schema(max_items = 50)]
    pub evidence: Vec<EvidenceShown>,
    /// When it was recorded here first.
    pub recorded_at: DateTime<Utc>,
    /// Who recorded it first, if that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recorded_by: Option<Recorder>,
    /// When and why it was withdrawn, if it was by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub withdrawal: Option<Withdrawal>,
    /// The revision, from 1.
    #[schema(minimum = 1, maximum = 9007199254740991_i64)]
    pub revision: i64,
    /// When the record last changed.
    pub updated_at: DateTime<Utc>,
}

/// A page or document that is evidence for the status.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct EvidenceShown {
    /// The URL.
    #[schema(max_length = 2000, format = "uri")]
    pub url: String,
    /// The title.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 300)]
    pub title: Option<String>,
    /// The result of checking that URL, if it was checked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub linked_page: Option<LinkedPage>,
}

impl ProgressUpdate {
    /// The view of a row; `None` if a record that it refers to is not public.
    pub fn new(row: ProgressUpdateRow, related: &RelatedRecords) -> Option<Self> {
        let state = related.state_below(row.report_id, row.state)?;
        let is_shown = state == VisibleState::Published;
        let evidence = row.evidence.into_inner().into_iter();
        let evidence = evidence.filter(|_| is_shown).map(|page| EvidenceShown {
            linked_page: related.page(Some(&page.url)),
            url: page.url,
            title: page.title,
        });
        Some(Self {
            report: related.report(row.report_id)?,
            recommendation: related.recommendation(row.recommendation_id)?,
            organisation: related.organisation(row.organisation_id)?,
            author: related.organisation(row.author_id)?,
            obligation: generation::id(row.recommendation_id, row.organisation_id),
            status: row.status.0,
            text: row.text.filter(|_| is_shown),
            published_on: row.published_on,
            is_self_reported: row.author_id == row.organisation_id,
            evidence: evidence.collect(),
            state,
            id: row.id,
            as_at: row.as_at,
            linked_page: related.page(row.source_url.as_deref()),
            source_url: row.source_url,
            recorded_at: recorded_at(row.recorded_by.as_ref(), row.created_at),
            recorded_by: related.recorder(row.recorded_by.as_ref()),
            withdrawal: row
                .withdrawal
                .filter(|_| row.state.is_withdrawn())
                .map(Json::into_inner),
            revision: row.revision,
            updated_at: row.updated_at.and_utc(),
        })
    }
}

/// The filters of the list of progress updates.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct ProgressUpdateFilters {
    /// Only progress updates under these reports, by id or slug. Repeat for several.
    #[param(value_type = Vec<String>, max_items = 50, example = json!(["exampleshire-custody-2025"]))]
    pub report: Vec<Key>,
    /// Only progress updates under these recommendations, by id or slug. Repeat for several.
    #[param(value_type = Vec<String>, max_items = 50, example = json!(["exampleshire-custody-2025-1"]))]
    pub recommendation: Vec<Key>,
    /// Only progress updates of these addressees, by id or slug. Repeat for several.
    #[param(value_type = Vec<String>, max_items = 50, example = json!(["exampleshire-police"]))]
    pub organisation: Vec<Key>,
    /// Only progress updates by these organisations, by id or slug. Repeat for several.
    #[param(value_type = Vec<String>, max_items = 50, example = json!(["exampleshire-police"]))]
    pub author: Vec<Key>,
    /// Only progress updates with one of these statuses. Repeat for several.
    #[param(inline, max_items = 50)]
    pub status: Vec<ImplementationStatus>,
    /// Published progress updates, or withdrawn ones.
    #[param(inline)]
    pub state: VisibleState,
}
