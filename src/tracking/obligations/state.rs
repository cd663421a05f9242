//! How an obligation stands today: computed from its dates and the clock, and never stored.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::model::ObligationRow;
use crate::platform::db::Sql;
use crate::resources::recommendations::model::ResponseRequirement;

/// How an addressee stands with its response.
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
    /// No response is asked for, and there is none.
    NotRequired,
    /// There is time.
    Pending,
    /// There is more time than at first.
    Extended,
    /// A holding reply came, which does not stop the clock.
    HoldingReply,
    /// The day has passed, and nobody has looked since: nothing is known.
    NotChecked,
    /// The day has passed, somebody has looked since, and there was no response.
    Overdue,
    /// The response was received by the day, or there was none to keep.
    RespondedOnTime,
    /// The response was received after the day.
    RespondedLate,
    /// There is a response, published after the day; when it was received is not known.
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

    /// The same as a condition on `obligations o`, for the filter of lists.
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
