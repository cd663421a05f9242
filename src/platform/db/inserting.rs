//! Inserts many rows with few statements. Diesel's common backend inserts only one at a time.

use diesel::query_builder::InsertStatement;
use diesel::query_dsl::methods::ExecuteDsl;
use diesel::result::QueryResult;
use diesel::{Insertable, PgConnection, SqliteConnection, Table};

use super::connection::DbConnection;

/// How many rows are inserted with one statement. SQLite binds at most 32,766 values, so tables may have 65 columns.
pub const ROWS_AT_ONCE: usize = 500;

/// Fewer rows are inserted into SQLite one by one: a statement for one row is prepared once, one for several each time.
const FEW: usize = 8;

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
    InsertStatement<T, <Vec<Row> as Insertable<T>>::Values>:
        ExecuteDsl<SqliteConnection> + ExecuteDsl<PgConnection>,
{
    if let DbConnection::Sqlite(c) = connection
        && rows.len() < FEW
    {
        for row in rows {
            ExecuteDsl::execute(diesel::insert_into(table).values(row), c)?;
        }
        return Ok(());
    }
    while !rows.is_empty() {
        let later = rows.split_off(rows.len().min(ROWS_AT_ONCE));
        let insertion = diesel::insert_into(table).values(rows);
        match connection {
            DbConnection::Sqlite(c) => ExecuteDsl::execute(insertion, c)?,
            DbConnection::Postgres(c) => ExecuteDsl::execute(insertion, c)?,
        };
        rows = later;
    }
    Ok(())
}
