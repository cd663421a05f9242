//! References to records that others name.

use diesel::RunQueryDsl;
use diesel::result::QueryResult;
use std::collections::HashMap;

use crate::http::references::NameReference;
use crate::log::Resource;
use crate::platform::db::{DbConnection, Sql};
use crate::platform::identity::RecordId;

/// References to the published ones of these organisations, groups or topics, by id.
///
/// # Errors
/// If the database cannot be read.
pub fn named(
    c: &mut DbConnection,
    resource: Resource,
    ids: impl IntoIterator<Item = RecordId>,
) -> QueryResult<HashMap<RecordId, NameReference>> {
    let mut sql = Sql::new("SELECT x.id, x.slug, x.name FROM ");
    sql.push(resource.table())
        .push(" x WHERE x.state = 'published' AND x.id IN ")
        .list(ids);
    let rows: Vec<NameReference> = sql.load(c)?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}
