//! The record that a request changes, as it is.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text};
use serde_json::{Map, Value, json};

use super::kind::Kind;
use crate::access::{Rights, lookup, referring};
use crate::http::error::ApiError;
use crate::log::Writer;
use crate::platform::db::Sql;
use crate::platform::identity::{Key, RecordId};

/// A record as it is.
pub struct Current {
    /// The id.
    pub id: RecordId,
    /// The revision.
    pub revision: i64,
    /// The document, with its type and id.
    pub document: Map<String, Value>,
}

/// The record as it is, if the caller may see it.
pub fn current(
    writer: &mut Writer<'_>,
    kind: &Kind,
    key: &Key,
    rights: &Rights,
) -> Result<Current, ApiError> {
    let now = writer.now();
    let id = lookup::for_writing(writer.connection, &kind.ownership, key, rights, now)?;
    with_id(writer, kind, id)
}

/// The record as it was when it was removed, if the caller may see it.
pub fn removed(
    writer: &mut Writer<'_>,
    kind: &Kind,
    key: &Key,
    rights: &Rights,
) -> Result<Option<Current>, ApiError> {
    let now = writer.now();
    let id = referring::removed(writer.connection, &kind.ownership, key, rights, now)?;
    id.map(|id| with_id(writer, kind, id)).transpose()
}

fn with_id(writer: &mut Writer<'_>, kind: &Kind, id: RecordId) -> Result<Current, ApiError> {
    #[derive(QueryableByName)]
    struct CurrentRow {
        #[diesel(sql_type = BigInt)]
        revision: i64,
        #[diesel(sql_type = Nullable<Text>)]
        state: Option<String>,
    }
    let mut sql = Sql::new("SELECT r.revision, c.state FROM ");
    sql.push(kind.resource().table())
        .push(" r LEFT JOIN changes c ON c.seq = r.change_seq WHERE r.id = ")
        .bind(id);
    let row: CurrentRow = sql.get_result(writer.connection)?;
    let state = match (row.state, kind.first_document) {
        (Some(state), _) => state,
        (None, Some(first_document)) => first_document(writer.connection, id)?,
        (None, None) => String::new(),
    };
    let mut document: Map<String, Value> =
        serde_json::from_str(&state).map_err(|e| ApiError::internal(&e))?;
    document.insert("type".to_owned(), json!(kind.resource().name()));
    document.insert("id".to_owned(), json!(id));
    Ok(Current {
        id,
        revision: row.revision,
        document,
    })
}
