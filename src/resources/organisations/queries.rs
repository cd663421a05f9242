//! The SQL of organisations: lists and single records. Their parts are in `parts`, writes in `save`.

use diesel::prelude::*;
use diesel::result::QueryResult;
use std::collections::HashMap;

use super::model::OrganisationRow;
use crate::access::Scope;
use crate::access::ownership::Ownership;
use crate::http::references::NameReference;
use crate::log::Resource;
use crate::platform::db::{DbConnection, Sql};

/// Who owns organisations.
pub const OWNERSHIP: Ownership = Ownership {
    resource: Resource::Organisation,
    scope: Scope::OrganisationsWrite,
    owners: itself,
};

fn itself(_: &mut DbConnection, id: &str) -> QueryResult<Vec<String>> {
    Ok(vec![id.to_owned()])
}

/// The filters of a list, with slugs resolved to ids.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only organisations of these kinds.
    pub kinds: Vec<String>,
    /// Only organisations with one of these parents.
    pub parents: Vec<String>,
    /// Only the organisation with this identifier: scheme and value.
    pub identifier: Option<(String, String)>,
    /// Only organisations with exactly this acronym, or exactly this current or former name.
    pub name: Option<String>,
}

/// The conditions of a list.
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

/// The published organisations among these ids, by id.
///
/// # Errors
/// If the database cannot be read.
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

/// The reference to an organisation.
pub fn reference(row: &OrganisationRow) -> NameReference {
    NameReference {
        id: row.id.clone(),
        slug: row.slug.clone(),
        name: row.name.clone(),
    }
}
