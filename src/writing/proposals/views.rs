//! The parameters and the view of proposals.

use chrono::{DateTime, Utc};
use garde::Validate;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::{IntoParams, ToSchema};

use super::model::{Awaits, PartyRow, ProposalState, StoredProposal};
use crate::http::references::example_id;
use crate::log::Resource;
use crate::platform::identity::RecordId;
use crate::platform::values;
use crate::writing::recorder::RecordedBy;

/// The parameters of the list of proposals.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct ProposalFilters {
    /// Only proposals in this state; by default the pending ones.
    #[param(inline)]
    pub state: Option<ProposalState>,
}

/// A request to accept a proposal: an empty object.
#[derive(Clone, Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AcceptRequest {}

/// A request to decline a proposal.
#[derive(Clone, Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DeclineRequest {
    /// The reason, which those who see the proposal can read.
    #[garde(custom(values::text(2000)))]
    #[schema(
        min_length = 1,
        max_length = 2000,
        example = "We did not ask for this."
    )]
    pub reason: String,
}

/// A write that needs the approval of others.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Proposal {
    /// The id.
    #[schema(min_length = 36, max_length = 36, example = example_id)]
    pub id: String,
    /// What became of it.
    pub state: ProposalState,
    /// Whose approval it needs.
    pub awaits: Awaits,
    /// Those whose approval it needs: every one of them if it awaits consent, any one if it awaits review.
    #[schema(max_items = 100)]
    pub parties: Vec<Party>,
    /// The kind of record.
    #[serde(rename = "type")]
    pub resource: Resource,
    /// The id of the record. It exists already if the proposal is to change it.
    #[schema(value_type = String, min_length = 36, max_length = 36, example = example_id)]
    pub record: RecordId,
    /// What is stored once the proposal is accepted: a document of the import format without `type` and `id`, in which
    /// links are ids. Absent after the decision.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub document: Option<Map<String, Value>>,
    /// In which capacity, for whom and when it was proposed. The day on which it was proposed counts, not that of the
    /// decision.
    pub proposed_by: RecordedBy,
    /// Why it was declined.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 2000)]
    pub reason: Option<String>,
    /// When it was decided.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decided_at: Option<DateTime<Utc>>,
}

/// An organisation whose approval a proposal needs.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Party {
    /// The organisation, by id.
    #[schema(value_type = String, min_length = 36, max_length = 36, example = example_id)]
    pub organisation: RecordId,
    /// When it accepted; absent as long as it has not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accepted_at: Option<DateTime<Utc>>,
}

impl Proposal {
    /// The view of a proposal.
    ///
    /// # Errors
    /// If the stored document is not JSON.
    pub fn new(proposal: StoredProposal) -> serde_json::Result<Self> {
        let row = proposal.row;
        let document = row.document.as_deref().map(serde_json::from_str);
        Ok(Self {
            state: row.state.0,
            awaits: row.awaits.0,
            parties: proposal.parties.iter().map(Party::new).collect(),
            resource: row.resource.0,
            record: row.record_id,
            document: document.transpose()?,
            proposed_by: row.proposed_by.into_inner(),
            reason: row.reason,
            decided_at: row.decided_at.map(|at| at.and_utc()),
            id: row.id,
        })
    }
}

impl Party {
    fn new(row: &PartyRow) -> Self {
        Self {
            organisation: row.organisation_id,
            accepted_at: row.accepted_at.map(|at| at.and_utc()),
        }
    }
}
