//! The SQL of organisations themselves: lists, one record, writing. What hangs below them is in `parts`.

use diesel::prelude::*;
use diesel::result::QueryResult;
use std::collections::HashMap;

use super::model::OrganisationRow;
use crate::access::Scope;
use crate::access::ownership::Ownership;
use crate::http::references::NameReference;
use crate::log::Resource;
use crate::platform::db::schema::organisations;
use crate::platform::db::{DbConnection, Sql};

/// Whose organisations are.
pub const OWNERSHIP: Ownership = Ownership {
    resource: Resource::Organisation,
    scope: Scope::OrganisationsWrite,
    owners: itself,
};

fn itself(_: &mut DbConnection, id: &str) -> QueryResult<Vec<String>> {
    Ok(vec![id.to_owned()])
}

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

/// The conditions that the organisations of a list fulfil.
pub fn conditions(filter: &Filter) -> Sql {
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

/// How other records name an organisation.
pub fn reference(row: &OrganisationRow) -> NameReference {
    NameReference {
        id: row.id.clone(),
        slug: row.slug.clone(),
        name: row.name.clone(),
    }
}
