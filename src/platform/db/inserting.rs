//! Inserts many rows with few statements. Diesel's common backend inserts only one at a time.

use diesel::insertable::Insertable;
use diesel::query_builder::InsertStatement;
use diesel::query_dsl::methods::ExecuteDsl;
use diesel::query_source::Table;
use diesel::result::QueryResult;
use diesel::{PgConnection, SqliteConnection};

use super::connection::DbConnection;

/// How many rows are inserted with one statement: of the widest table, as many as SQLite can bind values of (32,766).
pub const ROWS_AT_ONCE: usize = 500;

/// The statement that inserts these rows.
type Insertion<T, R> = InsertStatement<T, <Vec<R> as Insertable<T>>::Values>;

/// Inserts rows into a table.
///
/// # Errors
/// If the database cannot be written.
pub fn insert_all<T, R>(
    connection: &mut DbConnection,
    table: T,
    mut rows: Vec<R>,
) -> QueryResult<()>
where
    T: Table + Copy,
    Vec<R>: Insertable<T>,
    Insertion<T, R>: ExecuteDsl<SqliteConnection> + ExecuteDsl<PgConnection>,
{
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
