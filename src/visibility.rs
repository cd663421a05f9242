//! What the public may see at a given moment, in one place.
//!
//! A record is public from the moment `visible_from` (the later of publication and embargo) and as long as
//! its state is `published` or, as a notice, `withdrawn`. Nothing about the present is stored: a scheduled
//! record appears when its moment comes because the next read compares it with the clock.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;
use diesel::result::QueryResult;
use diesel::sql_types::{BigInt, Date, Nullable, Timestamp};
use std::sync::{Mutex, PoisonError};

use crate::changes::Resource;
use crate::clock::{start_of_uk_day, uk_day};
use crate::db::{DbConnection, Sql};
use crate::deadlines::terms::late_from;
use crate::http::error::ApiError;
use crate::http::problem;
use crate::values::VisibleState;

#[derive(QueryableByName)]
struct Row {
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

/// What a reading found: how far the log went, since when all that is public has been as it is, and until when it will
/// be if nothing is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moments {
    /// The number of the log's newest entry.
    pub position: i64,
    /// The last moment at which anything that is public may have become another. What is overdue is counted by days,
    /// so that each day begins one.
    pub since: NaiveDateTime,
    /// The next moment at which a scheduled or embargoed record becomes visible, or something becomes overdue: no cache
    /// may keep an answer beyond it.
    pub until: Option<NaiveDateTime>,
}

/// The moments that were read last. They are read anew when something was written, or when one of them has come.
#[derive(Debug, Default)]
pub struct Present(Mutex<Option<(NaiveDateTime, Moments)>>);

impl Present {
    /// The moments at `now`. `position` is where the log ended, as far as it was known here, before the reading began:
    /// what came in between is told to the cache as a change of its own.
    pub fn moments(
        &self,
        connection: &mut DbConnection,
        position: Option<i64>,
        now: NaiveDateTime,
    ) -> QueryResult<Moments> {
        let known = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let last = *known();
        if let Some((read, moments)) = last {
            let is_ahead = moments.until.is_none_or(|until| now < until);
            let is_same_day = read <= now && uk_day(read) == uk_day(now);
            if Some(moments.position) == position && is_ahead && is_same_day {
                return Ok(moments);
            }
        }
        let moments = moments(connection, now)?;
        *known() = Some((now, moments));
        Ok(moments)
    }
}

/// Reads the moments, with one statement.
pub fn moments(connection: &mut DbConnection, now: NaiveDateTime) -> QueryResult<Moments> {
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
    let row: Row = sql.get_result(connection)?;
    let due = row.due.map(|day| start_of_uk_day(late_from(day)));
    let passed = [row.written, row.last_article, row.last_report];
    let next = [row.next_article, row.next_report, due];
    Ok(Moments {
        position: row.position.unwrap_or(0),
        since: passed
            .into_iter()
            .flatten()
            .fold(start_of_uk_day(uk_day(now)), NaiveDateTime::max),
        until: next.into_iter().flatten().min(),
    })
}

/// The state in which the public finds what hangs on a report: of its own state and the report's the stricter counts, so
/// that what is asked and answered in a report is withdrawn with it.
pub fn state_below(report: &str, own: &str) -> VisibleState {
    match (report, own) {
        ("withdrawn", _) | (_, "withdrawn") => VisibleState::Withdrawn,
        _ => VisibleState::Published,
    }
}

/// The same in SQL, for any state: of a record `r` that hangs on a report `p`.
pub const STATE_BELOW: &str = "CASE WHEN p.state = 'published' OR (p.state = 'withdrawn' AND r.state <> 'published') THEN r.state ELSE p.state END";

/// The condition that records `r`, which hang on reports `p`, are in this state. It leaves open whether the report is
/// public.
pub fn below_reports(resource: Resource, state: VisibleState) -> Sql {
    let table = resource.table();
    match state {
        VisibleState::Published => Sql::new("r.state = 'published' AND p.state <> 'withdrawn'"),
        // both parts walk along an index; a condition on both states together would look at all records
        VisibleState::Withdrawn => {
            let mut sql = Sql::new("r.id IN (SELECT w.id FROM ");
            sql.push(table)
                .push(" w WHERE w.state = 'withdrawn' UNION ALL SELECT w.id FROM reports q JOIN ")
                .push(table)
                .push(" w ON w.report_id = q.id WHERE q.state = 'withdrawn' AND w.state = 'published')");
            sql
        }
    }
}

/// Why a record that exists is not shown: the error for its state.
pub fn refusal(resource: Resource, state: &str) -> Option<ApiError> {
    match state {
        "published" | "withdrawn" => None,
        "gone" => Some(ApiError::new(
            &problem::GONE,
            format!("The {resource} was removed."),
        )),
        "erased" => Some(ApiError::new(
            &problem::LEGAL_REASONS,
            format!("The {resource} was removed for legal reasons."),
        )),
        _ => Some(ApiError::not_found()),
    }
}
