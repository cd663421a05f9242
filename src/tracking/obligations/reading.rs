//! The SQL that reads obligations, as they are or as they were on a day.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;
use diesel::result::QueryResult;

use super::model::ObligationRow;
use crate::platform::db::{DbConnection, Sql};
use crate::platform::identity::RecordId;
use crate::platform::time::LAST_DAY;
use crate::tracking::below_reports;

/// All columns but `checked_on`, which is not the same on each day of a span.
const OF_SPAN: &str = "s.id, s.state, s.revision, s.change_seq, s.created_at, s.updated_at, s.recommendation_id, \
     s.organisation_id, s.report_id, s.via_group_id, s.response_requirement, s.deadlines, s.due_on, s.due_key, s.is_extended, \
     s.is_answered, s.answered_on, s.is_receipt_known, s.is_withheld, s.has_holding_reply, s.is_collective, s.position, \
     s.implementation_status, s.implementation_as_at, s.assessment_status, s.assessment_as_at, s.transferred_to_id, \
     s.tracked, s.statements, s.from_on, s.until_on";

/// The clause that reads obligations `o`: as they are, or as they were on a day.
pub fn from(on: Option<NaiveDate>) -> Sql {
    let Some(day) = on else {
        return Sql::new(" FROM obligations o");
    };
    let mut sql = Sql::new(" FROM (SELECT ");
    sql.push(OF_SPAN)
        .push(", (SELECT max(c.checked_on) FROM report_response_checks c WHERE c.record_id IN (s.id, s.report_id) AND c.checked_on <= ")
        .bind(day)
        .push(") AS checked_on FROM obligation_spans s WHERE s.from_on <= ")
        .bind(day)
        .push(" AND s.until_on > ")
        // a span that has not ended includes the last day of the calendar
        .bind(day.min(LAST_DAY.pred_opt().unwrap_or_default()))
        .push(") o");
    sql
}

/// The same with the reports `p` of the obligations. Conditions may follow.
pub fn below_reports(on: Option<NaiveDate>) -> Sql {
    let mut sql = from(on);
    sql.push(" JOIN reports p ON p.id = o.report_id WHERE ");
    sql
}

/// The obligation with this id, if there was one on a day.
///
/// # Errors
/// When the query fails.
pub fn find_on(
    connection: &mut DbConnection,
    id: RecordId,
    on: Option<NaiveDate>,
) -> QueryResult<Option<ObligationRow>> {
    let mut sql = Sql::new("SELECT o.*");
    sql.append(from(on));
    sql.push(" WHERE o.id = ").bind(id);
    sql.get_result(connection).optional()
}

/// The filters of a list of obligations, with references resolved to ids.
#[derive(Clone, Debug)]
pub struct ObligationConditions {
    /// The time of the request.
    pub now: NaiveDateTime,
    /// The day whose obligations to list.
    pub on: Option<NaiveDate>,
    /// Only obligations under this recommendation, from the path. The caller may see it.
    pub recommendation: Option<RecordId>,
    /// The other conditions.
    pub sql: Sql,
}

/// The SQL conditions for the rows of a list.
pub fn conditions(filter: &ObligationConditions) -> Sql {
    let mut sql = filter.sql.clone();
    match &filter.recommendation {
        Some(id) => sql.push(" AND o.recommendation_id = ").bind(id),
        None => sql.append(below_reports::report_is_public(filter.now)),
    };
    sql
}
