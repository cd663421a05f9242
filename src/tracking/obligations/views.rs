//! Obligations, as returned by the API.

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use std::collections::HashMap;
use utoipa::ToSchema;

use super::document::Dispute;
use super::model::{
    AssessmentStatus, ClaimKind, ImplementationStatus, ObligationRow, Position, StoredClaim,
};
use super::state::ResponseState;
use crate::http::references::{
    Expandable, NameReference, NumberReference, TitleReference, expandable,
};
use crate::platform::identity::RecordId;
use crate::resources::deadlines::terms::Deadline;
use crate::resources::organisations::views::Organisation;
use crate::resources::recommendations::model::ResponseRequirement;
use crate::resources::recommendations::views::Recommendation;
use crate::resources::reports::views::Report;
use crate::tracking::related_records::RelatedRecords;

/// What one recommendation asks of one organisation, and with what result.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Obligation {
    /// The id, derived from recommendation and organisation.
    #[schema(
        value_type = String,
        min_length = 36,
        max_length = 36,
        example = "760fc6ff-2c4c-8b0b-ad5f-3330977bd9bf"
    )]
    pub id: RecordId,
    /// The recommendation.
    pub recommendation: Expandable<NumberReference, Recommendation>,
    /// The report that makes the recommendation.
    pub report: Expandable<TitleReference, Report>,
    /// The addressee.
    pub organisation: Expandable<NameReference, Organisation>,
    /// The group through which the organisation is addressed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub via_group: Option<NameReference>,
    /// Whether a response is required by law, requested, or neither.
    pub response_requirement: ResponseRequirement,
    /// The deadlines, as stated by the source and as computed by the rule.
    #[schema(max_items = 6)]
    pub deadlines: Vec<Deadline>,
    /// The day by which a response is due, after any revisions. A response is late after the end of that day in the
    /// United Kingdom.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "2024-11-22")]
    pub due_on: Option<NaiveDate>,
    /// The state of the response today or, with `on` or `as_of`, on that day.
    pub response_state: ResponseState,
    /// Whether there is a holding reply.
    pub has_holding_reply: bool,
    /// The day the response was received. If that is not known: the day it was published or, if only the responder itself
    /// says so, the day it was recorded here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answered_on: Option<NaiveDate>,
    /// Who gave the first response that counts: the addressee, or somebody with its mandate.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answered_by: Option<NameReference>,
    /// Whether only somebody else, with its mandate, responded for the addressee.
    pub is_collectively_covered: bool,
    /// The position in the addressee's newest response that takes one or, without any, in that of somebody with its
    /// mandate.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub position: Option<PositionTaken>,
    /// The implementation status that the addressee reports.
    pub implementation: Implementation,
    /// The recommender's assessment.
    pub assessment: Assessed,
    /// The day of the last check for a response. Without it, the obligation is never shown as overdue.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub checked_on: Option<NaiveDate>,
    /// The organisation that took over the obligation and has an obligation of its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub transferred_to: Option<NameReference>,
    /// The day on which it did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub transferred_on: Option<NaiveDate>,
    /// What others said in the addressee's name or of its progress without its mandate. It changes nothing else in this
    /// record.
    #[schema(max_items = 100)]
    pub claims: Vec<Claim>,
    /// The disputes.
    #[schema(max_items = 100)]
    pub disputes: Vec<Dispute>,
    /// A note.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 5000)]
    pub note: Option<String>,
    /// The revision; 0 until something is recorded on the obligation itself.
    #[schema(minimum = 0, maximum = 9007199254740991_i64)]
    pub revision: i64,
    /// When anything in it last changed.
    pub updated_at: DateTime<Utc>,
}

/// The position that a response takes on a recommendation.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PositionTaken {
    /// The position, as one of the values of this API.
    pub value: Position,
    /// The position in the response's own words.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 1000)]
    pub verbatim: Option<String>,
    /// Whose response it is in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<NameReference>,
}

