//! The tail of the log, as this node knows it: tells the response cache which responses are still valid.
//!
//! A write adds its entries before it is acknowledged, so that no later read on this node gets a response from before
//! it. The node polls for writes by other nodes and processes every [`INTERVAL`]; when that has failed for longer than
//! the maximum staleness, the tail is unknown and no cached response counts as valid.
//!
//! Each read checks that the log still has the entry that was the newest before. If not, it was put back: the tail
//! starts anew, in another epoch, and what was derived in the one before no longer counts.

use chrono::{DateTime, NaiveDateTime};
use diesel::prelude::*;
use diesel::result::QueryResult;
use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{OnceLock, PoisonError, RwLock, RwLockReadGuard};
use std::time::{Duration, Instant};
use tokio::sync::watch;

use super::dependencies::Dependencies;
use super::forks;
use super::lineage::Lineage;
use super::tail_entry::TailEntry;
use crate::platform::clock::Clock;
use crate::platform::db::{DbConnection, Sql};

/// How often the log is polled.
pub const INTERVAL: Duration = Duration::from_millis(200);
/// How many entries are kept in memory.
const REMEMBERED: usize = 1_000;

/// What was read of the log.
#[derive(Debug)]
pub struct TailReading {
    /// The entries after those that were known; only the newest if there are more than are kept in memory.
    entries: Vec<TailEntry>,
    /// The epoch that was known before.
    known_epoch: i64,
    /// The lineage of the last entry, if the tail starts anew.
    start: Option<Lineage>,
    /// Whether the log no longer has the newest entry that was known.
    pub is_put_back: bool,
}

/// Reads what follows the entries that are known; `None` if none is.
pub fn read(connection: &mut DbConnection, known: Option<&Lineage>) -> QueryResult<TailReading> {
    let Some(known) = known else {
        return start(connection, 0, false);
    };
    let (position, digest) = known.newest();
    let mut entries = newest(connection, position)?;
    let has_left = match entries.first() {
        Some(first) if first.seq == position => first.digest != digest,
        Some(first) if first.seq <= position + 1 && entries.len() < REMEMBERED => position > 0,
        // more than are kept in memory
        Some(_) => known.left_after(connection)?.is_some(),
        None => position > 0,
    };
    let epoch = entries.last().map_or(known.epoch, |entry| entry.epoch);
    if has_left || epoch != known.epoch {
        return start(connection, known.epoch, has_left || epoch < known.epoch);
    }
    entries.retain(|entry| entry.seq > position);
    Ok(TailReading {
        entries,
        known_epoch: known.epoch,
        start: None,
        is_put_back: false,
    })
}

/// Reads the end of the log, of which nothing is known.
fn start(
    connection: &mut DbConnection,
    known_epoch: i64,
    is_put_back: bool,
) -> QueryResult<TailReading> {
    let entries = newest(connection, 0)?;
    let end = entries.last().map_or(0, |entry| entry.seq);
    let epoch = forks::newest(connection)?;
    let lineage = Lineage::of(connection, end)?;
    Ok(TailReading {
        entries,
        known_epoch,
        start: Some(lineage.in_epoch(epoch)),
        is_put_back,
    })
}

/// The newest entries, from `first` on, in order.
fn newest(connection: &mut DbConnection, first: i64) -> QueryResult<Vec<TailEntry>> {
    let mut sql = Sql::new(
        "SELECT c.seq, c.resource, c.resource_id AS id, a.translation_of_id AS translation_of, a.links, a.published_at, \
         substr(c.digest, 1, 16) AS digest, (SELECT coalesce(max(number), 0) FROM log_forks) AS epoch \
         FROM changes c LEFT JOIN articles a ON a.id = c.resource_id WHERE c.seq >= ",
    );
    sql.bind(first);
    sql.push(" ORDER BY c.seq DESC LIMIT ")
        .bind(REMEMBERED as i64);
    let mut entries: Vec<TailEntry> = sql.load(connection)?;
    entries.reverse();
    Ok(entries)
}

/// What is kept in memory.
#[derive(Debug, Default)]
struct Remembered {
    entries: VecDeque<TailEntry>,
    lineage: Lineage,
}

/// The tail of the log.
#[derive(Debug)]
pub struct Tail {
    /// The number of the newest entry; negative before the first poll.
    position: AtomicI64,
    /// The number of the newest fork of the log.
    epoch: AtomicI64,
    remembered: RwLock<Remembered>,
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
            epoch: AtomicI64::new(0),
            remembered: RwLock::default(),
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

