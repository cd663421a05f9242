//! Stores writes that need the approval of others, and what comes of them.

use actix_web::http::StatusCode;
use diesel::result::QueryResult;

use super::model::{
    INGESTING, MAX_PENDING, PartyRow, ProposalRow, ProposalState, StoredProposal, WaitingWrite,
};
use super::queries;
use super::views::Proposal;
use crate::access::{Caller, Rights, clients};
use crate::http::answer::Item;
use crate::http::error::ApiError;
use crate::http::idempotency::{self, StoredResponse};
use crate::http::problem::ProblemCode;
use crate::log::{Writer, entries, export};
use crate::platform::db::{EnumText, Json};
use crate::platform::identity::RecordId;
use crate::writing::import::{self, ImportOptions, Source};
use crate::writing::kind::Catalogue;

/// The proposal with this id, if the caller may see it.
///
/// # Errors
/// 404 otherwise.
pub fn find(
    writer: &mut Writer<'_>,
    id: &str,
    caller: &Caller,
) -> Result<StoredProposal, ApiError> {
    let found = queries::find(writer.connection, &id.to_ascii_lowercase(), caller)?;
    found.ok_or_else(ApiError::not_found)
}

/// Stores a write that waits, unless the client has proposed the same already, and responds with the proposal.
///
/// # Errors
/// 409 if too many proposals of the client are pending.
pub fn propose(writer: &mut Writer<'_>, waiting: WaitingWrite) -> Result<StoredResponse, ApiError> {
    let client = writer.actor().to_owned();
    let (resource, document) = (waiting.resource, &waiting.document);
    let same = queries::same(writer.connection, &client, resource, document)?;
    let own = Caller {
        client,
        rights: Rights::default(),
        key: None,
    };
    if let Some(id) = same {
        let proposal = find(writer, &id, &own)?;
        return response(StatusCode::ACCEPTED, proposal);
    }
    // there is at most one for each article
    let is_limited = own.client != INGESTING;
    if is_limited && queries::count_pending(writer.connection, &own.client)? >= MAX_PENDING {
        let detail = format!("A client can have at most {MAX_PENDING} pending proposals.");
        return Err(ApiError::new(ProblemCode::Conflict, detail));
    }
    let proposal = new_proposal(own.client, waiting)?;
    queries::insert(writer.connection, &proposal)?;
    response(StatusCode::ACCEPTED, proposal)
}

/// The records that this client's pending proposals change, with their revisions then.
///
/// # Errors
/// If the database cannot be read.
pub fn pending(writer: &mut Writer<'_>) -> QueryResult<Vec<(RecordId, i64)>> {
    let client = writer.actor().to_owned();
    queries::pending_of(writer.connection, &client)
}

/// Takes back what this client has proposed for a record and is pending: something newer takes its place.
///
/// # Errors
/// If the database cannot be written.
pub fn supersede(writer: &mut Writer<'_>, record: RecordId) -> QueryResult<()> {
    let now = writer.now();
    let client = writer.actor().to_owned();
    for mut row in queries::pending_for(writer.connection, &client, record)? {
        let reason = Some("A newer proposal takes its place.".to_owned());
        queries::decide(
            writer.connection,
            &mut row,
            ProposalState::Declined,
            reason,
            now,
        )?;
    }
    Ok(())
}

fn new_proposal(client: String, waiting: WaitingWrite) -> Result<StoredProposal, ApiError> {
    let id = uuid::Uuid::now_v7().to_string();
    let awaited = waiting.awaited;
    let parties = awaited.parties.into_iter().map(|organisation| PartyRow {
        proposal_id: id.clone(),
        organisation_id: organisation,
        scope: EnumText(awaited.scope),
        accepted_at: None,
    });
    Ok(StoredProposal {
        parties: parties.collect(),
        row: ProposalRow {
            client_id: client,
            resource: EnumText(waiting.resource),
            record_id: waiting.record,
            base_revision: waiting.base_revision,
            document: Some(waiting.document),
            awaits: EnumText(awaited.awaits),
            state: EnumText(ProposalState::Pending),
            created_at: waiting.by.at.naive_utc(),
            proposed_by: Json::new(waiting.by)?,
            reason: None,
            decided_at: None,
            id,
        },
    })
}

