//! What is recorded on an obligation itself: revised deadlines, checks for a response, transfers and disputes.

use chrono::NaiveDate;
use garde::Validate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::log::Resource;
use crate::platform::identity::Key;
use crate::platform::mistakes::{MistakeCode, broken};
use crate::platform::states::PublicationState;
use crate::platform::time;
use crate::platform::values;
use crate::resources::deadlines::terms::DeadlineRevision;
use crate::writing::recorder::RecordedBy;

/// What is recorded on an obligation, as in imports and in the change log.
#[derive(Clone, Debug, Default, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ObligationDocument {
    /// Always `obligation`.
    #[serde(rename = "type", default, skip_serializing)]
    #[garde(skip)]
    pub resource: Option<Resource>,
    /// The id, derived from recommendation and organisation.
    #[serde(default, skip_serializing)]
    #[garde(skip)]
    #[schema(value_type = Option<String>, format = "uuid", max_length = 36)]
    pub id: Option<uuid::Uuid>,
    /// The report that makes the recommendation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(skip)]
    pub report: Option<Key>,
    /// The number of the recommendation in the report.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(custom(values::text(60))), custom(values::number_or_id(&self.report, &self.recommendation)))]
    #[schema(min_length = 1, max_length = 60, example = "7.1")]
    pub number: Option<String>,
    /// The recommendation, by id or slug, instead of report and number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(skip)]
    pub recommendation: Option<Key>,
    /// The addressee.
    #[garde(skip)]
    pub organisation: Key,
    /// Every revision of a deadline, oldest first. Later revisions do not replace earlier ones.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[garde(length(max = 100), dive)]
    #[schema(max_items = 100)]
    pub revisions: Vec<DeadlineRevision>,
    /// The day of the last check for a response from this addressee.
    #[serde(
        default,
        deserialize_with = "time::optional_day",
        skip_serializing_if = "Option::is_none"
    )]
    #[garde(skip)]
    pub checked_on: Option<NaiveDate>,
    /// The organisation that took over the obligation, for example after a merger. It gets an obligation of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(skip)]
    pub transferred_to: Option<Key>,
    /// The day on which it did.
    #[serde(
        default,
        deserialize_with = "time::optional_day",
        skip_serializing_if = "Option::is_none"
    )]
    #[garde(custom(set_with_successor(&self.transferred_to)))]
    pub transferred_on: Option<NaiveDate>,
    /// The disputes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[garde(length(max = 100), dive)]
    #[schema(max_items = 100)]
    pub disputes: Vec<Dispute>,
    /// A note.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(custom(values::text(5000))))]
    #[schema(min_length = 1, max_length = 5000)]
    pub note: Option<String>,
    /// The publication state.
    #[serde(default)]
    #[garde(skip)]
    pub state: PublicationState,
}

impl ObligationDocument {
    /// Whether nothing is recorded.
    pub fn is_blank(&self) -> bool {
        self.state == PublicationState::Published
            && self.revisions.is_empty()
            && self.disputes.is_empty()
            && self.transferred_to.is_none()
            && (self.checked_on, self.transferred_on) == (None, None)
            && self.note.is_none()
    }
}

/// A dispute.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Dispute {
    /// The day it was raised.
    #[serde(deserialize_with = "time::day")]
    #[garde(skip)]
    pub raised_on: NaiveDate,
    /// Who raised it; absent in documents: the addressee.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(custom(values::text(300))))]
    #[schema(min_length = 1, max_length = 300)]
    pub raised_by: Option<String>,
    /// What is disputed, and why.
    #[garde(custom(values::text(5000)))]
    #[schema(min_length = 1, max_length = 5000)]
    pub text: String,
    /// The outcome; absent while the dispute is open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(custom(values::text(5000))), custom(set_together_with(&self.decided_on)))]
    #[schema(min_length = 1, max_length = 5000)]
    pub outcome: Option<String>,
    /// The day of the decision.
    #[serde(
        default,
        deserialize_with = "time::optional_day",
        skip_serializing_if = "Option::is_none"
    )]
    #[garde(skip)]
    pub decided_on: Option<NaiveDate>,
    /// Who recorded it, and when. Set by the server.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(skip)]
    pub recorded_by: Option<RecordedBy>,
}

fn set_with_successor(
    successor: &Option<Key>,
) -> impl FnOnce(&Option<NaiveDate>, &()) -> garde::Result + '_ {
    move |day, _| match successor.is_some() == day.is_some() {
        true => Ok(()),
        false => Err(broken(
            MistakeCode::Inconsistent,
            "Set transferred_to and transferred_on together.",
        )),
    }
}

fn set_together_with(
    decided_on: &Option<NaiveDate>,
) -> impl FnOnce(&Option<String>, &()) -> garde::Result + '_ {
    move |outcome, _| match outcome.is_some() == decided_on.is_some() {
        true => Ok(()),
        false => Err(broken(
            MistakeCode::Inconsistent,
            "Set outcome and decided_on together.",
        )),
    }
}
