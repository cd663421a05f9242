//! What the public may see at a given moment, in one place.
//!
//! A record is public from the moment `visible_from` (the later of publication and embargo) and as long as
//! its state is `published` or, as a notice, `withdrawn`. Nothing about the present is stored: a scheduled
//! record appears when its moment comes because the next read compares it with the clock.

use crate::http::error::ApiError;
use crate::http::problem;
use crate::log::Resource;
use crate::platform::db::Sql;
use crate::platform::states::{PublicationState, VisibleState};

/// The state in which the public finds what hangs on a report: of its own state and the report's the stricter counts, so
/// that what is asked and answered in a report is withdrawn with it.
pub fn state_below(report: PublicationState, own: PublicationState) -> VisibleState {
    match report.is_withdrawn() || own.is_withdrawn() {
        true => VisibleState::Withdrawn,
        false => VisibleState::Published,
    }
}

/// The same in SQL, for any state: of a record `r` that hangs on a report `p`.
pub const STATE_BELOW: &str = "CASE WHEN p.state = 'published' OR (p.state = 'withdrawn' AND r.state <> 'published') THEN r.state ELSE p.state END";

/// The condition that records `r`, which hang on reports `p`, are in this state. It leaves open whether the report is
/// public.
pub fn below_reports(resource: Resource, state: VisibleState) -> Sql {
    let table = resource.table();
    match state {
        VisibleState::Published => Sql::new("r.state = 'published' AND p.state <> 'withdrawn'"),
        // both parts walk along an index; a condition on both states together would look at all records
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

/// Why a record that exists is not shown: the error for its state.
pub fn refusal(resource: Resource, state: PublicationState) -> Option<ApiError> {
    match state {
        PublicationState::Published | PublicationState::Withdrawn => None,
        PublicationState::Gone => Some(ApiError::new(
            &problem::GONE,
            format!("The {resource} was removed."),
        )),
        PublicationState::Erased => Some(ApiError::new(
            &problem::LEGAL_REASONS,
            format!("The {resource} was removed for legal reasons."),
        )),
        PublicationState::Draft => Some(ApiError::not_found()),
    }
}
