//! Who writes a document, and what only they may say: settles documents of requests and imports before they are checked
//! against stored records.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use diesel::result::QueryResult;
use diesel::sql_types::{Nullable, Text};

use super::document::Document;
use super::kind::Kind;
use super::recorder::{Capacity, RecordedBy, Submission};
use super::violation::Violation;
use crate::access::{Rights, Scope};
use crate::log::{Previous, Resource, entries};
use crate::platform::db::{DbConnection, Json, Sql};
use crate::platform::identity::{Key, RecordId};
use crate::platform::mistakes::MistakeCode;
use crate::platform::values::derived_id;

/// Sets who recorded a document, replaces what the caller may only claim, and returns why it cannot be stored.
///
/// # Errors
/// When a query fails.
pub fn settle(
    connection: &mut DbConnection,
    rights: &Rights,
    kind: &Kind,
    id: RecordId,
    document: &mut dyn Document,
    submission: &Submission<'_>,
) -> QueryResult<Vec<Violation>> {
    let (resource, previous) = (kind.resource(), submission.previous);
    let report = document.report(connection)?;
    set_recorder(connection, resource, id, document, submission)?;
    document.settle(connection, id, submission)?;
    let mut violations = match document.head().state.is_shown() {
        true => document.forbidden(connection, id, submission)?,
        false => Vec::new(),
    };
    let recorded_at = document.recorded_by().and_then(|by| by.as_ref());
    let recorded_at = recorded_at.map(|by| by.at.naive_utc());
    let withdrawn_at = document.withdrawn_at().map(|at| at.naive_utc());
    let times = [
        ("/recorded_by/at", recorded_at),
        ("/withdrawal/at", withdrawn_at),
    ];
    let to_come = times
        .into_iter()
        .filter(|(_, at)| at.is_some_and(|at| at > submission.now()));
    violations.extend(to_come.map(|(path, _)| {
        Violation::new(MistakeCode::InFuture, path, "The time is in the future.")
    }));
    let other = other_identity(connection, rights, kind, id, document, previous)?;
    violations.extend(other);
    if previous.is_some() && report.is_some() && report_of(connection, resource, id)? != report {
        let detail = "A record stays with its report: remove it there and create another one.";
        violations.push(Violation::new(MistakeCode::Immutable, "/report", detail));
    }
    Ok(violations)
}

/// Why a document cannot be that of this record: ids of kinds without slugs are derived from what a record is about, so
/// that nobody takes the id of another's, and what a public record is about stays.
fn other_identity(
    connection: &mut DbConnection,
    rights: &Rights,
    kind: &Kind,
    id: RecordId,
    document: &dyn Document,
    previous: Option<&Previous>,
) -> QueryResult<Option<Violation>> {
    let Some(key) = document.natural_key() else {
        return Ok(None);
    };
    let derived = derived_id(&format!("{} {key}", kind.resource()));
    if derived == id || (rights.is_admin() && kind.guide.is_some()) {
        return Ok(None);
    }
    let before = match previous {
        Some(_) => stored_key(connection, kind, id)?,
        None => None,
    };
    let is_same = before.is_some_and(|before| before == key);
    let detail = match previous {
        Some(_) => "What a record is about does not change: record another one.",
        None => "The id is derived from what the record is about: leave it out.",
    };
    Ok((!is_same).then(|| Violation::new(MistakeCode::Immutable, "/id", detail)))
}

/// The natural key of a stored record.
fn stored_key(
    connection: &mut DbConnection,
    kind: &Kind,
    id: RecordId,
) -> QueryResult<Option<String>> {
    let state = entries::newest(connection, id)?.and_then(|entry| entry.state);
    let read = state.and_then(|state| (kind.read)(&state).ok());
    Ok(read.and_then(|(document, _)| document.natural_key()))
}

