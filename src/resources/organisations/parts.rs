//! The SQL of the parts of organisations: names, identifiers, successions and the parent.

use diesel::prelude::*;
use diesel::result::QueryResult;
use diesel::sql_types::{Nullable, Text};
use std::collections::HashMap;

use super::model::{OrganisationDocument, OrganisationRow};
use crate::http::references::NameReference;
use crate::platform::db::schema::{
    organisation_identifiers, organisation_names, organisation_successions,
};
use crate::platform::db::{DbConnection, EnumText, Sql};
use crate::resources::organisations::model::SuccessionKind;

/// A dated name of an organisation.
#[derive(Clone, Debug, QueryableByName)]
#[diesel(table_name = organisation_names)]
pub struct NameRow {
    /// The organisation.
    pub organisation_id: String,
    /// The name.
    pub name: String,
    /// The first day of use.
    pub from_on: Option<String>,
    /// The day after the last day of use.
    pub until_on: Option<String>,
}

/// An identifier of an organisation.
#[derive(Clone, Debug, QueryableByName)]
#[diesel(table_name = organisation_identifiers)]
pub struct IdentifierRow {
    /// The organisation.
    pub organisation_id: String,
    /// The scheme.
    pub scheme: String,
    /// The number or code.
    pub value: String,
}

/// A succession, with the names of both organisations.
#[derive(Clone, Debug, QueryableByName)]
pub struct SuccessionRow {
    /// The predecessor.
    #[diesel(sql_type = Text)]
    pub predecessor_id: String,
    /// The successor.
    #[diesel(sql_type = Text)]
    pub successor_id: String,
    /// The kind of succession.
    #[diesel(sql_type = Text)]
    pub kind: EnumText<SuccessionKind>,
    /// The date.
    #[diesel(sql_type = Nullable<Text>)]
    pub on_date: Option<String>,
    #[diesel(sql_type = Text)]
    predecessor_slug: String,
    #[diesel(sql_type = Text)]
    predecessor_name: String,
    #[diesel(sql_type = Text)]
    successor_slug: String,
    #[diesel(sql_type = Text)]
    successor_name: String,
}

impl SuccessionRow {
    /// The predecessor.
    pub fn predecessor(&self) -> NameReference {
        let (id, slug) = (self.predecessor_id.clone(), self.predecessor_slug.clone());
        NameReference {
            id,
            slug,
            name: self.predecessor_name.clone(),
        }
    }

    /// The successor.
    pub fn successor(&self) -> NameReference {
        let (id, slug) = (self.successor_id.clone(), self.successor_slug.clone());
        NameReference {
            id,
            slug,
            name: self.successor_name.clone(),
        }
    }
}

/// The parts of a set of organisations, besides their rows.
#[derive(Debug, Default)]
pub struct Parts {
    /// Dated names by organisation, in the order of the document.
    pub names: HashMap<String, Vec<NameRow>>,
    /// Identifiers by organisation, in the order of the document.
    pub identifiers: HashMap<String, Vec<IdentifierRow>>,
    /// The successions that any of them is part of.
    pub successions: Vec<SuccessionRow>,
    /// Their parents, by id.
    pub parents: HashMap<String, OrganisationRow>,
}

/// Loads the parts of these organisations with four queries, however many organisations there are.
///
/// # Errors
/// If the database cannot be read.
pub fn load(connection: &mut DbConnection, rows: &[OrganisationRow]) -> QueryResult<Parts> {
    let ids: Vec<&String> = rows.iter().map(|row| &row.id).collect();
    let mut parts = Parts::default();
    for name in names(connection, &ids)? {
        parts
            .names
            .entry(name.organisation_id.clone())
            .or_default()
            .push(name);
    }
    let mut sql = Sql::new(
        "SELECT i.organisation_id, i.scheme, i.value FROM organisation_identifiers i WHERE i.organisation_id IN ",
    );
    sql.list(ids.iter().copied())
        .push(" ORDER BY i.organisation_id, i.position");
    for identifier in sql.load::<IdentifierRow>(connection)? {
        parts
            .identifiers
            .entry(identifier.organisation_id.clone())
            .or_default()
            .push(identifier);
    }
    parts.successions = successions(connection, &ids)?;
    let parents: Vec<&String> = rows
        .iter()
        .filter_map(|row| row.parent_id.as_ref())
        .collect();
    parts.parents = super::queries::by_ids(connection, &parents)?;
    Ok(parts)
}

