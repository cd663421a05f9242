//! The deadlines that a recommendation sets, and their due dates.

use chrono::NaiveDate;
use garde::Validate;
use serde::{Deserialize, Serialize};
use std::collections::HashSet;
use utoipa::ToSchema;

use super::counting;
use super::rules::{self, DeadlineKind};
use crate::platform::mistakes::{MistakeCode, broken};
use crate::platform::time;
use crate::platform::values;
use crate::writing::recorder::RecordedBy;

/// A deadline as set by a report: by a rule, by a stated due date, or both.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DeadlineTerms {
    /// What is due.
    #[garde(skip)]
    pub kind: DeadlineKind,
    /// The rule that the due date is computed by; see `/v1/deadline-rules`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(custom(is_known_rule)))]
    #[schema(min_length = 1, max_length = 150, example = "super-complaint-report")]
    pub rule: Option<String>,
    /// The day that the rule counts from. Default: the day of the report's publication.
    #[serde(
        default,
        deserialize_with = "time::optional_day",
        skip_serializing_if = "Option::is_none"
    )]
    #[garde(skip)]
    pub start_on: Option<NaiveDate>,
    /// The due date as the source states it.
    #[serde(
        default,
        deserialize_with = "time::optional_day",
        skip_serializing_if = "Option::is_none"
    )]
    #[garde(custom(rule_or_stated_day(&self.rule)))]
    pub stated_due_on: Option<NaiveDate>,
}

fn is_known_rule(id: &str, _: &()) -> garde::Result {
    if rules::find(id).is_some() {
        return Ok(());
    }
    let id: String = id.chars().take(150).collect();
    let detail = format!("There is no deadline rule '{id}'.");
    Err(broken(MistakeCode::UnknownReference, detail))
}

fn rule_or_stated_day(
    rule: &Option<String>,
) -> impl FnOnce(&Option<NaiveDate>, &()) -> garde::Result + '_ {
    move |stated, _| match rule.is_some() || stated.is_some() {
        true => Ok(()),
        false => Err(broken(
            MistakeCode::Required,
            "Give a rule or the stated due date.",
        )),
    }
}

/// Validates that each kind of deadline is set at most once.
///
/// # Errors
/// If a kind of deadline is set twice.
pub fn each_kind_once(deadlines: &[DeadlineTerms], _: &()) -> garde::Result {
    let kinds: HashSet<DeadlineKind> = deadlines.iter().map(|terms| terms.kind).collect();
    match kinds.len() == deadlines.len() {
        true => Ok(()),
        false => Err(broken(
            MistakeCode::ListedTwice,
            "Each kind of deadline can be set only once.",
        )),
    }
}

/// A deadline, with the due dates that the source states and that the rule gives.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Deadline {
    /// What is due.
    pub kind: DeadlineKind,
    /// The rule that the due date is computed by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 150, example = "super-complaint-report")]
    pub rule: Option<String>,
    /// The day that the rule counts from.
    #[serde(
        default,
        deserialize_with = "time::optional_day",
        skip_serializing_if = "Option::is_none"
    )]
    pub start_on: Option<NaiveDate>,
    /// The due date computed by the rule.
    #[serde(
        default,
        deserialize_with = "time::optional_day",
        skip_serializing_if = "Option::is_none"
    )]
    #[schema(example = "2024-11-22")]
    pub computed_due_on: Option<NaiveDate>,
    /// The due date as the source states it.
    #[serde(
        default,
        deserialize_with = "time::optional_day",
        skip_serializing_if = "Option::is_none"
    )]
    #[schema(example = "2024-11-22")]
    pub stated_due_on: Option<NaiveDate>,
    /// Whether the computed and the stated due date differ.
    pub discrepancy: bool,
    /// The due date in effect: the latest revision, or else the stated one, or else the computed one.
    #[serde(
        default,
        deserialize_with = "time::optional_day",
        skip_serializing_if = "Option::is_none"
    )]
    #[schema(example = "2024-11-22")]
    pub due_on: Option<NaiveDate>,
    /// The revisions of the due date for this addressee, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 100)]
    pub revisions: Vec<DeadlineRevision>,
}

/// A revision of a due date.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DeadlineRevision {
    /// The kind of deadline.
    #[garde(skip)]
    pub kind: DeadlineKind,
    /// The kind of revision.
    #[garde(skip)]
    pub change: RevisionKind,
    /// The new due date.
    #[serde(deserialize_with = "time::day")]
    #[garde(skip)]
    #[schema(example = "2026-03-31")]
    pub due_on: NaiveDate,
    /// The day of the revision.
    #[serde(deserialize_with = "time::day")]
    #[garde(skip)]
    pub set_on: NaiveDate,
    /// Who revised it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(custom(values::text(300))))]
    #[schema(min_length = 1, max_length = 300)]
    pub by: Option<String>,
    /// The reason.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(custom(values::text(5000))))]
    #[schema(min_length = 1, max_length = 5000)]
    pub reason: Option<String>,
    /// Who recorded it, and when. Set by the server.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(skip)]
    pub recorded_by: Option<RecordedBy>,
}

