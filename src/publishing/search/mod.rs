//! Search: a full-text index on each node, derived from the change log, the same for both databases.
//!
//! A thread follows the log (`indexer`) and writes the newest state of each record to a tantivy index ([`index`],
//! [`schema`], [`documents`]). A search ([`engine`]) gets ids from the index, and reads the records from the database.
//! Even where the index is outdated, nothing is shown or counted that the public may not see: the query excludes
//! records rewritten since the index was updated, scheduled ones are compared with the clock, and what is shown comes
//! from the database.
//!
//! Lists do not need the index: without one, only search endpoints respond with 503.

mod applying;
pub mod documents;
pub mod engine;
mod facets;
mod files;
mod filters;
pub mod folder;
pub mod highlights;
pub mod index;
pub mod indexer;
pub mod model;
mod offsets;
mod params;
pub mod queries;
pub mod query_parser;
mod ranking;
pub mod routes;
pub mod schema;
pub mod verifying;
pub mod views;
pub mod welsh;
pub mod words;

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;
use tantivy::TantivyError;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::http::error::ApiError;
use crate::http::problem::ProblemCode;
use crate::platform::config::Config;
use index::IndexSnapshot;

/// The current snapshot of the index, and the limit on concurrent searches.
pub struct Search {
    current: RwLock<Option<Arc<IndexSnapshot>>>,
    /// The permits for concurrent searches.
    pub permits: Arc<Semaphore>,
    max_wait: Duration,
}

impl Search {
    /// Starts without an index.
    pub fn new(config: &Config) -> Self {
        Self {
            current: RwLock::default(),
            permits: Arc::new(Semaphore::new(config.searches.max(1) as usize)),
            max_wait: Duration::from_millis(config.database_wait_ms),
        }
    }

    /// Makes this the snapshot that searches use.
    pub fn publish(&self, snapshot: IndexSnapshot) {
        let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
        *current = Some(Arc::new(snapshot));
    }

    /// Takes the snapshot back: it is of a log that is no longer there.
    pub fn withdraw(&self) {
        let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
        *current = None;
    }

    /// The log position of the current snapshot; `None` while there is none.
    pub fn position(&self) -> Option<i64> {
        self.current().map(|snapshot| snapshot.state.position)
    }

    /// Waits for a permit, and returns the current snapshot.
    pub async fn acquire(&self) -> Result<(Arc<IndexSnapshot>, OwnedSemaphorePermit), ApiError> {
        let permit = self.permits.clone().acquire_owned();
        let Ok(Ok(permit)) = tokio::time::timeout(self.max_wait, permit).await else {
            let detail = "Too many searches are running at the moment.";
            return Err(unavailable(detail, 1));
        };
        let snapshot = self.current();
        let snapshot =
            snapshot.ok_or_else(|| unavailable("The search index is being built.", 5))?;
        Ok((snapshot, permit))
    }

    fn current(&self) -> Option<Arc<IndexSnapshot>> {
        let current = self.current.read();
        current.unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl From<TantivyError> for ApiError {
    fn from(error: TantivyError) -> Self {
        Self::internal(&error)
    }
}

fn unavailable(detail: &'static str, seconds: u32) -> ApiError {
    ApiError::new(ProblemCode::Unavailable, detail).with_retry_after(seconds)
}
