//! How a change is logged: from when the record is visible, and with which action.

use chrono::NaiveDateTime;

use crate::platform::states::PublicationState;

/// The action of a minor edit.
const MINOR_EDIT: &str = "minor_edit";
/// The action of a change after which a record is withdrawn only because its report is: its own state does not say so.
const WITHDRAWN_WITH_REPORT: &str = "withdrawn_with_report";

/// What separates an action from the number of the earlier revision that was redacted with it.
const REDACTS: &str = " redacts ";

/// The action of an entry that says which earlier revision was redacted. The digest covers it, so that a state that was
/// removed by anybody else does not pass for a redacted one.
pub(super) fn redacting(action: &str, revision: i64) -> String {
    format!("{action}{REDACTS}{revision}")
}

/// The earlier revision that was redacted with an action, if one was.
pub fn redacted_revision(action: &str) -> Option<i64> {
    action.split_once(REDACTS)?.1.parse().ok()
}

/// Whether an action is a minor edit.
pub fn is_minor_edit(action: &str) -> bool {
    action == MINOR_EDIT
}

/// Whether a record is withdrawn after an action only because its report is: its own state does not say so.
pub fn is_withdrawn_with_report(action: &str) -> bool {
    action.split(REDACTS).next() == Some(WITHDRAWN_WITH_REPORT)
}

/// How to log a change.
#[derive(Clone, Copy, Debug, Default)]
pub struct EntryOptions {
    /// From when the record is visible; `None`: never.
    pub visible_from: Option<NaiveDateTime>,
    /// Whether the change is a minor edit.
    pub is_minor: bool,
    /// Whether the record is withdrawn because its report is.
    pub is_withdrawn_with_report: bool,
    /// Whether its report is not public: an entry has said so, and what is written meanwhile is not public either.
    pub is_hidden_with_report: bool,
}

impl EntryOptions {
    /// For a record below a report: `report` is the state of the report and `report_from` is from when it is visible;
    /// `own` is the record's own state.
    pub fn below(
        report: PublicationState,
        report_from: NaiveDateTime,
        own: PublicationState,
    ) -> Self {
        let is_shown = own.is_shown() && report.is_shown();
        Self {
            visible_from: is_shown.then_some(report_from),
            is_minor: false,
            is_withdrawn_with_report: report.is_withdrawn() && own == PublicationState::Published,
            is_hidden_with_report: !report.is_shown(),
        }
    }

    /// The action to log. `is_first` says whether the record is new.
    pub fn action(self, is_first: bool) -> &'static str {
        match (self.is_withdrawn_with_report, is_first, self.is_minor) {
            (true, _, _) => WITHDRAWN_WITH_REPORT,
            (false, true, _) => "created",
            (false, false, true) => MINOR_EDIT,
            (false, false, false) => "updated",
        }
    }
}

impl From<Option<NaiveDateTime>> for EntryOptions {
    fn from(visible_from: Option<NaiveDateTime>) -> Self {
        Self {
            visible_from,
            ..Self::default()
        }
    }
}
