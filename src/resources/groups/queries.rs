//! All SQL of groups and their membership.

use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::result::QueryResult;
use std::collections::HashMap;

use super::model::GroupDocument;
use super::schema::group_members;
use crate::access::Scope;
use crate::access::ownership::{self, Ownership};
use crate::http::references::NameReference;
use crate::log::{Previous, Resource, WriteOutcome, Writer};
use crate::platform::db::schema::groups;
use crate::platform::db::{DbConnection, Sql, grouped, update};
use crate::platform::identity::RecordId;
use crate::platform::states::PublicationState;

/// Who owns groups.
pub const OWNERSHIP: Ownership = Ownership {
    resource: Resource::Group,
    scope: Scope::OrganisationsWrite,
    owners: ownership::no_owners,
};

/// A member of a group.
#[derive(Clone, Debug, QueryableByName)]
#[diesel(table_name = group_members)]
pub struct MemberRow {
    /// The member.
    #[diesel(embed)]
    pub organisation: NameReference,
    /// The first day of membership.
    pub from_on: Option<String>,
    /// The day after the last day of membership.
    pub until_on: Option<String>,
}

/// The conditions of a list: only groups that have or had one of `members`, if there are any.
pub fn conditions(members: &[RecordId]) -> Sql {
    let mut sql = Sql::new("g.state = 'published'");
    if !members.is_empty() {
        sql.push(
            " AND g.id IN (SELECT m.group_id FROM group_members m WHERE m.organisation_id IN ",
        );
        sql.list(members).push(")");
    }
    sql
}

/// The members of these groups, by group: all current and former ones, or those on one day.
///
/// # Errors
/// If the database cannot be read.
pub fn members(
    connection: &mut DbConnection,
    ids: &[RecordId],
    on: Option<NaiveDate>,
) -> QueryResult<HashMap<RecordId, Vec<MemberRow>>> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let mut sql = Sql::new(
        "SELECT m.group_id AS owner, o.id, o.slug, o.name, m.from_on, m.until_on FROM group_members m \
         JOIN organisations o ON o.id = m.organisation_id WHERE o.state = 'published' AND m.group_id IN ",
    );
    sql.list(ids);
    if let Some(day) = on {
        // partial dates compare as text; see `values::partial_date`
        sql.push(" AND (m.from_on IS NULL OR m.from_on <= ")
            .bind(day.to_string());
        sql.push(") AND (m.until_on IS NULL OR m.until_on > ")
            .bind(day.to_string())
            .push(")");
    }
    sql.push(" ORDER BY m.group_id, m.position");
    sql.grouped(connection)
}

/// The ids of the members of these groups on a day, by group, whatever became of them since.
///
/// # Errors
/// If the database cannot be read.
pub fn member_ids(
    connection: &mut DbConnection,
    ids: &[RecordId],
    day: NaiveDate,
) -> QueryResult<HashMap<RecordId, Vec<RecordId>>> {
    let day = day.to_string();
    let is_member = group_members::from_on
        .is_null()
        .or(group_members::from_on.le(&day))
        .assume_not_null()
        .and(
            group_members::until_on
                .is_null()
                .or(group_members::until_on.gt(&day))
                .assume_not_null(),
        );
    let pairs: Vec<(RecordId, RecordId)> = group_members::table
        .filter(group_members::group_id.eq_any(ids))
        .filter(is_member)
        .order((group_members::group_id, group_members::position))
        .select((group_members::group_id, group_members::organisation_id))
        .load(connection)?;
    Ok(grouped(pairs))
}

/// Stores a document, with its links resolved to ids.
///
/// # Errors
/// If the database cannot be written.
pub fn save(
    writer: &mut Writer<'_>,
    id: RecordId,
    document: &GroupDocument,
    previous: Option<&Previous>,
) -> QueryResult<WriteOutcome> {
    let slug = &document.slug;
    let at_once = Some(writer.now());
    let Some(recorded) = writer.record(Resource::Group, id, slug, document, previous, at_once)?
    else {
        return Ok(WriteOutcome::Unchanged);
    };
    let row = document.row(id, recorded)?;
    let connection = &mut *writer.connection;
    if previous.is_some() {
        update(connection, diesel::update(groups::table.find(id)).set(&row))?;
        diesel::delete(group_members::table.filter(group_members::group_id.eq(id)))
            .execute(connection)?;
        writer.changed_groups.push(id);
    } else {
        diesel::insert_into(groups::table)
            .values(&row)
            .execute(connection)?;
    }
    let kept = document.state != PublicationState::Erased;
    for (position, member) in (0..).zip(&document.members).filter(|_| kept) {
        use group_members::dsl;
        let row = (
            dsl::group_id.eq(id),
            dsl::position.eq::<i32>(position),
            dsl::organisation_id.eq(&member.organisation),
            dsl::from_on.eq(member.from.as_ref()),
            dsl::until_on.eq(member.until.as_ref()),
        );
        diesel::insert_into(dsl::group_members)
            .values(row)
            .execute(connection)?;
    }
    Ok(WriteOutcome::of(previous))
}
