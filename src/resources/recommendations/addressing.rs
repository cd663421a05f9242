//! The addressees of a recommendation, and the organisations that they stand for, fixed at publication.

use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::result::QueryResult;
use std::collections::{BTreeMap, HashMap};

use super::model::RecommendationDocument;
use crate::platform::db::DbConnection;
use crate::platform::db::schema::{
    groups, recommendation_addressed_organisations, recommendation_addressees,
};
use crate::resources::groups as group_resource;

/// Stores the addressees (ids of organisations or groups) of a recommendation.
///
/// A new addressee that is a group is expanded to its members on the day of publication. A group that was an addressee
/// before keeps its expansion even if its membership has changed: to whom a recommendation is addressed does not change
/// afterwards.
///
/// # Errors
/// If the database cannot be written.
pub fn store(
    connection: &mut DbConnection,
    id: &str,
    document: &RecommendationDocument,
    published_on: NaiveDate,
) -> QueryResult<()> {
    let addressees = &document.addressees;
    let frozen = frozen(connection, id)?;
    let expanded_as_of = expansion_days(connection, id)?;
    clear(connection, id)?;
    let are_groups: Vec<String> = groups::table
        .filter(groups::id.eq_any(addressees))
        .select(groups::id)
        .load(connection)?;
    let mut organisations: BTreeMap<String, Option<String>> = BTreeMap::new();
    for (position, addressee) in (0..).zip(addressees) {
        let group = are_groups.contains(addressee).then_some(addressee);
        let as_of = expanded_as_of
            .get(addressee)
            .copied()
            .unwrap_or(published_on);
        insert_addressee(connection, id, position, addressee, group.is_some(), as_of)?;
        match group {
            None => {
                organisations.insert(addressee.clone(), None);
            }
            Some(group) => {
                let members = match expanded_as_of.contains_key(group) {
                    true => frozen.get(group).cloned().unwrap_or_default(),
                    false => members_on(connection, group, as_of)?,
                };
                for member in members {
                    organisations
                        .entry(member)
                        .or_insert_with(|| Some(group.clone()));
                }
            }
        }
    }
    organisations.retain(|organisation, _| !document.exclusions.contains(organisation));
    for (organisation, via_group) in organisations {
        use recommendation_addressed_organisations::dsl;
        let row = (
            dsl::recommendation_id.eq(id),
            dsl::organisation_id.eq(organisation),
            dsl::via_group_id.eq(via_group),
            dsl::published_on.eq(published_on),
        );
        diesel::insert_into(dsl::recommendation_addressed_organisations)
            .values(row)
            .execute(connection)?;
    }
    Ok(())
}

/// Deletes the addressees of a recommendation.
///
/// # Errors
/// If the database cannot be written.
pub fn clear(connection: &mut DbConnection, id: &str) -> QueryResult<()> {
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

fn insert_addressee(
    connection: &mut DbConnection,
    id: &str,
    position: i32,
    addressee: &str,
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
fn frozen(connection: &mut DbConnection, id: &str) -> QueryResult<HashMap<String, Vec<String>>> {
    use recommendation_addressed_organisations::dsl;
    let rows: Vec<(String, Option<String>)> = dsl::recommendation_addressed_organisations
        .filter(dsl::recommendation_id.eq(id))
        .select((dsl::organisation_id, dsl::via_group_id))
        .load(connection)?;
    let mut frozen: HashMap<String, Vec<String>> = HashMap::new();
    for (organisation, group) in rows {
        if let Some(group) = group {
            frozen.entry(group).or_default().push(organisation);
        }
    }
    Ok(frozen)
}

/// The day on which each group's membership counts, by group.
fn expansion_days(
    connection: &mut DbConnection,
    id: &str,
) -> QueryResult<HashMap<String, NaiveDate>> {
    use recommendation_addressees::dsl;
    let rows: Vec<(Option<String>, NaiveDate)> = dsl::recommendation_addressees
        .filter(dsl::recommendation_id.eq(id))
        .select((dsl::group_id, dsl::expanded_as_of))
        .load(connection)?;
    Ok(rows
        .into_iter()
        .filter_map(|(group, day)| Some((group?, day)))
        .collect())
}

fn members_on(
    connection: &mut DbConnection,
    group: &String,
    day: NaiveDate,
) -> QueryResult<Vec<String>> {
    let members = group_resource::queries::members(connection, &[group], Some(day))?;
    Ok(members
        .into_values()
        .flatten()
        .map(|member| member.organisation.id)
        .collect())
}
