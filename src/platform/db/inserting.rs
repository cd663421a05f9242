//! Inserts many rows with few statements. Diesel's common backend inserts only one at a time.

use diesel::query_dsl::methods::ExecuteDsl;
use diesel::result::QueryResult;
use diesel::{PgConnection, SqliteConnection};

use super::connection::DbConnection;

/// How many rows are inserted with one statement. SQLite binds at most 32,766 values, so tables may have 65 columns.
pub const ROWS_AT_ONCE: usize = 500;

/// Inserts rows by the statements that `insertion` makes for some of them.
///
/// # Errors
/// If the database cannot be written.
pub fn insert_all<Row, Insertion>(
    connection: &mut DbConnection,
    mut rows: Vec<Row>,
    insertion: impl Fn(Vec<Row>) -> Insertion,
) -> QueryResult<()>
where
    Insertion: ExecuteDsl<SqliteConnection> + ExecuteDsl<PgConnection>,
{
    while !rows.is_empty() {
        let later = rows.split_off(rows.len().min(ROWS_AT_ONCE));
        match connection {
            DbConnection::Sqlite(c) => ExecuteDsl::execute(insertion(rows), c)?,
            DbConnection::Postgres(c) => ExecuteDsl::execute(insertion(rows), c)?,
        };
        rows = later;
    }
    Ok(())
}
