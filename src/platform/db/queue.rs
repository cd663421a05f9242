//! Load shedding: bounds how many requests wait for a connection and for how long, so that accepted requests are served
//! soon.
//!
//! The controlled delay of Ben Maurer, "Fail at Scale", ACM Queue 13(8), 2015, an adaptation of CoDel (RFC 8289) to
//! servers. A burst may wait for up to [`INTERVAL`]. A queue that was full for longer than that will not empty by
//! itself: then a request waits for [`TARGET`] only, and is rejected to be retried later.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The longest wait for a slot while the queue was free a short while ago.
pub const INTERVAL: Duration = Duration::from_millis(100);
/// The longest wait for a slot when the queue was full for [`INTERVAL`].
pub const TARGET: Duration = Duration::from_millis(5);

/// The slots of the requests that hold or wait for a connection.
pub struct Queue {
    slots: Arc<Semaphore>,
    size: usize,
    created: Instant,
    /// When a request last found a free slot, in milliseconds since `created`.
    last_free: AtomicU64,
}

impl Queue {
    /// A queue with `size` slots.
    pub fn new(size: usize) -> Self {
        Self {
            slots: Arc::new(Semaphore::new(size)),
            size,
            created: Instant::now(),
            last_free: AtomicU64::new(0),
        }
    }

    /// A slot, to be held while waiting for the connection and using it; `None` under sustained load, or when no slot
    /// becomes free within `longest`.
    pub async fn enter(&self, longest: Duration) -> Option<OwnedSemaphorePermit> {
        let now = self.created.elapsed();
        if let Ok(slot) = self.slots.clone().try_acquire_owned() {
            self.last_free
                .store(now.as_millis() as u64, Ordering::Relaxed);
            return Some(slot);
        }
        let last_free = Duration::from_millis(self.last_free.load(Ordering::Relaxed));
        let is_overloaded = now.saturating_sub(last_free) > INTERVAL;
        let wait = if is_overloaded { TARGET } else { INTERVAL };
        let slot = self.slots.clone().acquire_owned();
        tokio::time::timeout(wait.min(longest), slot)
            .await
            .ok()?
            .ok()
    }

    /// The number of slots in use.
    pub(super) fn taken(&self) -> usize {
        self.size - self.slots.available_permits()
    }
}