    /// The epoch of the log: the number of its newest fork. What was derived from the log in another epoch no longer
    /// counts.
    pub fn epoch(&self) -> i64 {
        self.epoch.load(Ordering::Acquire)
    }

    /// The lineage of the newest entry; `None` before the first poll.
    pub fn lineage(&self) -> Option<Lineage> {
        self.followed()?;
        Some(self.remembered().lineage.clone())
    }

    /// The lineage of the newest entry, with all entries in memory: it tells exactly where the log has left it.
    pub(super) fn full_lineage(&self) -> Lineage {
        let remembered = self.remembered();
        let entries = remembered.entries.iter();
        let entries = entries.map(|entry| (entry.seq, entry.digest.clone()));
        let entries: BTreeMap<i64, String> = remembered
            .lineage
            .entries()
            .cloned()
            .chain(entries)
            .collect();
        Lineage::from_entries(remembered.lineage.epoch, entries.into_iter())
    }

    /// Whether the newest entry of a lineage is one of those in memory, so that the log has all of it.
    pub fn has(&self, lineage: &Lineage) -> bool {
        let (seq, digest) = lineage.newest();
        let remembered = self.remembered();
        let is_it = |entry: &&TailEntry| entry.seq == seq && entry.digest == digest;
        lineage.epoch == remembered.lineage.epoch
            && remembered.entries.iter().rev().any(|entry| is_it(&entry))
    }

    fn remembered(&self) -> RwLockReadGuard<'_, Remembered> {
        self.remembered
            .read()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// The epoch, and the newest entry in it; 0 before the first poll.
    pub fn end(&self) -> (i64, i64) {
        let _unchanged = self.remembered();
        (self.epoch(), self.followed().unwrap_or(0))
    }

    /// The newest entry, and those after entry `seq` of this epoch; `None` if they are not all in memory.
    pub fn entries_after(&self, epoch: i64, seq: i64) -> Option<(i64, Vec<TailEntry>)> {
        let remembered = self.remembered();
        let end = self.followed()?;
        let oldest = remembered
            .entries
            .front()
            .map_or(end + 1, |entry| entry.seq);
        if epoch != self.epoch() || seq + 1 < oldest {
            return None;
        }
        let later = remembered.entries.iter().rev();
        let later = later.take_while(|entry| entry.seq > seq);
        Some((end, later.cloned().collect()))
    }

    /// For waiting until there are new entries, or another epoch.
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

    /// Adds what was read with [`read`]; `polled` is when that read began.
    pub fn advance(&self, reading: TailReading, polled: Instant) {
        let lock = self.remembered.write();
        let mut remembered = lock.unwrap_or_else(PoisonError::into_inner);
        let before = self.followed();
        if before.is_some() && reading.known_epoch != self.epoch() {
            return; // another thread has come to another epoch
        }
        let mut position = before.unwrap_or(0);
        if let Some(start) = reading.start
            && (before.is_none() || start.epoch != self.epoch())
        {
            self.epoch.store(start.epoch, Ordering::Release);
            (remembered.lineage, position) = (start, 0);
            remembered.entries.clear();
        }
        for entry in reading.entries {
            if entry.seq <= position {
                continue; // another thread was first
            }
            if entry.seq != position + 1 {
                remembered.entries.clear();
            }
            position = entry.seq;
            if remembered.lineage.newest().0 < entry.seq {
                remembered.lineage.push(entry.seq, entry.digest.clone());
            }
            remembered.entries.push_back(entry);
        }
        while remembered.entries.len() > REMEMBERED {
            remembered.entries.pop_front();
        }
        let has_grown = before.is_some_and(|before| before != position);
        if let Some(clock) = self.clock.get().filter(|_| has_grown) {
            let now = clock.now().and_utc().timestamp_millis();
            self.since.store(now, Ordering::Release);
        }
        self.position.store(position, Ordering::Release);
        self.notifier
            .send_if_modified(|known| std::mem::replace(known, position) != position);
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
        let remembered = self.remembered();
        let oldest = remembered.entries.front();
        let Some(oldest) = oldest.filter(|oldest| oldest.seq <= from + 1) else {
            return true;
        };
        let later = remembered.entries.iter();
        let later = later.skip((from + 1 - oldest.seq) as usize);
        later
            .take_while(|entry| entry.seq <= to)
            .any(|entry| dependencies.is_concerned_by(entry))
    }
}
