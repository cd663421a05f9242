//! The SQL of organisations: lists, single records and writes. Their parts are in `parts`.

use diesel::prelude::*;
use diesel::result::QueryResult;

use super::model::{OrganisationDocument, OrganisationRow};
use super::params::OrganisationFilters;
use super::parts;
use crate::access::Scope;
use crate::access::ownership::Ownership;
use crate::http::references::NameReference;
use crate::log::{Previous, Resource, WriteOutcome, Writer};
use crate::platform::db::schema::organisations;
use crate::platform::db::{DbConnection, Sql, update};
use crate::platform::folding::sort_keys_like;
use crate::platform::identity::RecordId;
use crate::platform::states::PublicationState;

/// Who owns organisations.
pub const OWNERSHIP: Ownership = Ownership {
    resource: Resource::Organisation,
    scope: Scope::OrganisationsWrite,
    owners: itself,
};

fn itself(_: &mut DbConnection, id: RecordId) -> QueryResult<Vec<RecordId>> {
    Ok(vec![id])
}

/// The conditions of a list. The ids of the parents replace those in the filters; the identifier is split into scheme and
/// value.
pub fn conditions(
    filters: &OrganisationFilters,
    parents: &[RecordId],
    identifier: Option<(String, String)>,
) -> Sql {
    let mut sql = Sql::new("o.state = 'published'");
    if !filters.kind.is_empty() {
        sql.push(" AND o.kind IN ").list(&filters.kind);
    }
    if !parents.is_empty() {
        sql.push(" AND o.parent_id IN ").list(parents);
    }
    if let Some((scheme, value)) = identifier {
        sql.push(" AND o.id IN (SELECT i.organisation_id FROM organisation_identifiers i WHERE i.value = ").bind(value);
        sql.push(" AND i.scheme = ").bind(scheme).push(")");
    }
    if let Some(name) = &filters.name {
        let (from, before) = sort_keys_like(name);
        sql.push(" AND (o.acronym = ").bind(name);
        sql.push(" OR (o.sort_name >= ").bind(&from);
        sql.push(" AND o.sort_name < ").bind(&before);
        sql.push(") OR o.id IN (SELECT n.organisation_id FROM organisation_names n WHERE n.sort_name >= ")
            .bind(from);
        sql.push(" AND n.sort_name < ").bind(before).push("))");
    }
    sql
}

/// The reference to an organisation.
pub fn reference(row: &OrganisationRow) -> NameReference {
    NameReference {
        id: row.id,
        slug: row.slug.clone(),
        name: row.name.clone(),
    }
}

/// Stores a document, with its links resolved to ids.
///
/// # Errors
/// If the database cannot be written.
pub fn save(
    writer: &mut Writer<'_>,
    id: RecordId,
    document: &OrganisationDocument,
    previous: Option<&Previous>,
) -> QueryResult<WriteOutcome> {
    let slug = &document.slug;
    let at_once = Some(writer.now());
    let Some(recorded) =
        writer.record(OWNERSHIP.resource, id, slug, document, previous, at_once)?
    else {
        return Ok(WriteOutcome::Unchanged);
    };
    let row = document.row(id, recorded)?;
    if previous.is_some() {
        update(
            writer.connection,
            diesel::update(organisations::table.find(id)).set(&row),
        )?;
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
