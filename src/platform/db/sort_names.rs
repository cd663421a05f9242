//! Fills in what names are sorted by, where a program of an older version has not.

use diesel::prelude::*;
use diesel::result::QueryResult;
use diesel::sql_types::Text;

use super::{DbConnection, Sql};
use crate::platform::folding::sort_key;

/// The tables with names, and their columns: what tells the rows apart, the name, and what it is sorted by.
const COLUMNS: [(&str, &str, &str, &str); 5] = [
    ("topics", "id", "name", "sort_name"),
    ("organisations", "id", "name", "sort_name"),
    ("organisation_names", "organisation_id", "name", "sort_name"),
    ("groups", "id", "name", "sort_name"),
    ("reports", "id", "title", "sort_title"),
];

/// How many rows are read at once.
const BATCH: i64 = 1_000;

#[derive(QueryableByName)]
struct NameRow {
    #[diesel(sql_type = Text)]
    id: String,
    #[diesel(sql_type = Text)]
    name: String,
}

fn missing(
    connection: &mut DbConnection,
    (table, id, name, key): (&'static str, &'static str, &'static str, &'static str),
    limit: i64,
) -> QueryResult<Vec<NameRow>> {
    let mut sql = Sql::new("SELECT x.");
    sql.push(id)
        .push(" AS id, x.")
        .push(name)
        .push(" AS name FROM ");
    sql.push(table)
        .push(" x WHERE x.")
        .push(key)
        .push(" = '' LIMIT ")
        .bind(limit);
    sql.load(connection)
}

/// Whether what names are sorted by is missing anywhere.
///
/// # Errors
/// When a query fails.
pub fn are_missing(connection: &mut DbConnection) -> QueryResult<bool> {
    for columns in COLUMNS {
        if !missing(connection, columns, 1)?.is_empty() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Derives what names are sorted by where it is missing, a batch in a transaction.
///
/// # Errors
/// When a query fails.
pub fn derive_missing(connection: &mut DbConnection) -> QueryResult<()> {
    for columns in COLUMNS {
        let (table, id, name, key) = columns;
        loop {
            let rows = missing(connection, columns, BATCH)?;
            if rows.is_empty() {
                break;
            }
            connection.transaction(|connection| {
                for row in &rows {
                    let mut sql = Sql::new("UPDATE ");
                    sql.push(table).push(" SET ").push(key).push(" = ");
                    sql.bind(sort_key(&row.name)).push(" WHERE ").push(id);
                    sql.push(" = ").bind(&row.id).push(" AND ").push(name);
                    sql.push(" = ").bind(&row.name);
                    sql.execute(connection)?;
                }
                QueryResult::Ok(())
            })?;
        }
    }
    Ok(())
}
