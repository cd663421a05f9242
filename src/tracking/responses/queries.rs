//! All SQL of responses.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use diesel::result::QueryResult;
use diesel::sql_types::{Nullable, Text};
use std::collections::HashMap;

use super::model::{ResponseDocument, ResponseRow};
use super::schema::{response_covers, response_respondents, responses};
use crate::access::Scope;
use crate::access::ownership::Ownership;
use crate::http::references::NameReference;
use crate::log::{Previous, Resource, WriteOutcome, Writer};
use crate::platform::db::schema::groups;
use crate::platform::db::{DbConnection, EnumText, Sql, update};
use crate::platform::identity::{Key, RecordId, Slug};
use crate::resources::references;
use crate::resources::reports;
use crate::resources::reports::model::ReportRow;
use crate::tracking::linked_pages::views::LinkedPage;
use crate::tracking::obligations::model::Position;
use crate::tracking::related_records::recorded_for;
use crate::tracking::{below_reports, linked_pages};
use crate::writing::kind::Advance;

/// The ownership of responses.
pub const OWNERSHIP: Ownership = Ownership {
    resource: Resource::Response,
    scope: Scope::ResponsesWrite,
    owners,
};

/// A recommendation that a response covers.
#[derive(Clone, Debug, QueryableByName)]
#[allow(missing_docs)]
pub struct CoverRow {
    #[diesel(sql_type = Text)]
    pub response_id: RecordId,
    #[diesel(sql_type = Text)]
    pub recommendation_id: RecordId,
    #[diesel(sql_type = Text)]
    pub recommendation_slug: Slug,
    #[diesel(sql_type = Text)]
    pub number: String,
    #[diesel(sql_type = Nullable<Text>)]
    pub position: Option<EnumText<Position>>,
    #[diesel(sql_type = Nullable<Text>)]
    pub position_verbatim: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub mapped_by: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub text: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub page: Option<String>,
}

/// An organisation or group that a response is for.
#[derive(Clone, Debug, QueryableByName)]
#[allow(missing_docs)]
pub struct RespondentRow {
    #[diesel(sql_type = Nullable<Text>)]
    pub organisation_id: Option<RecordId>,
    #[diesel(sql_type = Text)]
    pub id: RecordId,
    #[diesel(sql_type = Text)]
    pub slug: Slug,
    #[diesel(sql_type = Text)]
    pub name: String,
}

/// What is loaded with some responses.
#[derive(Debug, Default)]
#[allow(missing_docs)]
pub struct ResponseParts {
    /// By the id of the report.
    pub reports: HashMap<RecordId, ReportRow>,
    /// By the id of the response.
    pub covers: HashMap<RecordId, Vec<CoverRow>>,
    /// By the id of the response; the responder first.
    pub respondents: HashMap<RecordId, Vec<RespondentRow>>,
    /// Those on whose behalf responses were recorded.
    pub recorders: HashMap<RecordId, NameReference>,
    /// By URL.
    pub pages: HashMap<String, LinkedPage>,
}

/// Loads what belongs to these responses, with five queries.
///
/// # Errors
/// When a query fails.
pub fn parts(
    connection: &mut DbConnection,
    rows: &[ResponseRow],
    now: NaiveDateTime,
) -> QueryResult<ResponseParts> {
    let ids = || rows.iter().map(|row| row.id);
    let urls = rows.iter().filter_map(|row| row.source_url.as_deref());
    let reports: Vec<RecordId> = rows.iter().map(|row| row.report_id).collect();
    let mut recorders = Vec::new();
    for row in rows {
        recorders.extend(recorded_for(row.recorded_by.as_ref())?);
    }
    let mut parts = ResponseParts {
        recorders: references::named(connection, Resource::Organisation, recorders)?,
        reports: reports::queries::of_recommendations(connection, &reports)?,
        pages: linked_pages::present::by_urls(connection, urls.collect(), now)?,
        ..ResponseParts::default()
    };
    let mut sql = Sql::new(
        "SELECT c.response_id, c.recommendation_id, r.slug AS recommendation_slug, r.number, c.position, \
         c.position_verbatim, c.mapped_by, c.text, c.page FROM response_covers c \
         JOIN recommendations r ON r.id = c.recommendation_id \
         WHERE r.state IN ('published', 'withdrawn') AND c.response_id IN ",
    );
    sql.list(ids()).push(" ORDER BY c.response_id, c.place");
    for row in sql.load::<CoverRow>(connection)? {
        let response = row.response_id;
        parts.covers.entry(response).or_default().push(row);
    }
    let mut sql = Sql::new(
        "SELECT a.response_id AS owner, a.organisation_id, COALESCE(o.id, g.id) AS id, COALESCE(o.slug, g.slug) AS slug, \
         COALESCE(o.name, g.name) AS name FROM response_respondents a \
         LEFT JOIN organisations o ON o.id = a.organisation_id LEFT JOIN groups g ON g.id = a.group_id \
         WHERE COALESCE(o.state, g.state) = 'published' AND a.response_id IN ",
    );
    sql.list(ids()).push(" ORDER BY a.response_id, a.place");
    parts.respondents = sql.grouped(connection)?;
    Ok(parts)
}

