//! Exports: everything public of a kind, as a stream of lines, in constant memory.
//!
//! `reading` reads a page at a time, each a reading of its own, so that no connection is held while a client is slow.
//! `sending` passes the pages on as the client takes them. `table` says what becomes of a record as a line of CSV.
//! The command line writes the same lines from one moment of the database.

pub mod params;
pub mod reading;
pub mod routes;
pub mod sending;
pub mod table;

use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::http::error::ApiError;
use crate::http::problem;
use crate::platform::config::Config;

/// Where the exports are.
pub const PATH: &str = "/v1/exports/";

/// What can be exported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum, strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
#[allow(missing_docs)]
pub enum Kind {
    Articles,
    Organisations,
    Recommendations,
    Obligations,
}

/// How a record is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum, strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Format {
    /// A JSON object a line, as the list shows it.
    Ndjson,
    /// A row of a table.
    Csv,
}

/// After how many seconds to ask again for an export.
const RETRY_AFTER: u32 = 30;

/// The exports that may run at once.
pub struct Slots {
    free: Arc<Semaphore>,
    /// How long the client of an export may leave what is there.
    pub patience: Duration,
}

impl Slots {
    /// As the settings say.
    pub fn new(config: &Config) -> Self {
        Self {
            free: Arc::new(Semaphore::new(config.max_exports)),
            patience: Duration::from_millis(config.export_wait_ms),
        }
    }

    /// A place, until it is dropped.
    ///
    /// # Errors
    /// 503 while as many run as may.
    pub fn take(&self) -> Result<OwnedSemaphorePermit, ApiError> {
        let free = Arc::clone(&self.free);
        free.try_acquire_owned().map_err(|_| ApiError {
            retry_after: Some(RETRY_AFTER),
            ..ApiError::new(
                &problem::UNAVAILABLE,
                "As many exports are under way as may run at once.",
            )
        })
    }
}
