//! The clock. All code that depends on the time reads it here, so that tests can set it.

use chrono::{DateTime, NaiveDateTime, SubsecRound, TimeDelta, Utc};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

/// A source of UTC time, truncated to milliseconds: PostgreSQL stores microseconds and SQLite nanoseconds, and cursors
/// and entity tags must not depend on the database.
#[derive(Clone, Debug)]
pub enum Clock {
    /// The system clock.
    System,
    /// A clock that does not advance until it is set. Milliseconds since 1970.
    Fixed(Arc<AtomicI64>),
    /// The clock of a database that several machines share: that of this machine, corrected.
    Shared(Arc<SharedClock>),
}

/// A clock and the milliseconds to add to it.
#[derive(Debug)]
pub struct SharedClock {
    machine: Clock,
    correction: AtomicI64,
}

impl Clock {
    /// A fixed clock, set to `at`.
    pub fn fixed(at: DateTime<Utc>) -> Self {
        Self::Fixed(Arc::new(AtomicI64::new(at.timestamp_millis())))
    }

    /// A clock that follows that of a database, by the clock of this machine in between.
    pub fn shared(machine: Clock) -> Self {
        let correction = AtomicI64::new(0);
        Self::Shared(Arc::new(SharedClock {
            machine,
            correction,
        }))
    }

    /// For a shared clock: what the clock of this machine says, uncorrected.
    pub fn of_machine(&self) -> Option<NaiveDateTime> {
        match self {
            Self::Shared(shared) => Some(shared.machine.now()),
            _ => None,
        }
    }

    /// Corrects a shared clock: the database's clock said `at` after that of this machine had said `asked`. It is never
    /// behind the database's, so that a read finds what was written before it. Returns `at`, truncated.
    pub fn correct(&self, at: NaiveDateTime, asked: NaiveDateTime) -> NaiveDateTime {
        let at = truncate(at);
        if let Self::Shared(shared) = self {
            let correction = (at - asked).num_milliseconds();
            shared.correction.store(correction, Ordering::SeqCst);
        }
        at
    }

    /// By how much a shared clock is corrected.
    pub fn correction(&self) -> TimeDelta {
        match self {
            Self::Shared(shared) => {
                TimeDelta::milliseconds(shared.correction.load(Ordering::SeqCst))
            }
            _ => TimeDelta::zero(),
        }
    }

    /// Sets a fixed clock; has no effect on the others.
    pub fn set(&self, at: DateTime<Utc>) {
        if let Self::Fixed(millis) = self {
            millis.store(at.timestamp_millis(), Ordering::SeqCst);
        }
    }

    /// The current time in UTC.
    #[allow(clippy::disallowed_methods)] // the only place that may read the system clock
    pub fn now(&self) -> NaiveDateTime {
        let now = match self {
            Self::System => Utc::now(),
            Self::Shared(shared) => shared.machine.now().and_utc() + self.correction(),
            Self::Fixed(millis) => {
                DateTime::from_timestamp_millis(millis.load(Ordering::SeqCst)).unwrap_or_default()
            }
        };
        truncate(now.naive_utc())
    }
}

/// Truncates `at` to milliseconds.
pub fn truncate(at: NaiveDateTime) -> NaiveDateTime {
    at.trunc_subsecs(3)
}

/// `at` as it is stored: in UTC, truncated to milliseconds.
pub fn stored(at: DateTime<Utc>) -> NaiveDateTime {
    truncate(at.naive_utc())
}

/// The calendar day in the United Kingdom at `at`.
pub fn uk_day(at: NaiveDateTime) -> chrono::NaiveDate {
    at.and_utc()
        .with_timezone(&chrono_tz::Europe::London)
        .date_naive()
}

/// The start of a calendar day in the United Kingdom, in UTC. A report dated on that day becomes visible at that
/// moment, in summer time too.
pub fn start_of_uk_day(day: chrono::NaiveDate) -> NaiveDateTime {
    use chrono::TimeZone;
    let midnight = day.and_time(chrono::NaiveTime::MIN);
    // British clocks change at 01:00 UTC, so midnight has occurred exactly once a day since 1972
    chrono_tz::Europe::London
        .from_local_datetime(&midnight)
        .earliest()
        .map_or(midnight, |local| local.naive_utc())
}

/// The first day on which something due on `due_on` is late.
pub fn late_from(due_on: chrono::NaiveDate) -> chrono::NaiveDate {
    due_on.succ_opt().unwrap_or(due_on)
}
