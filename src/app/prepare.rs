//! Making a database ready for this program.

use crate::platform::db::{Database, Error, migrate};
use crate::tracking::obligations::generation;

/// Applies the migrations that are pending, and derives what a database from before them lacks. Gives their names, oldest
/// first.
///
/// # Errors
/// When the database refuses it.
pub fn prepare(database: &Database) -> Result<Vec<String>, Error> {
    let applied = migrate::run(database)?;
    if !applied.is_empty() {
        database.maintain(|connection| {
            generation::generate_missing(connection).map_err(Error::Query)
        })?;
    }
    Ok(applied)
}
