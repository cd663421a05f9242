//! The embedded migrations, one set per database.

use diesel::RunQueryDsl;
use diesel::migration::{MigrationSource, MigrationVersion, Result as MigrationResult};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::{Database, DbConnection, Error};

const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
const POSTGRESQL: EmbeddedMigrations = embed_migrations!("migrations/postgresql");

/// A node waits while another one migrates. The number is arbitrary; it must be the same on all nodes.
const MIGRATION_LOCK: &str = "SELECT pg_advisory_lock(7266873110)";
const MIGRATION_UNLOCK: &str = "SELECT pg_advisory_unlock(7266873110)";

/// The state of the database relative to the migrations of this binary.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// The names of the migrations not applied yet, oldest first.
    pub pending: Vec<String>,
    /// Whether no migration was ever applied.
    pub is_empty: bool,
}

/// Compares the database with the migrations of this binary.
pub fn status(database: &Database) -> Result<Status, Error> {
    database.maintain(|connection| {
        let status = match connection {
            DbConnection::Sqlite(c) => status_of(c, SQLITE),
            DbConnection::Postgres(c) => status_of(c, POSTGRESQL),
        };
        status.map_err(failed)
    })
}

fn status_of<DB: diesel::backend::Backend>(
    connection: &mut impl MigrationHarness<DB>,
    migrations: EmbeddedMigrations,
) -> MigrationResult<Status>
where
    EmbeddedMigrations: MigrationSource<DB>,
{
    let pending = connection.pending_migrations(migrations)?;
    Ok(Status {
        pending: pending.iter().map(|m| m.name().to_string()).collect(),
        is_empty: connection.applied_migrations()?.is_empty(),
    })
}

/// Applies the pending migrations and returns their names, oldest first. Afterwards, data derived from the tables may
/// be missing: `app::prepare` rebuilds it.
pub fn run(database: &Database) -> Result<Vec<String>, Error> {
    database.maintain(|connection| {
        let applied = match connection {
            DbConnection::Sqlite(c) => versions(c.run_pending_migrations(SQLITE)),
            DbConnection::Postgres(c) => {
                diesel::sql_query(MIGRATION_LOCK).execute(c)?;
                let applied = versions(c.run_pending_migrations(POSTGRESQL));
                diesel::sql_query(MIGRATION_UNLOCK).execute(c)?;
                applied
            }
        };
        applied.map_err(failed)
    })
}

/// Reverts every migration, newest first: for tests and for starting over.
pub fn revert_all(database: &Database) -> Result<Vec<String>, Error> {
    database.maintain(|connection| {
        match connection {
            DbConnection::Sqlite(c) => versions(c.revert_all_migrations(SQLITE)),
            DbConnection::Postgres(c) => versions(c.revert_all_migrations(POSTGRESQL)),
        }
        .map_err(failed)
    })
}

fn versions(applied: MigrationResult<Vec<MigrationVersion<'_>>>) -> MigrationResult<Vec<String>> {
    Ok(applied?.iter().map(ToString::to_string).collect())
}

fn failed(error: Box<dyn std::error::Error + Send + Sync>) -> Error {
    Error::Query(diesel::result::Error::QueryBuilderError(error))
}
