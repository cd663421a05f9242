//! Instance-wide values that all nodes share, stored in the database.

use diesel::prelude::*;
use diesel::result::QueryResult;

use super::schema::settings;
use super::{Database, DbConnection, Error};

/// The name of the key that signs cursors.
const CURSOR_KEY: &str = "cursor_key";
/// The name of the latest request to rebuild the search index.
const SEARCH_REQUEST: &str = "search_request";

/// The key that signs cursors, created on first use. It must be the same on every node, or a cursor issued by one would
/// be rejected by the next.
pub fn cursor_key(database: &Database) -> Result<Vec<u8>, Error> {
    if let Some(key) = database.read_now::<_, Error>(|c| Ok(find(c, CURSOR_KEY)?))? {
        return Ok(key.into_bytes());
    }
    database.maintain(|connection| {
        // two random (version 4) UUIDs: 244 bits from the operating system
        let fresh = format!(
            "{}{}",
            uuid::Uuid::new_v4().simple(),
            uuid::Uuid::new_v4().simple()
        );
        let insert =
            "INSERT INTO settings (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING";
        diesel::sql_query(insert)
            .bind::<diesel::sql_types::Text, _>(CURSOR_KEY)
            .bind::<diesel::sql_types::Text, _>(fresh)
            .execute(connection)?;
        let key = find(connection, CURSOR_KEY)?.ok_or(diesel::result::Error::NotFound)?;
        Ok(key.into_bytes())
    })
}

/// The latest request to rebuild the search index; each request has a different text.
pub fn search_request(connection: &mut DbConnection) -> QueryResult<Option<String>> {
    find(connection, SEARCH_REQUEST)
}

/// Requests that every node rebuild its search index.
pub fn request_search_index(database: &Database) -> Result<(), Error> {
    database.maintain(|connection| {
        let upsert = "INSERT INTO settings (name, value) VALUES ($1, $2) \
                      ON CONFLICT (name) DO UPDATE SET value = excluded.value";
        diesel::sql_query(upsert)
            .bind::<diesel::sql_types::Text, _>(SEARCH_REQUEST)
            .bind::<diesel::sql_types::Text, _>(uuid::Uuid::now_v7().to_string())
            .execute(connection)?;
        Ok(())
    })
}

fn find(connection: &mut DbConnection, name: &str) -> QueryResult<Option<String>> {
    settings::table
        .find(name)
        .select(settings::value)
        .first(connection)
        .optional()
}
