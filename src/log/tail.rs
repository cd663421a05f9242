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

/// The entries after a position, or only the newest one if there are more than are kept in memory.
pub fn since(connection: &mut DbConnection, position: i64) -> QueryResult<Vec<TailEntry>> {
    let mut sql = Sql::new(
        "SELECT c.seq, c.resource, c.resource_id AS id, a.translation_of_id AS translation_of FROM changes c \
         LEFT JOIN articles a ON a.id = c.resource_id WHERE c.seq > ",
    );
    sql.bind(position)
        .push(" ORDER BY c.seq LIMIT ")
        .bind(REMEMBERED as i64 + 1);
    let mut news: Vec<TailEntry> = sql.load(connection)?;
    if news.len() > REMEMBERED {
        // too many to process one by one: the newest alone gives the end of the log
        let mut newest = Sql::new(
            "SELECT c.seq, c.resource, c.resource_id AS id, NULL AS translation_of FROM changes c ORDER BY c.seq DESC LIMIT ",
        );
        newest.bind(1);
        news = newest.load(connection)?;
    }
    Ok(news)
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
    told: watch::Sender<i64>,
    /// When the log was last polled, in milliseconds since `started`; `u64::MAX` if no other process can write.
    seen: AtomicU64,
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
            told: watch::Sender::new(-1),
            seen: AtomicU64::new(0),
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
            self.seen.store(u64::MAX, Ordering::Release);
        }
    }

    /// The number of the newest entry; `None` before the first poll.
    pub fn followed(&self) -> Option<i64> {
        let position = self.position.load(Ordering::Acquire);
        (position >= 0).then_some(position)
    }

    /// For waiting until there are new entries.
    pub fn watch(&self) -> watch::Receiver<i64> {
        self.told.subscribe()
    }

    /// [`Tail::followed`], or `None` if other processes may have written since.
    pub fn position(&self) -> Option<i64> {
        let seen = self.seen.load(Ordering::Acquire);
        let max_staleness = self.max_staleness.load(Ordering::Acquire);
        let is_known = seen == u64::MAX || self.elapsed() <= seen + max_staleness;
        self.followed().filter(|_| is_known)
    }

    /// Adds entries that were read with [`since`]; `looked` is when that read began.
    pub fn advance(&self, news: Vec<TailEntry>, looked: Instant) {
        let mut newest = self.newest.write().unwrap_or_else(PoisonError::into_inner);
        let before = self.followed();
        let mut position = before.unwrap_or(0);
        for entry in news {
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
        if let (Some(clock), true) = (
            self.clock.get(),
            before.is_some_and(|before| before < position),
        ) {
            let now = clock.now().and_utc().timestamp_millis();
            self.since.store(now, Ordering::Release);
        }
        self.position.store(position, Ordering::Release);
        self.told
            .send_if_modified(|known| std::mem::replace(known, position) < position);
        let looked = looked.saturating_duration_since(self.started).as_millis() as u64;
        self.seen.fetch_max(looked, Ordering::AcqRel);
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

    /// Whether an entry after `from`, up to `to`, affects a response with this basis. Entries no longer in memory do.
    pub fn concerns(&self, from: i64, to: i64, basis: &Dependencies) -> bool {
        if from >= to {
            return false;
        }
        let newest = self.newest.read().unwrap_or_else(PoisonError::into_inner);
        let Some(oldest) = newest.front().map(|entry| entry.seq) else {
            return true;
        };
        if from + 1 < oldest {
            return true;
        }
        let skipped = usize::try_from(from + 1 - oldest).unwrap_or(usize::MAX);
        let later = newest.iter().skip(skipped);
        later
            .take_while(|entry| entry.seq <= to)
            .any(|entry| basis.is_concerned_by(entry))
    }

    fn elapsed(&self) -> u64 {
        self.started.elapsed().as_millis() as u64
    }
}