/// Stores a document whose links are ids.
///
/// # Errors
/// When a query fails.
pub fn save(
    writer: &mut Writer<'_>,
    id: RecordId,
    document: &ResponseDocument,
    previous: Option<&Previous>,
) -> QueryResult<WriteOutcome> {
    let options = below_reports::entry_options(
        writer.connection,
        document.report.resolved()?,
        document.state,
    )?;
    let Some(recorded) = writer.record(
        Resource::Response,
        id,
        &id.into(),
        document,
        previous,
        options,
    )?
    else {
        return Ok(WriteOutcome::Unchanged);
    };
    let connection = &mut *writer.connection;
    let mut touched = covered(connection, id)?;
    let row = document.row(id, recorded)?;
    if previous.is_some() {
        update(
            connection,
            diesel::update(responses::table.find(id)).set(&row),
        )?;
        delete_parts(connection, id)?;
    } else {
        diesel::insert_into(responses::table)
            .values(&row)
            .execute(connection)?;
    }
    insert_parts(connection, id, document)?;
    touched.extend(covered(connection, id)?);
    for recommendation in touched {
        writer.touch(recommendation);
    }
    Ok(WriteOutcome::of(previous))
}

fn covered(connection: &mut DbConnection, id: RecordId) -> QueryResult<Vec<RecordId>> {
    response_covers::table
        .filter(response_covers::response_id.eq(id))
        .select(response_covers::recommendation_id)
        .load(connection)
}

fn delete_parts(connection: &mut DbConnection, id: RecordId) -> QueryResult<()> {
    diesel::delete(response_covers::table.filter(response_covers::response_id.eq(id)))
        .execute(connection)?;
    diesel::delete(response_respondents::table.filter(response_respondents::response_id.eq(id)))
        .execute(connection)?;
    Ok(())
}

fn insert_parts(
    connection: &mut DbConnection,
    id: RecordId,
    document: &ResponseDocument,
) -> QueryResult<()> {
    let are_groups: Vec<RecordId> = groups::table
        .filter(groups::id.eq_any(&document.on_behalf_of))
        .select(groups::id)
        .load(connection)?;
    let respondents = std::iter::once(&document.responder).chain(&document.on_behalf_of);
    for (place, respondent) in (0..).zip(respondents) {
        use response_respondents::dsl;
        let respondent = respondent.resolved()?;
        let is_group = are_groups.contains(&respondent);
        diesel::insert_into(dsl::response_respondents)
            .values((
                dsl::response_id.eq(id),
                dsl::place.eq(place),
                dsl::organisation_id.eq(Some(respondent).filter(|_| !is_group)),
                dsl::group_id.eq(Some(respondent).filter(|_| is_group)),
            ))
            .execute(connection)?;
    }
    for (place, cover) in (0..).zip(&document.covers) {
        use response_covers::dsl;
        diesel::insert_into(dsl::response_covers)
            .values((
                dsl::response_id.eq(id),
                dsl::place.eq(place),
                dsl::recommendation_id.eq(Key::required(cover.recommendation.as_ref())?),
                dsl::position.eq(cover.position.map(EnumText)),
                dsl::position_verbatim.eq(&cover.position_verbatim),
                dsl::mapped_by.eq(&cover.mapped_by),
                dsl::text.eq(&cover.text),
                dsl::page.eq(&cover.page),
            ))
            .execute(connection)?;
    }
    Ok(())
}

/// The organisation that responded.
///
/// # Errors
/// When the query fails.
pub fn owners(connection: &mut DbConnection, id: RecordId) -> QueryResult<Vec<RecordId>> {
    let mut sql = Sql::new("SELECT r.responder_id AS id FROM responses r WHERE r.id = ");
    sql.bind(id).ids(connection)
}

/// Moves the record to a newer entry of the change log.
///
/// # Errors
/// When the query fails.
pub fn advance(connection: &mut DbConnection, id: RecordId, to: &Advance) -> QueryResult<()> {
    below_reports::advance(connection, Sql::new("UPDATE responses"), id, to)
}
