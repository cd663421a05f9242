//! What requests for progress updates may say, and what is answered.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::model::{Evidence, ProgressUpdateRow};
use crate::http::as_of::AsOf;
use crate::http::page::{Count, Paging};
use crate::http::references::{NameReference, NumberReference, TitleReference};
use crate::platform::db::Value;
use crate::platform::db::keyset::Order;
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

/// The members of a progress update that `fields` can name.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema, strum::IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
#[allow(missing_docs)]
pub enum ProgressUpdateField {
    Id,
    State,
    Report,
    Recommendation,
    Organisation,
    Obligation,
    Author,
    Status,
    AsAt,
    Text,
    SourceUrl,
    LinkedPage,
    PublishedOn,
    IsSelfReported,
    Evidence,
    Revision,
    UpdatedAt,
}

/// The orders that progress updates can be listed in.
#[derive(Clone, Copy, Debug, Default, Deserialize, ToSchema)]
#[allow(missing_docs)]
pub enum ProgressUpdateSort {
    #[default]
    #[serde(rename = "-as_at")]
    AsAtDescending,
    #[serde(rename = "as_at")]
    AsAt,
    #[serde(rename = "updated_at")]
    UpdatedAt,
    #[serde(rename = "-updated_at")]
    UpdatedAtDescending,
}

impl ProgressUpdateSort {
    /// The order in the statement.
    pub fn order(self) -> Order {
        let (column, descending) = match self {
            Self::AsAt => ("r.as_at", false),
            Self::AsAtDescending => ("r.as_at", true),
            Self::UpdatedAt => ("r.updated_at", false),
            Self::UpdatedAtDescending => ("r.updated_at", true),
        };
        Order {
            column,
            id: "r.id",
            descending,
        }
    }

    /// Where a row stands in this order.
    pub fn place(self, row: &ProgressUpdateRow) -> (Value, String) {
        let key = match self {
            Self::AsAt | Self::AsAtDescending => Value::from(&row.as_at),
            Self::UpdatedAt | Self::UpdatedAtDescending => Value::from(row.updated_at),
        };
        (key, row.id.clone())
    }
}

/// The parameters of the list of progress updates.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct ListProgressUpdates {
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
    /// The order.
    #[param(inline)]
    pub sort: ProgressUpdateSort,
    /// Only these members of each record. Repeat, or separate with commas.
    #[param(inline, max_items = 50)]
    pub fields: Vec<ProgressUpdateField>,
    /// Whether to count all matches.
    #[param(inline)]
    pub count: Count,
    /// How many records a page holds.
    #[param(minimum = 1, maximum = 100, default = 20, example = 20)]
    pub limit: Option<i64>,
    /// Where to go on; from `page.next` or `page.prev` of an answer.
    #[param(max_length = 2000)]
    pub cursor: Option<String>,
    /// What was known at the end of that day, or at that moment. What was taken back since is shown as it is now.
    #[param(value_type = Option<String>, example = "2026-11-01")]
    pub as_of: Option<AsOf>,
}

impl ListProgressUpdates {
    /// The paging parameters.
    pub fn paging(&self) -> Paging<'_> {
        Paging {
            limit: self.limit,
            cursor: self.cursor.as_deref(),
        }
    }
}

/// The parameters of one progress update.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct FindProgressUpdate {
    /// Only these members. Repeat, or separate with commas.
    #[param(inline, max_items = 50)]
    pub fields: Vec<ProgressUpdateField>,
    /// What was known at the end of that day, or at that moment. What was taken back since is shown as it is now.
    #[param(value_type = Option<String>, example = "2026-11-01")]
    pub as_of: Option<AsOf>,
}
