//! Publication states: where records stand with the public.

use diesel::backend::Backend;
use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::serialize::{self, Output, ToSql};
use diesel::sql_types::Text;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::db::Value;

/// Where a record stands with the public. Whether its moment has come (schedule, embargo) is computed
/// from the clock when it is read and is no state.
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
    strum::EnumString,
    strum::IntoStaticStr,
    AsExpression,
    FromSqlRow,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
#[diesel(sql_type = Text)]
pub enum PublicationState {
    /// Not public.
    Draft,
    /// Public once its moment has come.
    #[default]
    Published,
    /// Public as a notice only: who, when and why, without the body.
    Withdrawn,
    /// Removed: answers 410.
    Gone,
    /// Removed for legal reasons: answers 451, and nothing of its content is kept.
    Erased,
}

impl PublicationState {
    /// Whether the public sees the record, or at least a notice of it, once its moment has come.
    pub fn is_shown(self) -> bool {
        matches!(self, Self::Published | Self::Withdrawn)
    }

    /// Whether only a notice is left.
    pub fn is_withdrawn(self) -> bool {
        self == Self::Withdrawn
    }

    /// The word in the database and in documents.
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

impl<DB: Backend> FromSql<Text, DB> for PublicationState
where
    String: FromSql<Text, DB>,
{
    fn from_sql(bytes: DB::RawValue<'_>) -> deserialize::Result<Self> {
        Ok(String::from_sql(bytes)?.parse()?)
    }
}

impl<DB: Backend> ToSql<Text, DB> for PublicationState
where
    str: ToSql<Text, DB>,
{
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
        self.as_str().to_sql(out)
    }
}

impl From<PublicationState> for Value {
    fn from(state: PublicationState) -> Self {
        Self::from(state.as_str())
    }
}

/// The states that a reader can see as a record.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum VisibleState {
    /// In force.
    #[default]
    Published,
    /// Taken back by its publisher; the notice stays, with the reason.
    Withdrawn,
}

/// Where an article or report stands, as it is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum EditorialState {
    /// In force.
    #[default]
    Published,
    /// Taken back by its publisher; the notice stays, with the reason.
    Withdrawn,
    /// Will be public when its moment comes. Seen with a token only.
    Scheduled,
    /// Being written. Seen with a token only.
    Draft,
}

impl EditorialState {
    /// The word in the database. What is scheduled is a published record whose moment has not come.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Published | Self::Scheduled => "published",
            Self::Withdrawn => "withdrawn",
            Self::Draft => "draft",
        }
    }

    /// From the state in the database and the moment from which the record may be seen.
    pub fn of(
        state: PublicationState,
        visible_from: chrono::NaiveDateTime,
        now: chrono::NaiveDateTime,
    ) -> Self {
        match state {
            PublicationState::Withdrawn => Self::Withdrawn,
            PublicationState::Draft => Self::Draft,
            _ if visible_from > now => Self::Scheduled,
            _ => Self::Published,
        }
    }

    /// Whether the public sees records in this state.
    pub fn is_public(self) -> bool {
        matches!(self, Self::Published | Self::Withdrawn)
    }
}
