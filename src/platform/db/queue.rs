//! Who may wait for a connection: a bounded number, so that whoever is answered is answered soon.
//!
//! Where more ask than can be served, somebody has to wait long or go away. In a plain queue all wait long. Here a
//! request that finds the queue full stands aside for a moment ([`ASIDE`]), which costs nothing. If the crowd was a
//! short one it is gone by then, and the request takes its turn; if many of those who came meanwhile had to wait
//! too, it is told to come back later.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// How long a request stands aside at least that found the queue full.
pub const ASIDE: Duration = Duration::from_millis(100);
/// Up to so many times this is added in turn, so that those of one crowd do not come back at once.
const SPREAD: Duration = Duration::from_millis(5);
const STEPS: u32 = 20;

/// The places of those who have a connection or wait for one.
pub struct Queue {
    places: Arc<Semaphore>,
    size: usize,
    came: AtomicU64,
    /// How many of those who came had to wait, as far as that can be told from the places that were taken.
    found_a_crowd: AtomicU64,
    turned_away: AtomicU32,
}

impl Queue {
    /// A queue of so many places.
    pub fn new(size: usize) -> Self {
        Self {
            places: Arc::new(Semaphore::new(size)),
            size,
            came: AtomicU64::new(0),
            found_a_crowd: AtomicU64::new(0),
            turned_away: AtomicU32::new(0),
        }
    }

    /// A place, to be held while the connection is waited for and used; `None` when there are too many, or none of them
    /// gets done within `longest`.
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

    /// How many have a place.
    pub(super) fn taken(&self) -> usize {
        self.size - self.places.available_permits()
    }

    /// Counts one who has come to a place.
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
