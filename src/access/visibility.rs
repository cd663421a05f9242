//! The rules for what the public may see at a given moment.
//!
//! A record is public from `visible_from` (the later of publication and embargo) on, and as long as its state is
//! `published` or, as a notice, `withdrawn`. Whether it is public now is not stored: a scheduled record appears because
//! each read compares `visible_from` with the clock.

use chrono::NaiveDateTime;
use diesel::result::QueryResult;

use crate::http::error::ApiError;
use crate::http::problem::ProblemCode;
use crate::log::Resource;
use crate::platform::db::{DbConnection, Sql, count};
use crate::platform::identity::RecordId;
use crate::platform::states::{EditorialState, PublicationState, VisibleState};

/// The state in which the public finds a record below a report: the stricter of its own state and the report's, so that
/// recommendations, responses and the like are withdrawn with their report.
pub fn state_below(report: PublicationState, own: PublicationState) -> VisibleState {
    match report.is_withdrawn() || own.is_withdrawn() {
        true => VisibleState::Withdrawn,
        false => VisibleState::Published,
    }
}

/// The same in SQL, for any state: of a record `r` below a report `p`.
pub const STATE_BELOW: &str = "CASE WHEN p.state = 'published' OR (p.state = 'withdrawn' AND r.state <> 'published') THEN r.state ELSE p.state END";

/// The condition that records with their own publication time are in this state at `now`.
pub fn in_state(state: EditorialState, now: NaiveDateTime) -> Sql {
    let mut sql = Sql::new("state = ");
    sql.bind(state.as_str());
    match state {
        EditorialState::Published | EditorialState::Withdrawn => {
            sql.push(" AND visible_from <= ").bind(now);
        }
        EditorialState::Scheduled => {
            sql.push(" AND visible_from > ").bind(now);
        }
        EditorialState::Draft => {}
    }
    sql
}

/// The condition that records `r` below reports `p` are in this state. It does not check whether the report is public.
pub fn below_reports(resource: Resource, state: VisibleState) -> Sql {
    let table = resource.table();
    match state {
        VisibleState::Published => Sql::new("r.state = 'published' AND p.state <> 'withdrawn'"),
        // each part uses an index; a single condition on both states would scan all records
        VisibleState::Withdrawn => {
            let mut sql = Sql::new("r.id IN (SELECT w.id FROM ");
            sql.push(table)
                .push(" w WHERE w.state = 'withdrawn' UNION ALL SELECT w.id FROM reports q JOIN ")
                .push(table)
                .push(" w ON w.report_id = q.id WHERE q.state = 'withdrawn' AND w.state = 'published')");
            sql
        }
    }
}

/// Whether a record has ever been public, or was stored as a removed one to say so: that a draft was removed is nobody's
/// business.
///
/// # Errors
/// If the database cannot be read.
pub fn was_public(
    connection: &mut DbConnection,
    id: RecordId,
    now: NaiveDateTime,
) -> QueryResult<bool> {
    // a database that was replayed for the past has no log, and no removed drafts
    let mut sql = Sql::new(
        "SELECT (SELECT count(*) FROM (SELECT 1 AS one WHERE NOT EXISTS (SELECT 1 FROM changes)) AS none) + \
         (SELECT count(*) FROM changes c WHERE c.resource_id = ",
    );
    sql.bind(id).push(" AND (c.public_from <= ").bind(now);
    sql.push(" OR (c.revision = 1 AND (c.state LIKE '%\"state\":\"gone\"%' OR c.state LIKE '%\"state\":\"erased\"%')))) AS count");
    Ok(count(connection, &sql)? > 0)
}

/// The error for an existing record that is not shown because of its state.
pub fn refusal(resource: Resource, state: PublicationState) -> Option<ApiError> {
    match state {
        PublicationState::Published | PublicationState::Withdrawn => None,
        PublicationState::Gone => Some(ApiError::new(
            ProblemCode::Gone,
            format!("The {resource} was removed."),
        )),
        PublicationState::Erased => Some(ApiError::new(
            ProblemCode::UnavailableForLegalReasons,
            format!("The {resource} was removed for legal reasons."),
        )),
        PublicationState::Draft => Some(ApiError::not_found()),
    }
}
