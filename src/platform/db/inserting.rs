//! Inserts many rows: into PostgreSQL with few statements, into SQLite with one that is prepared once. Diesel's common backend
//! inserts only one row at a time, and statements for several are prepared each time.

use diesel::query_builder::InsertStatement;
use diesel::query_dsl::methods::ExecuteDsl;
use diesel::result::QueryResult;
use diesel::{Insertable, PgConnection, SqliteConnection, Table};

use super::connection::DbConnection;

/// How many rows are inserted with one statement. PostgreSQL binds at most 65,535 values, so tables may have 131 columns.
pub const ROWS_AT_ONCE: usize = 500;

/// Inserts rows into a table.
///
/// # Errors
/// If the database cannot be written.
pub fn insert_all<T, Row>(
    connection: &mut DbConnection,
    table: T,
    mut rows: Vec<Row>,
) -> QueryResult<()>
where
    T: Table + Copy,
    Row: Insertable<T>,
    Vec<Row>: Insertable<T>,
    InsertStatement<T, <Row as Insertable<T>>::Values>: ExecuteDsl<SqliteConnection>,
    InsertStatement<T, <Vec<Row> as Insertable<T>>::Values>: ExecuteDsl<PgConnection>,
{
    match connection {
        DbConnection::Sqlite(c) => {
            for row in rows {
                ExecuteDsl::execute(diesel::insert_into(table).values(row), c)?;
            }
        }
        DbConnection::Postgres(c) => {
            while !rows.is_empty() {
                let later = rows.split_off(rows.len().min(ROWS_AT_ONCE));
                ExecuteDsl::execute(diesel::insert_into(table).values(rows), c)?;
                rows = later;
            }
        }
    }
    Ok(())
}
