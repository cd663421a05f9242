//! The end of the log and the scheduled moments, as found by a read: until when a response stays valid.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;
use diesel::result::QueryResult;
use diesel::sql_types::{BigInt, Date, Nullable, Timestamp};
use std::sync::{Mutex, PoisonError};

use crate::platform::clock::{late_from, start_of_uk_day, uk_day};
use crate::platform::db::{DbConnection, Sql};

#[derive(QueryableByName)]
struct ScheduledRow {
    #[diesel(sql_type = Nullable<BigInt>)]
    position: Option<i64>,
    #[diesel(sql_type = Nullable<Timestamp>)]
    written: Option<NaiveDateTime>,
    #[diesel(sql_type = Nullable<Timestamp>)]
    last_article: Option<NaiveDateTime>,
    #[diesel(sql_type = Nullable<Timestamp>)]
    last_report: Option<NaiveDateTime>,
    #[diesel(sql_type = Nullable<Timestamp>)]
    next_article: Option<NaiveDateTime>,
    #[diesel(sql_type = Nullable<Timestamp>)]
    next_report: Option<NaiveDateTime>,
    #[diesel(sql_type = Nullable<Date>)]
    due: Option<NaiveDate>,
}

/// What a read found: the end of the log, since when the public state has been unchanged, and until when it stays so
/// if nothing is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Validity {
    /// The number of the log's newest entry.
    pub position: i64,
    /// The last moment at which the public state may have changed. Days overdue are counted, so it changes at the start
    /// of each day.
    pub since: NaiveDateTime,
    /// The next moment at which a scheduled or embargoed record becomes visible, or an obligation becomes overdue: no
    /// cache may keep a response beyond it.
    pub until: Option<NaiveDateTime>,
}

/// The moments as last read, and when. They are read again when something was written or one of them has come.
#[derive(Debug, Default)]
pub struct ValidityCache(Mutex<Option<(NaiveDateTime, i64, Validity)>>);

impl ValidityCache {
    /// The moments at `now`. `position` is the end of the log that this node knew of before the read began, in this epoch:
    /// the cache learns of entries written in between as separate changes.
    pub fn moments(
        &self,
        connection: &mut DbConnection,
        (epoch, position): (i64, Option<i64>),
        now: NaiveDateTime,
    ) -> QueryResult<Validity> {
        let cache = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let last = *cache();
        if let Some((read, _, moments)) = last.filter(|(_, read_in, _)| *read_in == epoch) {
            let is_ahead = moments.until.is_none_or(|until| now < until);
            let is_same_day = read <= now && uk_day(read) == uk_day(now);
            if Some(moments.position) == position && is_ahead && is_same_day {
                return Ok(moments);
            }
        }
        let moments = moments(connection, now)?;
        *cache() = Some((now, epoch, moments));
        Ok(moments)
    }
}

/// Reads the moments with a single statement.
pub fn moments(connection: &mut DbConnection, now: NaiveDateTime) -> QueryResult<Validity> {
    let mut sql = Sql::new(
        "SELECT (SELECT max(seq) FROM changes) AS position, (SELECT at FROM changes ORDER BY seq DESC LIMIT 1) AS written, \
         (SELECT max(visible_from) FROM articles WHERE visible_from <= ",
    );
    sql.bind(now)
        .push(") AS last_article, (SELECT max(visible_from) FROM reports WHERE visible_from <= ")
        .bind(now);
    sql.push(") AS last_report, (SELECT min(visible_from) FROM articles WHERE visible_from > ")
        .bind(now)
        .push(") AS next_article, (SELECT min(visible_from) FROM reports WHERE visible_from > ")
        .bind(now);
    sql.push(") AS next_report, (SELECT min(due_key) FROM obligations WHERE state = 'published' AND due_key < '9999-12-31' AND due_key >= ")
        .bind(uk_day(now))
        .push(") AS due");
    let row: ScheduledRow = sql.get_result(connection)?;
    let due = row.due.map(|day| start_of_uk_day(late_from(day)));
    let today = start_of_uk_day(uk_day(now));
    let passed = [row.written, row.last_article, row.last_report];
    let next = [row.next_article, row.next_report, due];
    Ok(Validity {
        position: row.position.unwrap_or(0),
        // an entry from a clock that was ahead does not make a response younger than now
        since: passed
            .into_iter()
            .flatten()
            .fold(today, NaiveDateTime::max)
            .min(now),
        until: next.into_iter().flatten().min(),
    })
}
