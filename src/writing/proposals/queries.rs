//! All SQL of proposals.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use diesel::result::QueryResult;

use super::model::{PartyRow, ProposalRow, ProposalState, StoredProposal};
use super::schema::{proposal_parties, proposals};
use crate::access::{ALL_ORGANISATIONS, Caller};
use crate::log::Resource;
use crate::platform::db::keyset::{Keyset, Order, Slice};
use crate::platform::db::{DbConnection, EnumText, Sql};
use crate::platform::identity::RecordId;

/// One page of the proposals in a state that the caller may see, oldest first.
///
/// # Errors
/// If the database cannot be read.
pub fn list(
    connection: &mut DbConnection,
    caller: &Caller,
    state: ProposalState,
    keyset: &Keyset,
) -> QueryResult<(Vec<StoredProposal>, Slice<String>)> {
    let mut sql = Sql::new("SELECT p.* FROM proposals p WHERE p.state = ");
    sql.bind(<&str>::from(state));
    if !caller.rights.is_admin() {
        sql.push(" AND (p.client_id = ").bind(&caller.client);
        sql.push(" OR p.id IN (SELECT x.proposal_id FROM proposal_parties x WHERE 1 = 0");
        for (scope, organisation) in caller.rights.grants() {
            sql.push(" OR (x.scope = ").bind(<&str>::from(scope));
            if organisation != ALL_ORGANISATIONS {
                sql.push(" AND x.organisation_id = ").bind(organisation);
            }
            sql.push(")");
        }
        sql.push("))");
    }
    keyset.finish(&mut sql, Order::by_id("p.id"));
    let slice = keyset.slice(sql.load::<ProposalRow>(connection)?);
    let (rows, slice) = slice.split(|row| row.id.clone());
    let mut parties = parties(connection, &slice.rows)?;
    let mut proposals = Vec::with_capacity(rows.len());
    for row in rows {
        let (of_this, others) = parties
            .into_iter()
            .partition(|party| party.proposal_id == row.id);
        parties = others;
        proposals.push(StoredProposal {
            row,
            parties: of_this,
        });
    }
    Ok((proposals, slice))
}

/// The proposal with this id, if the caller may see it: its own client, the parties, and administrators.
///
/// # Errors
/// If the database cannot be read.
pub fn find(
    connection: &mut DbConnection,
    id: &str,
    caller: &Caller,
) -> QueryResult<Option<StoredProposal>> {
    let row: Option<ProposalRow> = proposals::table
        .find(id)
        .select(ProposalRow::as_select())
        .first(connection)
        .optional()?;
    let parties = parties(connection, &[id.to_owned()])?;
    let rights = &caller.rights;
    let found = row.filter(|row| {
        let mut parties = parties.iter();
        row.client_id == caller.client || parties.any(|party| party.is_spoken_for(rights))
    });
    Ok(found.map(|row| StoredProposal { row, parties }))
}

fn parties(connection: &mut DbConnection, ids: &[String]) -> QueryResult<Vec<PartyRow>> {
    proposal_parties::table
        .filter(proposal_parties::proposal_id.eq_any(ids))
        .order((
            proposal_parties::proposal_id,
            proposal_parties::organisation_id,
        ))
        .select(PartyRow::as_select())
        .load(connection)
}

/// The number of a client's pending proposals.
///
/// # Errors
/// If the database cannot be read.
pub fn count_pending(connection: &mut DbConnection, client: &str) -> QueryResult<i64> {
    proposals::table
        .filter(proposals::client_id.eq(client))
        .filter(proposals::state.eq(EnumText(ProposalState::Pending)))
        .count()
        .get_result(connection)
}

/// The id of a client's pending proposal of the same document.
///
/// # Errors
/// If the database cannot be read.
pub fn same(
    connection: &mut DbConnection,
    client: &str,
    resource: Resource,
    document: &str,
) -> QueryResult<Option<String>> {
    proposals::table
        .filter(proposals::client_id.eq(client))
        .filter(proposals::state.eq(EnumText(ProposalState::Pending)))
        .filter(proposals::resource.eq(EnumText(resource)))
        .filter(proposals::document.eq(document))
        .select(proposals::id)
        .first(connection)
        .optional()
}

/// The records that a client's pending proposals change, with their revisions then.
///
/// # Errors
/// If the database cannot be read.
pub fn pending_of(
    connection: &mut DbConnection,
    client: &str,
) -> QueryResult<Vec<(RecordId, i64)>> {
    proposals::table
        .filter(proposals::client_id.eq(client))
        .filter(proposals::state.eq(EnumText(ProposalState::Pending)))
        .select((proposals::record_id, proposals::base_revision))
        .load(connection)
}

/// A client's pending proposals for a record.
///
/// # Errors
/// If the database cannot be read.
pub fn pending_for(
    connection: &mut DbConnection,
    client: &str,
    record: RecordId,
) -> QueryResult<Vec<ProposalRow>> {
    proposals::table
        .filter(proposals::client_id.eq(client))
        .filter(proposals::state.eq(EnumText(ProposalState::Pending)))
        .filter(proposals::record_id.eq(record))
        .select(ProposalRow::as_select())
        .load(connection)
}

/// Stores a new proposal.
///
/// # Errors
/// If the database cannot be written.
pub fn insert(connection: &mut DbConnection, proposal: &StoredProposal) -> QueryResult<()> {
    diesel::insert_into(proposals::table)
        .values(&proposal.row)
        .execute(connection)?;
    for party in &proposal.parties {
        diesel::insert_into(proposal_parties::table)
            .values(party)
            .execute(connection)?;
    }
    Ok(())
}

/// Stores the approval of a party.
///
/// # Errors
/// If the database cannot be written.
pub fn store_approval(connection: &mut DbConnection, party: &PartyRow) -> QueryResult<()> {
    diesel::update(proposal_parties::table.find((&party.proposal_id, party.organisation_id)))
        .set(proposal_parties::accepted_at.eq(party.accepted_at))
        .execute(connection)
        .map(drop)
}

/// Decides a proposal. Its document is no longer kept: that of an accepted one is in the log.
///
/// # Errors
/// If the database cannot be written.
pub fn decide(
    connection: &mut DbConnection,
    row: &mut ProposalRow,
    state: ProposalState,
    reason: Option<String>,
    now: NaiveDateTime,
) -> QueryResult<()> {
    (row.state, row.reason, row.document) = (EnumText(state), reason, None);
    row.decided_at = Some(now);
    diesel::update(proposals::table.find(&row.id))
        .set((
            proposals::state.eq(row.state),
            proposals::reason.eq(&row.reason),
            proposals::document.eq(None::<String>),
            proposals::decided_at.eq(row.decided_at),
        ))
        .execute(connection)
        .map(drop)
}

/// Deletes the proposals about a record, or that mention it: it was erased.
///
/// # Errors
/// If the database cannot be written.
pub fn forget(connection: &mut DbConnection, record: RecordId) -> QueryResult<()> {
    let ids: Vec<String> = proposals::table
        .filter(
            proposals::record_id.eq(record).or(proposals::document
                .assume_not_null()
                .like(format!("%{record}%"))),
        )
        .select(proposals::id)
        .load(connection)?;
    diesel::delete(proposal_parties::table.filter(proposal_parties::proposal_id.eq_any(&ids)))
        .execute(connection)?;
    diesel::delete(proposals::table.filter(proposals::id.eq_any(&ids)))
        .execute(connection)
        .map(drop)
}
