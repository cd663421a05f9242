//! Instance-wide values that all nodes share, stored in the database.

use diesel::prelude::*;
use diesel::result::QueryResult;
use uuid::Uuid;

use super::schema::settings;
use super::{Database, DbConnection, Error, Sql};

/// The name of the key that signs cursors.
const CURSOR_KEY: &str = "cursor_key";
/// The name of the issuer of tokens.
const ISSUER: &str = "issuer";
/// The name of the latest request to rebuild the search index.
const SEARCH_REQUEST: &str = "search_request";

/// The name of what the keys of articles' links follow from.
const LINK_RULES: &str = "link_rules";

/// The key that signs cursors, created on first use. It must be the same on every node, or a cursor issued by one would
/// be rejected by the next.
pub fn cursor_key(database: &Database) -> Result<Vec<u8>, Error> {
    if let Some(key) = database.read_now::<_, Error>(|c| Ok(find(c, CURSOR_KEY)?))? {
        return Ok(key.into_bytes());
    }
    database.maintain(|connection| {
        // two random (version 4) UUIDs: 244 bits from the operating system
        let key = format!("{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple());
        insert(connection, CURSOR_KEY, key, "DO NOTHING")?;
        let key = find(connection, CURSOR_KEY)?.ok_or(diesel::result::Error::NotFound)?;
        Ok(key.into_bytes())
    })
}

/// The issuer of the tokens that the server on this database takes; `None` if none has served it yet.
pub fn issuer(connection: &mut DbConnection) -> QueryResult<Option<String>> {
    find(connection, ISSUER)
}

/// Stores the issuer of the tokens that the server on this database takes.
pub fn store_issuer(database: &Database, issuer: &str) -> Result<(), Error> {
    let stored = database.read_now::<_, Error>(|c| Ok(find(c, ISSUER)?))?;
    match stored.as_deref() == Some(issuer) {
        true => Ok(()),
        false => database.maintain(|connection| Ok(replace(connection, ISSUER, issuer)?)),
    }
}

/// The latest request to rebuild the search index; each request has a different text.
pub fn search_request(connection: &mut DbConnection) -> QueryResult<Option<String>> {
    find(connection, SEARCH_REQUEST)
}

/// What the keys of articles' links follow from; `None` before they were computed.
pub fn link_rules(connection: &mut DbConnection) -> QueryResult<Option<String>> {
    find(connection, LINK_RULES)
}

/// Stores what the keys of articles' links follow from.
pub fn store_link_rules(connection: &mut DbConnection, rules: &str) -> QueryResult<()> {
    replace(connection, LINK_RULES, rules)
}

/// Requests that every node rebuild its search index.
pub fn request_search_index(database: &Database) -> Result<(), Error> {
    database.maintain(|connection| {
        let request = Uuid::now_v7().to_string();
        Ok(replace(connection, SEARCH_REQUEST, &request)?)
    })
}

/// Stores a value in the place of the one that may be there.
pub(super) fn replace(connection: &mut DbConnection, name: &str, value: &str) -> QueryResult<()> {
    let replace = "DO UPDATE SET value = excluded.value";
    insert(connection, name, value.to_owned(), replace)
}

/// Stores a value. `on_conflict` says what to do if there is one already.
fn insert(
    connection: &mut DbConnection,
    name: &str,
    value: String,
    on_conflict: &'static str,
) -> QueryResult<()> {
    let mut sql = Sql::new("INSERT INTO settings (name, value) VALUES (");
    sql.bind(name).push(", ").bind(value);
    sql.push(") ON CONFLICT (name) ").push(on_conflict);
    sql.execute(connection).map(drop)
}

fn find(connection: &mut DbConnection, name: &str) -> QueryResult<Option<String>> {
    settings::table
        .find(name)
        .select(settings::value)
        .first(connection)
        .optional()
}
