//! Whose record it is, and what that allows: the one place where rights meet records.
//!
//! An article belongs to the organisation that published it, a report to each of its publishers, a
//! recommendation to those of its report, a response to the responder, an organisation to itself. Groups and topics belong to nobody:
//! they take a grant for all.

use diesel::prelude::*;
use diesel::result::QueryResult;
use diesel::sql_types::Text;

use crate::auth::{Refusal, Rights, Scope};
use crate::changes::{Previous, Resource, Writer};
use crate::db::{DbConnection, Sql};
use crate::documents::Target;
use crate::import::document::{Document, Mistake};
use crate::import::index::Index;
use crate::lookup;
use crate::values::PublicationState;

#[derive(QueryableByName)]
struct OwnerRow {
    #[diesel(sql_type = Text)]
    id: String,
}

/// The scope that writing a resource takes.
pub fn scope(resource: Resource) -> Scope {
    match resource {
        Resource::Article => Scope::ArticlesWrite,
        Resource::Report | Resource::Recommendation | Resource::Obligation => {
            Scope::RecommendationsWrite
        }
        Resource::Response | Resource::ActionPlan | Resource::ProgressUpdate => {
            Scope::ResponsesWrite
        }
        Resource::Assessment => Scope::AssessmentsWrite,
        Resource::Organisation | Resource::Group | Resource::Topic => Scope::OrganisationsWrite,
    }
}

/// The organisations that a stored record belongs to.
pub fn owners(
    connection: &mut DbConnection,
    resource: Resource,
    id: &str,
) -> QueryResult<Vec<String>> {
    let mut sql = Sql::new(match resource {
        Resource::Group | Resource::Topic => return Ok(Vec::new()),
        Resource::Organisation => return Ok(vec![id.to_owned()]),
        Resource::Article => {
            "SELECT l.organisation_id AS id FROM article_organisations l WHERE l.position = 0 AND l.article_id = "
        }
        Resource::Report => {
            "SELECT l.organisation_id AS id FROM report_publishers l WHERE l.report_id = "
        }
        Resource::ActionPlan => "SELECT r.organisation_id AS id FROM action_plans r WHERE r.id = ",
        Resource::ProgressUpdate => {
            "SELECT r.author_id AS id FROM progress_updates r WHERE r.id = "
        }
        Resource::Assessment => "SELECT r.assessor_id AS id FROM assessments r WHERE r.id = ",
        Resource::Obligation => {
            "SELECT l.organisation_id AS id FROM report_publishers l \
             JOIN obligations r ON r.report_id = l.report_id WHERE r.id = "
        }
        Resource::Response => "SELECT r.responder_id AS id FROM responses r WHERE r.id = ",
        Resource::Recommendation => {
            "SELECT l.organisation_id AS id FROM report_publishers l \
             JOIN recommendations r ON r.report_id = l.report_id WHERE r.id = "
        }
    });
    sql.bind(id);
    let rows: Vec<OwnerRow> = sql.load(connection)?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}

/// The organisations that a record will belong to, whose document has ids for links.
fn future_owners(
    connection: &mut DbConnection,
    id: &str,
    document: &Document,
) -> QueryResult<Vec<String>> {
    match document {
        Document::Article(article) => Ok(vec![article.organisation.clone()]),
        Document::Report(report) => Ok(report.publishers.clone()),
        Document::Recommendation(one) => owners(connection, Resource::Report, &one.report),
        Document::Obligation(obligation) => {
            let under = obligation.recommendation.as_deref().unwrap_or_default();
            owners(connection, Resource::Recommendation, under)
        }
        Document::Response(response) => Ok(vec![response.responder.clone()]),
        Document::ActionPlan(plan) => Ok(vec![plan.organisation.clone()]),
        Document::ProgressUpdate(update) => Ok(vec![update.author().to_owned()]),
        Document::Assessment(assessment) => Ok(vec![assessment.assessor.clone()]),
        Document::Organisation(_) => Ok(vec![id.to_owned()]),
        Document::Group(_) | Document::Topic(_) => Ok(Vec::new()),
    }
}

/// Whether a caller may store this document: for the record as it is, and as it will be.
pub fn require(
    connection: &mut DbConnection,
    rights: &Rights,
    id: &str,
    document: &Document,
    previous: Option<&Previous>,
) -> Result<(), crate::import::Error> {
    if rights.cover(Scope::Admin, &[]) {
        return Ok(());
    }
    let resource = document.resource();
    let mut all = Vec::new();
    if previous.is_some() {
        all.push(owners(connection, resource, id)?);
    }
    // an erased record belongs to whom it belonged
    if previous.is_none() || document.state() != PublicationState::Erased {
        all.push(future_owners(connection, id, document)?);
    }
    for owners in all {
        check(rights, resource, document.state(), previous, &owners)?;
    }
    Ok(())
}

fn check(
    rights: &Rights,
    resource: Resource,
    state: PublicationState,
    previous: Option<&Previous>,
    owners: &[String],
) -> Result<(), Refusal> {
    if state == PublicationState::Erased {
        return rights.require(Scope::Admin, owners);
    }
    rights.require(scope(resource), owners)?;
    // a draft is the writer's; what the public sees, or saw, takes one who may publish
    let was_draft = previous.is_none_or(|previous| previous.state == "draft");
    let stays_draft = state == PublicationState::Draft && was_draft;
    match resource {
        Resource::Article | Resource::Report if !stays_draft => {
            rights.require(Scope::ArticlesPublish, owners)
        }
        _ => Ok(()),
    }
}

/// Whether a caller may see a record that is not public: who may write it, or read drafts.
pub fn may_see(
    connection: &mut DbConnection,
    rights: &Rights,
    resource: Resource,
    id: &str,
) -> QueryResult<bool> {
    let owners = owners(connection, resource, id)?;
    Ok(rights.cover(Scope::ArticlesReadDrafts, &owners) || rights.cover(scope(resource), &owners))
}

/// What a caller lacks who may not see a record.
pub fn refusal(
    connection: &mut DbConnection,
    resource: Resource,
    id: &str,
) -> QueryResult<Refusal> {
    Ok(Refusal {
        scope: Scope::ArticlesReadDrafts,
        owners: owners(connection, resource, id)?,
    })
}

/// Links to records that the caller may not see: told in the words that a link to nothing gets.
pub fn hidden_links(
    writer: &mut Writer<'_>,
    index: &Index,
    rights: &Rights,
    document: &mut Document,
) -> QueryResult<Vec<Mistake>> {
    let mut mistakes = Vec::new();
    if rights.cover(Scope::Admin, &[]) {
        return Ok(mistakes);
    }
    let now = writer.now();
    for link in document.links() {
        let resource = match link.target {
            Target::Report => Resource::Report,
            Target::Recommendation => Resource::Recommendation,
            Target::Obligation => Resource::Obligation,
            Target::Response => Resource::Response,
            Target::ActionPlan => Resource::ActionPlan,
            Target::ProgressUpdate => Resource::ProgressUpdate,
            Target::Assessment => Resource::Assessment,
            Target::Article => Resource::Article,
            _ => continue,
        };
        let id = link.slot.as_str();
        let is_known = index.holds(id)
            || !lookup::is_id(id)
            || lookup::is_public(writer.connection, resource, id, now)?
            || may_see(writer.connection, rights, resource, id)?;
        if !is_known {
            mistakes.push((link.pointer, format!("there is no {resource} '{id}'")));
        }
    }
    Ok(mistakes)
}