/// Approves it for all parties that the caller speaks for. If all have approved then, the document is stored.
///
/// # Errors
/// 403 if the caller speaks for none of them; 409 if the proposal has been decided, or what it changes has changed; 422
/// if the document cannot be stored any more.
pub fn accept(
    writer: &mut Writer<'_>,
    catalogue: &Catalogue,
    rights: &Rights,
    mut proposal: StoredProposal,
) -> Result<StoredResponse, ApiError> {
    require_pending(&proposal)?;
    require_party(&proposal, rights)?;
    let now = writer.now();
    for party in &mut proposal.parties {
        if party.accepted_at.is_none() && party.is_spoken_for(rights) {
            party.accepted_at = Some(now);
            queries::store_approval(writer.connection, party)?;
        }
    }
    if proposal.is_agreed() {
        store(writer, catalogue, &proposal)?;
        let accepted = ProposalState::Accepted;
        queries::decide(writer.connection, &mut proposal.row, accepted, None, now)?;
    }
    changed(writer, proposal)
}

/// Declines a proposal; its own client takes it back in this way.
///
/// # Errors
/// 403 if the caller is neither a party nor the client; 409 if it has been decided.
pub fn decline(
    writer: &mut Writer<'_>,
    caller: &Caller,
    mut proposal: StoredProposal,
    reason: String,
) -> Result<StoredResponse, ApiError> {
    require_pending(&proposal)?;
    if proposal.row.client_id != caller.client {
        require_party(&proposal, &caller.rights)?;
    }
    let (now, declined) = (writer.now(), ProposalState::Declined);
    let reason = Some(reason);
    queries::decide(writer.connection, &mut proposal.row, declined, reason, now)?;
    changed(writer, proposal)
}

fn require_pending(proposal: &StoredProposal) -> Result<(), ApiError> {
    if proposal.row.state.0 == ProposalState::Pending {
        return Ok(());
    }
    let state: &str = proposal.row.state.0.into();
    let detail = format!("The proposal was {state} already.");
    Err(ApiError::new(ProblemCode::Conflict, detail))
}

/// Requires the right to speak for one of the parties.
fn require_party(proposal: &StoredProposal, rights: &Rights) -> Result<(), ApiError> {
    let mut parties = proposal.parties.iter();
    if parties.any(|party| party.is_spoken_for(rights)) {
        return Ok(());
    }
    let detail = "Only those whose approval the proposal needs can decide it.";
    Err(ApiError::new(ProblemCode::InsufficientScope, detail))
}

/// Stores the document of a proposal as that of the one who proposed it, at the time when it was proposed.
fn store(
    writer: &mut Writer<'_>,
    catalogue: &Catalogue,
    proposal: &StoredProposal,
) -> Result<(), ApiError> {
    let row = &proposal.row;
    let conflict = |detail: &str| Err(ApiError::new(ProblemCode::Conflict, detail));
    let is_client = row.client_id != INGESTING;
    if is_client && clients::find(writer.connection, &row.client_id)?.is_none() {
        return conflict("The client that proposed it has been revoked.");
    }
    if entries::has_changed_since(writer.connection, row.record_id, row.base_revision)? {
        return conflict("The record has changed since; it takes a new proposal.");
    }
    let state = row.document.as_deref().unwrap_or_default();
    let document = export::document(row.resource.0, row.record_id, state);
    let document = document.ok_or_else(|| ApiError::internal(&"a proposal without a document"))?;
    let rights = Rights::all();
    let options = ImportOptions {
        recorder: Some(&row.proposed_by),
        waits: false,
        ..ImportOptions::of_request(catalogue, &rights)
    };
    import::within(writer, &Source::Memory(vec![document]), options, &|_| ())
        .map(drop)
        .map_err(|error| error.into_response(catalogue, |mistake| mistake.pointer.clone()))
}

/// The response to a decision; who proposed it and repeats the request learns of the decision too.
fn changed(writer: &mut Writer<'_>, proposal: StoredProposal) -> Result<StoredResponse, ApiError> {
    let id = proposal.row.id.clone();
    let response = response(StatusCode::OK, proposal)?;
    idempotency::replace(writer.connection, &id, &response.body)?;
    Ok(response)
}

fn response(status: StatusCode, proposal: StoredProposal) -> Result<StoredResponse, ApiError> {
    let path = format!("/v1/proposals/{}", proposal.row.id);
    let internal = |error: serde_json::Error| ApiError::internal(&error);
    let data = Proposal::new(proposal).map_err(internal)?;
    Ok(StoredResponse {
        status,
        location: (status == StatusCode::ACCEPTED).then_some(path),
        body: serde_json::to_string(&Item { data }).map_err(internal)?,
        ..StoredResponse::no_content()
    })
}
