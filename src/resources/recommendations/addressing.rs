//! The addressees of a recommendation, and the organisations that they stand for, fixed at publication.

use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::result::QueryResult;
use diesel::sql_types::{Nullable, Text};
use std::collections::{BTreeMap, HashMap, HashSet};

use super::model::RecommendationDocument;
use super::schema::recommendation_former_addressees;
use crate::platform::db::schema::{
    groups, recommendation_addressed_organisations, recommendation_addressees,
};
use crate::platform::db::{DbConnection, Json, ROWS_AT_ONCE, Sql, grouped, insert_all};
use crate::platform::identity::{Key, RecordId};
use crate::resources::groups as group_resource;

/// A recommendation, and the day from which its addressees count.
pub type Dated<'a> = (RecordId, &'a RecommendationDocument, NaiveDate);

/// The organisations that a recommendation is addressed to, each with the group through which it is.
type Bodies = BTreeMap<RecordId, Option<RecordId>>;

/// The members of groups on a day, by group.
type Expansions = HashMap<RecordId, (NaiveDate, Vec<RecordId>)>;

#[derive(Insertable)]
#[diesel(table_name = recommendation_addressees, treat_none_as_default_value = false)]
struct AddresseeRow {
    recommendation_id: RecordId,
    position: i32,
    organisation_id: Option<RecordId>,
    group_id: Option<RecordId>,
    expanded_as_of: NaiveDate,
    members: Json<Vec<RecordId>>,
}

/// Stores the addressees (ids of organisations or groups) of a stored recommendation anew.
///
/// A new addressee that is a group is expanded to its members on the day of publication. A group that was an addressee
/// before keeps its expansion even if its membership has changed: to whom a recommendation is addressed does not change
/// afterwards. Exclusions do not shorten the stored expansion, so that one that is taken back has its effect. If the
/// recommendation `was_public` before, those to whom it is no longer addressed are remembered.
///
/// # Errors
/// If the database cannot be written.
pub fn store(
    connection: &mut DbConnection,
    recommendation: Dated<'_>,
    was_public: bool,
) -> QueryResult<()> {
    let (id, ..) = recommendation;
    let before = addressed_organisations(connection, id)?;
    let kept = expansions(connection, id)?;
    clear(connection, id)?;
    let bodies = insert(connection, &[recommendation], &kept)?;
    let before = before.into_iter().filter(|_| was_public);
    remember(
        connection,
        id,
        before,
        &bodies.into_iter().flatten().collect(),
    )
}

