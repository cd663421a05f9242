//! The response state of an obligation on a day: computed from its dates and the clock, and never stored.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use strum::{EnumIter, IntoStaticStr};
use utoipa::ToSchema;

use super::model::ObligationRow;
use crate::platform::db::Sql;
use crate::platform::states::PublicationState;
use crate::resources::recommendations::model::ResponseRequirement;

/// The state of an addressee's response.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, EnumIter, IntoStaticStr,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum ResponseState {
    /// The recommendation or its report was withdrawn, or is no longer addressed to the organisation.
    Withdrawn,
    /// Another organisation took over the obligation and has one of its own.
    Transferred,
    /// No response is needed, and there is none.
    NotRequired,
    /// It is not known whether a response is required, and there is none.
    Unknown,
    /// The due date has not passed.
    Pending,
    /// The due date was extended and has not passed.
    Extended,
    /// There is a holding reply, which does not stop the clock.
    HoldingReply,
    /// The due date has passed, but nobody has checked for a response since.
    NotChecked,
    /// The due date has passed, and a check since then found no response.
    Overdue,
    /// The response was received by the due date.
    RespondedOnTime,
    /// The response was received after the due date.
    RespondedLate,
    /// There is a response, and it is not known whether it was on time: there is no due date, or the day of receipt is not
    /// known and the response was published, or recorded here, after the due date.
    Responded,
    /// There is a response that is not published.
    RespondedWithheld,
}

impl ResponseState {
    /// The state of an obligation on a day, under a report in this state.
    pub fn of(row: &ObligationRow, report: PublicationState, today: NaiveDate) -> Self {
        if row.state.is_withdrawn() || report.is_withdrawn() {
            return Self::Withdrawn;
        }
        if row.transferred_to_id.is_some() {
            return Self::Transferred;
        }
        if row.is_answered {
            let in_time = row.due_on.zip(row.answered_on).map(|(due, on)| on <= due);
            return match (row.is_withheld, in_time, row.is_receipt_known) {
                (true, _, _) => Self::RespondedWithheld,
                (false, Some(true), _) => Self::RespondedOnTime,
                (false, Some(false), true) => Self::RespondedLate,
                (false, _, _) => Self::Responded,
            };
        }
        match row.response_requirement.0 {
            ResponseRequirement::None => return Self::NotRequired,
            ResponseRequirement::Unknown => return Self::Unknown,
            ResponseRequirement::Statutory | ResponseRequirement::Requested => {}
        }
        match row.due_on.filter(|due| *due < today) {
            Some(due) if row.checked_on.is_some_and(|on| on > due) => Self::Overdue,
            Some(_) => Self::NotChecked,
            None if row.has_holding_reply => Self::HoldingReply,
            None if row.is_extended => Self::Extended,
            None => Self::Pending,
        }
    }

    /// Adds the condition that obligations `o` are in one of these states on a day, unless there are none.
    pub fn any_of(states: &[Self], sql: &mut Sql, today: NaiveDate) {
        let mut separator = " AND ((";
        for state in states {
            sql.push(separator);
            state.condition(sql, today);
            separator = ") OR (";
        }
        if !states.is_empty() {
            sql.push("))");
        }
    }

    /// The same as [`Self::of`] as an SQL condition on `obligations o` below reports `p`.
    fn condition(self, sql: &mut Sql, today: NaiveDate) {
        const WITHDRAWN: &str = "(o.state = 'withdrawn' OR p.state = 'withdrawn')";
        const IN_FORCE: &str =
            "o.state = 'published' AND p.state <> 'withdrawn' AND o.transferred_to_id IS NULL AND ";
        const ANSWERED: &str = "o.is_answered AND NOT o.is_withheld";
        const OPEN: &str =
            "NOT o.is_answered AND o.response_requirement IN ('statutory', 'requested')";
        let (base, rest) = match self {
            Self::Withdrawn => (WITHDRAWN, ""),
            Self::Transferred => (
                "o.state = 'published' AND p.state <> 'withdrawn'",
                " AND o.transferred_to_id IS NOT NULL",
            ),
            Self::NotRequired => ("NOT o.is_answered", " AND o.response_requirement = 'none'"),
            Self::Unknown => (
                "NOT o.is_answered",
                " AND o.response_requirement = 'unknown'",
            ),
            Self::RespondedWithheld => ("o.is_answered", " AND o.is_withheld"),
            Self::RespondedOnTime => (ANSWERED, " AND o.answered_on <= o.due_on"),
            Self::RespondedLate => (
                ANSWERED,
                " AND o.due_on < o.answered_on AND o.is_receipt_known",
            ),
            Self::Responded => (
                ANSWERED,
                " AND (o.due_on IS NULL OR (o.due_on < o.answered_on AND NOT o.is_receipt_known))",
            ),
            Self::Overdue => (OPEN, " AND o.checked_on > o.due_on AND o.due_key < "),
            Self::NotChecked => (
                OPEN,
                " AND (o.checked_on IS NULL OR o.checked_on <= o.due_on) AND o.due_key < ",
            ),
            Self::HoldingReply => (OPEN, " AND o.has_holding_reply AND o.due_key >= "),
            Self::Extended => (
                OPEN,
                " AND o.is_extended AND NOT o.has_holding_reply AND o.due_key >= ",
            ),
            Self::Pending => (
                OPEN,
                " AND NOT o.is_extended AND NOT o.has_holding_reply AND o.due_key >= ",
            ),
        };
        if !matches!(self, Self::Withdrawn | Self::Transferred) {
            sql.push(IN_FORCE);
        }
        sql.push(base).push(rest);
        if base == OPEN {
            sql.bind(today); // the conditions of open obligations end with a comparison with today
        }
    }
}
