//! The responses, progress updates and assessments under a recommendation, and what follows from them for an obligation.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;
use diesel::result::QueryResult;
use diesel::sql_types::{Date, Nullable, Text, Timestamp};

use super::model::{AssessmentStatus, ImplementationStatus, ObligationRow, Position};
use crate::platform::db::{DbConnection, EnumText, Sql};
use crate::platform::identity::RecordId;
use crate::platform::states::PublicationState;
use crate::tracking::responses::model::{Publication, ResponseKind};

/// A response that covers a recommendation, once per organisation or group that it is for.
#[derive(Clone, Debug, QueryableByName)]
struct CoveringResponseRow {
    #[diesel(sql_type = Text)]
    state: PublicationState,
    #[diesel(sql_type = Timestamp)]
    updated_at: NaiveDateTime,
    #[diesel(sql_type = Text)]
    responder_id: RecordId,
    #[diesel(sql_type = Text)]
    kind: EnumText<ResponseKind>,
    #[diesel(sql_type = Nullable<Date>)]
    received_on: Option<NaiveDate>,
    #[diesel(sql_type = Date)]
    published_on: NaiveDate,
    #[diesel(sql_type = Text)]
    publication: EnumText<Publication>,
    #[diesel(sql_type = Nullable<Text>)]
    position: Option<EnumText<Position>>,
    #[diesel(sql_type = Nullable<Text>)]
    position_verbatim: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    organisation_id: Option<RecordId>,
    #[diesel(sql_type = Nullable<Text>)]
    group_id: Option<RecordId>,
}

/// The status of one addressee, from a progress update or an assessment.
#[derive(Clone, Debug, QueryableByName)]
struct StatusRow<T> {
    #[diesel(sql_type = Text)]
    state: PublicationState,
    #[diesel(sql_type = Timestamp)]
    updated_at: NaiveDateTime,
    #[diesel(sql_type = Text)]
    organisation_id: RecordId,
    #[diesel(sql_type = Text)]
    status: EnumText<T>,
    #[diesel(sql_type = Text)]
    as_at: String,
}

impl CoveringResponseRow {
    /// The day it was received, or published if the day of receipt is not known.
    fn day(&self) -> NaiveDate {
        self.received_on.unwrap_or(self.published_on)
    }
}

/// The responses, progress updates and assessments under one recommendation.
#[derive(Debug)]
pub struct RecommendationRecords {
    /// Whether the addressees owe one joint response, so that any response counts for all of them.
    is_joint: bool,
    responses: Vec<CoveringResponseRow>,
    updates: Vec<StatusRow<ImplementationStatus>>,
    assessments: Vec<StatusRow<AssessmentStatus>>,
}

impl RecommendationRecords {
    /// Loads the records, oldest first.
    ///
    /// # Errors
    /// When a query fails.
    pub fn load(
        connection: &mut DbConnection,
        recommendation: RecordId,
        is_joint: bool,
    ) -> QueryResult<Self> {
        let mut responses = Sql::new(
            "SELECT r.state, r.updated_at, r.responder_id, r.kind, r.received_on, r.published_on, r.publication, c.position, c.position_verbatim, \
             a.organisation_id, a.group_id FROM response_covers c JOIN responses r ON r.id = c.response_id \
             JOIN response_respondents a ON a.response_id = r.id WHERE c.recommendation_id = ",
        );
        responses.bind(recommendation);
        responses.push(" ORDER BY r.published_on, r.id, a.place");
        let statuses = |table: &'static str| {
            let mut sql = Sql::new(
                "SELECT w.state, w.updated_at, w.organisation_id, w.status, w.as_at FROM ",
            );
            sql.push(table)
                .push(" w WHERE w.recommendation_id = ")
                .bind(recommendation);
            sql.push(" ORDER BY w.as_at, w.change_seq");
            sql
        };
        Ok(Self {
            is_joint,
            responses: responses.load(connection)?,
            updates: statuses("progress_updates").load(connection)?,
            assessments: statuses("assessments").load(connection)?,
        })
    }

    /// Sets the columns of an obligation that follow from these records.
    pub fn apply(&self, row: &mut ObligationRow) {
        self.apply_responses(row);
        let update = newest(&self.updates, row);
        row.implementation_status = update.map(|update| update.status).unwrap_or_default();
        row.implementation_as_at = update.map(|update| update.as_at.clone());
        let assessment = newest(&self.assessments, row);
        row.assessment_status = assessment
            .map(|assessment| assessment.status)
            .unwrap_or_default();
        row.assessment_as_at = assessment.map(|assessment| assessment.as_at.clone());
    }

    fn apply_responses(&self, row: &mut ObligationRow) {
        let for_addressee = self.responses.iter().filter(|response| {
            self.is_joint
                || response.organisation_id == Some(row.organisation_id)
                || (response.group_id.is_some() && response.group_id == row.via_group_id)
        });
        let for_addressee: Vec<&CoveringResponseRow> = for_addressee.collect();
        let changes = for_addressee.iter().map(|response| response.updated_at);
        row.updated_at = changes.fold(row.updated_at, Ord::max);
        let (holding, full): (Vec<&CoveringResponseRow>, Vec<&CoveringResponseRow>) = for_addressee
            .into_iter()
            .filter(|response| response.state == PublicationState::Published)
            .partition(|response| response.kind.0 == ResponseKind::Holding);
        let first = full.iter().min_by_key(|response| response.day());
        // a later position replaces an earlier one; a response without a position does not
        let with_position = full.iter().rfind(|response| response.position.is_some());
        row.has_holding_reply = !holding.is_empty();
        row.is_answered = first.is_some();
        row.answered_on = first.map(|response| response.day());
        row.is_receipt_known = first.is_some_and(|response| response.received_on.is_some());
        let mut responders = full.iter().map(|response| response.responder_id);
        row.is_collective = row.is_answered && responders.all(|id| *id != *row.organisation_id);
        let mut publications = full.iter().map(|response| response.publication.0);
        row.is_withheld = row.is_answered && publications.all(|how| how == Publication::Withheld);
        row.position = with_position.and_then(|response| response.position);
        row.position_verbatim =
            with_position.and_then(|response| response.position_verbatim.clone());
    }
}

/// The newest published status of the addressee of an obligation. `updated_at` takes all of the addressee's statuses
/// into account.
fn newest<'a, T>(all: &'a [StatusRow<T>], row: &mut ObligationRow) -> Option<&'a StatusRow<T>> {
    let of_addressee: Vec<&StatusRow<T>> = all
        .iter()
        .filter(|status| status.organisation_id == row.organisation_id)
        .collect();
    let changes = of_addressee.iter().map(|status| status.updated_at);
    row.updated_at = changes.fold(row.updated_at, Ord::max);
    of_addressee
        .into_iter()
        .rfind(|status| status.state == PublicationState::Published)
}
