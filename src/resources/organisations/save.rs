//! Storing an organisation.

use diesel::prelude::*;
use diesel::result::QueryResult;

use super::model::OrganisationDocument;
use super::parts;
use crate::log::{Previous, Resource, WriteOutcome, Writer};
use crate::platform::db::schema::organisations;
use crate::platform::states::PublicationState;

/// Stores a document, with its links resolved to ids.
///
/// # Errors
/// If the database cannot be written.
pub fn save(
    writer: &mut Writer<'_>,
    id: &str,
    document: &OrganisationDocument,
    previous: Option<&Previous>,
) -> QueryResult<WriteOutcome> {
    let now = writer.now();
    let Some(recorded) = writer.record(
        Resource::Organisation,
        id,
        &document.slug,
        document,
        previous,
        Some(now),
    )?
    else {
        return Ok(WriteOutcome::Unchanged);
    };
    let row = document.row(id, recorded);
    if previous.is_some() {
        diesel::update(organisations::table.find(id))
            .set(&row)
            .execute(writer.connection)?;
        parts::clear(writer.connection, id)?;
    } else {
        diesel::insert_into(organisations::table)
            .values(&row)
            .execute(writer.connection)?;
    }
    if document.state != PublicationState::Erased {
        parts::insert(writer.connection, id, document)?;
    }
    Ok(WriteOutcome::of(previous))
}
