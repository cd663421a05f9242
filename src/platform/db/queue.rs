//! Load shedding: bounds the number of requests that wait for a connection, so that accepted requests are served soon.
//!
//! When more requests arrive than can be served, some must either wait long or be rejected. In a plain queue, all of
//! them wait long. Here, a request that finds the queue full is held back for a moment ([`ASIDE`]), which costs
//! nothing. If it arrived in a short burst, the burst is over by then and the request is queued; if many of the
//! requests that arrived in the meantime had to wait too, it is rejected and may be retried later.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The minimum time for which a request that finds the queue full is held back.
pub const ASIDE: Duration = Duration::from_millis(100);
/// Successive requests add 0, 1, 2 … times this, below [`STEPS`] times, so that those of one burst do not return at
/// once.
const SPREAD: Duration = Duration::from_millis(5);
const STEPS: u32 = 20;

/// The slots of the requests that hold or wait for a connection.
pub struct Queue {
    places: Arc<Semaphore>,
    size: usize,
    came: AtomicU64,
    /// How many of the requests that came had to wait, judged by the number of slots in use.
    found_a_crowd: AtomicU64,
    turned_away: AtomicU32,
}

impl Queue {
    /// A queue with `size` slots.
    pub fn new(size: usize) -> Self {
        Self {
            places: Arc::new(Semaphore::new(size)),
            size,
            came: AtomicU64::new(0),
            found_a_crowd: AtomicU64::new(0),
            turned_away: AtomicU32::new(0),
        }
    }

    /// A slot, to be held while waiting for the connection and using it; `None` under sustained load, or when no slot
    /// becomes free within `longest`.
    pub async fn enter(&self, longest: Duration) -> Option<OwnedSemaphorePermit> {
        if let Ok(place) = self.places.clone().try_acquire_owned() {
            self.count();
            return Some(place);
        }
        let before = self.counts();
        let turned_away = self.turned_away.fetch_add(1, Ordering::Relaxed);
        tokio::time::sleep(ASIDE + SPREAD * (turned_away % STEPS)).await;
        let now = self.counts();
        let (came, found_a_crowd) = (now.0 - before.0, now.1 - before.1);
        if found_a_crowd * 4 > came {
            return None;
        }
        let turn = self.places.clone().acquire_owned();
        let place = tokio::time::timeout(longest, turn).await.ok()?.ok()?;
        self.count();
        Some(place)
    }

    /// The number of slots in use.
    pub(super) fn taken(&self) -> usize {
        self.size - self.places.available_permits()
    }

    /// Counts a request that got a slot.
    fn count(&self) {
        self.came.fetch_add(1, Ordering::Relaxed);
        if self.places.available_permits() < self.size - self.size / 4 {
            self.found_a_crowd.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn counts(&self) -> (u64, u64) {
        let of = |count: &AtomicU64| count.load(Ordering::Relaxed);
        (of(&self.came), of(&self.found_a_crowd))
    }
}
