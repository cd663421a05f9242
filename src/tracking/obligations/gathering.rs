//! Loads what was recorded for the obligations under a recommendation.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;
use diesel::result::QueryResult;
use diesel::sql_types::{Date, Nullable, Text, Timestamp};

use super::model::{AssessmentStatus, ImplementationStatus, ObligationRow, Position};
use crate::platform::db::{DbConnection, EnumText, Sql};
use crate::platform::states::PublicationState;
use crate::tracking::responses::model::{Publication, ResponseKind};

/// A response that covers a recommendation, once per organisation or group that it is for.
#[derive(Clone, Debug, QueryableByName)]
struct AnswerRow {
    #[diesel(sql_type = Text)]
    state: PublicationState,
    #[diesel(sql_type = Timestamp)]
    updated_at: NaiveDateTime,
    #[diesel(sql_type = Text)]
    responder_id: String,
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
    organisation_id: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    group_id: Option<String>,
}

/// The status of one addressee, from a progress update or an assessment.
#[derive(Clone, Debug, QueryableByName)]
struct StatusRow<T> {
    #[diesel(sql_type = Text)]
    state: PublicationState,
    #[diesel(sql_type = Timestamp)]
    updated_at: NaiveDateTime,
    #[diesel(sql_type = Text)]
    organisation_id: String,
    #[diesel(sql_type = Text)]
    status: EnumText<T>,
    #[diesel(sql_type = Text)]
    as_at: String,
}

impl AnswerRow {
    fn day(&self) -> NaiveDate {
        self.received_on.unwrap_or(self.published_on)
    }
}

/// Everything recorded under one recommendation.
#[derive(Debug, Default)]
pub struct Gathered {
    /// Whether the addressees owe one joint response, so that any response counts for all of them.
    is_joint: bool,
    answers: Vec<AnswerRow>,
    updates: Vec<StatusRow<ImplementationStatus>>,
    assessments: Vec<StatusRow<AssessmentStatus>>,
}

impl Gathered {
    /// Loads everything, oldest first.
    ///
    /// # Errors
    /// When a query fails.
    pub fn load(
        connection: &mut DbConnection,
        recommendation: &str,
        is_joint: bool,
    ) -> QueryResult<Self> {
        let mut sql = Sql::new(
            "SELECT r.state, r.updated_at, r.responder_id, r.kind, r.received_on, r.published_on, r.publication, c.position, c.position_verbatim, \
             a.organisation_id, a.group_id FROM response_covers c JOIN responses r ON r.id = c.response_id \
             JOIN response_respondents a ON a.response_id = r.id WHERE c.recommendation_id = ",
        );
        sql.bind(recommendation);
        sql.push(" ORDER BY r.published_on, r.id, a.place");
        let answers = sql.load(connection)?;
        let said = |text: &'static str| {
            let mut sql = Sql::new(text);
            sql.bind(recommendation)
                .push(" ORDER BY w.as_at, w.change_seq");
            sql
        };
        Ok(Self {
            is_joint,
            answers,
            updates: said(
                "SELECT w.state, w.updated_at, w.organisation_id, w.status, w.as_at FROM progress_updates w WHERE w.recommendation_id = ",
            )
            .load(connection)?,
            assessments: said(
                "SELECT w.state, w.updated_at, w.organisation_id, w.status, w.as_at FROM assessments w WHERE w.recommendation_id = ",
            )
            .load(connection)?,
        })
    }

    /// Whether there is a progress update or assessment for an organisation.
    pub fn holds(&self, organisation: &str) -> bool {
        let has = |id: &str, state| id == organisation && state == PublicationState::Published;
        let updates = self
            .updates
            .iter()
            .map(|one| (&one.organisation_id, one.state));
        let assessments = self.assessments.iter();
        let assessments = assessments.map(|one| (&one.organisation_id, one.state));
        let mut all = updates.chain(assessments);
        all.any(|(id, state)| has(id, state))
    }

    /// The row, with the values that follow from what was recorded.
    pub fn apply(&self, row: ObligationRow) -> ObligationRow {
        let mut row = self.apply_answers(row);
        let update = newest(&self.updates, &mut row);
        let assessment = newest(&self.assessments, &mut row);
        row.implementation_status =
            EnumText(update.map_or_else(Default::default, |one| one.status.0));
        row.implementation_as_at = update.map(|one| one.as_at.clone());
        row.assessment_status =
            EnumText(assessment.map_or_else(Default::default, |one| one.status.0));
        row.assessment_as_at = assessment.map(|one| one.as_at.clone());
        row
    }

    fn apply_answers(&self, mut row: ObligationRow) -> ObligationRow {
        let concerns = |answer: &&AnswerRow| {
            self.is_joint
                || answer.organisation_id.as_ref() == Some(&row.organisation_id)
                || (answer.group_id.is_some() && answer.group_id == row.via_group_id)
        };
        let changed = self.answers.iter().filter(concerns);
        row.updated_at = changed.fold(row.updated_at, |latest, answer| {
            latest.max(answer.updated_at)
        });
        let (holding, answers): (Vec<&AnswerRow>, Vec<&AnswerRow>) = self
            .answers
            .iter()
            .filter(concerns)
            .filter(|answer| answer.state == PublicationState::Published)
            .partition(|answer| answer.kind.0 == ResponseKind::Holding);
        let first = answers.iter().min_by_key(|answer| answer.day());
        // a later position replaces an earlier one; a response without a position does not
        let stance = answers
            .iter()
            .rev()
            .find(|answer| answer.position.is_some());
        let of_others = |answer: &&&AnswerRow| answer.responder_id != row.organisation_id;
        row.is_collective =
            !answers.is_empty() && answers.iter().filter(of_others).count() == answers.len();
        row.has_holding_reply = !holding.is_empty();
        row.is_answered = first.is_some();
        row.answered_on = first.map(|answer| answer.day());
        row.is_receipt_known = first.is_some_and(|answer| answer.received_on.is_some());
        row.is_withheld = !answers.is_empty()
            && answers
                .iter()
                .all(|answer| answer.publication.0 == Publication::Withheld);
        row.position = stance.and_then(|answer| answer.position);
        row.position_verbatim = stance.and_then(|answer| answer.position_verbatim.clone());
        row
    }
}

/// The newest published status of the addressee of an obligation. `updated_at` takes all of the addressee's statuses
/// into account.
fn newest<'a, T>(all: &'a [StatusRow<T>], row: &mut ObligationRow) -> Option<&'a StatusRow<T>> {
    let mut newest = None;
    for one in all {
        if one.organisation_id == row.organisation_id {
            row.updated_at = row.updated_at.max(one.updated_at);
            if one.state == PublicationState::Published {
                newest = Some(one);
            }
        }
    }
    newest
}
