//! What time it is. Everything that depends on the time asks the clock, so that tests can set it.

use chrono::{DateTime, NaiveDateTime, Timelike, Utc};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

/// The source of the time, in UTC, cut to milliseconds: PostgreSQL keeps microseconds and SQLite
/// nanoseconds, and cursors and entity tags must not depend on which it is.
#[derive(Clone, Debug)]
pub enum Clock {
    /// The machine's clock.
    System,
    /// A clock that stands still until it is moved. Milliseconds since 1970.
    Fixed(Arc<AtomicI64>),
}

impl Clock {
    /// A clock that stands at `at`.
    pub fn fixed(at: DateTime<Utc>) -> Self {
        Self::Fixed(Arc::new(AtomicI64::new(at.timestamp_millis())))
    }

    /// Moves a fixed clock; the system's clock is left alone.
    pub fn set(&self, at: DateTime<Utc>) {
        if let Self::Fixed(millis) = self {
            millis.store(at.timestamp_millis(), Ordering::SeqCst);
        }
    }

    /// The time in UTC.
    #[allow(clippy::disallowed_methods)] // the one place that may ask the machine
    pub fn now(&self) -> NaiveDateTime {
        let now = match self {
            Self::System => Utc::now(),
            Self::Fixed(millis) => {
                DateTime::from_timestamp_millis(millis.load(Ordering::SeqCst)).unwrap_or_default()
            }
        };
        truncate(now.naive_utc())
    }
}

/// `at` without what is finer than a millisecond.
pub fn truncate(at: NaiveDateTime) -> NaiveDateTime {
    at.with_nanosecond(at.nanosecond() / 1_000_000 * 1_000_000)
        .unwrap_or(at)
}

/// The calendar day in the United Kingdom at a moment.
pub fn uk_day(at: NaiveDateTime) -> chrono::NaiveDate {
    at.and_utc()
        .with_timezone(&chrono_tz::Europe::London)
        .date_naive()
}

/// The first moment of a calendar day in the United Kingdom, in UTC. A report dated on a day becomes
/// visible at that moment, in summer time too.
pub fn start_of_uk_day(day: chrono::NaiveDate) -> NaiveDateTime {
    use chrono::TimeZone;
    let midnight = day.and_time(chrono::NaiveTime::MIN);
    // British clocks change at 01:00 UTC, so that midnight exists exactly once every day since 1972
    chrono_tz::Europe::London
        .from_local_datetime(&midnight)
        .earliest()
        .map_or(midnight, |local| local.naive_utc())
}

/// The first day on which something due on a day is late.
pub fn late_from(due_on: chrono::NaiveDate) -> chrono::NaiveDate {
    due_on
        .checked_add_days(chrono::Days::new(1))
        .unwrap_or(due_on)
}
