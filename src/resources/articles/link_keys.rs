//! Computes the keys of articles' links again, where they follow from other rules than those of this program.

use diesel::prelude::*;
use diesel::result::QueryResult;
use diesel::sql_types::{Nullable, Text};

use super::schema::articles;
use crate::platform::db::{DbConnection, Error, Sql, settings};
use crate::platform::identity::RecordId;
use crate::platform::web_address::{duplicate_key, rules};

/// How many rows are read at once.
const BATCH: i64 = 1_000;

#[derive(QueryableByName)]
struct KeyedLink {
    #[diesel(sql_type = Text)]
    id: RecordId,
    #[diesel(sql_type = Text)]
    original_url: String,
    #[diesel(sql_type = Nullable<Text>)]
    original_url_key: Option<String>,
}

/// Why keys cannot be computed again.
#[derive(Debug, thiserror::Error)]
pub enum LinkKeyError {
    /// Two articles have one link by the new rules.
    #[error(
        "The articles {0} and {1} have the same link by the rules and `tracking_parameters` of this start: change or remove one first, with the former ones."
    )]
    Collision(RecordId, RecordId),
    /// A query failed.
    #[error(transparent)]
    Database(#[from] Error),
}

impl From<diesel::result::Error> for LinkKeyError {
    fn from(error: diesel::result::Error) -> Self {
        Self::Database(error.into())
    }
}

/// Whether keys follow from other rules.
///
/// # Errors
/// When a query fails.
pub fn are_outdated(connection: &mut DbConnection) -> QueryResult<bool> {
    Ok(settings::link_rules(connection)?.as_deref() != Some(&rules()))
}

/// Whether there are keys, and they follow from other rules.
///
/// # Errors
/// When a query fails.
pub fn are_of_other_rules(connection: &mut DbConnection) -> QueryResult<bool> {
    let stored = settings::link_rules(connection)?;
    Ok(stored.is_some_and(|stored| stored != rules()))
}

/// Computes the keys again, all or none. Returns whether any key changed.
///
/// # Errors
/// If two articles would have the same key, or a query fails.
pub fn derive_all(connection: &mut DbConnection) -> Result<bool, LinkKeyError> {
    connection.transaction(|connection| {
        let changed = changed(connection)?;
        // a key may become that of an article whose own changes later
        for (id, _) in &changed {
            store(connection, *id, None)?;
        }
        for (id, key) in &changed {
            if let Some(key) = key {
                if let Some(other) = holder(connection, key)? {
                    return Err(LinkKeyError::Collision(other, *id));
                }
                store(connection, *id, Some(key))?;
            }
        }
        settings::store_link_rules(connection, &rules())?;
        Ok(!changed.is_empty())
    })
}

/// The articles whose keys change, with the new ones.
fn changed(connection: &mut DbConnection) -> QueryResult<Vec<(RecordId, Option<String>)>> {
    let (mut last, mut changed) = (String::new(), Vec::new());
    loop {
        let mut sql = Sql::new(
            "SELECT a.id, a.original_url, a.original_url_key FROM articles a WHERE a.original_url IS NOT NULL AND a.id > ",
        );
        sql.bind(&last).push(" ORDER BY a.id LIMIT ").bind(BATCH);
        let rows: Vec<KeyedLink> = sql.load(connection)?;
        let Some(row) = rows.last() else {
            return Ok(changed);
        };
        last = row.id.to_string();
        for row in rows {
            let key = duplicate_key(&row.original_url);
            if key != row.original_url_key {
                changed.push((row.id, key));
            }
        }
    }
}

fn store(connection: &mut DbConnection, id: RecordId, key: Option<&str>) -> QueryResult<()> {
    diesel::update(articles::table.find(id))
        .set(articles::original_url_key.eq(key))
        .execute(connection)
        .map(drop)
}

fn holder(connection: &mut DbConnection, key: &str) -> QueryResult<Option<RecordId>> {
    articles::table
        .filter(articles::original_url_key.eq(key))
        .select(articles::id)
        .first(connection)
        .optional()
}
