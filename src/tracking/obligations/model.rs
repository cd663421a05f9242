//! The obligation as a row, and the words of its axes.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::platform::db::schema::obligations;
use crate::platform::db::{Json, Word};
use crate::platform::states::PublicationState;
use crate::resources::deadlines::terms::{Deadline, DeadlineRevision};
use crate::resources::recommendations::model::ResponseRequirement;
use crate::tracking::obligations::document::Dispute;

/// A row of `obligations`.
#[derive(
    Clone, Debug, PartialEq, Queryable, QueryableByName, Selectable, Insertable, AsChangeset,
)]
#[diesel(table_name = obligations, treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct ObligationRow {
    /// The id, which follows from recommendation and organisation.
    pub id: String,
    /// The same: obligations have no other name.
    pub slug: String,
    /// The publication state. It is as visible as its recommendation.
    pub state: PublicationState,
    /// The revision; 0 as long as nobody wrote to it itself.
    pub revision: i64,
    /// Its newest entry in the change log; 0 as long as there is none.
    pub change_seq: i64,
    /// When it was generated.
    pub created_at: NaiveDateTime,
    /// When something of it last changed.
    pub updated_at: NaiveDateTime,
    /// The recommendation.
    pub recommendation_id: String,
    /// The addressee.
    pub organisation_id: String,
    /// The report that makes the recommendation.
    pub report_id: String,
    /// The group through which it is addressed.
    pub via_group_id: Option<String>,
    /// The recommendation's number in a form that sorts.
    pub number_key: String,
    /// `statutory`, `requested` or `none`.
    pub response_requirement: Word<ResponseRequirement>,
    /// The deadlines, as JSON.
    pub deadlines: Json<Vec<Deadline>>,
    /// The day by which a response is due, as it stands now.
    pub due_on: Option<NaiveDate>,
    /// The same, or the last day of the calendar, to sort by.
    pub due_key: NaiveDate,
    /// Whether that day was moved by an extension.
    pub is_extended: bool,
    /// The day on which somebody last looked for a response.
    pub checked_on: Option<NaiveDate>,
    /// Whether there is a full response.
    pub is_answered: bool,
    /// The day it was received, or published when that is not known.
    pub answered_on: Option<NaiveDate>,
    /// Which of the two it is.
    pub is_receipt_known: bool,
    /// Whether the response is kept from the public.
    pub is_withheld: bool,
    /// Whether there is a holding reply.
    pub has_holding_reply: bool,
    /// Whether somebody else answered for the addressee.
    pub is_collective: bool,
    /// The position taken in the newest response.
    pub position: Option<Word<Position>>,
    /// The words for it.
    pub position_verbatim: Option<String>,
    /// How far the addressee says it is.
    pub implementation_status: Word<ImplementationStatus>,
    /// When that was so.
    pub implementation_as_at: Option<String>,
    /// What the recommender concluded.
    pub assessment_status: Word<AssessmentStatus>,
    /// When that was so.
    pub assessment_as_at: Option<String>,
    /// The organisation that took it over.
    pub transferred_to_id: Option<String>,
    /// What was recorded of the obligation itself, as JSON.
    pub tracked: Json<Tracked>,
}

/// The position that a response takes.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Serialize,
    Deserialize,
    ToSchema,
    strum::IntoStaticStr,
    strum::EnumString,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Position {
    /// It will be done.
    Accepted,
    /// A part of it will be done.
    AcceptedInPart,
    /// The aim is shared; how it is reached is left open.
    AcceptedInPrinciple,
    /// It is being thought about.
    UnderConsideration,
    /// It was read, and no more is said.
    Noted,
    /// It will not be done.
    NotAccepted,
    /// It is for somebody else to do.
    Redirected,
    /// The response does not say.
    NoPositionStated,
}

/// How far an addressee says it is.
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
    strum::IntoStaticStr,
    strum::EnumString,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum ImplementationStatus {
    /// Nothing was done yet.
    NotStarted,
    /// It is under way.
    InProgress,
    /// A part of it is done.
    PartiallyComplete,
    /// It is done.
    Complete,
    /// It will not be done.
    NoActionPlanned,
    /// There is nothing left that it applies to.
    NoLongerApplicable,
    /// Nothing was said.
    #[default]
    Unknown,
}

/// What the recommender, or another body with standing, concluded.
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
    strum::IntoStaticStr,
    strum::EnumString,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum AssessmentStatus {
    /// Nothing was concluded.
    #[default]
    NotAssessed,
    /// Open; what is done is acceptable.
    OpenAcceptable,
    /// Open; what is done is not acceptable.
    OpenUnacceptable,
    /// Closed: it was done.
    ClosedImplemented,
    /// Closed: something else was done that serves.
    ClosedAlternativeAction,
    /// Closed: it was not done.
    ClosedNotImplemented,
    /// Closed: another recommendation took its place.
    ClosedSuperseded,
    /// Closed: the recommender thought again.
    ClosedReconsidered,
    /// Closed: there is nothing left that it applies to.
    ClosedNoLongerApplicable,
    /// Closed without a response.
    ClosedNoResponse,
}

/// What was recorded of an obligation itself; empty where nothing was.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Tracked {
    /// When it was recorded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recorded_at: Option<NaiveDateTime>,
    /// Every day that a deadline was moved to, oldest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub revisions: Vec<DeadlineRevision>,
    /// When somebody last looked for a response.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub checked_on: Option<NaiveDate>,
    /// The organisation that took it over.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub transferred_to: Option<String>,
    /// What was disputed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub disputes: Vec<Dispute>,
    /// What else is to be known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}
