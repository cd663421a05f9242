//! What a response must not say, given what is stored: settles and checks documents before they are saved.

use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::result::QueryResult;

use super::model::{ResponseDocument, ResponseKind, ResponseRow};
use super::schema::{response_covers, response_respondents, responses};
use crate::log::Resource;
use crate::platform::db::{DbConnection, EnumText, Sql, count};
use crate::platform::identity::{Key, RecordId};
use crate::platform::states::PublicationState;
use crate::resources::collection::Collection;
use crate::resources::recommendations::model::RecommendationRow;
use crate::resources::recommendations::views::Recommendation;
use crate::tracking::below_reports;
use crate::tracking::days::DayRules;
use crate::tracking::obligations::model::Position;
use crate::writing::recorder::{Capacity, Submission};
use crate::writing::violation::Violation;

/// Why a response cannot be stored: each recommendation must belong to its report, and be addressed to the responder or
/// to somebody that it responds for.
///
/// # Errors
/// When a query fails.
pub fn forbidden(
    connection: &mut DbConnection,
    id: RecordId,
    document: &ResponseDocument,
    submission: &Submission<'_>,
) -> QueryResult<Vec<Violation>> {
    let report = document.report.resolved()?;
    let mut days = DayRules::new(connection, report, submission)?;
    days.day("/received_on", document.received_on);
    days.day("/claimed_received_on", document.claimed_received_on);
    days.day("/published_on", document.published_on.into());
    let mut violations = days.violations;
    violations.extend(without_predecessor(connection, document, submission)?);
    violations.extend(rewritten(connection, id, document, submission)?);
    let mut respondents = Key::all(&document.on_behalf_of)?;
    respondents.push(document.responder.resolved()?);
    for (index, cover) in document.covers.iter().enumerate() {
        let Some(id) = Key::optional(cover.recommendation.as_ref())? else {
            continue;
        };
        let recommendation = Recommendation::row(connection, id)?;
        if !recommendation.state.is_shown() {
            continue; // a recommendation that is gone is no longer addressed to anybody
        }
        let rule = if recommendation.report_id != report {
            "the recommendation belongs to another report"
        } else if !is_addressed(connection, &recommendation, &respondents)? {
            "the recommendation is not addressed to the responder or to anybody in on_behalf_of"
        } else {
            continue;
        };
        violations.push(Violation::new(format!("/covers/{index}"), rule));
    }
    Ok(violations)
}

/// Rejects a second response of a day, or a later one, that has none before it: one that was erased or removed does not come
/// back under another number.
fn without_predecessor(
    connection: &mut DbConnection,
    document: &ResponseDocument,
    submission: &Submission<'_>,
) -> QueryResult<Option<Violation>> {
    let is_carried_over = submission.by.capacity == Capacity::Administrator;
    let Some(sequence) = document.sequence.filter(|_| !is_carried_over) else {
        return Ok(None);
    };
    let before = responses::table
        .filter(responses::report_id.eq(document.report.resolved()?))
        .filter(responses::responder_id.eq(document.responder.resolved()?))
        .filter(responses::published_on.eq(document.published_on))
        .filter(responses::kind.eq(EnumText(document.kind)))
        .filter(responses::sequence.eq(sequence - 1))
        .filter(responses::state.eq_any([PublicationState::Published, PublicationState::Withdrawn]))
        .select(responses::id);
    let before: Option<RecordId> = before.first(connection).optional()?;
    let detail = "there is no response of this day with the number before";
    Ok(before
        .is_none()
        .then(|| Violation::new("/sequence", detail)))
}

/// Keeps the publisher's word on the day of receipt: what the responder itself sends is only claimed.
///
/// # Errors
/// When a query fails.
pub fn settle(
    connection: &mut DbConnection,
    id: RecordId,
    document: &mut ResponseDocument,
    submission: &Submission<'_>,
) -> QueryResult<()> {
    if !submission.by.is_author() {
        return Ok(());
    }
    let before = responses::table.find(id).select(responses::received_on);
    let before: Option<Option<NaiveDate>> = before.first(connection).optional()?;
    let received_on = std::mem::replace(&mut document.received_on, before.flatten());
    if received_on.is_some() && received_on != document.received_on {
        document.claimed_received_on = received_on;
    }
    Ok(())
}

