//! The state that every request shares: settings, clock, database, log, and the keys for cursors and tokens.

use actix_web::{HttpRequest, web};
use std::sync::Arc;
use std::time::Duration;

use super::issuers::IssuerKeys;
use super::keys::{self, KeyCache};
use super::remembered::RememberedNames;
use super::token::VerifiedTokens;
use crate::http::cursor::Cursors;
use crate::http::error::ApiError;
use crate::http::idempotency::InFlight;
use crate::log::Log;
use crate::log::validity::ValidityCache;
use crate::platform::clock::Clock;
use crate::platform::config::Config;
use crate::platform::db::{Database, Error, migrate, settings};
use crate::platform::page_urls::PageUrls;

/// The state of a running instance that the guards need.
pub struct Instance {
    /// The settings.
    pub config: Arc<Config>,
    /// The pages of the public site.
    pub pages: PageUrls,
    /// The clock.
    pub clock: Clock,
    /// The database, for reading.
    pub database: Database,
    /// The change log, for writing, and its tail.
    pub log: Log,
    /// Signs and verifies cursors.
    pub cursors: Cursors,
    /// The keys that tokens are signed with.
    pub keys: KeyCache,
    /// Tokens whose signature this node has verified.
    pub verified_tokens: VerifiedTokens,
    /// The keys of external issuers.
    pub issuers: IssuerKeys,
    /// The requests with an `Idempotency-Key` that are in progress on this node.
    pub in_flight: InFlight,
    /// Until when the public state stays unchanged.
    pub validity: ValidityCache,
    /// The names of records that were read.
    pub names: Arc<RememberedNames>,
    /// Why the database could not be used at start.
    mismatch: Option<String>,
}

impl Instance {
    /// Builds the state. If the migrations of the database are not those of this program, the instance starts but is not
    /// ready: see [`Instance::not_ready`].
    ///
    /// # Errors
    /// If the database cannot be read or a signing key cannot be created.
    pub fn new(config: Config, database: Database, clock: Clock) -> Result<Self, Error> {
        let mismatch = migrate::status(&database)?.mismatch();
        let log = Log::new(database.clone()).stamped_by(clock.clone());
        let key = if mismatch.is_none() {
            keys::ensure(&database, clock.now())?;
            let max_staleness = Duration::from_millis(config.max_staleness_ms);
            log.follow(clock.clone(), max_staleness)?;
            settings::cursor_key(&database)?
        } else {
            Vec::new()
        };
        let pages = config
            .pages()
            .map_err(|error| Error::Connect(error.to_string()));
        Ok(Self {
            pages: pages?,
            config: Arc::new(config),
            clock,
            database,
            names: Arc::new(RememberedNames::new(log.clone())),
            log,
            cursors: Cursors::new(key),
            keys: KeyCache::default(),
            verified_tokens: VerifiedTokens::default(),
            issuers: IssuerKeys::default(),
            in_flight: InFlight::default(),
            validity: ValidityCache::default(),
            mismatch,
        })
    }

    /// Why this instance cannot serve requests yet.
    pub fn not_ready(&self) -> Option<String> {
        self.mismatch.clone()
    }
}

/// State that all handlers share, by its type.
pub(super) fn app_data<T: 'static>(request: &HttpRequest) -> Result<web::Data<T>, ApiError> {
    let data = request.app_data::<web::Data<T>>().cloned();
    data.ok_or_else(|| {
        let name = std::any::type_name::<T>();
        ApiError::internal(&format!("no {name} in the application data"))
    })
}
