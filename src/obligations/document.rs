//! What is recorded of an obligation itself: every day that its deadlines were moved to, when a response was looked for,
//! who took it over, and what was disputed.

use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::result::QueryResult;
use garde::Validate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::generation;
use super::model::ObligationRow;
use crate::changes::{Manner, Outcome, Previous, Resource, Writer};
use crate::db::DbConnection;
use crate::db::schema::{obligations, recommendations, reports};
use crate::deadlines::terms::{Deadline, DeadlineRevision, RevisionKind};
use crate::documents::{About, Link, Target};
use crate::import::document::Mistake;
use crate::values::{self, PublicationState};

/// What is recorded of an obligation, as it is imported and as the change log keeps it.
#[derive(Clone, Debug, Default, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ObligationDocument {
    /// Always `obligation`.
    #[serde(rename = "type", default, skip_serializing)]
    #[garde(skip)]
    pub resource: Option<Resource>,
    /// The id, which follows from recommendation and organisation.
    #[serde(default, skip_serializing)]
    #[garde(skip)]
    #[schema(value_type = Option<String>, format = "uuid", max_length = 36)]
    pub id: Option<uuid::Uuid>,
    /// The report that makes the recommendation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(skip)]
    pub report: Option<String>,
    /// The number of the recommendation in the report.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(length(chars, min = 1, max = 60)), custom(values::number_or_id(&self.report, &self.recommendation)))]
    #[schema(min_length = 1, max_length = 60, example = "7.1")]
    pub number: Option<String>,
    /// The recommendation itself, by id or slug, in place of report and number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(skip)]
    pub recommendation: Option<String>,
    /// The addressee.
    #[garde(skip)]
    pub organisation: String,
    /// Every day that a deadline was moved to, oldest first. Nothing is taken out when a later one comes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[garde(length(max = 100), dive)]
    #[schema(max_items = 100)]
    pub revisions: Vec<DeadlineRevision>,
    /// The day on which somebody last looked for a response of this addressee.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(skip)]
    pub checked_on: Option<NaiveDate>,
    /// The organisation that took it over, after a merger or the like. It gets an obligation of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(skip)]
    pub transferred_to: Option<String>,
    /// What was disputed, by whom, and how it ended.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[garde(length(max = 100), dive)]
    #[schema(max_items = 100)]
    pub disputes: Vec<Dispute>,
    /// What else is to be known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(length(chars, min = 1, max = 5000)))]
    #[schema(min_length = 1, max_length = 5000)]
    pub note: Option<String>,
    /// The publication state.
    #[serde(default)]
    #[garde(skip)]
    pub state: PublicationState,
}

/// Something that was disputed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Dispute {
    /// When.
    #[garde(skip)]
    pub raised_on: NaiveDate,
    /// By whom.
    #[garde(length(chars, min = 1, max = 300))]
    #[schema(min_length = 1, max_length = 300)]
    pub raised_by: String,
    /// What, and why.
    #[garde(length(chars, min = 1, max = 5000))]
    #[schema(min_length = 1, max_length = 5000)]
    pub text: String,
    /// How it ended; absent as long as it is open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(length(chars, min = 1, max = 5000)), custom(with_its_day(&self.decided_on)))]
    #[schema(min_length = 1, max_length = 5000)]
    pub outcome: Option<String>,
    /// When that was decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(skip)]
    pub decided_on: Option<NaiveDate>,
}

fn with_its_day(
    decided_on: &Option<NaiveDate>,
) -> impl FnOnce(&Option<String>, &()) -> garde::Result + '_ {
    move |outcome, _| match outcome.is_some() == decided_on.is_some() {
        true => Ok(()),
        false => Err(garde::Error::new(
            "outcome and decided_on come together, when it is decided",
        )),
    }
}

impl ObligationDocument {
    /// The places where it names other records.
    pub fn links(&mut self) -> Vec<Link<'_>> {
        let body = Target::Organisation;
        let mut links = vec![Link::new("/organisation", body, &mut self.organisation)];
        let heir = self.transferred_to.iter_mut();
        links.extend(heir.map(|slot| Link::new("/transferred_to", body, slot)));
        let report = self.report.iter_mut();
        links.extend(report.map(|slot| Link::new("/report", Target::Report, slot)));
        let named = self.recommendation.iter_mut();
        links.extend(named.map(|slot| Link::new("/recommendation", Target::Recommendation, slot)));
        links
    }

    /// How it names the recommendation.
    pub fn about(&mut self) -> About<'_> {
        About {
            report: &mut self.report,
            number: &mut self.number,
            recommendation: &mut self.recommendation,
        }
    }

    /// Removes what was recorded.
    pub fn erase(&mut self) {
        self.revisions.clear();
        self.disputes.clear();
        (self.note, self.transferred_to) = (None, None);
    }
}

