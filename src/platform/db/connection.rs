//! One connection type for both databases, and how to open it.

use diesel::connection::{Instrumentation, InstrumentationEvent, SimpleConnection};
use diesel::{MultiConnection, PgConnection, SqliteConnection};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use super::error::{Error, is_not_writable};
use super::location::Location;
use super::synchronous::Synchronous;

/// Statements slower than this are logged as a warning.
const SLOW_STATEMENT: Duration = Duration::from_millis(500);

/// A connection to one of the two databases. `queries` modules take it by `&mut` and work with either.
///
/// Never call the derived `establish`: it takes a mistyped PostgreSQL URL for the name of a SQLite file.
/// `open` checks the scheme.
#[derive(MultiConnection)]
pub enum DbConnection {
    /// SQLite, statically linked.
    Sqlite(SqliteConnection),
    /// PostgreSQL.
    Postgres(PgConnection),
}

/// Diesel's common backend for the two databases.
pub type Backend = <DbConnection as diesel::Connection>::Backend;

/// The log target of every statement: `--log answerable::statements=trace` shows them all.
const STATEMENTS: &str = "answerable::statements";

/// What a connection may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Reads only; SQLite refuses a write on such a connection.
    ReadOnly,
    /// Reads and writes.
    ReadWrite,
}

/// What the connections of a database have seen.
#[derive(Debug, Default)]
pub struct Seen {
    /// The number of statements.
    pub statements: AtomicU64,
    /// Whether the last attempt to write failed because nothing can be written.
    pub not_writable: AtomicBool,
}

/// Opens and configures a connection, which notes in `seen` what its statements do, and how many it runs.
pub fn open(
    location: &Location,
    access: Access,
    synchronous: Synchronous,
    (seen, statements): (&Arc<Seen>, &Arc<AtomicU64>),
) -> Result<DbConnection, Error> {
    let mut connection = match location {
        Location::SqliteFile(path) => DbConnection::Sqlite(open_sqlite(path, access, synchronous)?),
        Location::SqliteMemory => {
            DbConnection::Sqlite(open_sqlite(":memory:", Access::ReadWrite, synchronous)?)
        }
        Location::Postgres(url) => DbConnection::Postgres(open_postgres(url, access)?),
    };
    let log = StatementLog {
        seen: seen.clone(),
        statements: statements.clone(),
        started: Instant::now(),
    };
    diesel::Connection::set_instrumentation(&mut connection, log);
    Ok(connection)
}

/// How long SQLite waits for another connection, in milliseconds.
pub(super) const BUSY_TIMEOUT: &str = "PRAGMA busy_timeout = 5000";

fn open_sqlite(
    path: &str,
    access: Access,
    synchronous: Synchronous,
) -> Result<SqliteConnection, Error> {
    let mut connection = <SqliteConnection as diesel::Connection>::establish(path)
        .map_err(|e| Error::Connect(e.to_string()))?;
    // one statement each, in this order: the busy timeout must be in effect before the journal mode is set
    let settings = [
        BUSY_TIMEOUT,
        "PRAGMA journal_mode = WAL",
        match synchronous {
            Synchronous::Normal => "PRAGMA synchronous = NORMAL",
            Synchronous::Full => "PRAGMA synchronous = FULL",
        },
        "PRAGMA foreign_keys = ON",
        // the `wal` module runs the checkpoints
        "PRAGMA wal_autocheckpoint = 0",
        // after a large import or a long read, the log shrinks to about 64 MB again
        "PRAGMA journal_size_limit = 64000000",
        // in kB: an import dirties pages of all indexes, and those that do not fit are written and read again
        match access {
            Access::ReadOnly => "PRAGMA cache_size = -20000",
            Access::ReadWrite => "PRAGMA cache_size = -64000",
        },
        "PRAGMA temp_store = MEMORY",
        "PRAGMA trusted_schema = OFF",
        // overwrite deleted and replaced content in the file: a legal erasure requires it
        "PRAGMA secure_delete = ON",
    ];
    for setting in settings {
        connection.batch_execute(setting)?;
    }
    if access == Access::ReadOnly {
        connection.batch_execute("PRAGMA query_only = ON")?;
    }
    Ok(connection)
}

/// With these parameters, libpq notices within about ten seconds that the network was cut. Those in the URL take precedence.
const NETWORK: [(&str, &str); 5] = [
    ("connect_timeout", "5"),
    ("keepalives_idle", "4"),
    ("keepalives_interval", "2"),
    ("keepalives_count", "3"),
    ("tcp_user_timeout", "10000"),
];

/// With these settings, the server does so too, and frees what a lost client has locked. Long texts are compressed by LZ4
/// where the server has it: with PostgreSQL's own method, that takes most of the time of an import.
const SESSION: &str = "SET application_name = 'answerable'; SET statement_timeout = '60s'; SET lock_timeout = '10s'; \
     SET idle_in_transaction_session_timeout = '60s'; SET tcp_keepalives_idle = 4; SET tcp_keepalives_interval = 2; \
     SET tcp_keepalives_count = 3; SET tcp_user_timeout = 10000; SET TIME ZONE 'UTC'; SET DateStyle = 'ISO, YMD'; \
     SET client_min_messages = 'warning'; SET plan_cache_mode = 'auto'; \
     SELECT set_config('default_toast_compression', 'lz4', false) FROM pg_settings \
     WHERE name = 'default_toast_compression' AND 'lz4' = ANY (enumvals)";

fn open_postgres(url: &str, access: Access) -> Result<PgConnection, Error> {
    let mut url = url.to_owned();
    for (name, value) in NETWORK {
        if !url.contains(&format!("{name}=")) {
            let separator = if url.contains('?') { '&' } else { '?' };
            url.push_str(&format!("{separator}{name}={value}"));
        }
    }
    let mut connection = <PgConnection as diesel::Connection>::establish(&url)
        // libpq's message can repeat the connection string, including the password
        .map_err(|_| Error::Connect("PostgreSQL is unreachable or rejected the login".into()))?;
    connection.batch_execute(SESSION)?;
    if access == Access::ReadOnly {
        connection.batch_execute("SET default_transaction_read_only = on")?;
    }
    Ok(connection)
}

/// Counts statements and warns about slow ones. Logs only the SQL text, never the values.
struct StatementLog {
    seen: Arc<Seen>,
    statements: Arc<AtomicU64>,
    started: Instant,
}

impl Instrumentation for StatementLog {
    fn on_connection_event(&mut self, event: InstrumentationEvent<'_>) {
        match event {
            InstrumentationEvent::StartQuery { query, .. } => {
                self.seen.statements.fetch_add(1, Ordering::Relaxed);
                self.statements.fetch_add(1, Ordering::Relaxed);
                self.started = Instant::now();
                if tracing::enabled!(target: STATEMENTS, tracing::Level::TRACE) {
                    tracing::trace!(target: STATEMENTS, sql = without_values(&query.to_string()));
                }
            }
            InstrumentationEvent::FinishQuery { query, error, .. } => {
                if error.is_some_and(is_not_writable) {
                    self.seen.not_writable.store(true, Ordering::Relaxed);
                }
                let elapsed = self.started.elapsed();
                if elapsed > SLOW_STATEMENT {
                    let (elapsed_ms, sql) = (elapsed.as_millis() as u64, query.to_string());
                    tracing::warn!(elapsed_ms, sql = without_values(&sql), "slow statement");
                }
            }
            _ => {}
        }
    }
}

fn without_values(statement: &str) -> &str {
    statement.split(" -- binds").next().unwrap_or_default()
}
