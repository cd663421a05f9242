//! All SQL of mandates.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;
use diesel::result::QueryResult;
use diesel::sql_types::{Date, Nullable, Text};
use std::collections::{HashMap, HashSet};

use super::model::MandateDocument;
use super::schema::{mandate_represented, mandates};
use crate::access::ownership::Ownership;
use crate::access::{Scope, lookup};
use crate::log::{Previous, Resource, WriteOutcome, Writer};
use crate::platform::db::schema::groups;
use crate::platform::db::{DbConnection, Sql, update};
use crate::platform::identity::{Key, RecordId};
use crate::platform::mistakes::MistakeCode;
use crate::platform::states::PublicationState;
use crate::resources::reports;
use crate::tracking::below_reports::report_is_public;
use crate::tracking::responses::queries::RespondentRow;
use crate::writing::recorder::Submission;
use crate::writing::violation::Violation;

/// The ownership of mandates.
pub const OWNERSHIP: Ownership = Ownership {
    resource: Resource::Mandate,
    scope: Scope::MandatesWrite,
    owners,
};

/// A mandate, once for each organisation or group that it represents.
#[derive(Clone, Debug, QueryableByName)]
#[allow(missing_docs)]
pub struct RepresentationRow {
    #[diesel(sql_type = Text)]
    pub representative_id: RecordId,
    #[diesel(sql_type = Date)]
    pub from_on: NaiveDate,
    #[diesel(sql_type = Nullable<Date>)]
    pub until_on: Option<NaiveDate>,
    #[diesel(sql_type = Nullable<Text>)]
    pub organisation_id: Option<RecordId>,
    #[diesel(sql_type = Nullable<Text>)]
    pub group_id: Option<RecordId>,
}

/// The condition that a mandate `r` is shown: one about a report only while the report is public.
pub fn conditions(now: NaiveDateTime) -> Sql {
    let mut sql = Sql::new(
        "r.state = 'published' AND (r.report_id IS NULL OR EXISTS (SELECT 1 FROM reports p WHERE p.id = r.report_id",
    );
    sql.append(report_is_public(now)).push("))");
    sql
}

/// Adds the condition that a mandate represents one of these organisations or groups by name.
pub fn representing(mut sql: Sql, organisations: &[RecordId], groups: &[RecordId]) -> Sql {
    const REPRESENTED: &str = " AND r.id IN (SELECT x.mandate_id FROM mandate_represented x WHERE ";
    if !organisations.is_empty() {
        sql.push(REPRESENTED).push("x.organisation_id IN ");
        sql.list(organisations).push(")");
    }
    if !groups.is_empty() {
        sql.push(REPRESENTED).push("x.group_id IN ");
        sql.list(groups).push(")");
    }
    sql
}

/// Those that these mandates represent, by mandate.
///
/// # Errors
/// When the query fails.
pub fn represented(
    connection: &mut DbConnection,
    ids: impl Iterator<Item = RecordId>,
) -> QueryResult<HashMap<RecordId, Vec<RespondentRow>>> {
    let mut sql = Sql::new(
        "SELECT x.mandate_id AS owner, x.organisation_id, COALESCE(o.id, g.id) AS id, COALESCE(o.slug, g.slug) AS slug, \
         COALESCE(o.name, g.name) AS name FROM mandate_represented x \
         LEFT JOIN organisations o ON o.id = x.organisation_id LEFT JOIN groups g ON g.id = x.group_id \
         WHERE COALESCE(o.state, g.state) = 'published' AND x.mandate_id IN ",
    );
    sql.list(ids).push(" ORDER BY x.mandate_id, x.place");
    sql.grouped(connection)
}

/// The mandates of these representatives that are about a report or about all, whatever the day.
///
/// # Errors
/// When the query fails.
pub fn about(
    connection: &mut DbConnection,
    report: RecordId,
    representatives: &HashSet<RecordId>,
) -> QueryResult<Vec<RepresentationRow>> {
    if representatives.is_empty() {
        return Ok(Vec::new());
    }
    let mut sql = Sql::new(
        "SELECT m.representative_id, m.from_on, m.until_on, x.organisation_id, x.group_id FROM mandates m \
         JOIN mandate_represented x ON x.mandate_id = m.id WHERE m.state = 'published' AND (m.report_id IS NULL OR m.report_id = ",
    );
    sql.bind(report).push(") AND m.representative_id IN ");
    sql.list(representatives.iter().copied());
    sql.load(connection)
}

