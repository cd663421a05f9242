//! Stores the spans of obligations.

use diesel::prelude::*;
use diesel::result::QueryResult;
use std::collections::HashMap;

use super::model::ObligationRow;
use crate::platform::db::schema::obligation_spans;
use crate::platform::db::{DbConnection, grouped, insert_all, update};
use crate::platform::identity::RecordId;
use crate::platform::time::LAST_DAY;

/// The spans of the obligations of one recommendation, as they are stored, by organisation.
#[derive(Debug)]
pub struct StoredSpans {
    /// Those that have not ended.
    pub last: HashMap<RecordId, ObligationRow>,
    /// Those that have.
    earlier: HashMap<RecordId, Vec<ObligationRow>>,
}

impl StoredSpans {
    /// Of these rows.
    pub fn new(rows: Vec<ObligationRow>) -> Self {
        let by_organisation = |row: ObligationRow| (row.organisation_id, row);
        let (last, earlier): (Vec<_>, Vec<_>) = rows
            .into_iter()
            .map(by_organisation)
            .partition(|(_, row)| row.until_on == LAST_DAY);
        Self {
            last: last.into_iter().collect(),
            earlier: grouped(earlier),
        }
    }

    /// Replaces the spans of an organisation's obligation where they differ. Returns those that are still to be inserted.
    ///
    /// # Errors
    /// When a query fails.
    pub fn replace(
        &mut self,
        connection: &mut DbConnection,
        organisation: RecordId,
        spans: Vec<ObligationRow>,
    ) -> QueryResult<Vec<ObligationRow>> {
        let mut stored = self.earlier.remove(&organisation).unwrap_or_default();
        stored.extend(self.last.remove(&organisation));
        let mut new = Vec::new();
        for span in spans {
            let place = stored.iter().position(|row| row.until_on == span.until_on);
            let Some(place) = place else {
                new.push(span);
                continue;
            };
            if stored.swap_remove(place) != span {
                update(
                    connection,
                    diesel::update(obligation_spans::table.find((span.id, span.until_on)))
                        .set(&span),
                )?;
            }
        }
        for span in stored {
            diesel::delete(obligation_spans::table.find((span.id, span.until_on)))
                .execute(connection)?;
        }
        Ok(new)
    }
}

/// Inserts spans.
///
/// # Errors
/// When a query fails.
pub fn insert(connection: &mut DbConnection, spans: Vec<ObligationRow>) -> QueryResult<()> {
    insert_all(connection, obligation_spans::table, spans)
}
