//! The SQL of the parts of organisations: names, identifiers, successions and the parent.

use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::result::QueryResult;
use std::collections::HashMap;

use super::model::{DatedName, OrganisationDocument, OrganisationRow, SuccessionKind};
use super::schema::{organisation_identifiers, organisation_names, organisation_successions};
use crate::http::references::NameReference;
use crate::log::Resource;
use crate::platform::db::{DbConnection, EnumText, Sql};
use crate::platform::folding::sort_key;
use crate::platform::identity::RecordId;
use crate::platform::values::Identifier;
use crate::resources::references;

/// A succession, as seen from one of its two organisations.
#[derive(Clone, Debug, QueryableByName)]
#[diesel(table_name = organisation_successions)]
pub struct SuccessionRow {
    /// The kind of succession.
    pub kind: EnumText<SuccessionKind>,
    /// The date.
    pub on_date: Option<String>,
    /// The other organisation.
    #[diesel(embed)]
    pub organisation: NameReference,
}

/// The parts of a set of organisations, besides their rows.
#[derive(Debug, Default)]
pub struct OrganisationParts {
    /// Dated names by organisation, in the order of the document.
    pub names: HashMap<RecordId, Vec<DatedName>>,
    /// Identifiers by organisation, in the order of the document.
    pub identifiers: HashMap<RecordId, Vec<Identifier>>,
    /// What they succeeded, by organisation.
    pub predecessors: HashMap<RecordId, Vec<SuccessionRow>>,
    /// What succeeded them, by organisation.
    pub successors: HashMap<RecordId, Vec<SuccessionRow>>,
    /// Their parents, by the parents' ids.
    pub parents: HashMap<RecordId, NameReference>,
}

/// Loads the parts of these organisations with at most six queries, however many organisations there are. `on` selects the
/// names of the organisations that they refer to.
///
/// # Errors
/// If the database cannot be read.
pub fn load(
    connection: &mut DbConnection,
    rows: &[OrganisationRow],
    on: Option<NaiveDate>,
) -> QueryResult<OrganisationParts> {
    let ids: Vec<RecordId> = rows.iter().map(|row| row.id).collect();
    let parents = rows.iter().filter_map(|row| row.parent_id);
    let mut identifiers = Sql::new(
        "SELECT i.organisation_id AS owner, i.scheme, i.value FROM organisation_identifiers i WHERE i.organisation_id IN ",
    );
    identifiers
        .list(&ids)
        .push(" ORDER BY i.organisation_id, i.position");
    let mut parts = OrganisationParts {
        names: names(connection, &ids)?,
        identifiers: identifiers.grouped(connection)?,
        predecessors: successions("successor_id", "predecessor_id", &ids).grouped(connection)?,
        successors: successions("predecessor_id", "successor_id", &ids).grouped(connection)?,
        parents: references::named(connection, Resource::Organisation, parents)?,
    };
    if let Some(day) = on {
        name_on(connection, parts.parents.values_mut(), day)?;
    }
    Ok(parts)
}

/// The dated names of these organisations, by organisation.
///
/// # Errors
/// If the database cannot be read.
pub fn names(
    connection: &mut DbConnection,
    ids: &[RecordId],
) -> QueryResult<HashMap<RecordId, Vec<DatedName>>> {
    let mut sql = Sql::new(
        "SELECT n.organisation_id AS owner, n.name, n.from_on, n.until_on FROM organisation_names n WHERE n.organisation_id IN ",
    );
    sql.list(ids)
        .push(" AND n.language IS NULL ORDER BY n.organisation_id, n.position");
    sql.grouped(connection)
}

/// Names organisations as they were named on a day, with one query.
///
/// # Errors
/// If the database cannot be read.
pub fn name_on<'a>(
    connection: &mut DbConnection,
    organisations: impl IntoIterator<Item = &'a mut NameReference>,
    day: NaiveDate,
) -> QueryResult<()> {
    let mut organisations: Vec<&mut NameReference> = organisations.into_iter().collect();
    let mut ids: Vec<RecordId> = organisations.iter().map(|one| one.id).collect();
    ids.sort_unstable();
    ids.dedup();
    let names = names(connection, &ids)?;
    for organisation in &mut organisations {
        let names = names.get(&organisation.id);
        if let Some(name) = names.and_then(|names| DatedName::in_use(names, day)) {
            organisation.name = name;
        }
    }
    Ok(())
}

/// The query for the successions in which these organisations are in the column `own`, with those in the column `other`.
fn successions(own: &'static str, other: &'static str, ids: &[RecordId]) -> Sql {
    let mut sql = Sql::new(
        "SELECT x.id AS owner, s.kind, s.on_date, o.id, o.slug, o.name FROM organisation_successions s \
         JOIN organisations x ON x.id = s.",
    );
    sql.push(own)
        .push(" JOIN organisations o ON o.id = s.")
        .push(other)
        .push(" WHERE x.state = 'published' AND o.state = 'published' AND s.")
        .push(own)
        .push(" IN ")
        .list(ids)
        .push(" ORDER BY s.on_date, o.name");
    sql
}

/// Deletes the parts of an organisation.
///
/// # Errors
/// If the database cannot be written.
pub fn clear(connection: &mut DbConnection, id: RecordId) -> QueryResult<()> {
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
    id: RecordId,
    document: &OrganisationDocument,
) -> QueryResult<()> {
    for (position, name) in (0..).zip(&document.names) {
        use organisation_names::dsl;
        let row = (
            dsl::organisation_id.eq(id),
            dsl::position.eq::<i32>(position),
            dsl::name.eq(&name.name),
            dsl::sort_name.eq(sort_key(&name.name)),
            dsl::from_on.eq(name.from.as_ref()),
            dsl::until_on.eq(name.until.as_ref()),
        );
        diesel::insert_into(dsl::organisation_names)
            .values(row)
            .execute(connection)?;
    }
    let positions = document.names.len()..;
    for (position, texts) in positions.zip(&document.other_languages) {
        use organisation_names::dsl;
        let row = (
            dsl::organisation_id.eq(id),
            dsl::position.eq(position as i32),
            dsl::name.eq(&texts.name),
            dsl::sort_name.eq(sort_key(&texts.name)),
            dsl::language.eq(&*texts.language),
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
