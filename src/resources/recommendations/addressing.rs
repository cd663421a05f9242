//! The addressees of a recommendation, and the organisations that they stand for, fixed at publication.

use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::result::QueryResult;
use diesel::sql_types::{Nullable, Text};
use std::collections::{BTreeMap, HashMap};

use super::model::RecommendationDocument;
use super::schema::{recommendation_former_addressees, recommendation_group_members};
use crate::platform::db::schema::{
    groups, recommendation_addressed_organisations, recommendation_addressees,
};
use crate::platform::db::{DbConnection, Sql, grouped, insert_all};
use crate::platform::identity::{Key, RecordId};
use crate::resources::groups as group_resource;

/// Stores the addressees (ids of organisations or groups) of a recommendation.
///
/// A new addressee that is a group is expanded to its members on the day of publication. A group that was an addressee
/// before keeps its expansion even if its membership has changed: to whom a recommendation is addressed does not change
/// afterwards. Exclusions do not shorten the stored expansion, so that one that is taken back has its effect. If the
/// recommendation `was_public` before, those to whom it is no longer addressed are remembered; it is `None` for a new one.
///
/// # Errors
/// If the database cannot be written.
pub fn store(
    connection: &mut DbConnection,
    id: RecordId,
    document: &RecommendationDocument,
    published_on: NaiveDate,
    was_public: Option<bool>,
) -> QueryResult<()> {
    let addressees = Key::all(&document.addressees)?;
    let exclusions = Key::all(&document.exclusions)?;
    let (mut before, mut stored_members, mut expansion_days) = Default::default();
    if was_public.is_some() {
        before = addressed_organisations(connection, id)?;
        stored_members = self::stored_members(connection, id)?;
        expansion_days = self::expansion_days(connection, id)?;
        clear(connection, id)?;
    }
    let group_ids: Vec<RecordId> = groups::table
        .filter(groups::id.eq_any(&addressees))
        .select(groups::id)
        .load(connection)?;
    let mut organisations: BTreeMap<RecordId, Option<RecordId>> = BTreeMap::new();
    for (position, addressee) in (0..).zip(addressees) {
        let is_group = group_ids.contains(&addressee);
        let expanded_on = expansion_days.get(&addressee).copied();
        let as_of = expanded_on.unwrap_or(published_on);
        insert_addressee(connection, id, position, addressee, is_group, as_of)?;
        if !is_group {
            organisations.insert(addressee, None);
            continue;
        }
        let members = match expanded_on {
            Some(_) => stored_members.get(&addressee).cloned().unwrap_or_default(),
            None => members_on(connection, addressee, as_of)?,
        };
        insert_members(connection, id, addressee, &members)?;
        for member in members {
            let organisation = organisations.entry(member);
            organisation.or_insert(Some(addressee));
        }
    }
    organisations.retain(|organisation, _| !exclusions.contains(organisation));
    if let Some(was_public) = was_public {
        let before = before.into_iter().filter(|_| was_public);
        remember(connection, id, before, &organisations)?;
    }
    use recommendation_addressed_organisations::dsl;
    let row = |(organisation, via_group)| {
        (
            dsl::recommendation_id.eq(id),
            dsl::organisation_id.eq(organisation),
            dsl::via_group_id.eq(via_group),
            dsl::published_on.eq(published_on),
        )
    };
    insert_all(
        connection,
        organisations.into_iter().map(row).collect(),
        |rows| diesel::insert_into(dsl::recommendation_addressed_organisations).values(rows),
    )
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
    organisations: &BTreeMap<RecordId, Option<RecordId>>,
) -> QueryResult<()> {
    use recommendation_former_addressees::dsl;
    let mut former: BTreeMap<RecordId, Option<RecordId>> =
        formerly_addressed_by(connection, &[id])?
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
    use recommendation_group_members as group_members;
    diesel::delete(
        recommendation_addressees::table
            .filter(recommendation_addressees::recommendation_id.eq(id)),
    )
    .execute(connection)?;
    diesel::delete(addressed::table.filter(addressed::recommendation_id.eq(id)))
        .execute(connection)?;
    diesel::delete(group_members::table.filter(group_members::recommendation_id.eq(id)))
        .execute(connection)?;
    Ok(())
}

fn insert_members(
    connection: &mut DbConnection,
    id: RecordId,
    group: RecordId,
    members: &[RecordId],
) -> QueryResult<()> {
    use recommendation_group_members::dsl;
    let row = |member: &RecordId| {
        (
            dsl::recommendation_id.eq(id),
            dsl::group_id.eq(group),
            dsl::organisation_id.eq(*member),
        )
    };
    insert_all(connection, members.iter().map(row).collect(), |rows| {
        diesel::insert_into(dsl::recommendation_group_members).values(rows)
    })
}

fn insert_addressee(
    connection: &mut DbConnection,
    id: RecordId,
    position: i32,
    addressee: RecordId,
    is_group: bool,
    as_of: NaiveDate,
) -> QueryResult<()> {
    use recommendation_addressees::dsl;
    let row = (
        dsl::recommendation_id.eq(id),
        dsl::position.eq(position),
        dsl::organisation_id.eq(Some(addressee).filter(|_| !is_group)),
        dsl::group_id.eq(Some(addressee).filter(|_| is_group)),
        dsl::expanded_as_of.eq(as_of),
    );
    diesel::insert_into(dsl::recommendation_addressees)
        .values(row)
        .execute(connection)?;
    Ok(())
}

/// The stored expansion of each group, by group.
fn stored_members(
    connection: &mut DbConnection,
    id: RecordId,
) -> QueryResult<HashMap<RecordId, Vec<RecordId>>> {
    use recommendation_group_members::dsl;
    let pairs: Vec<(RecordId, RecordId)> = dsl::recommendation_group_members
        .filter(dsl::recommendation_id.eq(id))
        .select((dsl::group_id, dsl::organisation_id))
        .load(connection)?;
    Ok(grouped(pairs))
}

/// The day on which each group's membership counts, by group.
fn expansion_days(
    connection: &mut DbConnection,
    id: RecordId,
) -> QueryResult<HashMap<RecordId, NaiveDate>> {
    use recommendation_addressees::dsl;
    let pairs: Vec<(RecordId, NaiveDate)> = dsl::recommendation_addressees
        .filter(dsl::recommendation_id.eq(id))
        .filter(dsl::group_id.is_not_null())
        .select((dsl::group_id.assume_not_null(), dsl::expanded_as_of))
        .load(connection)?;
    Ok(pairs.into_iter().collect())
}

fn members_on(
    connection: &mut DbConnection,
    group: RecordId,
    day: NaiveDate,
) -> QueryResult<Vec<RecordId>> {
    let members = group_resource::queries::member_ids(connection, &[group], day)?;
    Ok(members.into_values().flatten().collect())
}
