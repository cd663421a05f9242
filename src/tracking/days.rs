//! Which days a record can tell of. Nobody can tell of the future. A body's own word cannot be older than the report that
//! it is about; a publisher of the report may record what came before.

use chrono::{Months, NaiveDate};
use diesel::result::QueryResult;
use serde_json::{Map, Value};

use crate::log::entries;
use crate::platform::db::DbConnection;
use crate::platform::identity::RecordId;
use crate::platform::mistakes::MistakeCode;
use crate::resources::collection::Collection;
use crate::resources::reports::views::Report;
use crate::writing::recorder::Submission;
use crate::writing::violation::Violation;

/// The violations of the days in a document about a report.
pub struct DayRules {
    today: NaiveDate,
    /// The first day that the caller may tell of.
    first: NaiveDate,
    /// The document as it was: a day that stays as it is breaks no rule.
    before: Option<Map<String, Value>>,
    /// The violations so far.
    pub violations: Vec<Violation>,
}

impl DayRules {
    /// The rules for a document about this report.
    ///
    /// # Errors
    /// When the query fails or there is no such report.
    pub fn new(
        connection: &mut DbConnection,
        report: RecordId,
        id: RecordId,
        submission: &Submission<'_>,
    ) -> QueryResult<Self> {
        let before = match submission.previous {
            Some(_) => entries::newest(connection, id)?,
            None => None,
        };
        let first = match submission.by.is_author() {
            true => Report::row(connection, report)?.published_on,
            false => NaiveDate::MIN,
        };
        Ok(Self {
            first,
            before: before.map(|entry| entry.document()).transpose()?.flatten(),
            ..Self::of_today(submission)
        })
    }

    /// The rules for a document about no report, or that only publishers write.
    pub fn of_today(submission: &Submission<'_>) -> Self {
        Self {
            today: submission.today(),
            first: NaiveDate::MIN,
            before: None,
            violations: Vec::new(),
        }
    }

    /// Checks a day.
    pub fn day(&mut self, pointer: impl Into<String>, day: Option<NaiveDate>) {
        let pointer = pointer.into();
        if let Some(day) = day.filter(|day| !self.is_kept(&pointer, &day.to_string())) {
            self.span(pointer, day, day);
        }
    }

    /// Checks a day, month or year, which must have begun, and must not have ended before the report.
    pub fn partial(&mut self, pointer: &str, text: &str) {
        if self.is_kept(pointer, text) {
            return;
        }
        if let Some((first, last)) = span_of(text) {
            self.span(pointer.to_owned(), first, last);
        }
    }

    fn is_kept(&self, pointer: &str, text: &str) -> bool {
        let name = pointer.trim_start_matches('/');
        let before = self.before.as_ref().and_then(|before| before.get(name));
        before.and_then(Value::as_str) == Some(text)
    }

    fn span(&mut self, pointer: String, first: NaiveDate, last: NaiveDate) {
        let (code, rule) = if first > self.today {
            (MistakeCode::InFuture, "The day is in the future.")
        } else if last < self.first {
            (
                MistakeCode::InPast,
                "The day is before the report was published; what came before is recorded by a publisher of the report.",
            )
        } else {
            return;
        };
        self.violations.push(Violation::new(code, pointer, rule));
    }
}

/// The first and the last day of a day, month or year as text; `None` if it is none, which other rules report.
pub fn span_of(text: &str) -> Option<(NaiveDate, NaiveDate)> {
    let months = match text.len() {
        4 => 12,
        7 => 1,
        _ => return text.parse().ok().map(|day| (day, day)),
    };
    let padded = format!("{text}-01-01");
    let first: NaiveDate = padded.get(..10)?.parse().ok()?;
    let next = first.checked_add_months(Months::new(months))?;
    Some((first, next.pred_opt()?))
}