/// The kind of a revision.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RevisionKind {
    /// An extension, granted before the due date had passed.
    Extension,
    /// A delay by the addressee.
    Slippage,
    /// A correction of a wrong date.
    Correction,
}

/// A revision, with the day from which on it counts.
#[derive(Clone, Copy, Debug)]
pub struct DatedRevision<'a> {
    /// The revision.
    pub revision: &'a DeadlineRevision,
    /// The day; `None`: from the beginning.
    pub counts_from: Option<NaiveDate>,
}

impl DatedRevision<'_> {
    /// Whether it counts on a day.
    pub fn counts_on(&self, day: NaiveDate) -> bool {
        self.counts_from.is_none_or(|from| from <= day)
    }
}

/// The days from which on revisions count: from when they were made; a correction, from when what it corrects did.
pub fn dated(revisions: &[DeadlineRevision]) -> Vec<DatedRevision<'_>> {
    let mut dated: Vec<DatedRevision<'_>> = Vec::new();
    for revision in revisions {
        let mut earlier = dated.iter();
        let corrected = earlier.rfind(|earlier| earlier.revision.kind == revision.kind);
        let counts_from = match revision.change {
            RevisionKind::Correction => corrected.and_then(|corrected| corrected.counts_from),
            RevisionKind::Extension | RevisionKind::Slippage => Some(revision.set_on),
        };
        dated.push(DatedRevision {
            revision,
            counts_from,
        });
    }
    dated
}

impl Deadline {
    /// The deadline with these terms, for a report published on this day.
    pub fn new(terms: &DeadlineTerms, published_on: NaiveDate) -> Self {
        let rule = terms.rule.as_deref().and_then(rules::find);
        let start_on = rule.map(|_| terms.start_on.unwrap_or(published_on));
        let period = rule.zip(start_on);
        let counted = period.and_then(|(rule, from)| counting::due(rule, from).ok());
        let computed_due_on = counted.map(|counted| counted.due_on);
        let stated_due_on = terms.stated_due_on;
        Self {
            kind: terms.kind,
            rule: terms.rule.clone(),
            start_on,
            computed_due_on,
            stated_due_on,
            discrepancy: computed_due_on
                .zip(stated_due_on)
                .is_some_and(|(computed, stated)| computed != stated),
            due_on: stated_due_on.or(computed_due_on),
            revisions: Vec::new(),
        }
    }

    /// The due date before any revision.
    pub fn as_set(&self) -> Option<NaiveDate> {
        self.stated_due_on.or(self.computed_due_on)
    }

    /// The deadline with its revisions, of which the latest is in effect.
    pub fn revised(mut self, revisions: &[DeadlineRevision]) -> Self {
        let own = revisions
            .iter()
            .filter(|revision| revision.kind == self.kind);
        self.revisions = own.cloned().collect();
        let newest = self.revisions.last().map(|revision| revision.due_on);
        self.due_on = newest.or(self.due_on);
        self
    }

    /// Whether it was extended, whatever changed afterwards.
    pub fn is_extended(&self) -> bool {
        let mut revisions = self.revisions.iter();
        revisions.any(|revision| revision.change == RevisionKind::Extension)
    }

    /// The deadline for a response or, if there is none, for the action plan that is due in its place.
    pub fn for_response(deadlines: &[Self]) -> Option<&Self> {
        let of = |kind| deadlines.iter().find(|deadline| deadline.kind == kind);
        of(DeadlineKind::Response).or_else(|| of(DeadlineKind::ActionPlanPublication))
    }
}

/// All deadlines of a recommendation. If its terms set none, a stated due date is the deadline for a response.
pub fn of_recommendation(
    terms: &[DeadlineTerms],
    stated_due_on: Option<NaiveDate>,
    published_on: NaiveDate,
) -> Vec<Deadline> {
    let mut deadlines: Vec<Deadline> = terms
        .iter()
        .map(|terms| Deadline::new(terms, published_on))
        .collect();
    if deadlines.is_empty() && stated_due_on.is_some() {
        let terms = DeadlineTerms {
            kind: DeadlineKind::Response,
            rule: None,
            start_on: None,
            stated_due_on,
        };
        deadlines.push(Deadline::new(&terms, published_on));
    }
    deadlines
}
