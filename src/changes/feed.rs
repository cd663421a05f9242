//! The log as the public sees it: what was published, changed, withdrawn and removed, in an order in which nobody
//! who follows it misses anything.
//!
//! Every entry has `public_from`. Most are public at once; those of a scheduled record become public when its moment
//! comes, which is later than entries that were logged after them. So where a reader stands is two things: the newest
//! entry up to which everything was looked at, and the moment up to which scheduled entries were. What is new since
//! is: of the entries up to there, those whose moment came in between; then the entries beyond.
//!
//! An entry that was replaced before its moment came was never public, and is never shown.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use diesel::result::QueryResult;
use diesel::sql_types::{BigInt, Nullable, Text, Timestamp};

use crate::db::schema::changes;
use crate::db::{DbConnection, Sql};

/// Where a reader stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The newest entry up to which all were looked at.
    pub seq: i64,
    /// The moment up to which entries before that one have become public.
    pub moment: NaiveDateTime,
    /// The entry of that moment that was seen last.
    pub tie: i64,
}

/// An entry of the log.
#[derive(Clone, Debug, QueryableByName)]
pub struct EntryRow {
    /// The number.
    #[diesel(sql_type = BigInt)]
    pub seq: i64,
    /// When it was written.
    #[diesel(sql_type = Timestamp)]
    pub at: NaiveDateTime,
    /// The resource.
    #[diesel(sql_type = Text)]
    pub resource: String,
    /// The record.
    #[diesel(sql_type = Text)]
    pub resource_id: String,
    /// The record's revision.
    #[diesel(sql_type = BigInt)]
    pub revision: i64,
    /// The state after the change; none when it was erased.
    #[diesel(sql_type = Nullable<Text>)]
    pub state: Option<String>,
    /// From when it is public, if at all.
    #[diesel(sql_type = Nullable<Timestamp>)]
    pub public_from: Option<NaiveDateTime>,
    /// What it did: `created`, `updated` or `minor_edit`.
    #[diesel(sql_type = Text)]
    pub action: String,
    /// Who wrote it.
    #[diesel(sql_type = Text)]
    pub actor: String,
    /// For which request.
    #[diesel(sql_type = Nullable<Text>)]
    pub request_id: Option<String>,
}

#[derive(QueryableByName)]
struct Newest {
    #[diesel(sql_type = Nullable<BigInt>)]
    seq: Option<i64>,
}

const COLUMNS: &str = "SELECT c.seq, c.at, c.resource, c.resource_id, c.revision, c.state, c.public_from, c.action, c.actor, \
     c.request_id FROM changes c ";

/// Only entries that are public some day.
const PUBLIC: &str = "LEFT JOIN changes n ON n.resource_id = c.resource_id AND n.revision = c.revision + 1 \
     WHERE (n.seq IS NULL OR c.public_from = c.at OR n.at > c.public_from)";

/// The entries after a place, and the place after them; and whether there are more.
pub fn after(
    connection: &mut DbConnection,
    place: &Place,
    now: NaiveDateTime,
    limit: i64,
) -> QueryResult<(Vec<EntryRow>, Place, bool)> {
    let mut appeared = Sql::new(COLUMNS);
    appeared.push(PUBLIC);
    appeared.push(" AND c.seq <= ").bind(place.seq);
    appeared
        .push(" AND (c.public_from, c.seq) > (")
        .bind(place.moment)
        .push(", ")
        .bind(place.tie)
        .push(") AND c.public_from <= ")
        .bind(now);
    appeared
        .push(" ORDER BY c.public_from, c.seq LIMIT ")
        .bind(limit + 1);
    let mut rows: Vec<EntryRow> = appeared.load(connection)?;
    if let Some(last) = cut(&mut rows, limit) {
        let place = Place {
            seq: place.seq,
            moment: last.0,
            tie: last.1,
        };
        return Ok((rows, place, true));
    }
    let room = limit - rows.len() as i64;
    let newest =
        Sql::new("SELECT max(seq) AS seq FROM changes").get_result::<Newest>(connection)?;
    let mut logged = Sql::new(COLUMNS);
    logged.push(PUBLIC);
    logged.push(" AND c.seq > ").bind(place.seq);
    logged.push(" AND c.public_from <= ").bind(now);
    logged.push(" ORDER BY c.seq LIMIT ").bind(room + 1);
    let mut more: Vec<EntryRow> = logged.load(connection)?;
    let is_cut = cut(&mut more, room).is_some() || (room == 0 && !more.is_empty());
    let seq = match is_cut {
        true => more.last().map_or(place.seq, |row| row.seq),
        false => newest.seq.unwrap_or(0).max(place.seq),
    };
    rows.extend(more);
    let place = Place {
        seq,
        moment: now.max(place.moment),
        tie: i64::MAX,
    };
    Ok((rows, place, is_cut))
}

