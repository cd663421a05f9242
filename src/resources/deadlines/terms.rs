//! The deadlines that a recommendation sets, and what comes of them.

use chrono::NaiveDate;
use garde::Validate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::counting;
use super::rules::{self, DeadlineKind};

/// A deadline as a report sets it: by a rule, on a stated day, or both.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DeadlineTerms {
    /// What is owed.
    #[garde(skip)]
    pub kind: DeadlineKind,
    /// The rule by which the day is counted; see `/v1/deadline-rules`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(custom(known_rule)))]
    #[schema(min_length = 1, max_length = 150, example = "super-complaint-report")]
    pub rule: Option<String>,
    /// The day that the rule counts from; that of the report's publication when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(skip)]
    pub start_on: Option<NaiveDate>,
    /// The day as the source states it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(custom(day_or_rule(&self.rule)))]
    pub stated_due_on: Option<NaiveDate>,
}

fn known_rule(id: &str, _: &()) -> garde::Result {
    match rules::find(id) {
        Some(_) => Ok(()),
        None => {
            let id: String = id.chars().take(150).collect();
            Err(garde::Error::new(format!(
                "there is no deadline rule '{id}'"
            )))
        }
    }
}

fn day_or_rule(
    rule: &Option<String>,
) -> impl FnOnce(&Option<NaiveDate>, &()) -> garde::Result + '_ {
    move |stated, _| match rule.is_some() || stated.is_some() {
        true => Ok(()),
        false => Err(garde::Error::new(
            "name a rule, or the day that the source states",
        )),
    }
}

/// Each kind of deadline is set once.
pub fn each_kind_once(deadlines: &[DeadlineTerms], _: &()) -> garde::Result {
    let mut kinds: Vec<DeadlineKind> = deadlines.iter().map(|terms| terms.kind).collect();
    kinds.sort_unstable();
    match kinds
        .windows(2)
        .any(|pair| matches!(pair, [a, b] if a == b))
    {
        true => Err(garde::Error::new("the same kind of deadline is set twice")),
        false => Ok(()),
    }
}

/// A deadline, with what the software counts beside what the source states.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Deadline {
    /// What is owed.
    pub kind: DeadlineKind,
    /// The rule by which the day is counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 150, example = "super-complaint-report")]
    pub rule: Option<String>,
    /// The day that the rule counts from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start_on: Option<NaiveDate>,
    /// The day that comes out by the rule.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "2024-11-22")]
    pub computed_due_on: Option<NaiveDate>,
    /// The day as the source states it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "2024-11-22")]
    pub stated_due_on: Option<NaiveDate>,
    /// Whether the two differ.
    pub discrepancy: bool,
    /// The day that counts now: what the addressee was told, or else what the rule says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "2024-11-22")]
    pub due_on: Option<NaiveDate>,
    /// Every day that it was moved to for this addressee, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 100)]
    pub revisions: Vec<DeadlineRevision>,
}

/// A move of a deadline.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DeadlineRevision {
    /// Which deadline.
    #[garde(skip)]
    pub kind: DeadlineKind,
    /// How it came to be moved.
    #[garde(skip)]
    pub change: RevisionKind,
    /// The day that it was moved to.
    #[garde(skip)]
    #[schema(example = "2026-03-31")]
    pub due_on: NaiveDate,
    /// When it was moved.
    #[garde(skip)]
    pub set_on: NaiveDate,
    /// By whom.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(length(chars, min = 1, max = 300)))]
    #[schema(min_length = 1, max_length = 300)]
    pub by: Option<String>,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(length(chars, min = 1, max = 5000)))]
    #[schema(min_length = 1, max_length = 5000)]
    pub reason: Option<String>,
}

/// How a deadline came to be moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RevisionKind {
    /// More time was granted, before the day had passed.
    Extension,
    /// The addressee put it off.
    Slippage,
    /// The day was wrong.
    Correction,
}

impl Deadline {
    /// What comes of the terms for a report that was published on a day.
    pub fn new(terms: &DeadlineTerms, published_on: NaiveDate) -> Self {
        let rule = terms.rule.as_deref().and_then(rules::find);
        let start_on = rule.map(|_| terms.start_on.unwrap_or(published_on));
        let counted = rule
            .zip(start_on)
            .map(|(rule, from)| counting::due(rule, from));
        let computed_due_on = counted.and_then(Result::ok).map(|counted| counted.due_on);
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

    /// The day before it was ever moved.
    pub fn as_set(&self) -> Option<NaiveDate> {
        self.stated_due_on.or(self.computed_due_on)
    }

    /// The deadline with its moves: the newest counts.
    pub fn revised(mut self, revisions: &[DeadlineRevision]) -> Self {
        let own = revisions
            .iter()
            .filter(|revision| revision.kind == self.kind);
        self.revisions = own.cloned().collect();
        let newest = self.revisions.last().map(|revision| revision.due_on);
        self.due_on = newest.or(self.due_on);
        self
    }

    /// Whether the day that counts was granted.
    pub fn is_extended(&self) -> bool {
        let newest = self.revisions.last();
        newest.is_some_and(|revision| revision.change == RevisionKind::Extension)
    }

    /// The one by which a response is due: the response's own, or that of the plan that is asked for in its place.
    pub fn for_response(deadlines: &[Self]) -> Option<&Self> {
        let of = |kind| deadlines.iter().find(|deadline| deadline.kind == kind);
        of(DeadlineKind::Response).or_else(|| of(DeadlineKind::ActionPlanPublication))
    }
}

/// All deadlines that a recommendation sets. A day that stands beside the text alone is the one for the response,
/// unless one is set.
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