/// The dated names of these organisations.
///
/// # Errors
/// If the database cannot be read.
pub fn names(connection: &mut DbConnection, ids: &[&String]) -> QueryResult<Vec<NameRow>> {
    let mut sql = Sql::new(
        "SELECT n.organisation_id, n.name, n.from_on, n.until_on FROM organisation_names n WHERE n.organisation_id IN ",
    );
    sql.list(ids.iter().copied())
        .push(" ORDER BY n.organisation_id, n.position");
    sql.load(connection)
}

fn successions(connection: &mut DbConnection, ids: &[&String]) -> QueryResult<Vec<SuccessionRow>> {
    let mut sql = Sql::new(
        "SELECT s.predecessor_id, s.successor_id, s.kind, s.on_date, \
         p.slug AS predecessor_slug, p.name AS predecessor_name, n.slug AS successor_slug, n.name AS successor_name \
         FROM organisation_successions s JOIN organisations p ON p.id = s.predecessor_id \
         JOIN organisations n ON n.id = s.successor_id \
         WHERE p.state = 'published' AND n.state = 'published' AND (s.predecessor_id IN ",
    );
    sql.list(ids.iter().copied())
        .push(" OR s.successor_id IN ")
        .list(ids.iter().copied());
    sql.push(") ORDER BY s.on_date, p.name, n.name");
    sql.load(connection)
}

/// Deletes the parts of an organisation.
///
/// # Errors
/// If the database cannot be written.
pub fn clear(connection: &mut DbConnection, id: &str) -> QueryResult<()> {
    use organisation_successions::predecessor_id;
    diesel::delete(organisation_names::table.filter(organisation_names::organisation_id.eq(id)))
        .execute(connection)?;
    diesel::delete(
        organisation_identifiers::table.filter(organisation_identifiers::organisation_id.eq(id)),
    )
    .execute(connection)?;
    diesel::delete(organisation_successions::table.filter(predecessor_id.eq(id)))
        .execute(connection)?;
    Ok(())
}

/// Stores the parts of a document.
///
/// # Errors
/// If the database cannot be written.
pub fn insert(
    connection: &mut DbConnection,
    id: &str,
    document: &OrganisationDocument,
) -> QueryResult<()> {
    for (position, name) in (0..).zip(&document.names) {
        use organisation_names::dsl;
        let row = (
            dsl::organisation_id.eq(id),
            dsl::position.eq::<i32>(position),
            dsl::name.eq(&name.name),
            dsl::from_on.eq(name.from.as_ref()),
            dsl::until_on.eq(name.until.as_ref()),
        );
        diesel::insert_into(dsl::organisation_names)
            .values(row)
            .execute(connection)?;
    }
    for (position, identifier) in (0..).zip(&document.identifiers) {
        use organisation_identifiers::dsl;
        let row = (
            dsl::organisation_id.eq(id),
            dsl::position.eq::<i32>(position),
            dsl::scheme.eq(&identifier.scheme),
            dsl::value.eq(&identifier.value),
        );
        diesel::insert_into(dsl::organisation_identifiers)
            .values(row)
            .execute(connection)?;
    }
    for successor in &document.successors {
        use organisation_successions::dsl;
        let row = (
            dsl::predecessor_id.eq(id),
            dsl::successor_id.eq(&successor.organisation),
            dsl::kind.eq(<&str>::from(successor.kind)),
            dsl::on_date.eq(successor.on.as_ref()),
        );
        diesel::insert_into(dsl::organisation_successions)
            .values(row)
            .execute(connection)?;
    }
    Ok(())
}