/// What a response must not change: a responder the day of its own response, and anybody the words of another body.
fn rewritten(
    connection: &mut DbConnection,
    id: RecordId,
    document: &ResponseDocument,
    submission: &Submission<'_>,
) -> QueryResult<Vec<Violation>> {
    let mut violations = Vec::new();
    if submission.by.is_author() && submission.previous.is_some() {
        let before = responses::table.find(id).select(responses::published_on);
        if before.first::<NaiveDate>(connection)? != document.published_on {
            let rule = "the day of a response does not change: record another response";
            violations.push(Violation::new("/published_on", rule));
        }
        violations.extend(said_otherwise(connection, id, document)?);
        let was_withdrawn = submission
            .previous
            .is_some_and(|before| before.state.is_withdrawn());
        if was_withdrawn && !document.state.is_withdrawn() {
            let rule = "a withdrawn response stays withdrawn: record another response";
            violations.push(Violation::new("/state", rule));
        }
    }
    if let Some(corrected) = Key::optional(document.corrects.as_ref())? {
        let corrected: Option<ResponseRow> =
            below_reports::find(connection, Resource::Response, corrected).optional()?;
        let Some(corrected) = corrected else {
            let rule = "the corrected response cannot be stored";
            violations.push(Violation::new("/corrects", rule));
            return Ok(violations);
        };
        let rule = if corrected.responder_id != document.responder.resolved()? {
            "a body can correct only its own responses"
        } else if corrected.report_id != document.report.resolved()? {
            "the corrected response is to another report"
        } else if corrected.kind.0 == ResponseKind::Holding {
            "a holding reply is not corrected: record another one, or the full response"
        } else {
            return Ok(violations);
        };
        violations.push(Violation::new("/corrects", rule));
    }
    Ok(violations)
}

/// What a responder cannot change in its response, as its day would not: whom it is for, what it covers, and which position
/// it takes.
fn said_otherwise(
    connection: &mut DbConnection,
    id: RecordId,
    document: &ResponseDocument,
) -> QueryResult<Vec<Violation>> {
    let mut violations = Vec::new();
    let before: Vec<(RecordId, Option<EnumText<Position>>)> = response_covers::table
        .filter(response_covers::response_id.eq(id))
        .order(response_covers::place)
        .select((
            response_covers::recommendation_id,
            response_covers::position,
        ))
        .load(connection)?;
    let mut after = Vec::new();
    for cover in &document.covers {
        let recommendation = Key::required(cover.recommendation.as_ref())?;
        after.push((recommendation, cover.position.map(EnumText)));
    }
    if before != after {
        let rule = "what a response covers, and its positions, do not change: record a correction or another response";
        violations.push(Violation::new("/covers", rule));
    }
    let before: Vec<(Option<RecordId>, Option<RecordId>)> = response_respondents::table
        .filter(response_respondents::response_id.eq(id))
        .order(response_respondents::place)
        .select((
            response_respondents::organisation_id,
            response_respondents::group_id,
        ))
        .load(connection)?;
    let before = before
        .into_iter()
        .filter_map(|(organisation, group)| organisation.or(group));
    if before.skip(1).ne(Key::all(&document.on_behalf_of)?) {
        let rule = "whom a response is for does not change: record another response";
        violations.push(Violation::new("/on_behalf_of", rule));
    }
    Ok(violations)
}

/// Whether a recommendation is addressed to one of these organisations and groups, or to a member of one of the groups.
fn is_addressed(
    connection: &mut DbConnection,
    recommendation: &RecommendationRow,
    respondents: &[RecordId],
) -> QueryResult<bool> {
    let (id, day) = (recommendation.id, recommendation.published_on.to_string());
    // a group without stored members has no obligations, but may be responded for
    let mut sql =
        Sql::new("SELECT (SELECT count(*) FROM obligations o WHERE o.recommendation_id = ");
    sql.bind(id).push(" AND (o.organisation_id IN ");
    sql.list(respondents).push(" OR o.via_group_id IN ");
    sql.list(respondents)
        .push(" OR o.organisation_id IN (SELECT m.organisation_id FROM group_members m WHERE (m.from_on IS NULL OR m.from_on <= ")
        .bind(&day);
    sql.push(") AND (m.until_on IS NULL OR m.until_on > ")
        .bind(&day);
    sql.push(") AND m.group_id IN ");
    sql.list(respondents)
        .push(
            "))) + (SELECT count(*) FROM recommendation_addressees a WHERE a.recommendation_id = ",
        )
        .bind(id);
    sql.push(" AND a.group_id IN ")
        .list(respondents)
        .push(") AS count");
    Ok(count(connection, &sql)? > 0)
}
