//! Search: a full-text index on each node, derived from the change log, the same for both databases.
//!
//! A thread follows the log (`indexer`) and writes the newest state of each record to a tantivy index ([`index`],
//! [`schema`], [`documents`]). A search ([`engine`]) gets ids from the index, and reads the records from the database.
//! Even where the index is outdated, nothing is shown or counted that the public may not see: the query excludes
//! records rewritten since the index was updated, scheduled ones are compared with the clock, and what is shown comes
//! from the database.
//!
//! Lists do not need the index: without one, only search endpoints respond with 503.

pub mod documents;
pub mod engine;
mod filters;
pub mod folder;
pub mod highlights;
pub mod index;
pub mod indexer;
pub mod model;
mod params;
pub mod queries;
pub mod query_parser;
pub mod routes;
pub mod schema;
pub mod views;
pub mod welsh;
pub mod words;

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::http::error::ApiError;
use crate::http::problem::ProblemCode;
use crate::platform::config::Config;
use index::Snapshot;

/// The current snapshot of the index, and the limit on concurrent searches.
pub struct Search {
    current: RwLock<Option<Arc<Snapshot>>>,
    /// The permits for concurrent searches.
    pub permits: Arc<Semaphore>,
    longest: Duration,
}

impl Search {
    /// Starts without an index.
    pub fn new(config: &Config) -> Self {
        Self {
            current: RwLock::default(),
            permits: Arc::new(Semaphore::new(config.searches.max(1) as usize)),
            longest: Duration::from_millis(config.database_wait_ms),
        }
    }

    /// Makes this the snapshot that searches use.
    pub fn publish(&self, snapshot: Snapshot) {
        let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
        *current = Some(Arc::new(snapshot));
    }

    /// The log position of the current snapshot; `None` while there is none.
    pub fn position(&self) -> Option<i64> {
        let current = self.current.read().unwrap_or_else(PoisonError::into_inner);
        current.as_ref().map(|snapshot| snapshot.standing.position)
    }

    /// Waits for a permit, and returns the current snapshot.
    pub async fn enter(&self) -> Result<(Arc<Snapshot>, OwnedSemaphorePermit), ApiError> {
        let turn = self.permits.clone().acquire_owned();
        let permit = match tokio::time::timeout(self.longest, turn).await {
            Ok(Ok(permit)) => permit,
            _ => {
                return Err(unavailable(
                    "Too many searches are running at the moment.",
                    1,
                ));
            }
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
    ApiError::new(ProblemCode::Unavailable, detail).with_retry_after(seconds)
}
