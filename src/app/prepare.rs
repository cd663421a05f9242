//! Prepares a database for this version of the program.

use crate::platform::db::{Database, Error, migrate, settings, sort_names};
use crate::resources::articles::link_keys;
use crate::resources::reports::response_checks;
use crate::tracking::obligations::generation;

/// Applies pending migrations, and derives again what an older database lacks or derived otherwise. Returns the names of the migrations,
/// oldest first.
///
/// # Errors
/// When the database rejects a migration, or two articles have the same link by the rules of this start.
pub fn prepare(database: &Database) -> anyhow::Result<Vec<String>> {
    let applied = migrate::run(database)?;
    if !applied.is_empty() {
        database.maintain(|c| {
            response_checks::derive_all(c)?;
            Ok::<_, Error>(generation::generate_all(c)?)
        })?;
    }
    if database.read_now(|c| Ok::<_, Error>(sort_names::are_missing(c)?))? {
        database.maintain(|c| Ok::<_, Error>(sort_names::derive_missing(c)?))?;
    }
    if database.read_now(|c| Ok::<_, Error>(link_keys::are_outdated(c)?))? {
        let have_changed = database.maintain(link_keys::derive_all)?;
        if have_changed {
            // searches filter by these keys
            settings::request_search_index(database)?;
        }
    }
    Ok(applied)
}
