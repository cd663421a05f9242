//! How a change is written down: from when it is seen, and as what.

use chrono::NaiveDateTime;

use crate::platform::states::PublicationState;

/// The action of a change that is of no weight.
pub const MINOR_EDIT: &str = "minor_edit";
/// The action of a change after which a record is withdrawn only because its report is: its own state does not say so.
pub const WITHDRAWN_WITH_REPORT: &str = "withdrawn_with_report";

/// How a change is written down.
#[derive(Clone, Copy, Debug, Default)]
pub struct Manner {
    /// When the record may first be seen; `None`: not at all.
    pub visible_from: Option<NaiveDateTime>,
    /// Whether the change is of no weight.
    pub is_minor: bool,
    /// Whether the record is withdrawn because its report is.
    pub is_withdrawn_with_report: bool,
}

impl Manner {
    /// That of what hangs on a report in this state, which may be seen from this moment, and has a state of its own.
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

    /// The action that the log says. `is_first` is whether the record is new.
    pub fn action(self, is_first: bool) -> &'static str {
        match (self.is_withdrawn_with_report, is_first, self.is_minor) {
            (true, _, _) => WITHDRAWN_WITH_REPORT,
            (false, true, _) => "created",
            (false, false, true) => MINOR_EDIT,
            (false, false, false) => "updated",
        }
    }
}

impl From<Option<NaiveDateTime>> for Manner {
    fn from(visible_from: Option<NaiveDateTime>) -> Self {
        Self {
            visible_from,
            ..Self::default()
        }
    }
}