/// Drops the row too many; the place of the last row that stays, if there was one.
fn cut(rows: &mut Vec<EntryRow>, limit: i64) -> Option<(NaiveDateTime, i64)> {
    let limit = usize::try_from(limit).unwrap_or(0);
    if rows.len() <= limit {
        return None;
    }
    rows.truncate(limit);
    let last = rows.last()?;
    Some((last.public_from?, last.seq))
}

/// Which entries of the log are asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Extent {
    /// All.
    Everything,
    /// All but those of articles, of which there are many.
    WithoutArticles,
    /// Those of a report and of all that hangs on it, and of the bodies that it may name.
    Report(String),
}

/// The entries from after one up to another, in their order.
pub fn entries(
    connection: &mut DbConnection,
    after: i64,
    until: i64,
    extent: &Extent,
    limit: i64,
) -> QueryResult<Vec<EntryRow>> {
    let mut sql = Sql::new(COLUMNS);
    sql.push("WHERE c.seq > ").bind(after);
    sql.push(" AND c.seq <= ").bind(until);
    match extent {
        Extent::Everything => &mut sql,
        Extent::WithoutArticles => sql.push(" AND c.resource <> 'article'"),
        Extent::Report(id) => sql
            .push(" AND (c.resource IN ('organisation', 'group') OR c.resource_id = ")
            .bind(id)
            .push(" OR c.resource_id IN (SELECT r.id FROM recommendations r WHERE r.report_id = ")
            .bind(id)
            .push(") OR c.resource_id IN (SELECT r.id FROM responses r WHERE r.report_id = ")
            .bind(id)
            .push(") OR c.resource_id IN (SELECT r.id FROM obligations r WHERE r.report_id = ")
            .bind(id)
            .push(") OR c.resource_id IN (SELECT r.id FROM action_plans r WHERE r.report_id = ")
            .bind(id)
            .push(") OR c.resource_id IN (SELECT r.id FROM progress_updates r WHERE r.report_id = ")
            .bind(id)
            .push(") OR c.resource_id IN (SELECT r.id FROM assessments r WHERE r.report_id = ")
            .bind(id)
            .push("))"),
    };
    sql.push(" ORDER BY c.seq LIMIT ").bind(limit);
    sql.load(connection)
}

/// When an entry was written.
pub fn written_at(connection: &mut DbConnection, seq: i64) -> QueryResult<Option<NaiveDateTime>> {
    changes::table
        .find(seq)
        .select(changes::at)
        .first(connection)
        .optional()
}

/// The newest entry of a record.
pub fn newest(connection: &mut DbConnection, id: &str) -> QueryResult<Option<EntryRow>> {
    let mut sql = Sql::new(COLUMNS);
    sql.push("WHERE c.resource_id = ").bind(id);
    sql.push(" ORDER BY c.revision DESC LIMIT 1");
    sql.get_result(connection).optional()
}

/// The state of a record in one of its revisions; none when there is no such revision, or it was erased.
pub fn state_at(
    connection: &mut DbConnection,
    id: &str,
    revision: i64,
) -> QueryResult<Option<String>> {
    let state: Option<Option<String>> = changes::table
        .filter(changes::resource_id.eq(id))
        .filter(changes::revision.eq(revision))
        .select(changes::state)
        .first(connection)
        .optional()?;
    Ok(state.flatten())
}

/// The entries of one record that were public by `until`, or with `all` that were written by then, newest first,
/// before a revision.
pub fn of_record(
    connection: &mut DbConnection,
    id: &str,
    until: NaiveDateTime,
    all: bool,
    before: Option<i64>,
    limit: i64,
) -> QueryResult<Vec<EntryRow>> {
    let mut sql = Sql::new(COLUMNS);
    match all {
        true => sql.push("WHERE c.at <= ").bind(until),
        false => sql.push(PUBLIC).push(" AND c.public_from <= ").bind(until),
    };
    sql.push(" AND c.resource_id = ").bind(id);
    sql.and("c.revision <", before);
    sql.push(" ORDER BY c.revision DESC LIMIT ").bind(limit);
    sql.load(connection)
}
