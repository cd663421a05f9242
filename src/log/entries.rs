//! The public view of the log: what was published, changed, withdrawn and removed, in an order in which a subscriber
//! misses nothing.
//!
//! Every entry has `public_from`. Most are public at once; those of a scheduled record become public at its publication
//! time, which is later than that of entries logged after them. A reader's position therefore has two parts: the newest
//! entry up to which the log was read, and the moment up to which scheduled entries were. New since then are, first,
//! the entries up to that position that became public in between, and then the entries after it.
//!
//! An entry that was replaced before its publication time was never public and is never shown.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use diesel::result::QueryResult;
use serde_json::{Map, Value};

pub use super::entry::EntryRow;
pub use super::position::LogPosition;
use super::resource::Resource;
use crate::platform::db::schema::changes;
use crate::platform::db::{DbConnection, Json, Sql, count};
use crate::platform::identity::RecordId;

/// The result of reading the log.
#[derive(Clone, Debug)]
pub struct Batch {
    /// The entries, each with the position after it.
    pub entries: Vec<(EntryRow, LogPosition)>,
    /// The position after all of them.
    pub place: LogPosition,
    /// Whether there are more.
    pub has_more: bool,
}

const COLUMNS: &str = "SELECT c.seq, c.at, c.resource, c.resource_id, c.revision, c.state, c.public_from, c.action, c.actor, \
     c.request_id, c.state_digest, c.digest FROM changes c ";

/// Selects the entries that become public at some time.
const PUBLIC: &str = "LEFT JOIN changes n ON n.resource_id = c.resource_id AND n.revision = c.revision + 1 \
     WHERE (n.seq IS NULL OR c.public_from = c.at OR n.at > c.public_from)";

/// Restricts the entries to those that are public at a position.
fn public_by(sql: &mut Sql, until: &LogPosition) {
    sql.push(" AND c.public_from <= ").bind(until.moment);
    sql.push(" AND (c.public_from < ").bind(until.moment);
    sql.push(" OR c.seq <= ").bind(until.tie).push(")");
}

/// The position of a reader that has seen everything public at `now`.
pub fn end(connection: &mut DbConnection, now: NaiveDateTime) -> QueryResult<LogPosition> {
    Ok(LogPosition {
        seq: newest_number(connection)?,
        moment: now,
        tie: i64::MAX,
    })
}

/// The next moment at which an existing entry becomes public.
pub fn next_moment(
    connection: &mut DbConnection,
    now: NaiveDateTime,
) -> QueryResult<Option<NaiveDateTime>> {
    changes::table
        .filter(changes::public_from.gt(now))
        .select(diesel::dsl::min(changes::public_from))
        .first(connection)
}

/// When the first entry by time was written; `None` if there is none.
pub fn first_written_at(connection: &mut DbConnection) -> QueryResult<Option<NaiveDateTime>> {
    let first = changes::table.select(diesel::dsl::min(changes::at));
    first.first(connection)
}

/// The position of a reader that had seen everything public at an earlier moment: behind the last entry written by then.
pub fn end_at(connection: &mut DbConnection, moment: NaiveDateTime) -> QueryResult<LogPosition> {
    // the latest by time: an entry that was written by a wrong clock is in the order of its number only
    let seq: Option<i64> = changes::table
        .filter(changes::at.le(moment))
        .order((changes::at.desc(), changes::seq.desc()))
        .select(changes::seq)
        .first(connection)
        .optional()?;
    Ok(LogPosition {
        seq: seq.unwrap_or(0),
        moment,
        tie: i64::MAX,
    })
}

