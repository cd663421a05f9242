//! What hangs on an organisation, a group, a topic or a report: the records that name it. None of these is removed as long
//! as others name it.

use diesel::prelude::*;
use diesel::result::QueryResult;
use diesel::sql_types::Text;

use crate::log::Resource;
use crate::platform::db::{DbConnection, Sql};
use crate::platform::identity::RecordId;
use crate::writing::kind::Dependent;

/// Where records of a kind name another one: the table, its column with the record, and the one with what it names.
type Naming = (Resource, &'static str, &'static str, &'static str);

const ORGANISATION: [Naming; 19] = [
    (
        Resource::Article,
        "article_organisations",
        "article_id",
        "organisation_id",
    ),
    (
        Resource::Report,
        "report_publishers",
        "report_id",
        "organisation_id",
    ),
    (Resource::Report, "reports", "id", "complainant_body_id"),
    (Resource::Organisation, "organisations", "id", "parent_id"),
    (
        Resource::Organisation,
        "organisation_successions",
        "predecessor_id",
        "successor_id",
    ),
    (
        Resource::Group,
        "group_members",
        "group_id",
        "organisation_id",
    ),
    (
        Resource::Recommendation,
        "recommendation_addressees",
        "recommendation_id",
        "organisation_id",
    ),
    (
        Resource::Recommendation,
        "recommendation_addressed_organisations",
        "recommendation_id",
        "organisation_id",
    ),
    (Resource::Response, "responses", "id", "responder_id"),
    (
        Resource::Response,
        "response_respondents",
        "response_id",
        "organisation_id",
    ),
    (
        Resource::ActionPlan,
        "action_plans",
        "id",
        "organisation_id",
    ),
    (
        Resource::ProgressUpdate,
        "progress_updates",
        "id",
        "organisation_id",
    ),
    (
        Resource::ProgressUpdate,
        "progress_updates",
        "id",
        "author_id",
    ),
    (Resource::Assessment, "assessments", "id", "organisation_id"),
    (Resource::Assessment, "assessments", "id", "assessor_id"),
    (Resource::Mandate, "mandates", "id", "representative_id"),
    (Resource::Mandate, "mandates", "id", "granted_by_id"),
    (
        Resource::Mandate,
        "mandate_represented",
        "mandate_id",
        "organisation_id",
    ),
    (
        Resource::Obligation,
        "obligations",
        "id",
        "transferred_to_id",
    ),
];
const GROUP: [Naming; 3] = [
    (
        Resource::Recommendation,
        "recommendation_addressees",
        "recommendation_id",
        "group_id",
    ),
    (
        Resource::Response,
        "response_respondents",
        "response_id",
        "group_id",
    ),
    (
        Resource::Mandate,
        "mandate_represented",
        "mandate_id",
        "group_id",
    ),
];
const TOPIC: [Naming; 2] = [
    (
        Resource::Article,
        "article_topics",
        "article_id",
        "topic_id",
    ),
    (Resource::Topic, "topics", "id", "parent_id"),
];
const REPORT: [Naming; 7] = [
    (
        Resource::Article,
        "article_reports",
        "article_id",
        "report_id",
    ),
    (
        Resource::Recommendation,
        "recommendations",
        "id",
        "report_id",
    ),
    (Resource::Response, "responses", "id", "report_id"),
    (Resource::ActionPlan, "action_plans", "id", "report_id"),
    (
        Resource::ProgressUpdate,
        "progress_updates",
        "id",
        "report_id",
    ),
    (Resource::Assessment, "assessments", "id", "report_id"),
    (Resource::Mandate, "mandates", "id", "report_id"),
];

/// The records that name this one, and are neither removed nor erased, by type and slug. If there are none, and `in_documents`
/// is set, those of which only the documents say so.
///
/// # Errors
/// When a query fails.
pub fn find(
    connection: &mut DbConnection,
    resource: Resource,
    id: RecordId,
    in_documents: bool,
) -> QueryResult<Vec<Dependent>> {
    let namings: &[Naming] = match resource {
        Resource::Organisation => &ORGANISATION,
        Resource::Group => &GROUP,
        Resource::Topic => &TOPIC,
        Resource::Report => &REPORT,
        _ => &[],
    };
    let mut found: Vec<Dependent> = Vec::new();
    for (kind, table, record, named) in namings {
        let mut sql = Sql::new("SELECT r.id, r.slug FROM ");
        sql.push(kind.table())
            .push(" r WHERE r.state NOT IN ('gone', 'erased') AND r.id IN (SELECT l.")
            .push(record)
            .push(" FROM ")
            .push(table)
            .push(" l WHERE l.")
            .push(named)
            .push(" = ")
            .bind(id)
            .push(") AND r.id <> ")
            .bind(id)
            .push(" ORDER BY r.slug");
        let rows: Vec<DependentRow> = sql.load(connection)?;
        for row in rows {
            if found.iter().all(|known| known.id != row.id) {
                found.push(row.of(*kind));
            }
        }
    }
    match found.is_empty() && in_documents && resource == Resource::Organisation {
        true => named_in_documents(connection, id),
        false => Ok(found),
    }
}

/// The records whose documents name an organisation where no table says so: who spoke, was excluded, or recorded something.
fn named_in_documents(connection: &mut DbConnection, id: RecordId) -> QueryResult<Vec<Dependent>> {
    let mut found = Vec::new();
    for kind in Resource::ALL {
        if !(kind.is_below_report() || [Resource::Article, Resource::Mandate].contains(&kind)) {
            continue;
        }
        let mut sql = Sql::new("SELECT r.id, r.slug FROM ");
        sql.push(kind.table())
            .push(" r JOIN changes c ON c.seq = r.change_seq WHERE r.state NOT IN ('gone', 'erased') AND c.state LIKE ")
            .bind(format!("%\"{id}\"%"))
            .push(" ORDER BY r.slug");
        let rows: Vec<DependentRow> = sql.load(connection)?;
        found.extend(rows.into_iter().map(|row| row.of(kind)));
    }
    Ok(found)
}

#[derive(QueryableByName)]
struct DependentRow {
    #[diesel(sql_type = Text)]
    id: RecordId,
    #[diesel(sql_type = Text)]
    slug: String,
}

impl DependentRow {
    fn of(self, resource: Resource) -> Dependent {
        Dependent {
            resource,
            id: self.id,
            slug: self.slug,
        }
    }
}
