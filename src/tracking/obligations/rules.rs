//! What a document about an obligation must not say or take back.

use chrono::NaiveDate;
use diesel::result::QueryResult;

use super::document::{Dispute, ObligationDocument};
use super::model::ObligationRow;
use super::queries::find_for;
use super::stamps::Stamped;
use crate::platform::db::DbConnection;
use crate::platform::identity::{Key, RecordId};
use crate::platform::mistakes::MistakeCode;
use crate::resources::collection::Collection;
use crate::resources::deadlines::terms::{Deadline, DeadlineRevision, RevisionKind};
use crate::resources::reports::views::Report;
use crate::tracking::days::DayRules;
use crate::writing::recorder::{Capacity, RecordedBy, Submission};
use crate::writing::violation::Violation;

/// Why a document cannot be stored: the recommendation is not addressed to the organisation, or a revision of a
/// deadline is not allowed.
///
/// # Errors
/// When a query fails.
pub fn forbidden(
    connection: &mut DbConnection,
    document: &ObligationDocument,
    submission: &Submission<'_>,
) -> QueryResult<Vec<Violation>> {
    let recommendation = Key::required(document.recommendation.as_ref())?;
    let Some(row) = find_for(
        connection,
        recommendation,
        document.organisation.resolved()?,
    )?
    else {
        return Ok(vec![not_addressed()]);
    };
    let mut violations = wrong_days(connection, &row, document, submission)?;
    if submission.by.capacity == Capacity::Publisher {
        violations.extend(taken_back(&row, document));
    }
    if let Some(successor) = Key::optional(document.transferred_to.as_ref())?
        && comes_back(connection, recommendation, successor, row.organisation_id)?
    {
        let rule =
            "The obligation would come back to the organisation that it is transferred from.";
        violations.push(Violation::new(
            MistakeCode::SelfReference,
            "/transferred_to",
            rule,
        ));
    }
    for (index, revision) in document.revisions.iter().enumerate() {
        let mut earlier = document.revisions.iter().take(index);
        let last = earlier.rfind(|other| other.kind == revision.kind);
        let mut deadlines = row.deadlines.iter();
        let original = deadlines.find(|deadline| deadline.kind == revision.kind);
        let before = last
            .map(|other| other.due_on)
            .or(original.and_then(Deadline::as_set));
        if let Some(rule) = broken_rule(revision, original.is_some(), before) {
            violations.push(Violation::new(
                MistakeCode::Conflict,
                format!("/revisions/{index}"),
                rule,
            ));
        }
    }
    Ok(violations)
}

/// What a publisher would take back: disputes of the addressee, and changes of deadlines.
fn taken_back(row: &ObligationRow, document: &ObligationDocument) -> Vec<Violation> {
    let mut violations = Vec::new();
    let is_kept = |before: &Dispute| {
        let by = before.recorded_by.as_ref();
        !by.is_some_and(RecordedBy::is_author)
            || document.disputes.iter().any(|after| after.is_same(before))
    };
    if !row.tracked.disputes.iter().all(is_kept) {
        let rule = "A dispute that the addressee raised stays as it was raised.";
        violations.push(Violation::new(MistakeCode::Immutable, "/disputes", rule));
    }
    let mut before = row.tracked.revisions.iter();
    let is_kept = |before: &DeadlineRevision| {
        let mut after = document.revisions.iter();
        after.any(|after| after.is_same(before))
    };
    if !before.all(is_kept) {
        let rule = "A change of a deadline stays on record: add a correction.";
        violations.push(Violation::new(MistakeCode::Immutable, "/revisions", rule));
    }
    violations
}

/// The days in a document that it cannot tell of.
fn wrong_days(
    connection: &mut DbConnection,
    row: &ObligationRow,
    document: &ObligationDocument,
    submission: &Submission<'_>,
) -> QueryResult<Vec<Violation>> {
    let mut days = DayRules::of_today(submission);
    days.day("/checked_on", document.checked_on);
    days.day("/transferred_on", document.transferred_on);
    for (index, dispute) in document.disputes.iter().enumerate() {
        days.day(
            format!("/disputes/{index}/raised_on"),
            Some(dispute.raised_on),
        );
        days.day(format!("/disputes/{index}/decided_on"), dispute.decided_on);
    }
    for (index, revision) in document.revisions.iter().enumerate() {
        days.day(format!("/revisions/{index}/set_on"), Some(revision.set_on));
    }
    let mut violations = days.violations;
    if submission.changes_what_was_public() && document.checked_on < row.tracked.checked_on {
        let rule = "A check that was public is not taken back.";
        violations.push(Violation::new(MistakeCode::Immutable, "/checked_on", rule));
    }
    let published_on = Report::row(connection, row.report_id)?.published_on;
    if document
        .transferred_on
        .is_some_and(|day| day < published_on)
    {
        let rule = "The day is before the report: address the recommendation to the successor.";
        violations.push(Violation::new(
            MistakeCode::Conflict,
            "/transferred_on",
            rule,
        ));
    }
    Ok(violations)
}

/// Whether an obligation transferred to `successor` has come from there, over any number of transfers.
fn comes_back(
    connection: &mut DbConnection,
    recommendation: RecordId,
    successor: RecordId,
    from: RecordId,
) -> QueryResult<bool> {
    let mut next = Some(successor);
    while let Some(organisation) = next {
        if organisation == from {
            return Ok(true);
        }
        let row = find_for(connection, recommendation, organisation)?;
        next = row.and_then(|row| row.transferred_to_id);
    }
    Ok(false)
}

/// The violation of a document about an organisation that the recommendation is not addressed to.
pub fn not_addressed() -> Violation {
    Violation::new(
        MistakeCode::Conflict,
        "/organisation",
        "The recommendation is not addressed to this organisation.",
    )
}

/// The rule that a revision of a deadline breaks. `before` is the deadline before it.
fn broken_rule(
    revision: &DeadlineRevision,
    has_deadline: bool,
    before: Option<NaiveDate>,
) -> Option<&'static str> {
    let Some(before) = before else {
        return (!has_deadline).then_some("The recommendation sets no deadline of this kind.");
    };
    match revision.change {
        RevisionKind::Extension if revision.set_on > before => {
            Some("An extension must be set by the deadline; a later change is a slippage.")
        }
        RevisionKind::Extension | RevisionKind::Slippage if revision.due_on <= before => Some(
            "An extension or slippage must move the deadline to a later day; use a correction to fix a wrong one.",
        ),
        _ => None,
    }
}