/// The entries between two positions, of these resources or of all; at most `limit`.
pub fn after(
    connection: &mut DbConnection,
    position: &LogPosition,
    until: &LogPosition,
    types: &[Resource],
    limit: i64,
) -> QueryResult<Batch> {
    let position = &position.clone().within_reach(until.moment);
    // a reader that comes from a node whose clock is a little ahead waits for this node's clock
    if until.time() < position.time() {
        return Ok(Batch {
            entries: Vec::new(),
            place: position.clone(),
            has_more: false,
        });
    }
    let mut types = types.to_vec();
    types.sort();
    types.dedup();
    let mut entries = appeared(connection, position, until, &types, limit + 1)?;
    let room = limit - entries.len() as i64;
    if room >= 0 {
        let rows: Vec<EntryRow> =
            logged_statement(position, until, &types, room + 1).load(connection)?;
        entries.extend(rows.into_iter().map(|row| {
            let place = until.behind(row.seq);
            (row, place)
        }));
    }
    let has_more = entries.len() as i64 > limit;
    entries.truncate(limit as usize);
    let place = match entries.last() {
        // all that appeared were seen, but none after them
        Some(_) if has_more && room == 0 => until.behind(position.seq),
        Some((_, last)) if has_more => last.clone(),
        _ => until.behind(until.seq.max(position.seq)),
    };
    Ok(Batch {
        entries,
        place,
        has_more,
    })
}

/// The entries up to a position that have become public since.
fn appeared(
    connection: &mut DbConnection,
    position: &LogPosition,
    until: &LogPosition,
    types: &[Resource],
    limit: i64,
) -> QueryResult<Vec<(EntryRow, LogPosition)>> {
    if position.seq == 0 {
        return Ok(Vec::new());
    }
    let mut sql = Sql::new(COLUMNS);
    sql.push(PUBLIC);
    sql.push(" AND c.seq <= ").bind(position.seq);
    sql.push(" AND (c.public_from, c.seq) > (")
        .bind(position.moment);
    sql.push(", ").bind(position.tie).push(")");
    public_by(&mut sql, until);
    if !types.is_empty() {
        sql.push(" AND c.resource IN ")
            .list(types.iter().map(|one| one.name()));
    }
    sql.push(" ORDER BY c.public_from, c.seq LIMIT ")
        .bind(limit);
    let rows: Vec<EntryRow> = sql.load(connection)?;
    let with_place = |row: EntryRow| {
        let place = LogPosition {
            seq: position.seq,
            moment: row.public_from.unwrap_or(position.moment),
            tie: row.seq,
        };
        (row, place)
    };
    Ok(rows.into_iter().map(with_place).collect())
}

/// The statement for the entries after a position. It scans the index for each resource separately, so that a rare
/// resource does not cost a scan of all the others.
pub fn logged_statement(
    position: &LogPosition,
    until: &LogPosition,
    types: &[Resource],
    limit: i64,
) -> Sql {
    let of = |resource: Option<Resource>| {
        let mut sql = Sql::new(COLUMNS);
        sql.push(PUBLIC);
        sql.and("c.resource =", resource.map(Resource::name));
        sql.push(" AND c.seq > ").bind(position.seq);
        sql.push(" AND c.seq <= ").bind(until.seq);
        public_by(&mut sql, until);
        sql.push(" ORDER BY c.seq LIMIT ").bind(limit);
        sql
    };
    let Some((first, others)) = types.split_first() else {
        return of(None);
    };
    let mut sql = Sql::new("SELECT * FROM (");
    sql.append(of(Some(*first)));
    for resource in others {
        sql.push(") AS one_type UNION ALL SELECT * FROM (")
            .append(of(Some(*resource)));
    }
    sql.push(") AS one_type ORDER BY seq LIMIT ").bind(limit);
    sql
}

/// The entries with these numbers, in order.
pub fn with_numbers(connection: &mut DbConnection, numbers: &[i64]) -> QueryResult<Vec<EntryRow>> {
    let mut sql = Sql::new(COLUMNS);
    sql.push("WHERE c.seq IN ").list(numbers.iter().copied());
    sql.push(" ORDER BY c.seq");
    sql.load(connection)
}

