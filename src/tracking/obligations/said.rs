//! What was said under a recommendation: the rows that obligations follow from.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;
use diesel::sql_types::{Date, Nullable, Text, Timestamp};

use super::model::{AssessmentStatus, ClaimKind, ImplementationStatus, Position, StoredClaim};
use crate::platform::clock::uk_day;
use crate::platform::db::{EnumText, Json};
use crate::platform::identity::RecordId;
use crate::platform::states::PublicationState;
use crate::tracking::days::span_of;
use crate::tracking::responses::model::{Publication, ResponseKind};
use crate::writing::recorder::RecordedBy;

/// A response that covers a recommendation, once per organisation or group that it is for.
#[derive(Clone, Debug, QueryableByName)]
#[allow(missing_docs)]
pub struct CoveringResponseRow {
    #[diesel(sql_type = Text)]
    pub id: RecordId,
    #[diesel(sql_type = Text)]
    pub state: PublicationState,
    #[diesel(sql_type = Timestamp)]
    pub created_at: NaiveDateTime,
    #[diesel(sql_type = Timestamp)]
    pub updated_at: NaiveDateTime,
    #[diesel(sql_type = Text)]
    pub responder_id: RecordId,
    #[diesel(sql_type = Text)]
    pub kind: EnumText<ResponseKind>,
    #[diesel(sql_type = Nullable<Date>)]
    pub received_on: Option<NaiveDate>,
    #[diesel(sql_type = Date)]
    pub published_on: NaiveDate,
    #[diesel(sql_type = Nullable<Text>)]
    pub recorded_by: Option<Json<RecordedBy>>,
    #[diesel(sql_type = Text)]
    pub publication: EnumText<Publication>,
    #[diesel(sql_type = Nullable<Text>)]
    pub position: Option<EnumText<Position>>,
    #[diesel(sql_type = Nullable<Text>)]
    pub position_verbatim: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub organisation_id: Option<RecordId>,
    #[diesel(sql_type = Nullable<Text>)]
    pub group_id: Option<RecordId>,
}

/// A progress update about one addressee.
#[derive(Clone, Debug, QueryableByName)]
#[allow(missing_docs)]
pub struct UpdateRow {
    #[diesel(sql_type = Text)]
    pub id: RecordId,
    #[diesel(embed)]
    pub about: StatusRow<ImplementationStatus>,
    #[diesel(sql_type = Text)]
    pub author_id: RecordId,
    #[diesel(sql_type = Nullable<Date>)]
    pub published_on: Option<NaiveDate>,
}

/// The status of one addressee, from a progress update or an assessment.
#[derive(Clone, Debug, QueryableByName)]
#[allow(missing_docs)]
pub struct StatusRow<T> {
    #[diesel(sql_type = Text)]
    pub state: PublicationState,
    #[diesel(sql_type = Timestamp)]
    pub created_at: NaiveDateTime,
    #[diesel(sql_type = Timestamp)]
    pub updated_at: NaiveDateTime,
    #[diesel(sql_type = Nullable<Text>)]
    pub recorded_by: Option<Json<RecordedBy>>,
    #[diesel(sql_type = Text)]
    pub organisation_id: RecordId,
    #[diesel(sql_type = Text)]
    pub status: EnumText<T>,
    #[diesel(sql_type = Text)]
    pub as_at: String,
}

/// The day on which something was said: as a publisher or an administrator recorded it, or else, if all there is is the
/// author's own word, the day on which it was recorded.
pub fn said_on(
    recorded_by: Option<&Json<RecordedBy>>,
    published_on: Option<NaiveDate>,
    created_at: NaiveDateTime,
) -> NaiveDate {
    if let Some(by) = recorded_by.filter(|by| by.is_author()) {
        return uk_day(by.at.naive_utc());
    }
    published_on.unwrap_or_else(|| uk_day(created_at))
}

impl CoveringResponseRow {
    /// The day on which it was said.
    pub fn said_on(&self) -> NaiveDate {
        let published_on = Some(self.published_on);
        said_on(self.recorded_by.as_ref(), published_on, self.created_at)
    }

    /// The day it was received or, if that is not known, the day on which it was said.
    pub fn day(&self) -> NaiveDate {
        self.received_on.unwrap_or_else(|| self.said_on())
    }

    /// Whether it is more than a holding reply.
    pub fn is_full(&self) -> bool {
        self.kind.0 != ResponseKind::Holding
    }

    /// The same as a claim.
    pub fn claim(&self) -> StoredClaim {
        StoredClaim {
            kind: ClaimKind::Response,
            id: self.id,
            made_by: self.responder_id,
            on: self.published_on.to_string(),
            position: self.position.map(|value| value.0),
            implementation_status: None,
        }
    }
}

impl<T> StatusRow<T> {
    /// The day on which it was said, if it was published on this one.
    fn said_on(&self, published_on: Option<NaiveDate>) -> NaiveDate {
        said_on(self.recorded_by.as_ref(), published_on, self.created_at)
    }

    /// The first day on which it was so for certain: the last one of the day, month or year that it applies to, or the day
    /// on which it was said, if that was earlier.
    fn day(&self, said_on: NaiveDate) -> NaiveDate {
        let applies = span_of(&self.as_at);
        applies.map_or(said_on, |(_, last)| last.min(said_on))
    }
}

impl StatusRow<AssessmentStatus> {
    /// The day from which on it counts.
    pub fn counts_from(&self) -> NaiveDate {
        self.day(self.said_on(None))
    }
}

impl UpdateRow {
    /// The day on which it was said.
    pub fn said_on(&self) -> NaiveDate {
        self.about.said_on(self.published_on)
    }

    /// The day from which on it counts.
    pub fn counts_from(&self) -> NaiveDate {
        self.about.day(self.said_on())
    }

    /// The same as a claim.
    pub fn claim(&self) -> StoredClaim {
        StoredClaim {
            kind: ClaimKind::ProgressUpdate,
            id: self.id,
            made_by: self.author_id,
            on: self.about.as_at.clone(),
            position: None,
            implementation_status: Some(self.about.status.0),
        }
    }
}
