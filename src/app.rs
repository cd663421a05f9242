//! What every request shares: settings, clock, database, the cursor key.

use crate::clock::Clock;
use crate::config::Config;
use crate::db::{Database, Error, settings};
use crate::http::cursor::Cursors;

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
}

impl App {
    /// Builds the state on a database whose migrations have been applied.
    pub fn new(config: Config, database: Database, clock: Clock) -> Result<Self, Error> {
        let cursors = Cursors::new(settings::cursor_key(&database)?);
        Ok(Self { config, clock, database, cursors })
    }
}
