//! Publication states of records.

use diesel::backend::Backend;
use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::serialize::{self, Output, ToSql};
use diesel::sql_types::Text;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::db::Value;

/// The publication state of a record. Whether its publication time has come (schedule, embargo) is not a state: each
/// read computes it from the clock.
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
    /// Public once its publication time has come.
    #[default]
    Published,
    /// Public only as a notice that says by whom, when and why it was withdrawn, without the body.
    Withdrawn,
    /// Removed: reads return 410.
    Gone,
    /// Removed for legal reasons: reads return 451, and none of its content is kept.
    Erased,
}

impl PublicationState {
    /// Whether the public sees the record, or at least a notice of it, once its publication time has come.
    pub fn is_shown(self) -> bool {
        matches!(self, Self::Published | Self::Withdrawn)
    }

    /// Whether only the withdrawal notice is shown.
    pub fn is_withdrawn(self) -> bool {
        self == Self::Withdrawn
    }

    /// The value in the database and in documents.
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

/// The states in which the public can read a record.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum VisibleState {
    /// In force.
    #[default]
    Published,
    /// Withdrawn by its publisher; a notice with the reason remains.
    Withdrawn,
}

/// The state of an article or report, as shown by the API.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum EditorialState {
    /// In force.
    #[default]
    Published,
    /// Withdrawn by its publisher; a notice with the reason remains.
    Withdrawn,
    /// Becomes public at its publication time. Visible only with a token.
    Scheduled,
    /// Being written. Visible only with a token.
    Draft,
}

impl EditorialState {
    /// The value in the database. A scheduled record is a published one whose publication time has not come.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Published | Self::Scheduled => "published",
            Self::Withdrawn => "withdrawn",
            Self::Draft => "draft",
        }
    }

    /// Derives the state from the stored one and the time from which the record is visible.
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
