//! What commands share: opening the database, and the origin of their changes.

use crate::app::prepare;
use crate::log::Origin;
use crate::platform::clock::Clock;
use crate::platform::config::Config;
use crate::platform::db::{Database, migrate};

/// An error in the command line or the settings: exit code 2.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Usage(pub String);

/// Opens a database without migrating it.
pub fn open(config: &Config) -> anyhow::Result<Database> {
    Ok(Database::open(config.location()?, config.pool_size())?)
}

/// Opens a database that should have all migrations. Applies them to an empty database or a SQLite one.
pub fn open_current(config: &Config, migrate_anyway: bool) -> anyhow::Result<Database> {
    let database = open(config)?;
    let status = migrate::status(&database)?;
    let may = migrate_anyway || status.is_empty || !database.location().is_postgres();
    if may && !status.pending.is_empty() {
        prepare(&database)?;
    }
    Ok(database)
}

/// The same, but fails while migrations are pending.
pub fn open_ready(config: &Config) -> anyhow::Result<Database> {
    let database = open_current(config, false)?;
    let pending = migrate::status(&database)?.pending.len();
    anyhow::ensure!(
        pending == 0,
        "{pending} migrations are pending on {}; run `answerable migrate` first",
        database.location()
    );
    Ok(database)
}

/// The origin of changes made by the command line.
pub fn origin() -> Origin {
    Origin {
        actor: "cli".to_owned(),
        request_id: None,
        now: Clock::System.now(),
    }
}
