//! Fills in what names are sorted by, where a program of an older version has not.

use diesel::prelude::*;
use diesel::result::QueryResult;
use diesel::sql_types::Text;

use super::{DbConnection, Sql};
use crate::platform::folding::sort_key;

/// The tables with names, and the columns: the key, the name, and what it is sorted by.
const COLUMNS: [(&str, &str, &str); 4] = [
    ("topics", "name", "sort_name"),
    ("organisations", "name", "sort_name"),
    ("groups", "name", "sort_name"),
    ("reports", "title", "sort_title"),
];

#[derive(QueryableByName)]
struct NameRow {
    #[diesel(sql_type = Text)]
    name: String,
}

/// Derives what names are sorted by where it is missing.
///
/// # Errors
/// When a query fails.
pub fn derive_missing(connection: &mut DbConnection) -> QueryResult<()> {
    let names = [("organisation_names", "name", "sort_name")];
    for (table, name, key) in COLUMNS.into_iter().chain(names) {
        let mut missing = Sql::new("SELECT DISTINCT x.");
        missing.push(name).push(" AS name FROM ").push(table);
        missing.push(" x WHERE x.").push(key).push(" = ''");
        for row in missing.load::<NameRow>(connection)? {
            let mut sql = Sql::new("UPDATE ");
            sql.push(table).push(" SET ").push(key).push(" = ");
            sql.bind(sort_key(&row.name)).push(" WHERE ").push(name);
            sql.push(" = ")
                .bind(row.name)
                .push(" AND ")
                .push(key)
                .push(" = ''");
            sql.execute(connection)?;
        }
    }
    Ok(())
}
