//! The response state of an obligation on a day: computed from its dates and the clock, and never stored.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use strum::{EnumIter, IntoStaticStr};
use utoipa::ToSchema;

use super::model::ObligationRow;
use crate::platform::db::Sql;
use crate::resources::recommendations::model::ResponseRequirement;

/// The state of an addressee's response.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, EnumIter, IntoStaticStr,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum ResponseState {
    /// No response is required or requested, and there is none.
    NotRequired,
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
    /// The response was received by the due date, or there is no due date.
    RespondedOnTime,
    /// The response was received after the due date.
    RespondedLate,
    /// The response was published after the due date; the day of receipt is not known.
    Responded,
    /// There is a response that is not published.
    RespondedWithheld,
}

impl ResponseState {
    /// The state of an obligation on a day.
    pub fn of(row: &ObligationRow, today: NaiveDate) -> Self {
        if row.is_answered {
            let in_time = row
                .due_on
                .is_none_or(|due| row.answered_on.is_none_or(|on| on <= due));
            return match (row.is_withheld, in_time, row.is_receipt_known) {
                (true, _, _) => Self::RespondedWithheld,
                (false, true, _) => Self::RespondedOnTime,
                (false, false, true) => Self::RespondedLate,
                (false, false, false) => Self::Responded,
            };
        }
        if row.response_requirement.0 == ResponseRequirement::None {
            return Self::NotRequired;
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

    /// The same as [`Self::of`] as an SQL condition on `obligations o`.
    fn condition(self, sql: &mut Sql, today: NaiveDate) {
        const ANSWERED: &str = "o.is_answered AND NOT o.is_withheld";
        const LATE: &str = "o.is_answered AND NOT o.is_withheld AND o.due_on < o.answered_on";
        const OPEN: &str = "NOT o.is_answered AND o.response_requirement <> 'none'";
        let (base, rest) = match self {
            Self::NotRequired => ("NOT o.is_answered", " AND o.response_requirement = 'none'"),
            Self::RespondedWithheld => ("o.is_answered", " AND o.is_withheld"),
            Self::RespondedOnTime => (
                ANSWERED,
                " AND (o.due_on IS NULL OR o.answered_on IS NULL OR o.answered_on <= o.due_on)",
            ),
            Self::RespondedLate => (LATE, " AND o.is_receipt_known"),
            Self::Responded => (LATE, " AND NOT o.is_receipt_known"),
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
        sql.push(base).push(rest);
        if base == OPEN {
            sql.bind(today); // the conditions of open obligations end with a comparison with today
        }
    }
}
