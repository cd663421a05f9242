//! Computes the keys of articles' links again, where they follow from other rules than those of this program.

use diesel::prelude::*;
use diesel::result::QueryResult;
use diesel::sql_types::{Nullable, Text};

use crate::platform::db::{DbConnection, Sql, settings};
use crate::platform::web_address::{duplicate_key, rules};

/// How many rows are read at once.
const BATCH: i64 = 1_000;

#[derive(QueryableByName)]
struct KeyedLink {
    #[diesel(sql_type = Text)]
    id: String,
    #[diesel(sql_type = Text)]
    original_url: String,
    #[diesel(sql_type = Nullable<Text>)]
    original_url_key: Option<String>,
}

/// Whether keys may follow from other rules.
///
/// # Errors
/// When a query fails.
pub fn are_outdated(connection: &mut DbConnection) -> QueryResult<bool> {
    Ok(settings::link_rules(connection)?.as_deref() != Some(&rules()))
}

/// Computes the keys again, a batch in a transaction. Two articles whose links are one by the new rules keep their keys, and are named
/// in a warning. Returns whether any key changed.
///
/// # Errors
/// When a query fails.
pub fn derive_all(connection: &mut DbConnection) -> QueryResult<bool> {
    let (mut last, mut has_changed) = (String::new(), false);
    loop {
        let mut sql = Sql::new(
            "SELECT a.id, a.original_url, a.original_url_key FROM articles a WHERE a.original_url IS NOT NULL AND a.id > ",
        );
        sql.bind(&last).push(" ORDER BY a.id LIMIT ").bind(BATCH);
        let rows: Vec<KeyedLink> = sql.load(connection)?;
        let Some(row) = rows.last() else { break };
        last.clone_from(&row.id);
        connection.transaction(|connection| {
            for row in &rows {
                let key = duplicate_key(&row.original_url);
                if key != row.original_url_key {
                    has_changed |= store(connection, row, key.as_deref())?;
                }
            }
            QueryResult::Ok(())
        })?;
    }
    settings::store_link_rules(connection, &rules())?;
    Ok(has_changed)
}

fn store(connection: &mut DbConnection, row: &KeyedLink, key: Option<&str>) -> QueryResult<bool> {
    let mut sql = Sql::new("UPDATE articles SET original_url_key = ");
    match key {
        Some(key) => sql.bind(key),
        None => sql.push("NULL"),
    };
    sql.push(" WHERE id = ").bind(&row.id);
    if let Some(key) = key {
        sql.push(" AND NOT EXISTS (SELECT 1 FROM articles b WHERE b.original_url_key = ");
        sql.bind(key).push(")");
    }
    let is_stored = sql.execute(connection)? > 0;
    if !is_stored {
        tracing::warn!(article = row.id, "another article has the same link");
    }
    Ok(is_stored)
}