/// What somebody said in an addressee's name or of its progress, without its mandate.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Claim {
    /// What kind of record it is in.
    pub kind: ClaimKind,
    /// The id of that record.
    #[schema(value_type = String, min_length = 36, max_length = 36)]
    pub id: RecordId,
    /// Who said it.
    pub made_by: NameReference,
    /// The day it was published, or the day, month or year that a status applies to.
    #[schema(max_length = 10, example = "2025-08-01")]
    pub on: String,
    /// The position that it states.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub position: Option<Position>,
    /// The implementation status that it states.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub implementation_status: Option<ImplementationStatus>,
}

impl Claim {
    /// The views of stored claims, given references to organisations. A claim by one that is not public is left out.
    pub fn all(stored: &[StoredClaim], names: &HashMap<RecordId, NameReference>) -> Vec<Self> {
        let view = |claim: &StoredClaim| {
            Some(Self {
                kind: claim.kind,
                id: claim.id,
                made_by: names.get(&claim.made_by)?.clone(),
                on: claim.on.clone(),
                position: claim.position,
                implementation_status: claim.implementation_status,
            })
        };
        stored.iter().filter_map(view).collect()
    }
}

/// The implementation status that an addressee reports.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Implementation {
    /// The status.
    pub status: ImplementationStatus,
    /// The day, month or year that it applies to.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 10, example = "2025-03")]
    pub as_at: Option<String>,
}

/// The recommender's assessment.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Assessed {
    /// The status.
    pub status: AssessmentStatus,
    /// The day, month or year that it applies to.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 10, example = "2025-08-01")]
    pub as_at: Option<String>,
}

/// The full records for expanded references, by id.
#[derive(Debug, Default)]
#[allow(missing_docs)]
pub struct ExpandedRecords {
    pub recommendations: HashMap<RecordId, Recommendation>,
    pub reports: HashMap<RecordId, Report>,
    pub organisations: HashMap<RecordId, Organisation>,
}

impl Obligation {
    /// The view of a row on a day; `None` if a record that it refers to is not public.
    pub fn new(
        row: ObligationRow,
        related: &RelatedRecords,
        expanded: &ExpandedRecords,
        today: NaiveDate,
    ) -> Option<Self> {
        let report_state = related.reports.get(&row.report_id)?.state;
        let number = related.recommendation(row.recommendation_id)?;
        let title = related.report(row.report_id)?;
        let name = related.organisation(row.organisation_id)?;
        let mut details = row.tracked.clone().into_inner();
        for dispute in &mut details.disputes {
            dispute.raised_by.get_or_insert_with(|| name.name.clone());
        }
        let statements = row.statements.clone().into_inner();
        let organisation = |id: Option<RecordId>| id.and_then(|id| related.organisation(id));
        let successor = row.transferred_to_id;
        let (of_recommendation, of_report) = (row.recommendation_id, row.report_id);
        Some(Self {
            recommendation: expandable(number, of_recommendation, &expanded.recommendations),
            report: expandable(title, of_report, &expanded.reports),
            organisation: expandable(name, row.organisation_id, &expanded.organisations),
            via_group: row.via_group_id.and_then(|id| related.group(id)),
            response_state: ResponseState::of(&row, report_state, today),
            response_requirement: row.response_requirement.0,
            deadlines: row.deadlines.into_inner(),
            due_on: row.due_on,
            has_holding_reply: row.has_holding_reply,
            answered_on: row.answered_on,
            answered_by: organisation(statements.answered_by),
            is_collectively_covered: row.is_collective,
            position: row.position.map(|position| PositionTaken {
                value: position.0,
                verbatim: statements.position_verbatim,
                by: organisation(statements.position_by),
            }),
            implementation: Implementation {
                status: row.implementation_status.0,
                as_at: row.implementation_as_at,
            },
            assessment: Assessed {
                status: row.assessment_status.0,
                as_at: row.assessment_as_at,
            },
            checked_on: row.checked_on,
            transferred_to: organisation(successor),
            transferred_on: details.transferred_on,
            claims: Claim::all(&statements.claims, &related.organisations),
            disputes: details.disputes,
            note: details.note,
            id: row.id,
            revision: row.revision,
            updated_at: row.updated_at.and_utc(),
        })
    }
}
