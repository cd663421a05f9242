//! Updates that are prepared once.
//!
//! Diesel prepares an `UPDATE` anew each time, since which columns it sets may depend on the values. Ours always set the same
//! ones, and with the triggers of a history, SQLite takes longer to prepare one than to run it.

use diesel::connection::{DefaultLoadingMode, LoadConnection};
use diesel::pg::Pg;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::result::QueryResult;
use diesel::sql_types::Untyped;
use diesel::sqlite::Sqlite;

use super::connection::DbConnection;

/// Runs an `UPDATE`, which is prepared once for each text that it takes. Rows must therefore be `treat_none_as_null`: others
/// leave out the columns without a value, and take a text for each combination.
///
/// # Errors
/// If the database cannot be written.
pub fn update<S>(connection: &mut DbConnection, statement: S) -> QueryResult<()>
where
    S: QueryFragment<Sqlite> + QueryFragment<Pg>,
{
    let prepared = PreparedOnce(statement);
    // loaded, though it returns no row: Diesel executes references, which hide that it is safe to cache
    match connection {
        DbConnection::Sqlite(c) => c.load(prepared)?.try_for_each(|row| row.map(drop)),
        DbConnection::Postgres(c) => LoadConnection::<DefaultLoadingMode>::load(c, prepared)?
            .try_for_each(|row| row.map(drop)),
    }
}

struct PreparedOnce<S>(S);

impl<S> Query for PreparedOnce<S> {
    type SqlType = Untyped;
}

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
