//! All SQL of topics.

use diesel::prelude::*;
use diesel::result::QueryResult;

use super::model::TopicDocument;
use super::schema::topics;
use crate::access::Scope;
use crate::access::ownership::{self, Ownership};
use crate::log::{Previous, Resource, WriteOutcome, Writer};
use crate::platform::db::{DbConnection, Sql, update};
use crate::platform::identity::{Key, RecordId};
use crate::platform::mistakes::MistakeCode;
use crate::writing::violation::Violation;

/// Who owns topics.
pub const OWNERSHIP: Ownership = Ownership {
    resource: Resource::Topic,
    scope: Scope::OrganisationsWrite,
    owners: ownership::no_owners,
};

/// The conditions of a list: only direct children of one of `parents`, if there are any.
pub fn conditions(parents: &[RecordId]) -> Sql {
    let mut sql = Sql::new("t.state = 'published'");
    if !parents.is_empty() {
        sql.push(" AND t.parent_id IN ").list(parents);
    }
    sql
}

/// Why a topic cannot be stored: it would be above itself.
///
/// # Errors
/// If the database cannot be read.
pub fn forbidden(
    connection: &mut DbConnection,
    id: RecordId,
    document: &TopicDocument,
) -> QueryResult<Vec<Violation>> {
    let mut above = Key::optional(document.parent.as_ref())?;
    while let Some(topic) = above {
        if topic == id {
            let detail = "The topic would be above itself.";
            return Ok(vec![Violation::new(
                MistakeCode::SelfReference,
                "/parent",
                detail,
            )]);
        }
        let parent = topics::table.find(topic).select(topics::parent_id);
        above = parent
            .first::<Option<RecordId>>(connection)
            .optional()?
            .flatten();
    }
    Ok(Vec::new())
}

/// Stores a document, with its links resolved to ids.
///
/// # Errors
/// If the database cannot be written.
pub fn save(
    writer: &mut Writer<'_>,
    id: RecordId,
    document: &TopicDocument,
    previous: Option<&Previous>,
) -> QueryResult<WriteOutcome> {
    let slug = &document.slug;
    let at_once = Some(writer.now());
    let Some(recorded) = writer.record(Resource::Topic, id, slug, document, previous, at_once)?
    else {
        return Ok(WriteOutcome::Unchanged);
    };
    let row = document.row(id, recorded)?;
    if previous.is_some() {
        update(
            writer.connection,
            diesel::update(topics::table.find(id)).set(&row),
        )?;
    } else {
        diesel::insert_into(topics::table)
            .values(&row)
            .execute(writer.connection)?;
    }
    Ok(WriteOutcome::of(previous))
}
