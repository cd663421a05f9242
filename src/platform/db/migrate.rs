//! The embedded migrations, one set per database.

use diesel::migration::{MigrationSource, MigrationVersion, Result as MigrationResult};
use diesel::result::QueryResult;
use diesel::sql_types::{Nullable, Text};
use diesel::{QueryableByName, RunQueryDsl};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};
use std::collections::BTreeMap;

use super::sql::{Sql, count};
use super::{Database, DbConnection, Error, settings};

const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
const POSTGRESQL: EmbeddedMigrations = embed_migrations!("migrations/postgresql");

/// A node waits while another one migrates. The number is arbitrary; it must be the same on all nodes.
const MIGRATION_LOCK: &str = "SELECT pg_advisory_lock(7266873110)";
const MIGRATION_UNLOCK: &str = "SELECT pg_advisory_unlock(7266873110)";

/// Begins the name of a setting that holds the name of an applied migration; its version follows.
const NAME_OF: &str = "migration.";

/// The state of the database relative to the migrations of this binary.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Status {
    /// The names of the migrations not applied yet, oldest first.
    pub pending: Vec<String>,
    /// The versions of those that were applied and that this binary does not know, or knows by another name.
    pub unknown: Vec<String>,
    /// Whether no migration was ever applied.
    pub is_empty: bool,
}

impl Status {
    /// Why this binary cannot use the database, and what to do; `None` if it can.
    pub fn mismatch(&self) -> Option<String> {
        if let Some(first) = self.unknown.first() {
            return Some(format!(
                "The database has migration {first}, which this program ({}) does not have: use the newer program that applied it.",
                env!("CARGO_PKG_VERSION")
            ));
        }
        let (first, count) = (self.pending.first()?, self.pending.len());
        Some(format!(
            "Pending migrations: {count}, starting with {first}. Run `answerable migrate`, then restart."
        ))
    }
}

/// Compares the database with the migrations of this binary.
pub fn status(database: &Database) -> Result<Status, Error> {
    database.read_now(compare)
}

/// [`status`] on this connection.
pub fn compare(connection: &mut DbConnection) -> Result<Status, Error> {
    let known = known(connection)?;
    let applied = applied(connection)?;
    let pending = known
        .iter()
        .filter(|(version, _)| !applied.contains_key(*version));
    let is_unknown = |(version, name): &(&String, &Option<String>)| {
        let own = known.get(*version);
        own.is_none() || name.is_some() && own != name.as_ref()
    };
    let unknown = applied.iter().filter(is_unknown);
    Ok(Status {
        pending: pending.map(|(_, name)| name.clone()).collect(),
        unknown: unknown.map(|(version, _)| version.clone()).collect(),
        is_empty: applied.is_empty(),
    })
}

/// The names of the migrations of this binary for this database, by version.
fn known(connection: &DbConnection) -> Result<BTreeMap<String, String>, Error> {
    match connection {
        DbConnection::Sqlite(_) => names::<diesel::sqlite::Sqlite>(&SQLITE),
        DbConnection::Postgres(_) => names::<diesel::pg::Pg>(&POSTGRESQL),
    }
}

fn names<DB: diesel::backend::Backend>(
    source: &EmbeddedMigrations,
) -> Result<BTreeMap<String, String>, Error>
where
    EmbeddedMigrations: MigrationSource<DB>,
{
    let migrations = source.migrations().map_err(failed)?;
    let names = migrations.iter().map(|one| one.name());
    Ok(names
        .map(|name| (name.version().to_string(), name.to_string()))
        .collect())
}

#[derive(QueryableByName)]
struct Applied {
    #[diesel(sql_type = Text)]
    version: String,
    /// `None` for those that were applied before names were kept.
    #[diesel(sql_type = Nullable<Text>)]
    name: Option<String>,
}

/// The versions of the migrations that were applied, with their names where those are known.
fn applied(connection: &mut DbConnection) -> QueryResult<BTreeMap<String, Option<String>>> {
    let exists = Sql::new(match connection {
        DbConnection::Sqlite(_) => {
            "SELECT count(*) AS count FROM sqlite_master WHERE name = 'settings'"
        }
        DbConnection::Postgres(_) => {
            "SELECT count(*) AS count FROM pg_class WHERE oid = to_regclass('settings')"
        }
    });
    if count(connection, &exists)? == 0 {
        return Ok(BTreeMap::new());
    }
    let sql = Sql::new(
        "SELECT m.version, s.value AS name FROM __diesel_schema_migrations m \
         LEFT JOIN settings s ON s.name = 'migration.' || m.version",
    );
    let rows: Vec<Applied> = sql.load(connection)?;
    Ok(rows
        .into_iter()
        .map(|row| (row.version, row.name))
        .collect())
}

/// Applies the pending migrations and returns their names, oldest first. Afterwards, data derived from the tables may
/// be missing: `app::prepare` rebuilds it.
pub fn run(database: &Database) -> Result<Vec<String>, Error> {
    let applied = run_pending(database)?;
    // from the start, so that no backup is older than it: cursors outlive a restore
    settings::cursor_key(database)?;
    Ok(applied)
}

fn run_pending(database: &Database) -> Result<Vec<String>, Error> {
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
        let applied = applied.map_err(failed)?;
        keep_names(connection, &applied)?;
        Ok(applied)
    })
}

/// Keeps the names of migrations that were just applied: others may have the same versions.
fn keep_names(connection: &mut DbConnection, versions: &[String]) -> Result<(), Error> {
    let known = known(connection)?;
    for (version, name) in known
        .iter()
        .filter(|(version, _)| versions.contains(version))
    {
        settings::replace(connection, &format!("{NAME_OF}{version}"), name)?;
    }
    Ok(())
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
