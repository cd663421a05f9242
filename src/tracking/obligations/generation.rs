//! Generates obligations from the addressees of a recommendation. Repeating it changes nothing and never loses recorded
//! data.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;
use diesel::result::QueryResult;
use std::collections::{HashMap, HashSet};

use super::loading::StoredRecommendations;
use super::model::{ObligationDetails, ObligationRow, Statements};
use super::records::RecommendationRecords;
use super::representation::AddressedBody;
use super::spans::DatedObligation;
use super::storing::{self, StoredSpans};
use super::transfers::{inherited, taken_over};
use crate::log::Writer;
use crate::platform::db::schema::recommendations::dsl;
use crate::platform::db::{DbConnection, EnumText, Json};
use crate::platform::identity::RecordId;
use crate::platform::states::PublicationState;
use crate::platform::time::LAST_DAY;
use crate::platform::values::derived_id;
use crate::resources::deadlines::terms::{self, Deadline, DeadlineRevision};
use crate::resources::recommendations::model::{RecommendationRow, ResponseRequirement};

/// The id of an organisation's obligation under a recommendation: a version 8 UUID (RFC 9562, 5.8) derived from both
/// ids, so it is always and everywhere the same.
pub fn id(recommendation: RecordId, organisation: RecordId) -> RecordId {
    derived_id(&format!("obligation {recommendation} {organisation}"))
}

/// What all obligations of a recommendation share.
struct SharedTerms {
    recommendation: RecommendationRow,
    report_checked_on: Option<NaiveDate>,
    /// When the recommendation, or the data of its report that applies to all addressees, last changed.
    updated_at: NaiveDateTime,
    deadlines: Vec<Deadline>,
    requirement: ResponseRequirement,
    records: RecommendationRecords,
}

impl SharedTerms {
    fn load(
        connection: &mut DbConnection,
        stored: &StoredRecommendations,
        id: RecordId,
        addressees: Vec<AddressedBody>,
        transferred: HashMap<RecordId, NaiveDate>,
    ) -> QueryResult<Self> {
        let (recommendation, report) = stored.find(id)?;
        let updated_at = match report.responses_checked_on {
            Some(_) => recommendation.updated_at.max(report.updated_at),
            None => recommendation.updated_at,
        };
        let deadlines = terms::of_recommendation(
            &recommendation.deadlines,
            recommendation.stated_due_on,
            recommendation.published_on,
        );
        // a deadline implies that a response is requested
        let implied = match Deadline::for_response(&deadlines) {
            Some(_) => ResponseRequirement::Requested,
            None => ResponseRequirement::Unknown,
        };
        let stated = recommendation.response_requirement;
        Ok(Self {
            report_checked_on: report.responses_checked_on,
            updated_at,
            deadlines,
            requirement: stated.map_or(implied, |value| value.0),
            records: match stored.is_spoken_of(id) {
                true => RecommendationRecords::load(
                    connection,
                    recommendation,
                    report.published_on,
                    addressees,
                    transferred,
                )?,
                false => RecommendationRecords::none(recommendation, addressees, transferred),
            },
            recommendation: recommendation.clone(),
        })
    }

    /// The obligation of an organisation from a day on, given the span stored last, if any.
    fn obligation(
        &self,
        addressee: AddressedBody,
        before: Option<&ObligationRow>,
        inherited: &[DeadlineRevision],
        begins_on: NaiveDate,
    ) -> QueryResult<Vec<ObligationRow>> {
        let tracked = match before {
            Some(row) => row.tracked.clone(),
            None => Json::new(ObligationDetails::default())?,
        };
        let facts = self.records.about(addressee);
        let recorded_at = tracked.recorded_at.max(facts.changed_at);
        let row = ObligationRow {
            id: id(self.recommendation.id, addressee.id),
            state: self.recommendation.state,
            revision: before.map_or(0, |row| row.revision),
            change_seq: before.map_or(0, |row| row.change_seq),
            created_at: before.map_or(self.recommendation.created_at, |row| row.created_at),
            updated_at: self.updated_at.max(recorded_at.unwrap_or_default()),
            recommendation_id: self.recommendation.id,
            organisation_id: addressee.id,
            report_id: self.recommendation.report_id,
            via_group_id: addressee.via_group,
            response_requirement: EnumText(self.requirement),
            checked_on: self.report_checked_on.max(tracked.checked_on),
            tracked,
            // the others are set for each span
            deadlines: Json::new(Vec::new())?,
            due_on: None,
            due_key: LAST_DAY,
            is_extended: false,
            transferred_to_id: None,
            is_answered: false,
            answered_on: None,
            is_receipt_known: false,
            is_withheld: false,
            has_holding_reply: false,
            is_collective: false,
            position: None,
            implementation_status: EnumText::default(),
            implementation_as_at: None,
            assessment_status: EnumText::default(),
            assessment_as_at: None,
            statements: Json::new(Statements::default())?,
            from_on: begins_on,
            until_on: LAST_DAY,
        };
        let obligation = DatedObligation {
            row,
            deadlines: &self.deadlines,
            inherited,
            facts,
        };
        obligation.spans()
    }

    /// The obligation of an organisation that is no longer addressed.
    fn withdrawn(
        &self,
        addressee: AddressedBody,
        before: Option<&ObligationRow>,
    ) -> QueryResult<Vec<ObligationRow>> {
        let begins_on = self.recommendation.published_on;
        let mut spans = self.obligation(addressee, before, &[], begins_on)?;
        for span in &mut spans {
            span.state = PublicationState::Withdrawn;
        }
        Ok(spans)
    }
}

