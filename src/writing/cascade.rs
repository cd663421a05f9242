//! Records that belong to a report become public and are withdrawn with it, and the change log says so for each of
//! them.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use diesel::result::QueryResult;
use diesel::sql_types::{BigInt, Nullable, Text, Timestamp};

use super::kind::{Advance, Catalogue, Kind};
use crate::log::{EntryOptions, ReportChange, Resource, Writer, is_withdrawn_with_report};
use crate::platform::db::Sql;
use crate::platform::identity::RecordId;
use crate::platform::states::PublicationState;

/// A record with its newest entry in the change log.
#[derive(QueryableByName)]
struct LoggedRow {
    #[diesel(sql_type = Text)]
    id: RecordId,
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
        let is_withdrawn = change.state.is_withdrawn();
        let changes_state = change.previous.state.is_withdrawn() != is_withdrawn;
        if stays_public && !changes_state {
            continue;
        }
        for resource in Resource::below_reports() {
            let condition = "r.state IN ('published', 'withdrawn') AND r.report_id = ";
            for row in logged(writer, resource, condition, change.id)? {
                let is_public = row.public_from.is_some_and(|from| from <= now);
                let public_from = writer.public_from(change.visible_from, was_public && is_public);
                let is_published = row.state == PublicationState::Published;
                let is_changed = changes_state && is_published;
                let is_up_to_date = match public_from {
                    Some(_) if is_changed => false,
                    Some(_) if is_public => stays_public,
                    Some(_) => public_from == row.public_from,
                    None => is_public || row.public_from.is_none(),
                };
                if !is_up_to_date {
                    let options = EntryOptions {
                        visible_from: public_from,
                        is_withdrawn_with_report: is_withdrawn && is_published,
                        ..EntryOptions::default()
                    };
                    append(writer, (catalogue.kind)(resource), row, options, is_changed)?;
                }
            }
        }
    }
    Ok(())
}

/// The records whose column at the end of `condition` has this value.
fn logged(
    writer: &mut Writer<'_>,
    resource: Resource,
    condition: &'static str,
    value: RecordId,
) -> QueryResult<Vec<LoggedRow>> {
    let mut sql = Sql::new(
        "SELECT r.id, r.revision, r.state, c.state AS document, c.action, c.public_from FROM ",
    );
    sql.push(resource.table())
        .push(" r JOIN changes c ON c.seq = r.change_seq WHERE ")
        .push(condition)
        .bind(value)
        .push(" ORDER BY r.id");
    sql.load(writer.connection)
}

/// Logs a public record again, because something that is shown with it has changed.
///
/// # Errors
/// When a query fails.
pub fn log_again(writer: &mut Writer<'_>, kind: &Kind, id: RecordId) -> QueryResult<()> {
    let now = writer.now();
    let condition = "r.state = 'published' AND r.id = ";
    for row in logged(writer, kind.resource(), condition, id)? {
        if row.public_from.is_some_and(|from| from <= now) {
            let options = EntryOptions {
                visible_from: Some(now),
                is_withdrawn_with_report: is_withdrawn_with_report(&row.action),
                ..EntryOptions::default()
            };
            append(writer, kind, row, options, false)?;
        }
    }
    Ok(())
}

/// Logs a record again. With `as_changed`, its `updated_at` is set to now.
fn append(
    writer: &mut Writer<'_>,
    kind: &Kind,
    row: LoggedRow,
    options: EntryOptions,
    as_changed: bool,
) -> QueryResult<()> {
    let (document, revision) = (row.document.unwrap_or_default(), row.revision + 1);
    let seq = writer.append_again(kind.resource(), row.id, document, revision, options)?;
    let advance = Advance {
        revision,
        seq,
        updated_at: as_changed.then_some(writer.now()),
    };
    match kind.advance {
        Some(advance_to) => advance_to(writer.connection, row.id, &advance),
        None => Ok(()),
    }
}
