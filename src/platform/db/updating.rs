//! Updates that are prepared once.
//!
//! Diesel prepares an `UPDATE` anew each time, since which columns it sets may depend on the values. Most of ours always set
//! all columns of a row, and preparing one takes SQLite longer than running it.

use diesel::pg::Pg;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::query_dsl::methods::ExecuteDsl;
use diesel::result::QueryResult;
use diesel::sqlite::Sqlite;

use super::connection::DbConnection;

/// Runs an `UPDATE`. It is prepared once for each text that it takes, so it must not take many.
///
/// # Errors
/// If the database cannot be written.
pub fn update<S>(connection: &mut DbConnection, statement: S) -> QueryResult<usize>
where
    S: QueryFragment<Sqlite> + QueryFragment<Pg>,
{
    let prepared = PreparedOnce(statement);
    match connection {
        DbConnection::Sqlite(c) => ExecuteDsl::execute(prepared, c),
        DbConnection::Postgres(c) => ExecuteDsl::execute(prepared, c),
    }
}

struct PreparedOnce<S>(S);

impl<S> QueryId for PreparedOnce<S> {
    type QueryId = ();
    /// The text identifies it.
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<S: QueryFragment<Sqlite>> QueryFragment<Sqlite> for PreparedOnce<S> {
    fn walk_ast<'b>(&'b self, pass: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        self.0.walk_ast(pass)
    }

    fn is_safe_to_cache_prepared(&self, _backend: &Sqlite) -> QueryResult<bool> {
        Ok(true)
    }
}

impl<S: QueryFragment<Pg>> QueryFragment<Pg> for PreparedOnce<S> {
    fn walk_ast<'b>(&'b self, pass: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        self.0.walk_ast(pass)
    }

    fn is_safe_to_cache_prepared(&self, _backend: &Pg) -> QueryResult<bool> {
        Ok(true)
    }
}
