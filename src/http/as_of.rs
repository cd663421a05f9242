//! `?as_of=`: a past moment as a parameter.

use chrono::{Days, NaiveDate, NaiveDateTime, TimeDelta};
use serde::{Deserialize, Deserializer};

use super::error::ApiError;
use super::problem::ProblemCode;
use crate::platform::clock::{start_of_uk_day, uk_day};
use crate::platform::mistakes::{MistakeCode, coded};
use crate::platform::time;

/// A past moment as a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AsOf {
    /// A calendar day in the United Kingdom.
    Day(NaiveDate),
    /// A moment.
    Moment(NaiveDateTime),
}

impl AsOf {
    /// The moment; for a day, its last millisecond.
    pub fn moment(self) -> NaiveDateTime {
        match self {
            Self::Moment(moment) => moment,
            Self::Day(day) => {
                let next = day.checked_add_days(Days::new(1)).unwrap_or(day);
                start_of_uk_day(next) - TimeDelta::milliseconds(1)
            }
        }
    }

    /// Checks that it is not in the future. The clock of a client may be a minute ahead.
    ///
    /// # Errors
    /// 400 if it is.
    pub fn check(self, now: NaiveDateTime) -> Result<(), ApiError> {
        let is_in_future = match self {
            Self::Moment(moment) => moment > now + TimeDelta::minutes(1),
            Self::Day(day) => day > uk_day(now),
        };
        if is_in_future {
            let now = time::in_milliseconds(now);
            let detail = format!("This is in the future; the time of the server is {now}.");
            return Err(ApiError::parameter(MistakeCode::InFuture, "as_of", detail));
        }
        Ok(())
    }

    /// The day.
    pub fn day(self) -> NaiveDate {
        match self {
            Self::Moment(moment) => uk_day(moment),
            Self::Day(day) => day,
        }
    }
}

/// Checks that something was known at a moment, if the first entry of the log was written at `first`.
///
/// # Errors
/// 404 if nothing was.
pub fn check_is_known(moment: NaiveDateTime, first: Option<NaiveDateTime>) -> Result<(), ApiError> {
    first
        .filter(|first| moment < *first)
        .map_or(Ok(()), |first| {
            let first = time::in_milliseconds(first);
            let detail = format!("Nothing was known before {first}, when the change log begins.");
            Err(ApiError::new(ProblemCode::NothingKnownYet, detail))
        })
}

impl<'de> Deserialize<'de> for AsOf {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let moment = || {
            let at = time::parse(&text)?;
            Some(Self::Moment(at.naive_utc()))
        };
        let day = || time::parse_day(&text).map(Self::Day);
        moment().or_else(day).ok_or_else(|| {
            serde::de::Error::custom(coded(
                MistakeCode::NotATime,
                "Expected a day such as 2025-01-31, or a time such as 2025-01-31T09:00:00Z.",
            ))
        })
    }
}
