//! The response state of an obligation on a day: computed from its dates and the clock, and never stored.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::model::ObligationRow;
use crate::platform::db::Sql;
use crate::resources::recommendations::model::ResponseRequirement;

/// The state of an addressee's response.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    ToSchema,
    strum::EnumIter,
    strum::IntoStaticStr,
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

    /// The same as an SQL condition on `obligations o`, to filter lists.
    pub fn condition(self, sql: &mut Sql, today: NaiveDate) {
        const ANSWERED: &str = "o.is_answered AND NOT o.is_withheld";
        const LATE: &str = " AND o.due_on < o.answered_on";
        const OPEN: &str = "NOT o.is_answered AND o.response_requirement <> 'none'";
        match self {
            Self::NotRequired => sql.push("NOT o.is_answered AND o.response_requirement = 'none'"),
            Self::RespondedWithheld => sql.push("o.is_answered AND o.is_withheld"),
            Self::RespondedOnTime => sql.push(ANSWERED).push(
                " AND (o.due_on IS NULL OR o.answered_on IS NULL OR o.answered_on <= o.due_on)",
            ),
            Self::RespondedLate => sql
                .push(ANSWERED)
                .push(LATE)
                .push(" AND o.is_receipt_known"),
            Self::Responded => sql
                .push(ANSWERED)
                .push(LATE)
                .push(" AND NOT o.is_receipt_known"),
            Self::Overdue => sql
                .push(OPEN)
                .push(" AND o.checked_on > o.due_on AND o.due_key < ")
                .bind(today),
            Self::NotChecked => sql
                .push(OPEN)
                .push(" AND (o.checked_on IS NULL OR o.checked_on <= o.due_on) AND o.due_key < ")
                .bind(today),
            Self::HoldingReply => sql
                .push(OPEN)
                .push(" AND o.has_holding_reply AND o.due_key >= ")
                .bind(today),
            Self::Extended => sql
                .push(OPEN)
                .push(" AND o.is_extended AND NOT o.has_holding_reply AND o.due_key >= ")
                .bind(today),
            Self::Pending => sql
                .push(OPEN)
                .push(" AND NOT o.is_extended AND NOT o.has_holding_reply AND o.due_key >= ")
                .bind(today),
        };
    }
}
