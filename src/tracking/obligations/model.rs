//! The obligation as a row, and the values of its statuses.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;
use diesel::result::QueryResult;
use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr};
use utoipa::ToSchema;

use crate::platform::db::schema::obligation_spans;
use crate::platform::db::{EnumText, Json};
use crate::platform::identity::{Key, RecordId};
use crate::platform::states::PublicationState;
use crate::platform::time;
use crate::resources::deadlines::terms::{Deadline, DeadlineRevision};
use crate::resources::recommendations::model::ResponseRequirement;
use crate::tracking::obligations::document::Dispute;

/// A row of `obligation_spans`: an obligation, as it stood on a span of days. Those that have not ended are `obligations`.
#[derive(
    Clone, Debug, PartialEq, Queryable, QueryableByName, Selectable, Insertable, AsChangeset,
)]
#[diesel(table_name = obligation_spans, primary_key(id, until_on), treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct ObligationRow {
    /// The id, derived from recommendation and organisation.
    pub id: RecordId,
    /// The publication state. The obligation is as visible as its recommendation.
    pub state: PublicationState,
    /// The revision; 0 until something is recorded on the obligation itself.
    pub revision: i64,
    /// The newest entry in the change log; 0 if there is none.
    pub change_seq: i64,
    /// When it was generated.
    pub created_at: NaiveDateTime,
    /// When anything in it last changed.
    pub updated_at: NaiveDateTime,
    /// The recommendation.
    pub recommendation_id: RecordId,
    /// The addressee.
    pub organisation_id: RecordId,
    /// The report that makes the recommendation.
    pub report_id: RecordId,
    /// The group through which the organisation is addressed.
    pub via_group_id: Option<RecordId>,
    /// `statutory`, `requested` or `none`.
    pub response_requirement: EnumText<ResponseRequirement>,
    /// The deadlines, as JSON.
    pub deadlines: Json<Vec<Deadline>>,
    /// The day by which a response is due, after any revisions.
    pub due_on: Option<NaiveDate>,
    /// A sort key: `due_on`, or the last possible date.
    pub due_key: NaiveDate,
    /// Whether it was extended.
    pub is_extended: bool,
    /// The day of the last check for a response.
    pub checked_on: Option<NaiveDate>,
    /// Whether there is a full response.
    pub is_answered: bool,
    /// The day it was received, or published if the day of receipt is not known.
    pub answered_on: Option<NaiveDate>,
    /// Whether `answered_on` is the day of receipt.
    pub is_receipt_known: bool,
    /// Whether the response is withheld from the public.
    pub is_withheld: bool,
    /// Whether there is a holding reply.
    pub has_holding_reply: bool,
    /// Whether only somebody else responded for the addressee.
    pub is_collective: bool,
    /// The position that counts: the addressee's own or, without any, that of somebody with its mandate.
    pub position: Option<EnumText<Position>>,
    /// The implementation status that the addressee reports.
    pub implementation_status: EnumText<ImplementationStatus>,
    /// The day, month or year that it applies to.
    pub implementation_as_at: Option<String>,
    /// The recommender's assessment.
    pub assessment_status: EnumText<AssessmentStatus>,
    /// The day, month or year that it applies to.
    pub assessment_as_at: Option<String>,
    /// The organisation that took over the obligation.
    pub transferred_to_id: Option<RecordId>,
    /// What was recorded on the obligation itself, as JSON.
    pub tracked: Json<ObligationDetails>,
    /// Who said what, as JSON.
    pub statements: Json<Statements>,
    /// The first day of the span.
    pub from_on: NaiveDate,
    /// The day after the last day of the span; [`time::LAST_DAY`] if it has not ended.
    pub until_on: NaiveDate,
}

/// Who answered, whose the position is and in which words, and what others claim.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Statements {
    /// Who gave the first response that counts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answered_by: Option<RecordId>,
    /// Who gave the response that the position is from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub position_by: Option<RecordId>,
    /// The position in the response's own words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub position_verbatim: Option<String>,
    /// What others said without a mandate, oldest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub claims: Vec<StoredClaim>,
}

impl Statements {
    /// All those who are named.
    pub fn speakers(&self) -> impl Iterator<Item = RecordId> {
        let claims = self.claims.iter().map(|claim| claim.made_by);
        let others = [self.answered_by, self.position_by].into_iter().flatten();
        others.chain(claims)
    }
}

