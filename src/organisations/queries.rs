//! The SQL of organisations themselves: lists, one record, writing. What hangs below them is in `parts`.

use diesel::prelude::*;
use diesel::result::QueryResult;
use std::collections::HashMap;

use super::model::{OrganisationDocument, OrganisationRow};
use super::parts;
use super::views::Organisation;
use crate::changes::{Outcome, Previous, Resource, Writer};
use crate::db::keyset::{Keyset, Order, Slice};
use crate::db::schema::organisations;
use crate::db::{DbConnection, Sql, count};
use crate::references::NameReference;
use crate::values::PublicationState;

/// Which organisations are wanted, with links resolved to ids.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only these kinds.
    pub kinds: Vec<String>,
    /// Only parts of these.
    pub parents: Vec<String>,
    /// Only those with this identifier: scheme and value.
    pub identifier: Option<(String, String)>,
    /// Only those that had this name at some time.
    pub name: Option<String>,
}

/// The statement for one page.
pub fn page_statement(filter: &Filter, order: Order, keyset: &Keyset) -> Sql {
    let mut sql = Sql::new("SELECT o.* FROM organisations o WHERE ");
    sql.append(conditions(filter));
    keyset.finish(&mut sql, order);
    sql
}

/// One page of organisations.
pub fn list(
    connection: &mut DbConnection,
    filter: &Filter,
    order: Order,
    keyset: &Keyset,
    counted: bool,
) -> QueryResult<Slice<OrganisationRow>> {
    let rows = page_statement(filter, order, keyset).load::<OrganisationRow>(connection)?;
    let mut slice = keyset.slice(rows);
    if counted {
        let mut sql = Sql::new("SELECT count(*) AS count FROM organisations o WHERE ");
        sql.append(conditions(filter));
        slice.count = Some(count(connection, &sql)?);
    }
    Ok(slice)
}

fn conditions(filter: &Filter) -> Sql {
    let mut sql = Sql::new("o.state = 'published'");
    if !filter.kinds.is_empty() {
        sql.push(" AND o.kind IN ").list(&filter.kinds);
    }
    if !filter.parents.is_empty() {
        sql.push(" AND o.parent_id IN ").list(&filter.parents);
    }
    if let Some((scheme, value)) = &filter.identifier {
        sql.push(" AND o.id IN (SELECT i.organisation_id FROM organisation_identifiers i WHERE i.value = ").bind(value);
        sql.push(" AND i.scheme = ").bind(scheme).push(")");
    }
    if let Some(name) = &filter.name {
        sql.push(" AND (o.name = ")
            .bind(name)
            .push(" OR o.acronym = ")
            .bind(name);
        sql.push(" OR o.id IN (SELECT n.organisation_id FROM organisation_names n WHERE n.name = ")
            .bind(name)
            .push("))");
    }
    sql
}

/// The organisation with this id.
pub fn find(connection: &mut DbConnection, id: &str) -> QueryResult<OrganisationRow> {
    organisations::table
        .find(id)
        .select(OrganisationRow::as_select())
        .first(connection)
}

/// The published organisations among these ids, by id.
pub fn by_ids(
    connection: &mut DbConnection,
    ids: &[&String],
) -> QueryResult<HashMap<String, OrganisationRow>> {
    let mut sql =
        Sql::new("SELECT o.* FROM organisations o WHERE o.state = 'published' AND o.id IN ");
    sql.list(ids.iter().copied());
    Ok(sql
        .load::<OrganisationRow>(connection)?
        .into_iter()
        .map(|row| (row.id.clone(), row))
        .collect())
}

/// Whole organisations for `expand`, by id; what they name stays references.
pub fn whole(
    connection: &mut DbConnection,
    ids: &[&String],
) -> QueryResult<HashMap<String, Organisation>> {
    let nothing = HashMap::new();
    let mut whole = HashMap::new();
    // a statement can bind about 32,000 values; a large group may have many members
    for ids in ids.chunks(5_000) {
        let rows: Vec<OrganisationRow> = by_ids(connection, ids)?.into_values().collect();
        let parts = parts::load(connection, &rows)?;
        whole.extend(rows.into_iter().map(|row| {
            (
                row.id.clone(),
                Organisation::new(row, &parts, &nothing, None),
            )
        }));
    }
    Ok(whole)
}

/// How other records name an organisation.
pub fn reference(row: &OrganisationRow) -> NameReference {
    NameReference {
        id: row.id.clone(),
        slug: row.slug.clone(),
        name: row.name.clone(),
    }
}

/// Stores a document whose links are ids.
pub fn save(
    writer: &mut Writer<'_>,
    id: &str,
    document: &OrganisationDocument,
    previous: Option<&Previous>,
) -> QueryResult<Outcome> {
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
        return Ok(Outcome::Unchanged);
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
    Ok(if previous.is_some() {
        Outcome::Updated
    } else {
        Outcome::Created
    })
}
