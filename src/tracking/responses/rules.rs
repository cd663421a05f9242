//! What a response must not say, given what is stored: settles and checks documents before they are saved.

use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::result::QueryResult;

use super::model::{ResponseDocument, ResponseKind, ResponseRow};
use super::schema::{response_covers, responses};
use crate::log::Resource;
use crate::platform::clock::uk_day;
use crate::platform::db::{DbConnection, EnumText, Sql, count};
use crate::platform::identity::{Key, RecordId};
use crate::platform::mistakes::MistakeCode;
use crate::platform::states::PublicationState;
use crate::resources::collection::Collection;
use crate::resources::recommendations::model::RecommendationRow;
use crate::resources::recommendations::views::Recommendation;
use crate::tracking::below_reports;
use crate::tracking::days::DayRules;
use crate::tracking::obligations::ended_mandates::{self, SaidForOthers};
use crate::tracking::obligations::model::Position;
use crate::tracking::obligations::said::said_on;
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
    let mut days = DayRules::new(connection, report, id, submission)?;
    days.day("/received_on", document.received_on);
    days.day("/claimed_received_on", document.claimed_received_on);
    days.day("/published_on", document.published_on.into());
    let mut violations = days.violations;
    violations.extend(without_predecessor(connection, document, submission)?);
    violations.extend(received_afterwards(document));
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
            "The recommendation belongs to another report."
        } else if !is_addressed(connection, &recommendation, &respondents)? {
            "The recommendation is not addressed to the responder or to anybody in on_behalf_of."
        } else {
            continue;
        };
        violations.push(Violation::new(
            MistakeCode::Conflict,
            format!("/covers/{index}"),
            rule,
        ));
    }
    Ok(violations)
}

