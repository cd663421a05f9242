//! Exports every record as the document that `import` reads, one per line, from a single snapshot of the database.
//!
//! Links are ids, and each document has its id, so that importing creates the same records on another instance. The
//! history is not included: use a backup for that.

use diesel::prelude::*;
use diesel::sql_types::{Nullable, Text};
use std::io::{self, Write};

use super::resource::Resource;
use crate::platform::db::{self, Database, DbConnection, Sql};
use crate::platform::identity::RecordId;

/// The number of documents to read per statement.
const BATCH: i64 = 500;

/// Why an export failed.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// Writing the output failed.
    #[error("cannot write the output: {0}")]
    Output(#[from] io::Error),
    /// The database failed.
    #[error(transparent)]
    Database(#[from] db::Error),
    /// A state in the log is not in the form that this program writes.
    #[error("the change log holds an unreadable state of {0}")]
    State(String),
}

#[derive(QueryableByName)]
struct StateRow {
    #[diesel(sql_type = Text)]
    id: RecordId,
    #[diesel(sql_type = Nullable<Text>)]
    state: Option<String>,
}

/// Writes the documents of these resources and returns their number.
pub fn run(
    database: &Database,
    resources: &[Resource],
    output: &mut dyn Write,
) -> Result<usize, ExportError> {
    database.read_now(|connection| {
        let mut written = 0;
        for resource in resources {
            let mut after = None;
            loop {
                let rows = page(connection, *resource, after)?;
                let Some(last) = rows.last() else { break };
                after = Some(last.id);
                written += rows.len();
                for row in rows {
                    let state = row.state.as_deref();
                    let line = state.and_then(|state| document(*resource, row.id, state));
                    let unreadable = || ExportError::State(format!("the {resource} {}", row.id));
                    writeln!(output, "{}", line.ok_or_else(unreadable)?)?;
                }
            }
        }
        Ok(written)
    })
}

fn page(
    connection: &mut DbConnection,
    resource: Resource,
    after: Option<RecordId>,
) -> Result<Vec<StateRow>, db::Error> {
    let mut sql = Sql::new("SELECT r.id, c.state FROM ");
    sql.push(resource.table())
        .push(" r JOIN changes c ON c.seq = r.change_seq WHERE true")
        .and("r.id >", after);
    sql.push(" ORDER BY r.id LIMIT ").bind(BATCH);
    Ok(sql.load(connection)?)
}

/// Turns a state from the log into a document of the import format; `None` if it is not in the form that this program
/// writes.
pub fn document(resource: Resource, id: RecordId, state: &str) -> Option<String> {
    // insert members at the front as text: the state is a JSON object that this program wrote
    let members = state.strip_prefix('{')?;
    let separator = if members == "}" { "" } else { "," };
    Some(format!(
        r#"{{"type":"{resource}","id":"{id}"{separator}{members}"#
    ))
}