/// The previous entries of the same records, as far as they are public.
pub fn before(
    connection: &mut DbConnection,
    numbers: &[i64],
    now: NaiveDateTime,
) -> QueryResult<Vec<EntryRow>> {
    let mut sql = Sql::new(COLUMNS);
    sql.push("JOIN changes n ON n.resource_id = c.resource_id AND n.revision = c.revision + 1 WHERE n.seq IN ");
    sql.list(numbers.iter().copied());
    sql.push(" AND c.public_from <= ").bind(now);
    sql.load(connection)
}

/// The entries after one number up to another, in order.
pub fn entries(
    connection: &mut DbConnection,
    after: i64,
    until: i64,
    limit: i64,
) -> QueryResult<Vec<EntryRow>> {
    let mut sql = Sql::new(COLUMNS);
    sql.push("WHERE c.seq > ").bind(after);
    sql.push(" AND c.seq <= ").bind(until);
    sql.push(" ORDER BY c.seq LIMIT ").bind(limit);
    sql.load(connection)
}

/// The entries of these records up to a number, in order.
pub fn of_records(
    connection: &mut DbConnection,
    ids: &[RecordId],
    until: i64,
) -> QueryResult<Vec<EntryRow>> {
    let mut found = Vec::new();
    for ids in ids.chunks(1_000) {
        let mut sql = Sql::new(COLUMNS);
        sql.push("WHERE c.resource_id IN ")
            .list(ids.iter().copied());
        sql.push(" AND c.seq <= ").bind(until);
        let rows: Vec<EntryRow> = sql.load(connection)?;
        found.extend(rows);
    }
    found.sort_by_key(|entry| entry.seq);
    Ok(found)
}

/// The number of the newest entry; 0 if there is none.
pub fn newest_number(connection: &mut DbConnection) -> QueryResult<i64> {
    let newest = changes::table.select(diesel::dsl::max(changes::seq));
    let newest: Option<i64> = newest.first(connection)?;
    Ok(newest.unwrap_or(0))
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
pub fn newest(connection: &mut DbConnection, id: RecordId) -> QueryResult<Option<EntryRow>> {
    let mut sql = Sql::new(COLUMNS);
    sql.push("WHERE c.resource_id = ").bind(id);
    sql.push(" ORDER BY c.revision DESC LIMIT 1");
    sql.get_result(connection).optional()
}

/// The digest of the newest state of a record, if there is one.
pub fn newest_digest(connection: &mut DbConnection, id: RecordId) -> QueryResult<Option<String>> {
    changes::table
        .filter(changes::resource_id.eq(id))
        .order(changes::revision.desc())
        .select(changes::state_digest)
        .first(connection)
        .optional()
}

/// Whether a record has been in another state after a revision; 0 stands for the time before the first. An entry that
/// repeats the state changes nothing.
pub fn has_changed_since(
    connection: &mut DbConnection,
    id: RecordId,
    revision: i64,
) -> QueryResult<bool> {
    let mut sql = Sql::new(
        "SELECT count(*) AS count FROM changes c LEFT JOIN changes b ON b.resource_id = c.resource_id AND b.revision = ",
    );
    sql.bind(revision);
    sql.push(" WHERE c.resource_id = ").bind(id);
    sql.push(" AND c.revision > ").bind(revision);
    sql.push(" AND (b.state_digest IS NULL OR b.state_digest <> c.state_digest)");
    Ok(count(connection, &sql)? > 0)
}

/// The state of a record at a revision; `None` if there is no such revision or it was erased.
///
/// # Errors
/// If the state cannot be read.
pub fn state_at(
    connection: &mut DbConnection,
    id: RecordId,
    revision: i64,
) -> QueryResult<Option<Json<Map<String, Value>>>> {
    let entry = changes::table
        .filter(changes::resource_id.eq(id))
        .filter(changes::revision.eq(revision));
    let state = entry.select(changes::state).first(connection).optional();
    Ok(state?.flatten())
}

/// The entries of one record before a revision, newest first: those public by `until` or, with `all`, those written by
/// then.
pub fn of_record(
    connection: &mut DbConnection,
    id: RecordId,
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