/// Why a mandate cannot be stored: only those that are represented, or a publisher of the report, can grant it.
///
/// # Errors
/// When a query fails.
pub fn forbidden(
    connection: &mut DbConnection,
    id: RecordId,
    document: &MandateDocument,
    submission: &Submission<'_>,
) -> QueryResult<Vec<Violation>> {
    let grantor = document.granted_by.resolved()?;
    let represents = Key::all(&document.represents)?;
    let mut violations = rewritten(connection, id, document, submission)?;
    let representative = document.representative.resolved()?;
    if let Some(index) = represents.iter().position(|id| *id == representative) {
        let detail = "A representative needs no mandate to answer for itself.";
        violations.push(Violation::new(
            MistakeCode::SelfReference,
            format!("/represents/{index}"),
            detail,
        ));
    }
    let mut is_publisher = false;
    if representative == grantor {
        let detail = "Nobody appoints itself to answer for others.";
        violations.push(Violation::new(
            MistakeCode::SelfReference,
            "/representative",
            detail,
        ));
    }
    if let Some(report) = Key::optional(document.report.as_ref())? {
        is_publisher = reports::queries::publishers(connection, report)?.contains(&grantor);
        if !lookup::is_public(connection, Resource::Report, report, submission.now())? {
            let detail = "The report is not public yet.";
            violations.push(Violation::new(MistakeCode::Conflict, "/report", detail));
        }
    }
    // what it is about stays, so that whoever granted it can end it, as a publisher that has left the report
    let is_new = submission.previous.is_none();
    if is_new && !is_publisher && represents != [grantor] {
        let detail = "A mandate is granted by the organisation that is represented, for itself alone, or by a publisher of the report that it names.";
        violations.push(Violation::new(MistakeCode::Conflict, "/granted_by", detail));
    }
    let is_backdated = is_new && document.from < submission.today();
    if is_backdated && submission.by.is_author() && !is_publisher {
        let rule = "A mandate begins today at the earliest; an earlier one is recorded by a publisher of the report or an administrator.";
        violations.push(Violation::new(MistakeCode::InPast, "/from", rule));
    }
    Ok(violations)
}

/// What cannot be changed in a mandate: for whom it is, and that it was in force until today. Answers given with it stay.
fn rewritten(
    connection: &mut DbConnection,
    id: RecordId,
    document: &MandateDocument,
    submission: &Submission<'_>,
) -> QueryResult<Vec<Violation>> {
    let mut violations = Vec::new();
    if submission.previous.is_none() || !submission.by.is_author() {
        return Ok(violations);
    }
    let before = mandates::table.find(id).select(mandates::until_on);
    let before: Option<NaiveDate> = before.first(connection)?;
    let is_past = document
        .until
        .is_some_and(|until| until <= submission.today());
    let was_past = before.is_some_and(|until| until <= submission.today());
    if before != document.until && (is_past || was_past) {
        let rule = "A mandate ends with today at the earliest (`until` is tomorrow), and one that has ended is not renewed: grant another one.";
        violations.push(Violation::new(MistakeCode::Conflict, "/until", rule));
    }
    let is_extended =
        before.is_some_and(|before| document.until.is_none_or(|until| until > before));
    if is_extended && has_left(connection, document)? {
        let rule = "Whoever granted the mandate is not a publisher of the report any more: it can only end earlier.";
        violations.push(Violation::new(MistakeCode::Conflict, "/until", rule));
    }
    let before: Vec<(Option<RecordId>, Option<RecordId>)> = mandate_represented::table
        .filter(mandate_represented::mandate_id.eq(id))
        .order(mandate_represented::place)
        .select((
            mandate_represented::organisation_id,
            mandate_represented::group_id,
        ))
        .load(connection)?;
    let before = before
        .into_iter()
        .filter_map(|(organisation, group)| organisation.or(group));
    if before.ne(Key::all(&document.represents)?) {
        let rule = "For whom a mandate is does not change: grant another one.";
        violations.push(Violation::new(MistakeCode::Immutable, "/represents", rule));
    }
    Ok(violations)
}

/// Whether a mandate was granted by a publisher that has left the report.
fn has_left(connection: &mut DbConnection, document: &MandateDocument) -> QueryResult<bool> {
    let grantor = document.granted_by.resolved()?;
    match Key::optional(document.report.as_ref())? {
        Some(report) if Key::all(&document.represents)? != [grantor] => {
            Ok(!reports::queries::publishers(connection, report)?.contains(&grantor))
        }
        _ => Ok(false),
    }
}