/// How many recommendations are read at once.
const AT_ONCE: usize = 100;

/// Updates the obligations of recommendations to match their addressees, their deadlines, their reports and what was
/// recorded.
///
/// # Errors
/// When a query fails.
pub fn generate(
    connection: &mut DbConnection,
    recommendations: impl IntoIterator<Item = RecordId>,
) -> QueryResult<()> {
    let recommendations: Vec<RecordId> = recommendations.into_iter().collect();
    for ids in recommendations.chunks(AT_ONCE) {
        let mut stored = StoredRecommendations::load(connection, ids)?;
        let mut new = Vec::new();
        for id in ids {
            generate_of(connection, &mut stored, *id, &mut new)?;
        }
        storing::insert(connection, new)?;
    }
    Ok(())
}

/// Updates the obligations of one recommendation. Those to insert are added to `new`.
fn generate_of(
    connection: &mut DbConnection,
    stored: &mut StoredRecommendations,
    recommendation: RecordId,
    new: &mut Vec<ObligationRow>,
) -> QueryResult<()> {
    let mut addressees = stored.take_addressed(recommendation);
    let former = stored.take_former(recommendation);
    let mut spans = stored.take_spans(recommendation);
    let published_on = stored.find(recommendation)?.0.published_on;
    let taken_over = taken_over(&addressees, &spans.last, published_on);
    let successor = |id: &RecordId| AddressedBody {
        id: *id,
        via_group: None,
    };
    addressees.extend(taken_over.keys().map(successor));
    let transferred = spans.last.values().filter_map(|row| {
        let (_, day) = row.tracked.transfer()?;
        Some((row.organisation_id, day))
    });
    let transferred: HashMap<RecordId, NaiveDate> = transferred.collect();
    let bodies = addressees.clone();
    let terms = SharedTerms::load(connection, stored, recommendation, bodies, transferred)?;
    let addressed: HashSet<RecordId> = addressees.iter().map(|addressee| addressee.id).collect();
    let inherited: HashMap<RecordId, Vec<DeadlineRevision>> = taken_over
        .keys()
        .map(|id| (*id, inherited(&spans.last, *id)))
        .collect();
    for addressee in addressees {
        let id = addressee.id;
        let inherited = inherited.get(&id).map(Vec::as_slice).unwrap_or_default();
        let begins_on = taken_over.get(&id).copied().unwrap_or(published_on);
        let before = spans.last.get(&id);
        let obligation = terms.obligation(addressee, before, inherited, begins_on)?;
        new.extend(spans.replace(connection, id, obligation)?);
    }
    // that of an organisation which was addressed in public, or of which anything is recorded, stays as withdrawn
    for former in former {
        if addressed.contains(&former.id) {
            continue; // it took over an obligation
        }
        let withdrawn = terms.withdrawn(former, spans.last.get(&former.id))?;
        new.extend(spans.replace(connection, former.id, withdrawn)?);
    }
    new.extend(withdraw_others(connection, &terms, spans)?);
    Ok(())
}

/// Withdraws the obligations of organisations that are not addressed any more, or deletes them. Returns spans to insert.
fn withdraw_others(
    connection: &mut DbConnection,
    terms: &SharedTerms,
    mut spans: StoredSpans,
) -> QueryResult<Vec<ObligationRow>> {
    let mut new = Vec::new();
    let is_erased = terms.recommendation.state == PublicationState::Erased;
    let others: Vec<ObligationRow> = spans.last.values().cloned().collect();
    for before in others {
        let addressee = AddressedBody::of(&before);
        let withdrawn = terms.withdrawn(addressee, Some(&before))?;
        let is_on_record = withdrawn.last().is_some_and(is_on_record) && !is_erased;
        // of what was erased, the log knows only the obligations that it has entries of
        let kept = match before.revision > 0 || is_on_record {
            true => withdrawn,
            false => Vec::new(),
        };
        new.extend(spans.replace(connection, addressee.id, kept)?);
    }
    Ok(new)
}

/// Stores the obligation of an organisation of which the log has an entry, but which is not addressed in the replay: the
/// addressees were erased.
///
/// # Errors
/// When a query fails.
pub fn restore(
    connection: &mut DbConnection,
    recommendation: RecordId,
    organisation: RecordId,
) -> QueryResult<()> {
    let addressee = AddressedBody {
        id: organisation,
        via_group: None,
    };
    let stored = StoredRecommendations::load(connection, &[recommendation])?;
    let (bodies, nothing) = (vec![addressee], HashMap::new());
    let terms = SharedTerms::load(connection, &stored, recommendation, bodies, nothing)?;
    let spans = terms.withdrawn(addressee, None)?;
    storing::insert(connection, spans)
}

/// Whether anything was recorded by or about the addressee of an obligation.
fn is_on_record(row: &ObligationRow) -> bool {
    row.is_answered
        || row.has_holding_reply
        || row.implementation_as_at.is_some()
        || row.assessment_as_at.is_some()
        || !row.statements.claims.is_empty()
}

/// Updates the obligations of all recommendations that this write has touched.
///
/// # Errors
/// When a query fails.
pub fn generate_touched(writer: &mut Writer<'_>) -> QueryResult<()> {
    let touched = writer.take_touched();
    generate(writer.connection, touched)
}

/// Updates all obligations, in a database of an older version.
///
/// # Errors
/// When a query fails.
pub fn generate_all(connection: &mut DbConnection) -> QueryResult<()> {
    let all: Vec<RecordId> = dsl::recommendations.select(dsl::id).load(connection)?;
    generate(connection, all)
}
