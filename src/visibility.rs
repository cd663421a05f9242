//! What the public may see at a given moment, in one place.
//!
//! A record is public from the moment `visible_from` (the later of publication and embargo) and as long as
//! its state is `published` or, as a notice, `withdrawn`. Nothing about the present is stored: a scheduled
//! record appears when its moment comes because the next read compares it with the clock.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;
use diesel::result::QueryResult;
use diesel::sql_types::{Date, Nullable, Timestamp};

use crate::changes::Resource;
use crate::clock::{start_of_uk_day, uk_day};
use crate::db::{DbConnection, Sql};
use crate::deadlines::terms::late_from;
use crate::http::error::ApiError;
use crate::http::problem;

#[derive(QueryableByName)]
struct Moment {
    #[diesel(sql_type = Nullable<Timestamp>)]
    article: Option<NaiveDateTime>,
    #[diesel(sql_type = Nullable<Timestamp>)]
    report: Option<NaiveDateTime>,
    #[diesel(sql_type = Nullable<Date>)]
    due: Option<NaiveDate>,
}

/// The next moment after `now` at which a scheduled or embargoed record becomes visible, or something becomes overdue:
/// no cache may keep an answer beyond it.
pub fn next_moment(
    connection: &mut DbConnection,
    now: NaiveDateTime,
) -> QueryResult<Option<NaiveDateTime>> {
    let mut sql = Sql::new("SELECT (SELECT min(visible_from) FROM articles WHERE visible_from > ");
    sql.bind(now)
        .push(") AS article, (SELECT min(visible_from) FROM reports WHERE visible_from > ")
        .bind(now);
    sql.push(") AS report, (SELECT min(due_key) FROM obligations WHERE state = 'published' AND due_key < '9999-12-31' AND due_key >= ")
        .bind(uk_day(now))
        .push(") AS due");
    let moment: Moment = sql.get_result(connection)?;
    let due = moment.due.map(|day| start_of_uk_day(late_from(day)));
    Ok(moment
        .article
        .into_iter()
        .chain(moment.report)
        .chain(due)
        .min())
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
