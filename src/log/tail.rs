//! The tail of the log, as this node knows it: tells the response cache which responses are still valid.
//!
//! A write adds its entries before it is acknowledged, so that no later read on this node gets a response from before
//! it. The node polls for writes by other nodes and processes every [`INTERVAL`]; when that has failed for longer than
//! the maximum staleness, the tail is unknown and no cached response counts as valid.

use chrono::{DateTime, NaiveDateTime};
use diesel::prelude::*;
use diesel::result::QueryResult;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{OnceLock, PoisonError, RwLock};
use std::time::{Duration, Instant};
use tokio::sync::watch;

use super::dependencies::Dependencies;
use super::tail_entry::TailEntry;
use crate::platform::clock::Clock;
use crate::platform::db::{DbConnection, Sql};

/// How often the log is polled.
pub const INTERVAL: Duration = Duration::from_millis(200);
/// How many entries are kept in memory.
const REMEMBERED: usize = 1_000;

/// The entries after a position, in order: only the newest ones if there are more than are kept in memory.
pub fn since(connection: &mut DbConnection, position: i64) -> QueryResult<Vec<TailEntry>> {
    let mut sql = Sql::new(
        "SELECT c.seq, c.resource, c.resource_id AS id, a.translation_of_id AS translation_of FROM changes c \
         LEFT JOIN articles a ON a.id = c.resource_id WHERE c.seq > ",
    );
    sql.bind(position);
    sql.push(" ORDER BY c.seq DESC LIMIT ")
        .bind(REMEMBERED as i64);
    let mut entries: Vec<TailEntry> = sql.load(connection)?;
    entries.reverse();
    Ok(entries)
}

/// The tail of the log.
#[derive(Debug)]
pub struct Tail {
    /// The number of the newest entry; negative before the first poll.
    position: AtomicI64,
    newest: RwLock<VecDeque<TailEntry>>,
    /// When that entry became the newest, in milliseconds since 1970; `i64::MIN` if it already was at start.
    since: AtomicI64,
    clock: OnceLock<Clock>,
    /// Notifies waiting tasks of new entries.
    notifier: watch::Sender<i64>,
    /// When the log was last polled, in milliseconds since `started`; `u64::MAX` if no other process can write.
    polled: AtomicU64,
    /// How long a poll counts as current, in milliseconds.
    max_staleness: AtomicU64,
    started: Instant,
}

impl Default for Tail {
    fn default() -> Self {
        Self {
            position: AtomicI64::new(-1),
            newest: RwLock::default(),
            since: AtomicI64::new(i64::MIN),
            clock: OnceLock::new(),
            notifier: watch::Sender::new(-1),
            polled: AtomicU64::new(0),
            max_staleness: AtomicU64::new(0),
            started: Instant::now(),
        }
    }
}

impl Tail {
    /// Starts to follow the log. `is_alone` says that no other process can write to this database; otherwise a poll
    /// counts as current for `max_staleness`.
    pub fn follow(&self, clock: Clock, max_staleness: Duration, is_alone: bool) {
        let _ = self.clock.set(clock);
        self.max_staleness
            .store(max_staleness.as_millis() as u64, Ordering::Release);
        if is_alone {
            self.polled.store(u64::MAX, Ordering::Release);
        }
    }

    /// The number of the newest entry; `None` before the first poll.
    pub fn followed(&self) -> Option<i64> {
        let position = self.position.load(Ordering::Acquire);
        (position >= 0).then_some(position)
    }

    /// For waiting until there are new entries.
    pub fn watch(&self) -> watch::Receiver<i64> {
        self.notifier.subscribe()
    }

    /// [`Tail::followed`], or `None` if other processes may have written since.
    pub fn position(&self) -> Option<i64> {
        let polled = self.polled.load(Ordering::Acquire);
        let max_staleness = self.max_staleness.load(Ordering::Acquire);
        let elapsed = self.started.elapsed().as_millis() as u64;
        let is_known = elapsed <= polled.saturating_add(max_staleness);
        self.followed().filter(|_| is_known)
    }

    /// Adds entries that were read with [`since`]; `polled` is when that read began.
    pub fn advance(&self, entries: Vec<TailEntry>, polled: Instant) {
        let mut newest = self.newest.write().unwrap_or_else(PoisonError::into_inner);
        let before = self.followed();
        let mut position = before.unwrap_or(0);
        for entry in entries {
            if entry.seq <= position {
                continue; // another thread was first
            }
            if entry.seq != position + 1 {
                newest.clear();
            }
            position = entry.seq;
            newest.push_back(entry);
        }
        while newest.len() > REMEMBERED {
            newest.pop_front();
        }
        let has_grown = before.is_some_and(|before| before < position);
        if let Some(clock) = self.clock.get().filter(|_| has_grown) {
            let now = clock.now().and_utc().timestamp_millis();
            self.since.store(now, Ordering::Release);
        }
        self.position.store(position, Ordering::Release);
        self.notifier
            .send_if_modified(|known| std::mem::replace(known, position) < position);
        let polled = polled.saturating_duration_since(self.started).as_millis() as u64;
        self.polled.fetch_max(polled, Ordering::AcqRel);
    }

    /// Since when the log has ended where it does, if it last grew while this node was running. `position` is the end
    /// that a read at `now` found: if that is beyond what is known here, the result is `now`.
    pub fn since(&self, position: i64, now: NaiveDateTime) -> Option<NaiveDateTime> {
        if self.followed().is_none_or(|known| known < position) {
            return Some(now);
        }
        let since = self.since.load(Ordering::Acquire);
        DateTime::from_timestamp_millis(since).map(|since| since.naive_utc())
    }

    /// Whether an entry after `from`, up to `to`, affects a response with these dependencies. Entries no longer in memory
    /// do.
    pub fn concerns(&self, from: i64, to: i64, dependencies: &Dependencies) -> bool {
        if from >= to {
            return false;
        }
        let newest = self.newest.read().unwrap_or_else(PoisonError::into_inner);
        let Some(oldest) = newest.front().filter(|oldest| oldest.seq <= from + 1) else {
            return true;
        };
        let later = newest.iter().skip((from + 1 - oldest.seq) as usize);
        later
            .take_while(|entry| entry.seq <= to)
            .any(|entry| dependencies.is_concerned_by(entry))
    }
}