/// Stores the addressees of new recommendations, as [`store`] does.
///
/// # Errors
/// If the database cannot be written.
pub fn store_new(connection: &mut DbConnection, recommendations: &[Dated<'_>]) -> QueryResult<()> {
    insert(connection, recommendations, &Expansions::new()).map(drop)
}

/// Expands groups, unless that is `kept`, and stores the addressees. Returns the organisations addressed by each.
fn insert(
    connection: &mut DbConnection,
    recommendations: &[Dated<'_>],
    kept: &Expansions,
) -> QueryResult<Vec<Bodies>> {
    let (mut addressees, mut addressed) = (Vec::new(), Vec::new());
    let groups = groups_among(connection, recommendations)?;
    let (mut known, mut bodies) = (HashMap::new(), Vec::new());
    for (id, document, published_on) in recommendations {
        let mut organisations = Bodies::new();
        for (position, addressee) in (0..).zip(Key::all(&document.addressees)?) {
            let is_group = groups.contains(&addressee);
            let (as_of, members) = match kept.get(&addressee) {
                Some(kept) if is_group => kept.clone(),
                None if is_group => {
                    let group = (addressee, *published_on);
                    (*published_on, members_on(connection, &mut known, group)?)
                }
                _ => (*published_on, Vec::new()),
            };
            if !is_group {
                organisations.insert(addressee, None);
            }
            for member in &members {
                organisations.entry(*member).or_insert(Some(addressee));
            }
            addressees.push(AddresseeRow {
                recommendation_id: *id,
                position,
                organisation_id: Some(addressee).filter(|_| !is_group),
                group_id: Some(addressee).filter(|_| is_group),
                expanded_as_of: as_of,
                members: Json::new(members)?,
            });
        }
        let exclusions = Key::all(&document.exclusions)?;
        organisations.retain(|organisation, _| !exclusions.contains(organisation));
        let rows = organisations.iter();
        addressed.extend(rows.map(|(organisation, via_group)| {
            use recommendation_addressed_organisations::dsl;
            (
                dsl::recommendation_id.eq(*id),
                dsl::organisation_id.eq(*organisation),
                dsl::via_group_id.eq(*via_group),
                dsl::published_on.eq(*published_on),
            )
        }));
        bodies.push(organisations);
    }
    insert_all(connection, recommendation_addressees::table, addressees)?;
    insert_all(
        connection,
        recommendation_addressed_organisations::table,
        addressed,
    )?;
    Ok(bodies)
}

/// The groups among the addressees of these recommendations.
fn groups_among(
    connection: &mut DbConnection,
    recommendations: &[Dated<'_>],
) -> QueryResult<HashSet<RecordId>> {
    let mut addressees = HashSet::new();
    for (_, document, _) in recommendations {
        addressees.extend(Key::all(&document.addressees)?);
    }
    let addressees: Vec<RecordId> = addressees.into_iter().collect();
    let mut found = HashSet::new();
    for ids in addressees.chunks(ROWS_AT_ONCE) {
        let groups = groups::table.filter(groups::id.eq_any(ids));
        let ids: Vec<RecordId> = groups.select(groups::id).load(connection)?;
        found.extend(ids);
    }
    Ok(found)
}

/// The members of a group on a day, which are looked up once for many recommendations.
fn members_on(
    connection: &mut DbConnection,
    known: &mut HashMap<(RecordId, NaiveDate), Vec<RecordId>>,
    (group, day): (RecordId, NaiveDate),
) -> QueryResult<Vec<RecordId>> {
    if let Some(members) = known.get(&(group, day)) {
        return Ok(members.clone());
    }
    let members = group_resource::queries::member_ids(connection, &[group], day)?;
    let mut members: Vec<RecordId> = members.into_values().flatten().collect();
    members.sort_unstable();
    known.insert((group, day), members.clone());
    Ok(members)
}

/// An organisation, and the group through which it is addressed.
type Body = (RecordId, Option<RecordId>);

/// The organisations that a recommendation is addressed to, each with the group through which it is.
///
/// # Errors
/// If the database cannot be read.
pub fn addressed_organisations(
    connection: &mut DbConnection,
    id: RecordId,
) -> QueryResult<Vec<Body>> {
    let mut by_recommendation = addressed_by(connection, &[id])?;
    Ok(by_recommendation.remove(&id).unwrap_or_default())
}

/// [`addressed_organisations`] of several recommendations, by recommendation.
///
/// # Errors
/// If the database cannot be read.
pub fn addressed_by(
    connection: &mut DbConnection,
    ids: &[RecordId],
) -> QueryResult<HashMap<RecordId, Vec<Body>>> {
    bodies(connection, "recommendation_addressed_organisations", ids)
}

/// The organisations that recommendations were addressed to in public, and no longer are, by recommendation.
///
/// # Errors
/// If the database cannot be read.
pub fn formerly_addressed_by(
    connection: &mut DbConnection,
    ids: &[RecordId],
) -> QueryResult<HashMap<RecordId, Vec<Body>>> {
    bodies(connection, "recommendation_former_addressees", ids)
}

fn bodies(
    connection: &mut DbConnection,
    table: &'static str,
    ids: &[RecordId],
) -> QueryResult<HashMap<RecordId, Vec<Body>>> {
    #[derive(QueryableByName)]
    struct AddressedRow {
        #[diesel(sql_type = Text)]
        recommendation_id: RecordId,
        #[diesel(sql_type = Text)]
        organisation_id: RecordId,
        #[diesel(sql_type = Nullable<Text>)]
        via_group_id: Option<RecordId>,
    }
    let mut sql = Sql::new("SELECT recommendation_id, organisation_id, via_group_id FROM ");
    sql.push(table).push(" WHERE recommendation_id IN ");
    sql.list(ids.iter().copied());
    let rows = sql.load::<AddressedRow>(connection)?.into_iter();
    Ok(grouped(rows.map(|row| {
        let body = (row.organisation_id, row.via_group_id);
        (row.recommendation_id, body)
    })))
}

/// Remembers organisations that had an obligation in public without being addressed: those that took one over.
///
/// # Errors
/// If the database cannot be written.
pub fn remember_successors(
    connection: &mut DbConnection,
    id: RecordId,
    successors: Vec<RecordId>,
) -> QueryResult<()> {
    let addressed = addressed_organisations(connection, id)?;
    let before = successors.into_iter().map(|successor| (successor, None));
    remember(connection, id, before, &addressed.into_iter().collect())
}

/// Remembers those who were addressed `before` and are not among the `organisations` now, and forgets those who are again.
fn remember(
    connection: &mut DbConnection,
    id: RecordId,
    before: impl Iterator<Item = (RecordId, Option<RecordId>)>,
    organisations: &Bodies,
) -> QueryResult<()> {
    use recommendation_former_addressees::dsl;
    let mut former: Bodies = formerly_addressed_by(connection, &[id])?
        .into_values()
        .flatten()
        .collect();
    former.extend(before);
    let of_this = dsl::recommendation_former_addressees.filter(dsl::recommendation_id.eq(id));
    diesel::delete(of_this).execute(connection)?;
    for (organisation, via_group) in former {
        if !organisations.contains_key(&organisation) {
            diesel::insert_into(dsl::recommendation_former_addressees)
                .values((
                    dsl::recommendation_id.eq(id),
                    dsl::organisation_id.eq(organisation),
                    dsl::via_group_id.eq(via_group),
                ))
                .execute(connection)?;
        }
    }
    Ok(())
}

/// Forgets those to whom a recommendation was addressed: it was erased.
///
/// # Errors
/// If the database cannot be written.
pub fn forget(connection: &mut DbConnection, id: RecordId) -> QueryResult<()> {
    use recommendation_former_addressees::dsl;
    let of_this = dsl::recommendation_former_addressees.filter(dsl::recommendation_id.eq(id));
    diesel::delete(of_this).execute(connection).map(drop)
}

/// Deletes the addressees of a recommendation.
///
/// # Errors
/// If the database cannot be written.
pub fn clear(connection: &mut DbConnection, id: RecordId) -> QueryResult<()> {
    use recommendation_addressed_organisations as addressed;
    diesel::delete(
        recommendation_addressees::table
            .filter(recommendation_addressees::recommendation_id.eq(id)),
    )
    .execute(connection)?;
    diesel::delete(addressed::table.filter(addressed::recommendation_id.eq(id)))
        .execute(connection)?;
    Ok(())
}

/// Copies the expansions of groups, which were fixed at publication, to a database in which the recommendation is stored
/// next: of a group that was erased, nothing else says who belonged to it.
///
/// # Errors
/// If a database cannot be read or written.
pub fn copy_expansions(
    from: &mut DbConnection,
    into: &mut DbConnection,
    id: RecordId,
) -> QueryResult<()> {
    let expansions = expansions(from, id)?.into_iter();
    let rows = (0..)
        .zip(expansions)
        .map(|(position, (group, (day, members)))| {
            Ok(AddresseeRow {
                recommendation_id: id,
                position,
                organisation_id: None,
                group_id: Some(group),
                expanded_as_of: day,
                members: Json::new(members)?,
            })
        });
    let rows: Vec<AddresseeRow> = rows.collect::<QueryResult<_>>()?;
    insert_all(into, recommendation_addressees::table, rows)
}

/// The stored expansion of each group.
fn expansions(connection: &mut DbConnection, id: RecordId) -> QueryResult<Expansions> {
    use recommendation_addressees::dsl;
    type Row = (RecordId, NaiveDate, Json<Vec<RecordId>>);
    let rows: Vec<Row> = dsl::recommendation_addressees
        .filter(dsl::recommendation_id.eq(id))
        .filter(dsl::group_id.is_not_null())
        .select((
            dsl::group_id.assume_not_null(),
            dsl::expanded_as_of,
            dsl::members,
        ))
        .load(connection)?;
    let rows = rows.into_iter();
    Ok(rows
        .map(|(group, day, members)| (group, (day, members.into_inner())))
        .collect())
}
