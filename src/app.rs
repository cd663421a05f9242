//! What every request shares: settings, clock, database, the cursor key.

use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Notify, Semaphore};

use crate::auth::issuers::IssuerKeys;
use crate::auth::keys::{self, KeyCache};
use crate::auth::token::Verified;
use crate::cache::ResponseCache;
use crate::changes::followers::Followers;
use crate::clock::Clock;
use crate::config::Config;
use crate::db::{Database, Error, migrate, settings};
use crate::http::cursor::Cursors;
use crate::metrics::Metrics;
use crate::past::Past;
use crate::search::Search;
use crate::visibility::Present;
use crate::writing::idempotency::Running;

/// The state of a running instance.
pub struct App {
    /// The settings.
    pub config: Config,
    /// The time.
    pub clock: Clock,
    /// The database.
    pub database: Database,
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
    /// Finished answers.
    pub cache: ResponseCache,
    /// The search index.
    pub search: Search,
    /// Those who follow the change log.
    pub followers: Followers,
    /// Somebody on this node wants something sent.
    pub webhooks_wanted: Notify,
    /// What `as_of` was answered from.
    pub past: Past,
    /// What is counted of all this.
    pub metrics: Metrics,
    /// The places of exports under way.
    pub exports: Arc<Semaphore>,
    /// Migrations that the database lacked at start.
    pending: Vec<String>,
}

impl App {
    /// Builds the state. On a database that lacks migrations the instance starts, but is not ready: see
    /// [`App::not_ready`].
    pub fn new(config: Config, database: Database, clock: Clock) -> Result<Self, Error> {
        let pending = migrate::status(&database)?.pending;
        let key = if pending.is_empty() {
            keys::ensure(&database, clock.now())?;
            let max_staleness = Duration::from_millis(config.max_staleness_ms);
            database.follow(clock.clone(), max_staleness)?;
            settings::cursor_key(&database)?
        } else {
            Vec::new()
        };
        Ok(Self {
            cache: ResponseCache::new(config.cache_bytes),
            present: Present::default(),
            search: Search::new(&config),
            exports: Arc::new(Semaphore::new(config.max_exports)),
            followers: Followers::new(config.followers),
            webhooks_wanted: Notify::new(),
            metrics: Metrics::default(),
            config,
            clock,
            database,
            cursors: Cursors::new(key),
            keys: KeyCache::default(),
            verified: Verified::default(),
            issuers: IssuerKeys::default(),
            running: Running::default(),
            past: Past::default(),
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
