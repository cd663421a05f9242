//! How a change is logged: from when the record is visible, and with which action.

use chrono::NaiveDateTime;

use crate::platform::states::PublicationState;

/// The action of a minor edit.
pub const MINOR_EDIT: &str = "minor_edit";
/// The action of a change after which a record is withdrawn only because its report is: its own state does not say so.
pub const WITHDRAWN_WITH_REPORT: &str = "withdrawn_with_report";

/// How to log a change.
#[derive(Clone, Copy, Debug, Default)]
pub struct EntryOptions {
    /// From when the record is visible; `None`: never.
    pub visible_from: Option<NaiveDateTime>,
    /// Whether the change is a minor edit.
    pub is_minor: bool,
    /// Whether the record is withdrawn because its report is.
    pub is_withdrawn_with_report: bool,
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
