//! Proposals and their parties, as rows.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::schema::{proposal_parties, proposals};
use crate::access::{Rights, Scope};
use crate::log::Resource;
use crate::platform::db::{EnumText, Json};
use crate::platform::identity::RecordId;
use crate::writing::recorder::RecordedBy;

/// What becomes of what others send about a report: responses, action plans, progress updates and disputes.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    Serialize,
    Deserialize,
    ToSchema,
    strum::IntoStaticStr,
    strum::EnumString,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum SubmissionPolicy {
    /// It is public at once.
    #[default]
    Open,
    /// It is a proposal until one of the publishers has accepted it.
    Held,
}

impl SubmissionPolicy {
    /// Whether it is the default.
    pub fn is_open(&self) -> bool {
        *self == Self::Open
    }
}

/// The program itself, which proposes what has changed in the feeds of organisations. It cannot be revoked.
pub const INGESTING: &str = "ingest";

/// How many proposals of one client can be pending.
pub const MAX_PENDING: i64 = 1_000;

/// Whose approval a write needs.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Serialize,
    Deserialize,
    ToSchema,
    strum::IntoStaticStr,
    strum::EnumString,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Awaits {
    /// That of every organisation which the record names, or no longer names.
    Consent,
    /// That of one of the publishers: of the report, which holds submissions, or of the article, whose source has changed after it
    /// was edited here.
    Review,
}

/// What became of a proposal.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    Serialize,
    Deserialize,
    ToSchema,
    strum::IntoStaticStr,
    strum::EnumString,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum ProposalState {
    /// It waits, and nothing is stored.
    #[default]
    Pending,
    /// It was accepted, and is stored.
    Accepted,
    /// It was declined or taken back.
    Declined,
}

/// A write that needs the approval of others.
#[derive(Debug)]
pub struct WaitingWrite {
    /// The line of its document.
    pub line: usize,
    /// The kind of record.
    pub resource: Resource,
    /// The record.
    pub record: RecordId,
    /// Its revision before; 0 for a new record.
    pub base_revision: i64,
    /// The document, as the log would keep it.
    pub document: String,
    /// Who writes it.
    pub by: RecordedBy,
    /// Whose approval it needs.
    pub awaited: RequiredApproval,
}

/// Whose approval a write needs: that of organisations, each given by somebody with this scope for it.
#[derive(Debug)]
pub struct RequiredApproval {
    /// Why.
    pub awaits: Awaits,
    /// The organisations.
    pub parties: Vec<RecordId>,
    /// The scope.
    pub scope: Scope,
}

/// A row of `proposals`.
#[derive(Clone, Debug, Queryable, QueryableByName, Selectable, Insertable)]
#[diesel(table_name = proposals, treat_none_as_default_value = false)]
pub struct ProposalRow {
    /// The id.
    pub id: String,
    /// The client that proposed it.
    pub client_id: String,
    /// The kind of record.
    pub resource: EnumText<Resource>,
    /// The record.
    pub record_id: RecordId,
    /// The revision that it changes; 0 for a new record.
    pub base_revision: i64,
    /// The document, until the proposal is decided.
    pub document: Option<String>,
    /// Whose approval it needs.
    pub awaits: EnumText<Awaits>,
    /// What became of it.
    pub state: EnumText<ProposalState>,
    /// Who proposed it.
    pub proposed_by: Json<RecordedBy>,
    /// Why it was declined.
    pub reason: Option<String>,
    /// When it was proposed.
    pub created_at: NaiveDateTime,
    /// When it was decided.
    pub decided_at: Option<NaiveDateTime>,
}

/// A row of `proposal_parties`: an organisation whose approval a proposal needs.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = proposal_parties, treat_none_as_default_value = false)]
pub struct PartyRow {
    /// The proposal.
    pub proposal_id: String,
    /// The organisation.
    pub organisation_id: RecordId,
    /// The scope that approval requires.
    pub scope: EnumText<Scope>,
    /// When it accepted.
    pub accepted_at: Option<NaiveDateTime>,
}

impl PartyRow {
    /// Whether a caller with these rights speaks for the organisation.
    pub fn is_spoken_for(&self, rights: &Rights) -> bool {
        rights.allow(self.scope.0, &[self.organisation_id])
    }
}

/// A proposal with its parties.
#[derive(Clone, Debug)]
pub struct StoredProposal {
    /// The proposal.
    pub row: ProposalRow,
    /// Its parties.
    pub parties: Vec<PartyRow>,
}

impl StoredProposal {
    /// Whether those whose approval it needs have approved it.
    pub fn is_agreed(&self) -> bool {
        let mut accepted = self.parties.iter().map(|party| party.accepted_at.is_some());
        match self.row.awaits.0 {
            Awaits::Consent => accepted.all(|accepted| accepted),
            Awaits::Review => accepted.any(|accepted| accepted),
        }
    }
}
