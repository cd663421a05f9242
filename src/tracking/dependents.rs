//! What hangs on an organisation, a group, a topic or a report: the records that name it. None of these is removed as long
//! as others name it.

use diesel::prelude::*;
use diesel::result::QueryResult;
use diesel::sql_types::Text;
use std::collections::HashSet;

use crate::log::Resource;
use crate::platform::db::{DbConnection, Sql};
use crate::platform::identity::{RecordId, Slug};
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
    let (mut found, mut known) = (Vec::new(), HashSet::new());
    for (kind, table, record, named) in namings {
        let mut condition = Sql::new("r.id IN (SELECT l.");
        condition
            .push(record)
            .push(" FROM ")
            .push(table)
            .push(" l WHERE l.")
            .push(named)
            .push(" = ")
            .bind(id)
            .push(") AND r.id <> ")
            .bind(id);
        let rows = records(connection, *kind, condition)?.into_iter();
        found.extend(rows.filter(|row| known.insert(row.id)));
    }
    if !found.is_empty() || !in_documents || resource != Resource::Organisation {
        return Ok(found);
    }
    // who spoke, was excluded, or recorded something is in no table
    for kind in Resource::ALL {
        if kind.is_below_report() || [Resource::Article, Resource::Mandate].contains(&kind) {
            let mut condition =
                Sql::new("(SELECT c.state FROM changes c WHERE c.seq = r.change_seq) LIKE ");
            condition.bind(format!("%\"{id}\"%"));
            found.extend(records(connection, kind, condition)?);
        }
    }
    Ok(found)
}

/// The records of a kind that meet a condition, and are neither removed nor erased.
fn records(
    connection: &mut DbConnection,
    resource: Resource,
    condition: Sql,
) -> QueryResult<Vec<Dependent>> {
    #[derive(QueryableByName)]
    struct IdAndSlug {
        #[diesel(sql_type = Text)]
        id: RecordId,
        #[diesel(sql_type = Text)]
        slug: Slug,
    }
    let mut sql = Sql::new("SELECT r.id, r.slug FROM ");
    sql.push(resource.table())
        .push(" r WHERE r.state NOT IN ('gone', 'erased') AND ")
        .append(condition);
    sql.push(" ORDER BY r.slug");
    let rows: Vec<IdAndSlug> = sql.load(connection)?;
    let rows = rows.into_iter();
    Ok(rows
        .map(|IdAndSlug { id, slug }| Dependent { resource, id, slug })
        .collect())
}
