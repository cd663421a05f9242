//! Exports: every public record of a kind, streamed line by line in constant memory.
//!
//! `reading` reads a page at a time, each in its own transaction, so that a slow client holds no connection. `sending`
//! passes pages on as the client takes them. `table` maps records to rows of CSV, `exported` has their columns. The command line writes the same
//! lines from a single snapshot of the database.

pub mod exported;
pub mod params;
pub mod reading;
pub mod routes;
pub mod sending;
pub mod table;

use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::http::error::ApiError;
use crate::http::problem::ProblemCode;
use crate::platform::config::Config;

/// The path prefix of the exports.
pub const PATH: &str = "/v1/exports/";

/// The kinds of records that can be exported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
#[allow(missing_docs)]
pub enum ExportKind {
    Articles,
    Organisations,
    Recommendations,
    Obligations,
    Pages,
}

/// The format of the lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum, strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum ExportFormat {
    /// One JSON object per line, as in the list.
    Ndjson,
    /// A table.
    Csv,
}

/// How long a client should wait when all slots are taken, in seconds.
const RETRY_AFTER: u32 = 30;

/// The slots for exports that run at the same time.
pub struct ExportSlots {
    free: Arc<Semaphore>,
    /// How long a client may leave available data unread.
    pub client_timeout: Duration,
}

impl ExportSlots {
    /// Reads the limits from the settings.
    pub fn new(config: &Config) -> Self {
        Self {
            free: Arc::new(Semaphore::new(config.max_exports)),
            client_timeout: Duration::from_millis(config.export_wait_ms),
        }
    }

    /// Takes a slot. Dropping the permit frees it.
    ///
    /// # Errors
    /// 503 when all slots are taken.
    pub fn take(&self) -> Result<OwnedSemaphorePermit, ApiError> {
        let free = Arc::clone(&self.free);
        free.try_acquire_owned().map_err(|_| {
            let detail = "Too many exports are running at the moment.";
            ApiError::new(ProblemCode::Unavailable, detail).with_retry_after(RETRY_AFTER)
        })
    }
}