/// Stores a document whose links are ids.
///
/// # Errors
/// When a query fails.
pub fn save(
    writer: &mut Writer<'_>,
    id: RecordId,
    document: &MandateDocument,
    previous: Option<&Previous>,
) -> QueryResult<WriteOutcome> {
    let at_once = Some(writer.now());
    let resource = Resource::Mandate;
    let Some(recorded) = writer.record(resource, id, &id.into(), document, previous, at_once)?
    else {
        return Ok(WriteOutcome::Unchanged);
    };
    let row = document.row(id, recorded)?;
    if previous.is_some() {
        let before: RecordId = mandates::table
            .find(id)
            .select(mandates::representative_id)
            .first(writer.connection)?;
        touch(writer, &[before], &[])?;
        update(
            writer.connection,
            diesel::update(mandates::table.find(id)).set(&row),
        )?;
        diesel::delete(mandate_represented::table.filter(mandate_represented::mandate_id.eq(id)))
            .execute(writer.connection)?;
    } else {
        diesel::insert_into(mandates::table)
            .values(&row)
            .execute(writer.connection)?;
    }
    if document.state != PublicationState::Erased {
        insert_represented(writer.connection, id, document)?;
    }
    touch(writer, &[row.representative_id], &[])?;
    Ok(WriteOutcome::of(previous))
}

fn insert_represented(
    connection: &mut DbConnection,
    id: RecordId,
    document: &MandateDocument,
) -> QueryResult<()> {
    use mandate_represented::dsl;
    let are_groups: Vec<RecordId> = groups::table
        .filter(groups::id.eq_any(&document.represents))
        .select(groups::id)
        .load(connection)?;
    for (place, represented) in (0..).zip(Key::all(&document.represents)?) {
        let is_group = are_groups.contains(&represented);
        diesel::insert_into(dsl::mandate_represented)
            .values((
                dsl::mandate_id.eq(id),
                dsl::place.eq::<i32>(place),
                dsl::organisation_id.eq(Some(represented).filter(|_| !is_group)),
                dsl::group_id.eq(Some(represented).filter(|_| is_group)),
            ))
            .execute(connection)?;
    }
    Ok(())
}

/// Marks the recommendations whose obligations depend on mandates of these representatives, or on who belongs to these
/// groups.
///
/// # Errors
/// When the query fails.
pub fn touch(
    writer: &mut Writer<'_>,
    representatives: &[RecordId],
    groups: &[RecordId],
) -> QueryResult<()> {
    const OF_GROUPS: &str = "(SELECT m.representative_id FROM mandates m JOIN mandate_represented x ON x.mandate_id = m.id WHERE x.group_id IN ";
    for (table, author) in [
        (
            "response_covers c JOIN responses r ON r.id = c.response_id",
            "r.responder_id",
        ),
        ("progress_updates c", "c.author_id"),
    ] {
        let mut sql = Sql::new("SELECT DISTINCT c.recommendation_id AS id FROM ");
        sql.push(table).push(" WHERE ").push(author).push(" IN ");
        sql.list(representatives.iter().copied());
        sql.push(" OR ").push(author).push(" IN ").push(OF_GROUPS);
        sql.list(groups.iter().copied()).push(")");
        for recommendation in sql.ids(writer.connection)? {
            writer.touch(recommendation);
        }
    }
    let mut sql = Sql::new(
        "SELECT DISTINCT c.recommendation_id AS id FROM response_covers c \
         JOIN response_respondents a ON a.response_id = c.response_id WHERE a.group_id IN ",
    );
    sql.list(groups.iter().copied());
    for recommendation in sql.ids(writer.connection)? {
        writer.touch(recommendation);
    }
    Ok(())
}

/// The organisation that granted it, and if it did so as a publisher, those that publish the report now: they can end it
/// too.
///
/// # Errors
/// When the query fails.
pub fn owners(connection: &mut DbConnection, id: RecordId) -> QueryResult<Vec<RecordId>> {
    let mut sql = Sql::new("SELECT r.granted_by_id AS id FROM mandates r WHERE r.id = ");
    sql.bind(id);
    sql.push(" UNION SELECT l.organisation_id FROM mandates r JOIN report_publishers l ON l.report_id = r.report_id WHERE r.id = ");
    sql.bind(id);
    sql.push(" AND NOT EXISTS (SELECT 1 FROM mandate_represented x WHERE x.mandate_id = r.id AND x.organisation_id = r.granted_by_id)");
    sql.ids(connection)
}