/// Rejects a day of receipt after the response was recorded here, by the responder or by a publisher of the report: by then
/// it had been received.
fn received_afterwards(document: &ResponseDocument) -> Option<Violation> {
    let by = document.recorded_by.as_ref()?;
    let is_carried_over = by.capacity == Capacity::Administrator;
    let recorded_on = uk_day(by.at.naive_utc());
    let is_later = document.received_on.is_some_and(|day| day > recorded_on);
    let rule = "The response was on record here on an earlier day.";
    (is_later && !is_carried_over)
        .then(|| Violation::new(MistakeCode::Conflict, "/received_on", rule))
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
    let detail = "There is no response of this day with the number before.";
    Ok(before
        .is_none()
        .then(|| Violation::new(MistakeCode::Conflict, "/sequence", detail)))
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

/// What a response must not change, whoever records it: what was said in it, and when. Only an administrator corrects that.
fn rewritten(
    connection: &mut DbConnection,
    id: RecordId,
    document: &ResponseDocument,
    submission: &Submission<'_>,
) -> QueryResult<Vec<Violation>> {
    let mut violations = Vec::new();
    let is_administrators = submission.by.capacity == Capacity::Administrator;
    if let Some(previous) = submission.previous.filter(|_| !is_administrators) {
        let before: ResponseRow = below_reports::find(connection, Resource::Response, id)?;
        violations.extend(said_otherwise(connection, id, document, submission)?);
        if submission.by.is_author() {
            violations.extend(after_its_mandate(
                connection, &before, document, submission,
            )?);
        }
        if previous.state.is_withdrawn() && !document.state.is_withdrawn() {
            let rule = "A withdrawn response stays withdrawn: record another response.";
            violations.push(Violation::new(MistakeCode::Conflict, "/state", rule));
        }
        if !previous.state.is_withdrawn()
            && document.state.is_withdrawn()
            && !submission.by.is_author()
        {
            let rule = "A response is withdrawn by the responder or an administrator.";
            violations.push(Violation::new(MistakeCode::Conflict, "/state", rule));
        }
        if document.publication > before.publication.0 {
            let rule = "What has been published is not withheld afterwards.";
            violations.push(Violation::new(MistakeCode::Conflict, "/publication", rule));
        }
    }
    violations.extend(wrong_correction(connection, document, submission)?);
    Ok(violations)
}

/// Why a representative cannot change its response any more.
fn after_its_mandate(
    connection: &mut DbConnection,
    before: &ResponseRow,
    document: &ResponseDocument,
    submission: &Submission<'_>,
) -> QueryResult<Option<Violation>> {
    let covers = document.covers.iter();
    let recommendations = covers.map(|cover| Key::required(cover.recommendation.as_ref()));
    let recommendations: Vec<RecordId> = recommendations.collect::<QueryResult<_>>()?;
    let recorded_by = before.recorded_by.as_ref();
    let said = SaidForOthers {
        speaker: before.responder_id,
        report: before.report_id,
        recommendations: &recommendations,
        named: &Key::all(&document.on_behalf_of)?,
        said_on: said_on(recorded_by, Some(before.published_on), before.created_at),
    };
    ended_mandates::violation(connection, &said, submission.today())
}

/// Why a response cannot correct another one. One that the responder recorded itself is corrected by the responder.
fn wrong_correction(
    connection: &mut DbConnection,
    document: &ResponseDocument,
    submission: &Submission<'_>,
) -> QueryResult<Option<Violation>> {
    let Some(corrected) = Key::optional(document.corrects.as_ref())? else {
        return Ok(None);
    };
    let corrected: Option<ResponseRow> =
        below_reports::find(connection, Resource::Response, corrected).optional()?;
    let Some(corrected) = corrected.filter(|row| row.state != PublicationState::Erased) else {
        let rule = "The corrected response cannot be stored.";
        return Ok(Some(Violation::new(
            MistakeCode::Conflict,
            "/corrects",
            rule,
        )));
    };
    let recorded_by = corrected.recorded_by.as_ref();
    let is_own_word = recorded_by.is_some_and(|by| by.is_author());
    let rule = if corrected.responder_id != document.responder.resolved()? {
        "A body can correct only its own responses."
    } else if corrected.report_id != document.report.resolved()? {
        "The corrected response is to another report."
    } else if corrected.kind.0 == ResponseKind::Holding {
        "A holding reply is not corrected: record another one, or the full response."
    } else if is_own_word && submission.by.capacity == Capacity::Publisher {
        "The responder recorded the corrected response itself, and corrects it itself."
    } else {
        return Ok(None);
    };
    Ok(Some(Violation::new(
        MistakeCode::Conflict,
        "/corrects",
        rule,
    )))
}

/// What cannot be changed in what a response covers: which recommendations, with which position; for a publisher of the
/// report, also not the words that are there.
fn said_otherwise(
    connection: &mut DbConnection,
    id: RecordId,
    document: &ResponseDocument,
    submission: &Submission<'_>,
) -> QueryResult<Option<Violation>> {
    let stored: Vec<CoverParts> = response_covers::table
        .filter(response_covers::response_id.eq(id))
        .order(response_covers::place)
        .select(CoverParts::as_select())
        .load(connection)?;
    let mut after = document.covers.iter();
    let is_same = |before: CoverParts| {
        let Some(cover) = after.next() else {
            return Ok(false);
        };
        let words = [
            (before.position_verbatim, &cover.position_verbatim),
            (before.text, &cover.text),
        ];
        let mut words = words.iter();
        let keeps_words = words.all(|(before, after)| before.is_none() || before == *after);
        Ok(
            Key::required(cover.recommendation.as_ref())? == before.recommendation_id
                && cover.position == before.position.map(|position| position.0)
                && (keeps_words || submission.by.is_author()),
        )
    };
    let count = stored.len();
    let same: Vec<bool> = stored
        .into_iter()
        .map(is_same)
        .collect::<QueryResult<_>>()?;
    let is_kept = count == document.covers.len() && !same.contains(&false);
    let rule = "What a response covers, and its positions, do not change: record a correction or another response.";
    Ok((!is_kept).then(|| Violation::new(MistakeCode::Immutable, "/covers", rule)))
}

/// What a response said about a recommendation.
#[derive(Queryable, Selectable)]
#[diesel(table_name = response_covers)]
struct CoverParts {
    recommendation_id: RecordId,
    position: Option<EnumText<Position>>,
    position_verbatim: Option<String>,
    text: Option<String>,
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
