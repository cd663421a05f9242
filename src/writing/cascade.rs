//! Records that belong to a report become public and are withdrawn with it, and the change log says so for each of
//! them.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use diesel::result::QueryResult;
use diesel::sql_types::{BigInt, Nullable, Text, Timestamp};

use super::kind::{Advance, Catalogue, Kind};
use crate::log::{EntryOptions, ReportChange, Resource, WITHDRAWN_WITH_REPORT, Writer};
use crate::platform::db::Sql;
use crate::platform::states::PublicationState;

/// A record with its newest entry in the change log.
#[derive(QueryableByName)]
struct LoggedRow {
    #[diesel(sql_type = Text)]
    id: String,
    #[diesel(sql_type = BigInt)]
    revision: i64,
    /// The record's own state.
    #[diesel(sql_type = Text)]
    state: PublicationState,
    #[diesel(sql_type = Nullable<Text>)]
    document: Option<String>,
    #[diesel(sql_type = Text)]
    action: String,
    #[diesel(sql_type = Nullable<Timestamp>)]
    public_from: Option<NaiveDateTime>,
}

const COLUMNS: &str =
    "SELECT r.id, r.revision, r.state, c.state AS document, c.action, c.public_from FROM ";

/// Logs the records of changed reports again if they become public or hidden with their report, or are withdrawn or
/// reinstated with it, unless their newest entry already says so. The log then shows for each record from when it is
/// public and in which state.
///
/// # Errors
/// When a query fails.
pub fn run(
    writer: &mut Writer<'_>,
    catalogue: &Catalogue,
    changes: &[ReportChange],
) -> QueryResult<()> {
    for change in changes {
        let now = writer.now();
        let was_public = change.previous.was_public(now);
        let stays_public = was_public && change.visible_from.is_some_and(|from| from <= now);
        let turns = change.previous.state.is_withdrawn() != change.state.is_withdrawn();
        if stays_public && !turns {
            continue;
        }
        for resource in Resource::below_reports() {
            let kind = (catalogue.kind)(resource);
            for row in of_report(writer, resource, &change.id)? {
                let is_told = row.public_from.is_some_and(|from| from <= now);
                let public_from = writer.public_from(change.visible_from, was_public && is_told);
                let turns_too = turns && row.state == PublicationState::Published;
                let is_said_already = match public_from {
                    Some(_) if turns_too => false,
                    Some(_) => {
                        (is_told && stays_public) || (!is_told && public_from == row.public_from)
                    }
                    None => is_told || row.public_from.is_none(),
                };
                if !is_said_already {
                    let manner = EntryOptions {
                        visible_from: public_from,
                        is_withdrawn_with_report: change.state.is_withdrawn()
                            && row.state == PublicationState::Published,
                        ..EntryOptions::default()
                    };
                    log_again(writer, kind, row, manner, turns_too)?;
                }
            }
        }
    }
    Ok(())
}

fn of_report(
    writer: &mut Writer<'_>,
    resource: Resource,
    report: &str,
) -> QueryResult<Vec<LoggedRow>> {
    let mut sql = Sql::new(COLUMNS);
    sql.push(resource.table())
        .push(" r JOIN changes c ON c.seq = r.change_seq WHERE r.state IN ('published', 'withdrawn') AND r.report_id = ")
        .bind(report)
        .push(" ORDER BY r.id");
    sql.load(writer.connection)
}

/// Logs a public record again, because something that is shown with it has changed.
///
/// # Errors
/// When a query fails.
pub fn again(writer: &mut Writer<'_>, kind: &Kind, id: &str) -> QueryResult<()> {
    let now = writer.now();
    let mut sql = Sql::new(COLUMNS);
    sql.push(kind.resource().table())
        .push(" r JOIN changes c ON c.seq = r.change_seq WHERE r.state = 'published' AND r.id = ")
        .bind(id);
    for row in sql.load::<LoggedRow>(writer.connection)? {
        if row.public_from.is_some_and(|from| from <= now) {
            let manner = EntryOptions {
                visible_from: Some(now),
                is_withdrawn_with_report: row.action == WITHDRAWN_WITH_REPORT,
                ..EntryOptions::default()
            };
            log_again(writer, kind, row, manner, false)?;
        }
    }
    Ok(())
}

/// Logs a record again. With `as_changed`, its `updated_at` is set to now.
fn log_again(
    writer: &mut Writer<'_>,
    kind: &Kind,
    row: LoggedRow,
    manner: EntryOptions,
    as_changed: bool,
) -> QueryResult<()> {
    let (document, revision) = (row.document.unwrap_or_default(), row.revision + 1);
    let seq = writer.append_again(kind.resource(), &row.id, document, revision, manner)?;
    let advance = Advance {
        revision,
        seq,
        updated_at: as_changed.then_some(writer.now()),
    };
    match kind.advance {
        Some(to) => to(writer.connection, &row.id, &advance),
        None => Ok(()),
    }
}
