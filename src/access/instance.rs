//! What every request shares: settings, clock, database, log, and the keys of cursors and tokens.

use std::sync::Arc;
use std::time::Duration;

use super::issuers::IssuerKeys;
use super::keys::{self, KeyCache};
use super::token::Verified;
use crate::http::cursor::Cursors;
use crate::http::idempotency::Running;
use crate::log::Log;
use crate::log::moments::Present;
use crate::platform::clock::Clock;
use crate::platform::config::Config;
use crate::platform::db::{Database, Error, migrate, settings};

/// The state of a running instance that the guards need.
pub struct Instance {
    /// The settings.
    pub config: Arc<Config>,
    /// The time.
    pub clock: Clock,
    /// The database, for reading.
    pub database: Database,
    /// The way to write, and the end of the log.
    pub log: Log,
    /// Makes and checks cursors.
    pub cursors: Cursors,
    /// The keys that tokens are signed with.
    pub keys: KeyCache,
    /// Tokens whose signature was found good here.
    pub verified: Verified,
    /// The keys of other issuers.
    pub issuers: IssuerKeys,
    /// Requests with an `Idempotency-Key` that are under way here.
    pub running: Running,
    /// Until when what is public stays as it is.
    pub present: Present,
    /// Migrations that the database lacked at start.
    pending: Vec<String>,
}

impl Instance {
    /// Builds the state. On a database that lacks migrations the instance starts, but is not ready: see
    /// [`Instance::not_ready`].
    ///
    /// # Errors
    /// When the database cannot be read, or a signing key cannot be made.
    pub fn new(config: Config, database: Database, clock: Clock) -> Result<Self, Error> {
        let pending = migrate::status(&database)?.pending;
        let log = Log::new(database.clone());
        let key = if pending.is_empty() {
            keys::ensure(&database, clock.now())?;
            let max_staleness = Duration::from_millis(config.max_staleness_ms);
            log.follow(clock.clone(), max_staleness)?;
            settings::cursor_key(&database)?
        } else {
            Vec::new()
        };
        Ok(Self {
            config: Arc::new(config),
            clock,
            database,
            log,
            cursors: Cursors::new(key),
            keys: KeyCache::default(),
            verified: Verified::default(),
            issuers: IssuerKeys::default(),
            running: Running::default(),
            present: Present::default(),
            pending,
        })
    }

    /// Why this instance cannot answer yet.
    pub fn not_ready(&self) -> Option<String> {
        let first = self.pending.first()?;
        let count = self.pending.len();
        Some(format!(
            "{count} migrations are pending, from {first} on. Run `answerable migrate`, then start again."
        ))
    }
}