/// In which capacity a caller with these rights writes the document of a record.
///
/// # Errors
/// When a query fails.
pub fn recorder(
    connection: &mut DbConnection,
    rights: &Rights,
    id: RecordId,
    document: &dyn Document,
    now: NaiveDateTime,
) -> QueryResult<RecordedBy> {
    let by = |capacity: Capacity, organisation: Option<RecordId>| RecordedBy {
        capacity,
        organisation: organisation.map(Key::from),
        at: now.and_utc(),
    };
    if rights.is_admin() {
        return Ok(by(Capacity::Administrator, None));
    }
    let report = document.report(connection)?;
    if let Some(publisher) = acting_publisher(connection, rights, report)? {
        return Ok(by(Capacity::Publisher, Some(publisher)));
    }
    let owners = document.owners(connection, id)?;
    Ok(by(Capacity::Author, owners.first().copied()))
}

/// The publisher of a report on whose behalf a caller with these rights writes, if there is one.
fn acting_publisher(
    connection: &mut DbConnection,
    rights: &Rights,
    report: Option<RecordId>,
) -> QueryResult<Option<RecordId>> {
    let Some(report) = report else {
        return Ok(None);
    };
    let mut publishers = publishers(connection, report)?.into_iter();
    Ok(publishers.find(|id| rights.allow(Scope::RecommendationsWrite, &[*id])))
}

/// The publishers of a report, in their order.
///
/// # Errors
/// When the query fails.
pub fn publishers(connection: &mut DbConnection, report: RecordId) -> QueryResult<Vec<RecordId>> {
    let mut sql =
        Sql::new("SELECT l.organisation_id AS id FROM report_publishers l WHERE l.report_id = ");
    sql.bind(report).push(" ORDER BY l.position");
    sql.ids(connection)
}

/// Sets who recorded a document that says so. That stays who recorded the record first; only an administrator can carry
/// over what another instance says.
///
/// # Errors
/// When a query fails.
fn set_recorder(
    connection: &mut DbConnection,
    resource: Resource,
    id: RecordId,
    document: &mut dyn Document,
    submission: &Submission<'_>,
) -> QueryResult<()> {
    let Some(slot) = document.recorded_by() else {
        return Ok(());
    };
    if submission.by.capacity == Capacity::Administrator && slot.is_some() {
        return Ok(());
    }
    // of a record from before it was kept, it stays unknown
    *slot = match submission.previous {
        Some(_) => stored(connection, resource, id)?,
        None => Some(submission.by.clone()),
    };
    Ok(())
}

/// The report that a stored record belongs to.
///
/// # Errors
/// When the query fails.
fn report_of(
    connection: &mut DbConnection,
    resource: Resource,
    id: RecordId,
) -> QueryResult<Option<RecordId>> {
    let mut sql = Sql::new("SELECT r.report_id AS id FROM ");
    sql.push(resource.table()).push(" r WHERE r.id = ").bind(id);
    Ok(sql.ids(connection)?.pop())
}

#[derive(QueryableByName)]
struct RecordedRow {
    #[diesel(sql_type = Nullable<Text>)]
    recorded_by: Option<Json<RecordedBy>>,
}

/// Who recorded a stored record, if that is known.
///
/// # Errors
/// When the query fails.
pub fn stored(
    connection: &mut DbConnection,
    resource: Resource,
    id: RecordId,
) -> QueryResult<Option<RecordedBy>> {
    let mut sql = Sql::new("SELECT r.recorded_by FROM ");
    sql.push(resource.table()).push(" r WHERE r.id = ").bind(id);
    let row: Option<RecordedRow> = sql.get_result(connection).optional()?;
    Ok(row.and_then(|row| row.recorded_by).map(Json::into_inner))
}

/// Whether a publisher of the report may record what the owner of a record said: unless the owner recorded it itself.
///
/// # Errors
/// When a query fails.
pub fn records_for_others(
    connection: &mut DbConnection,
    rights: &Rights,
    resource: Resource,
    id: RecordId,
    document: &dyn Document,
    previous: Option<&Previous>,
) -> QueryResult<bool> {
    let report = document.report(connection)?;
    if acting_publisher(connection, rights, report)?.is_none() {
        return Ok(false);
    }
    let before = match previous {
        Some(_) => stored(connection, resource, id)?,
        None => None,
    };
    Ok(!before.is_some_and(|before| before.is_author()))
}