/// What somebody without a mandate said in an addressee's name or of its progress.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredClaim {
    /// What kind of record it is in.
    pub kind: ClaimKind,
    /// That record.
    pub id: RecordId,
    /// Who said it.
    pub made_by: RecordId,
    /// The day it was published, or the day, month or year that a status applies to.
    pub on: String,
    /// The position that it states.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<Position>,
    /// The implementation status that it states.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub implementation_status: Option<ImplementationStatus>,
}

/// What kind of record a claim is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ClaimKind {
    /// A response on behalf of the addressee.
    Response,
    /// A progress update about the addressee.
    ProgressUpdate,
}

/// The position that a response takes on a recommendation.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, EnumString, IntoStaticStr,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Position {
    /// The recommendation will be implemented.
    Accepted,
    /// A part of it will be implemented.
    AcceptedInPart,
    /// The aim is accepted; how to reach it is left open.
    AcceptedInPrinciple,
    /// A decision has not been made yet.
    UnderConsideration,
    /// It is acknowledged without further comment.
    Noted,
    /// It will not be implemented.
    NotAccepted,
    /// It is for somebody else to implement.
    Redirected,
    /// The response states no position.
    NoPositionStated,
}

/// The implementation status that an addressee reports.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    Serialize,
    Deserialize,
    ToSchema,
    IntoStaticStr,
    EnumString,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum ImplementationStatus {
    /// Nothing has been done yet.
    NotStarted,
    /// Implementation is under way.
    InProgress,
    /// A part of it is implemented.
    PartiallyComplete,
    /// It is implemented.
    Complete,
    /// No action is planned.
    NoActionPlanned,
    /// It no longer applies.
    NoLongerApplicable,
    /// Nothing has been reported.
    #[default]
    Unknown,
}

/// The recommender's conclusion about an addressee.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    Serialize,
    Deserialize,
    ToSchema,
    IntoStaticStr,
    EnumString,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum AssessmentStatus {
    /// There is no assessment.
    #[default]
    NotAssessed,
    /// Open; the action so far is acceptable.
    OpenAcceptable,
    /// Open; the action so far is not acceptable.
    OpenUnacceptable,
    /// Closed: it was implemented.
    ClosedImplemented,
    /// Closed: an acceptable alternative was implemented.
    ClosedAlternativeAction,
    /// Closed: it was not implemented.
    ClosedNotImplemented,
    /// Closed: it was superseded by another recommendation.
    ClosedSuperseded,
    /// Closed: the recommender reconsidered it.
    ClosedReconsidered,
    /// Closed: it no longer applies.
    ClosedNoLongerApplicable,
    /// Closed: no response was received.
    ClosedNoResponse,
}

impl AssessmentStatus {
    /// Whether the recommender has closed the obligation.
    pub fn is_closed(self) -> bool {
        !matches!(
            self,
            Self::NotAssessed | Self::OpenAcceptable | Self::OpenUnacceptable
        )
    }
}

/// What was recorded on an obligation itself; empty if nothing was.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ObligationDetails {
    /// When it was recorded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recorded_at: Option<NaiveDateTime>,
    /// Every revision of a deadline, oldest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub revisions: Vec<DeadlineRevision>,
    /// The day of the last check for a response.
    #[serde(
        deserialize_with = "time::optional_day",
        skip_serializing_if = "Option::is_none"
    )]
    pub checked_on: Option<NaiveDate>,
    /// The organisation that took over the obligation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub transferred_to: Option<Key>,
    /// The day on which it did.
    #[serde(
        deserialize_with = "time::optional_day",
        skip_serializing_if = "Option::is_none"
    )]
    pub transferred_on: Option<NaiveDate>,
    /// The disputes.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub disputes: Vec<Dispute>,
    /// A note.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

impl ObligationDetails {
    /// The organisation that took over the obligation.
    pub fn successor(&self) -> Option<RecordId> {
        self.transferred_to.as_ref().and_then(Key::id)
    }

    /// The organisation that took over the obligation, and the day on which it did.
    pub fn transfer(&self) -> Option<(RecordId, NaiveDate)> {
        self.successor().zip(self.transferred_on)
    }
}

impl ObligationRow {
    /// Hides what was said and concluded: of an obligation that was withdrawn, only the notice is shown.
    pub fn hide_statements(&mut self) -> QueryResult<()> {
        (self.is_answered, self.is_collective, self.has_holding_reply) = (false, false, false);
        (self.answered_on, self.position, self.transferred_to_id) = (None, None, None);
        (self.implementation_status, self.implementation_as_at) = (EnumText::default(), None);
        (self.assessment_status, self.assessment_as_at) = (EnumText::default(), None);
        self.statements = Json::new(Statements::default())?;
        self.tracked = Json::new(ObligationDetails::default())?;
        Ok(())
    }
}
