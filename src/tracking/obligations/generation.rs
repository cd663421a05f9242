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
use super::transfers::{inherited, taken_over};
use crate::log::Writer;
use crate::platform::db::schema::obligations;
use crate::platform::db::schema::recommendations::dsl;
use crate::platform::db::{DbConnection, EnumText, Json, insert_all};
use crate::platform::identity::{Key, RecordId};
use crate::platform::states::PublicationState;
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

    /// The obligation of an organisation, given the row stored before, if any.
    fn obligation(
        &self,
        addressee: AddressedBody,
        before: Option<&ObligationRow>,
        inherited: &[DeadlineRevision],
    ) -> QueryResult<ObligationRow> {
        let tracked = match before {
            Some(row) => row.tracked.clone(),
            None => Json::new(ObligationDetails::default())?,
        };
        let deadlines = self.deadlines.iter().cloned();
        let revisions = [inherited, &tracked.revisions].concat();
        let deadlines = deadlines.map(|deadline| deadline.revised(&revisions));
        let deadlines: Vec<Deadline> = deadlines.collect();
        let response = Deadline::for_response(&deadlines);
        let due_on = response.and_then(|deadline| deadline.due_on);
        let id = id(self.recommendation.id, addressee.id);
        let mut row = ObligationRow {
            slug: id.into(),
            id,
            state: self.recommendation.state,
            revision: before.map_or(0, |row| row.revision),
            change_seq: before.map_or(0, |row| row.change_seq),
            created_at: before.map_or(self.recommendation.created_at, |row| row.created_at),
            updated_at: self.updated_at.max(tracked.recorded_at.unwrap_or_default()),
            recommendation_id: self.recommendation.id,
            organisation_id: addressee.id,
            report_id: self.recommendation.report_id,
            via_group_id: addressee.via_group,
            number_key: self.recommendation.number_key.clone(),
            response_requirement: EnumText(self.requirement),
            due_on,
            due_key: due_on.unwrap_or(LAST_DAY),
            is_extended: response.is_some_and(Deadline::is_extended),
            deadlines: Json::new(deadlines)?,
            checked_on: self.report_checked_on.max(tracked.checked_on),
            transferred_to_id: Key::optional(tracked.transferred_to.as_ref())?,
            tracked,
            // what follows from the records is set below
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
        };
        self.records.apply(&mut row)?;
        Ok(row)
    }

    /// The obligation of an organisation that is no longer addressed.
    fn withdrawn(
        &self,
        addressee: AddressedBody,
        before: Option<&ObligationRow>,
    ) -> QueryResult<ObligationRow> {
        Ok(ObligationRow {
            state: PublicationState::Withdrawn,
            ..self.obligation(addressee, before, &[])?
        })
    }
}

/// How many recommendations are read at once.
const AT_ONCE: usize = 100;

/// The last date that both databases and every client can represent.
const LAST_DAY: NaiveDate = match NaiveDate::from_ymd_opt(9999, 12, 31) {
    Some(day) => day,
    None => NaiveDate::MAX,
};

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
        insert(connection, new)?;
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
    let existing = stored.take_obligations(recommendation);
    let former = stored.take_former(recommendation);
    let taken_over = taken_over(&addressees, &existing);
    let successor = |id: &RecordId| AddressedBody {
        id: *id,
        via_group: None,
    };
    addressees.extend(taken_over.iter().map(successor));
    let transferred = existing.iter().filter_map(|row| {
        row.tracked.successor()?;
        Some((row.organisation_id, row.tracked.transferred_on?))
    });
    let transferred: HashMap<RecordId, NaiveDate> = transferred.collect();
    let existing = existing.into_iter().map(|row| (row.organisation_id, row));
    let mut existing: HashMap<RecordId, ObligationRow> = existing.collect();
    let bodies = addressees.clone();
    let terms = SharedTerms::load(connection, stored, recommendation, bodies, transferred)?;
    let addressed: HashSet<RecordId> = addressees.iter().map(|addressee| addressee.id).collect();
    let inherited: Vec<Vec<DeadlineRevision>> = addressees
        .iter()
        .map(|addressee| match taken_over.contains(&addressee.id) {
            true => inherited(&existing, addressee.id),
            false => Vec::new(),
        })
        .collect();
    for (addressee, inherited) in addressees.into_iter().zip(inherited) {
        let before = existing.remove(&addressee.id);
        let row = terms.obligation(addressee, before.as_ref(), &inherited)?;
        store(connection, before.as_ref(), row, new)?;
    }
    let is_erased = terms.recommendation.state == PublicationState::Erased;
    // that of an organisation which was addressed in public, or of which anything is recorded, stays as withdrawn
    for former in former {
        if addressed.contains(&former.id) {
            continue; // it took over an obligation
        }
        let before = existing.remove(&former.id);
        let row = terms.withdrawn(former, before.as_ref())?;
        store(connection, before.as_ref(), row, new)?;
    }
    for before in existing.into_values() {
        let addressee = AddressedBody::of(&before);
        let row = terms.obligation(addressee, Some(&before), &[])?;
        // of what was erased, the log knows only the obligations that it has entries of
        if row.revision > 0 || (is_on_record(&row) && !is_erased) {
            let row = terms.withdrawn(addressee, Some(&before))?;
            store(connection, Some(&before), row, new)?;
        } else {
            diesel::delete(obligations::table.find(row.id)).execute(connection)?;
        }
    }
    Ok(())
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
    let row = terms.withdrawn(addressee, None)?;
    insert(connection, vec![row])
}

/// Updates a row if it has changed; one that is not there is added to `new`.
fn store(
    connection: &mut DbConnection,
    before: Option<&ObligationRow>,
    row: ObligationRow,
    new: &mut Vec<ObligationRow>,
) -> QueryResult<()> {
    if before.is_none() {
        new.push(row);
    } else if before != Some(&row) {
        diesel::update(obligations::table.find(row.id))
            .set(&row)
            .execute(connection)?;
    }
    Ok(())
}

fn insert(connection: &mut DbConnection, rows: Vec<ObligationRow>) -> QueryResult<()> {
    insert_all(connection, rows, |rows| {
        diesel::insert_into(obligations::table).values(rows)
    })
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
