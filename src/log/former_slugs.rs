//! The slugs that records had.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use diesel::result::QueryResult;
use diesel::sql_types::Text;
use std::collections::{HashMap, HashSet};

use super::schema::former_slugs;
use crate::platform::db::{DbConnection, Sql};
use crate::platform::identity::{RecordId, Slug};

/// A former slug of a record.
#[derive(QueryableByName)]
#[diesel(table_name = former_slugs)]
struct SlugRow {
    #[diesel(sql_type = Text)]
    id: RecordId,
    slug: Slug,
}

type FormerSlug = (String, Slug, RecordId, NaiveDateTime);

/// How many there are, and since when the newest is one: that changes with them.
pub type Version = (i64, Option<NaiveDateTime>);

/// The version of all of them.
///
/// # Errors
/// If the database cannot be read.
pub fn version(connection: &mut DbConnection) -> QueryResult<Version> {
    use diesel::dsl::{count_star, max};
    let version = (count_star(), max(former_slugs::retired_at));
    former_slugs::table.select(version).first(connection)
}

/// Those of these records, by record, the newest first.
///
/// # Errors
/// If the database cannot be read.
pub fn of_records(
    connection: &mut DbConnection,
    ids: &[RecordId],
) -> QueryResult<HashMap<RecordId, Vec<Slug>>> {
    let mut sql =
        Sql::new("SELECT f.resource_id AS id, f.slug FROM former_slugs f WHERE f.resource_id IN ");
    sql.list(ids).push(" ORDER BY f.retired_at DESC, f.slug");
    let rows: Vec<SlugRow> = sql.load(connection)?;
    let mut slugs: HashMap<RecordId, Vec<Slug>> = HashMap::new();
    for row in rows {
        slugs.entry(row.id).or_default().push(row.slug);
    }
    Ok(slugs)
}

/// Copies them to another database, as far as it does not have them.
///
/// # Errors
/// If a database cannot be read or written.
pub fn copy(from: &mut DbConnection, into: &mut DbConnection) -> QueryResult<()> {
    let slugs: Vec<FormerSlug> = former_slugs::table.load(from)?;
    let known: Vec<FormerSlug> = former_slugs::table.load(into)?;
    let key = |(resource, slug, id, _): &FormerSlug| (resource.clone(), slug.clone(), *id);
    let known: HashSet<_> = known.iter().map(key).collect();
    for former in slugs {
        if known.contains(&key(&former)) {
            continue;
        }
        let (resource, slug, id, retired_at) = former;
        diesel::delete(former_slugs::table.find((&resource, &slug))).execute(into)?;
        diesel::insert_into(former_slugs::table)
            .values((
                former_slugs::resource.eq(resource),
                former_slugs::slug.eq(slug),
                former_slugs::resource_id.eq(id),
                former_slugs::retired_at.eq(retired_at),
            ))
            .execute(into)?;
    }
    Ok(())
}
