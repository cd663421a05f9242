//! Cuts an obligation into spans of days: on all days of a span, its dated facts are the same.

use chrono::NaiveDate;
use diesel::result::QueryResult;

use super::document::Dispute;
use super::facts::Facts;
use super::model::{ObligationDetails, ObligationRow};
use crate::platform::db::Json;
use crate::platform::identity::Key;
use crate::platform::time::LAST_DAY;
use crate::resources::deadlines::terms::{DatedRevision, Deadline, DeadlineRevision, dated};

/// An obligation, with its dated facts.
pub struct DatedObligation<'a> {
    /// What is the same on each day, and the first day. The other columns are set for each span.
    pub row: ObligationRow,
    /// The deadlines as they were set.
    pub deadlines: &'a [Deadline],
    /// The revisions of deadlines of those from whom the organisation took the obligation over.
    pub inherited: &'a [DeadlineRevision],
    /// What was said.
    pub facts: Facts<'a>,
}

impl DatedObligation<'_> {
    /// The spans, oldest first, of which the last one has not ended.
    ///
    /// # Errors
    /// When a column cannot be stored as JSON.
    pub fn spans(self) -> QueryResult<Vec<ObligationRow>> {
        let begins_on = self.row.from_on;
        let details = self.row.tracked.clone().into_inner();
        let revisions = [self.inherited, &details.revisions].concat();
        let inherited = self.inherited.len();
        let revisions = dated(&revisions);
        let set = revisions.iter().filter_map(|revision| revision.counts_from);
        let disputes = details.disputes.iter();
        let disputed = disputes.flat_map(|one| [Some(one.raised_on), one.decided_on]);
        let other = disputed.chain([details.transferred_on]).flatten();
        let days = self.facts.days().chain(set).chain(other);
        let mut days: Vec<NaiveDate> = days.filter(|day| *day > begins_on).collect();
        days.push(begins_on);
        days.sort_unstable();
        days.dedup();
        let mut spans: Vec<ObligationRow> = Vec::new();
        for day in days {
            let mut row = self.row.clone();
            set_deadlines(&mut row, self.deadlines, &revisions, day)?;
            let own = revisions.get(inherited..).unwrap_or_default();
            row.tracked = Json::new(details_on(&details, own, day))?;
            row.transferred_to_id = Key::optional(row.tracked.transferred_to.as_ref())?;
            self.facts.apply(&mut row, day)?;
            push(&mut spans, row, day);
        }
        Ok(spans)
    }
}

/// Adds a span that begins on this day, unless it is the same as the last one.
fn push(spans: &mut Vec<ObligationRow>, mut row: ObligationRow, day: NaiveDate) {
    row.until_on = LAST_DAY;
    row.from_on = day;
    if let Some(last) = spans.last_mut() {
        row.from_on = last.from_on;
        if row == *last {
            return;
        }
        last.until_on = day;
        row.from_on = day;
    }
    spans.push(row);
}

fn set_deadlines(
    row: &mut ObligationRow,
    deadlines: &[Deadline],
    revisions: &[DatedRevision<'_>],
    day: NaiveDate,
) -> QueryResult<()> {
    let revisions: Vec<DeadlineRevision> = counting(revisions, day).collect();
    let deadlines = deadlines.iter().cloned();
    let deadlines: Vec<Deadline> = deadlines.map(|one| one.revised(&revisions)).collect();
    let response = Deadline::for_response(&deadlines);
    row.due_on = response.and_then(|deadline| deadline.due_on);
    row.due_key = row.due_on.unwrap_or(LAST_DAY);
    row.is_extended = response.is_some_and(Deadline::is_extended);
    row.deadlines = Json::new(deadlines)?;
    Ok(())
}

fn counting<'a>(
    revisions: &'a [DatedRevision<'_>],
    day: NaiveDate,
) -> impl Iterator<Item = DeadlineRevision> + 'a {
    let counting = revisions
        .iter()
        .filter(move |revision| revision.counts_on(day));
    counting.map(|revision| revision.revision.clone())
}

/// What of the details was so on a day. What has no day of its own was always so.
fn details_on(
    details: &ObligationDetails,
    revisions: &[DatedRevision<'_>],
    day: NaiveDate,
) -> ObligationDetails {
    let is_transferred = details.transferred_on.is_some_and(|on| on <= day);
    let disputes = details.disputes.iter().filter(|one| one.raised_on <= day);
    let disputes = disputes.map(|dispute| match dispute.decided_on {
        Some(on) if on > day => Dispute {
            outcome: None,
            decided_on: None,
            ..dispute.clone()
        },
        _ => dispute.clone(),
    });
    ObligationDetails {
        revisions: counting(revisions, day).collect(),
        transferred_to: details.transferred_to.clone().filter(|_| is_transferred),
        transferred_on: details.transferred_on.filter(|_| is_transferred),
        disputes: disputes.collect(),
        ..details.clone()
    }
}
