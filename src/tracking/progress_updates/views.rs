//! What requests for progress updates may say, and what is answered.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::model::{Evidence, ProgressUpdateRow};
use crate::http::references::{NameReference, NumberReference, TitleReference};
use crate::platform::states::VisibleState;
use crate::tracking::linked_pages::views::LinkedPage;
use crate::tracking::obligations::generation;
use crate::tracking::obligations::model::ImplementationStatus;
use crate::tracking::obligations::parts::Parts;

/// How far an addressee says it is, or somebody else says it is.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ProgressUpdate {
    /// The id.
    #[schema(
        min_length = 36,
        max_length = 36,
        example = "01890a5d-ac96-874b-bcce-b302099a8057"
    )]
    pub id: String,
    /// In force, or withdrawn.
    pub state: VisibleState,
    /// The report that makes the recommendation.
    pub report: TitleReference,
    /// The recommendation.
    pub recommendation: NumberReference,
    /// The addressee.
    pub organisation: NameReference,
    /// The id of the obligation.
    #[schema(min_length = 36, max_length = 36)]
    pub obligation: String,
    /// Who says so.
    pub author: NameReference,
    /// How far it is.
    pub status: ImplementationStatus,
    /// When it was so: a day, a month or a year.
    #[schema(max_length = 10, example = "2025-08-01")]
    pub as_at: String,
    /// What was said. Absent when it was withdrawn.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 50000)]
    pub text: Option<String>,
    /// Where that was published.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 2000, format = "uri")]
    pub source_url: Option<String>,
    /// What was found there, as far as somebody has looked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub linked_page: Option<LinkedPage>,
    /// The day it was published.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub published_on: Option<NaiveDate>,
    /// Whether the addressee says so itself.
    pub is_self_reported: bool,
    /// What shows it. Empty when it was withdrawn.
    #[schema(max_items = 50)]
    pub evidence: Vec<EvidenceShown>,
    /// The revision, from 1.
    #[schema(minimum = 1, maximum = 9007199254740991_i64)]
    pub revision: i64,
    /// When the record last changed.
    pub updated_at: DateTime<Utc>,
}

/// A page or document that shows how far it is.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct EvidenceShown {
    /// Where it is.
    #[schema(max_length = 2000, format = "uri")]
    pub url: String,
    /// What it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 300)]
    pub title: Option<String>,
    /// What was found there, as far as somebody has looked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub linked_page: Option<LinkedPage>,
}

impl EvidenceShown {
    fn new(evidence: Evidence, parts: &Parts) -> Self {
        Self {
            linked_page: parts.page(Some(&evidence.url)),
            url: evidence.url,
            title: evidence.title,
        }
    }
}

impl ProgressUpdate {
    /// The view of a row; nothing when what it names is not public.
    pub fn new(row: ProgressUpdateRow, parts: &Parts) -> Option<Self> {
        let state = parts.state_below(&row.report_id, row.state);
        let is_shown = state == VisibleState::Published;
        let shown = row.evidence.into_inner().into_iter().filter(|_| is_shown);
        let shown = shown.map(|one| EvidenceShown::new(one, parts));
        Some(Self {
            report: parts.report(&row.report_id)?,
            recommendation: parts.recommendations.get(&row.recommendation_id)?.clone(),
            organisation: parts.organisation(&row.organisation_id)?,
            author: parts.organisation(&row.author_id)?,
            obligation: generation::id(&row.recommendation_id, &row.organisation_id),
            status: row.status.0,
            text: row.text.filter(|_| is_shown),
            published_on: row.published_on,
            is_self_reported: row.author_id == row.organisation_id,
            evidence: shown.collect(),
            state,
            id: row.id,
            as_at: row.as_at,
            linked_page: parts.page(row.source_url.as_deref()),
            source_url: row.source_url,
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
    /// Only those under these reports, by id or slug. Repeat for several.
    #[param(max_items = 50, example = json!(["exampleshire-custody-2025"]))]
    pub report: Vec<String>,
    /// Only those under these recommendations, by id or slug. Repeat for several.
    #[param(max_items = 50, example = json!(["exampleshire-custody-2025-1"]))]
    pub recommendation: Vec<String>,
    /// Only those of these addressees, by id or slug. Repeat for several.
    #[param(max_items = 50, example = json!(["exampleshire-police"]))]
    pub organisation: Vec<String>,
    /// Only those by these bodies, by id or slug. Repeat for several.
    #[param(max_items = 50, example = json!(["exampleshire-police"]))]
    pub author: Vec<String>,
    /// Only these statuses. Repeat for several.
    #[param(inline, max_items = 50)]
    pub status: Vec<ImplementationStatus>,
    /// Updates in force, or withdrawn ones.
    #[param(inline)]
    pub state: VisibleState,
}
