//! What commands share: opening the database, and the origin of their changes.

use chrono::NaiveDateTime;
use std::process::ExitCode;

use crate::access::lookup;
use crate::app::prepare;
use crate::http::error::ApiError;
use crate::log::{Origin, Resource};
use crate::platform::clock::Clock;
use crate::platform::config::Config;
use crate::platform::db::{Database, Error, migrate, sort_names, time};
use crate::platform::identity::{Key, RecordId};
use crate::resources::articles::link_keys;

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
    bring_up_to_date(&database, migrate_anyway)?;
    Ok(database)
}

fn bring_up_to_date(database: &Database, migrate_anyway: bool) -> anyhow::Result<()> {
    let status = migrate::status(database)?;
    let may = migrate_anyway || status.is_empty || !database.location().is_postgres();
    // also where a preparation was interrupted
    let is_unprepared = || {
        database.read_now(|c| {
            Ok::<_, Error>(sort_names::are_missing(c)? || link_keys::are_outdated(c)?)
        })
    };
    if may && status.unknown.is_empty() && (!status.pending.is_empty() || is_unprepared()?) {
        prepare(database)?;
    } else {
        require_same_rules(database)?;
    }
    Ok(())
}

/// Fails if the links of articles were compared by other rules: two programs with different settings would mix them.
fn require_same_rules(database: &Database) -> anyhow::Result<()> {
    let is_ready = migrate::status(database)?.mismatch().is_none();
    let are_others = || database.read_now(|c| Ok::<_, Error>(link_keys::are_of_other_rules(c)?));
    anyhow::ensure!(
        !is_ready || !are_others()?,
        "{}: links were compared with other `tracking_parameters` or by another version. Set the same, or run `answerable migrate`.",
        database.location()
    );
    Ok(())
}

/// The same, but fails if the migrations of the database are not those of this program.
pub fn open_ready(config: &Config) -> anyhow::Result<Database> {
    let database = open(config)?;
    require_same_rules(&database)?;
    bring_up_to_date(&database, false)?;
    match migrate::status(&database)?.mismatch() {
        Some(mismatch) => anyhow::bail!("{}: {mismatch}", database.location()),
        None => Ok(database),
    }
}

/// The id of a public record, by its id or slug. `unknown` begins the error if there is none.
pub fn find_id(
    database: &Database,
    resource: Resource,
    key: &str,
    unknown: &str,
) -> anyhow::Result<RecordId> {
    let (key, now) = (Key::from(key), Clock::System.now());
    let found = database.read_now(|c| lookup::find(c, resource, &key, now));
    found.map_err(|error: ApiError| match error.code.status() {
        500.. => anyhow::anyhow!("{error}"),
        _ => Usage(format!("{unknown} '{key}'")).into(),
    })
}

/// The exit code of a command that found what it checked to be good or not.
pub fn exit_code(is_good: bool) -> ExitCode {
    match is_good {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    }
}

/// The origin of changes made by the command line, at this time.
pub fn origin(now: NaiveDateTime) -> Origin {
    Origin {
        actor: "cli".to_owned(),
        now,
        ..Origin::default()
    }
}

/// The clock for a database: its own, if several machines share it.
pub fn clock(database: &Database) -> Result<Clock, Error> {
    time::clock(database, Clock::System)
}
