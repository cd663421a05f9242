//! Search: one index for both databases, derived from the change log, one on each node.
//!
//! A thread follows the log ([`following`]) and brings the newest state of each record into a tantivy index
//! ([`index`], [`schema`], [`documents`]). A search ([`engine`]) asks it for ids, and reads those records from the
//! database. Whatever the index holds, nothing is shown or counted that the public may not see: a record that was
//! written again since the index was is left out of the question, scheduled ones are compared with the clock, and what
//! is shown comes from the database.
//!
//! Lists do not need the index: without one, only the search answers 503.

pub mod documents;
pub mod engine;
pub mod folder;
pub mod following;
pub mod highlights;
pub mod index;
pub mod model;
mod narrowing;
mod params;
pub mod queries;
pub mod routes;
pub mod schema;
pub mod typed;
pub mod views;
pub mod welsh;
pub mod words;

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::http::error::ApiError;
use crate::http::problem;
use crate::platform::config::Config;
use index::Snapshot;

/// The index as searches see it, and how many may search at once.
pub struct Search {
    current: RwLock<Option<Arc<Snapshot>>>,
    /// How many more may search now.
    pub permits: Arc<Semaphore>,
    longest: Duration,
}

impl Search {
    /// No index yet.
    pub fn new(config: &Config) -> Self {
        Self {
            current: RwLock::default(),
            permits: Arc::new(Semaphore::new(config.searches.max(1) as usize)),
            longest: Duration::from_millis(config.database_wait_ms),
        }
    }

    /// From now on searches see this.
    pub fn publish(&self, snapshot: Snapshot) {
        let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
        *current = Some(Arc::new(snapshot));
    }

    /// Where in the log the index stands that is searched; nothing while there is none.
    pub fn position(&self) -> Option<i64> {
        let current = self.current.read().unwrap_or_else(PoisonError::into_inner);
        current.as_ref().map(|snapshot| snapshot.standing.position)
    }

    /// The index, for one search.
    pub async fn enter(&self) -> Result<(Arc<Snapshot>, OwnedSemaphorePermit), ApiError> {
        let turn = self.permits.clone().acquire_owned();
        let permit = match tokio::time::timeout(self.longest, turn).await {
            Ok(Ok(permit)) => permit,
            _ => return Err(unavailable("Too many searches are under way.", 1)),
        };
        let current = self.current.read().unwrap_or_else(PoisonError::into_inner);
        let snapshot = current.clone();
        match snapshot {
            Some(snapshot) => Ok((snapshot, permit)),
            None => Err(unavailable("The search index is being built.", 5)),
        }
    }
}

fn unavailable(detail: &'static str, seconds: u32) -> ApiError {
    ApiError {
        retry_after: Some(seconds),
        ..ApiError::new(&problem::UNAVAILABLE, detail)
    }
}