/// Why something cannot be recorded: nobody was asked, or a deadline cannot be moved so.
pub fn forbidden(
    connection: &mut DbConnection,
    document: &ObligationDocument,
) -> QueryResult<Vec<Mistake>> {
    let recommendation = document.recommendation.as_deref().unwrap_or_default();
    let row: Option<ObligationRow> = obligations::table
        .filter(obligations::recommendation_id.eq(recommendation))
        .filter(obligations::organisation_id.eq(&document.organisation))
        .select(ObligationRow::as_select())
        .first(connection)
        .optional()?;
    let Some(row) = row else {
        let rule = "the recommendation is not addressed to this organisation";
        return Ok(vec![("/organisation".to_owned(), rule.to_owned())]);
    };
    let deadlines: Vec<Deadline> = serde_json::from_str(&row.deadlines).unwrap_or_default();
    let mut mistakes = Vec::new();
    for (index, revision) in document.revisions.iter().enumerate() {
        let mut earlier = document.revisions.iter().take(index);
        let last = earlier.rfind(|other| other.kind == revision.kind);
        let set = deadlines
            .iter()
            .find(|deadline| deadline.kind == revision.kind);
        let before = last
            .map(|other| other.due_on)
            .or(set.and_then(Deadline::as_set));
        if let Some(rule) = forbids(revision, set.is_some(), before) {
            mistakes.push((format!("/revisions/{index}"), rule.to_owned()));
        }
    }
    Ok(mistakes)
}

/// The rule that a move of a deadline breaks. `before` is the day as it stood.
fn forbids(
    revision: &DeadlineRevision,
    is_set: bool,
    before: Option<NaiveDate>,
) -> Option<&'static str> {
    let Some(before) = before else {
        return (!is_set).then_some("the recommendation sets no deadline of this kind");
    };
    match revision.change {
        RevisionKind::Extension if revision.set_on > before => Some(
            "an extension is granted before the day has passed; what comes later is a slippage",
        ),
        RevisionKind::Extension | RevisionKind::Slippage if revision.due_on <= before => Some(
            "an extension or slippage moves the day to a later one; to put a wrong one right is a correction",
        ),
        _ => None,
    }
}

/// What the row keeps of a document.
#[derive(Serialize)]
struct Kept<'a> {
    recorded_at: chrono::NaiveDateTime,
    #[serde(flatten)]
    document: &'a ObligationDocument,
}

/// Stores a document whose links are ids.
pub fn save(
    writer: &mut Writer<'_>,
    id: &str,
    document: &ObligationDocument,
    previous: Option<&Previous>,
) -> QueryResult<Outcome> {
    let recommendation = document.recommendation.as_deref().unwrap_or_default();
    let (report_from, report_state): (chrono::NaiveDateTime, String) = recommendations::table
        .inner_join(reports::table.on(reports::id.eq(recommendations::report_id)))
        .filter(recommendations::id.eq(recommendation))
        .select((reports::visible_from, reports::state))
        .first(writer.connection)?;
    let manner = Manner::below(&report_state, report_from, document.state);
    let resource = Resource::Obligation;
    let Some(recorded) = writer.record(resource, id, id, document, previous, manner)? else {
        return Ok(Outcome::Unchanged);
    };
    if writer.is_repeating() {
        generation::generate(writer.connection, recommendation)?; // it may not be there yet
    }
    let kept = Kept {
        recorded_at: recorded.updated_at,
        document,
    };
    let tracked = serde_json::to_string(&kept)
        .map_err(|e| diesel::result::Error::SerializationError(Box::new(e)))?;
    diesel::update(obligations::table.find(id))
        .set((
            obligations::revision.eq(recorded.revision),
            obligations::change_seq.eq(recorded.seq),
            obligations::tracked.eq(tracked),
        ))
        .execute(writer.connection)?;
    writer.touch(recommendation);
    Ok(match previous {
        Some(_) => Outcome::Updated,
        None => Outcome::Created,
    })
}
