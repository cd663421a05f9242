//! What was recorded of the obligations under a recommendation, gathered from where it stands.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;
use diesel::result::QueryResult;
use diesel::sql_types::{Date, Nullable, Text, Timestamp};

use super::model::ObligationRow;
use crate::platform::db::{DbConnection, Sql};
use crate::platform::states::PublicationState;

/// A response that answers a recommendation, once for each organisation or group that it is for.
#[derive(Clone, Debug, QueryableByName)]
struct AnswerRow {
    #[diesel(sql_type = Text)]
    state: PublicationState,
    #[diesel(sql_type = Timestamp)]
    updated_at: NaiveDateTime,
    #[diesel(sql_type = Text)]
    responder_id: String,
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = Nullable<Date>)]
    received_on: Option<NaiveDate>,
    #[diesel(sql_type = Date)]
    published_on: NaiveDate,
    #[diesel(sql_type = Text)]
    publication: String,
    #[diesel(sql_type = Nullable<Text>)]
    position: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    position_verbatim: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    organisation_id: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    group_id: Option<String>,
}

/// What was said of one addressee, by itself or by the recommender.
#[derive(Clone, Debug, QueryableByName)]
struct WordRow {
    #[diesel(sql_type = Text)]
    state: PublicationState,
    #[diesel(sql_type = Timestamp)]
    updated_at: NaiveDateTime,
    #[diesel(sql_type = Text)]
    organisation_id: String,
    #[diesel(sql_type = Text)]
    status: String,
    #[diesel(sql_type = Text)]
    as_at: String,
}

impl AnswerRow {
    fn day(&self) -> NaiveDate {
        self.received_on.unwrap_or(self.published_on)
    }
}

/// Everything that was recorded under one recommendation.
#[derive(Debug, Default)]
pub struct Gathered {
    /// Whether all addressees owe one answer: whoever gives it answers for all.
    is_joint: bool,
    answers: Vec<AnswerRow>,
    updates: Vec<WordRow>,
    assessments: Vec<WordRow>,
}

impl Gathered {
    /// Gathers it, oldest first.
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
        let mut words = |text: &'static str| {
            let mut sql = Sql::new(text);
            sql.bind(recommendation)
                .push(" ORDER BY w.as_at, w.change_seq");
            sql.load::<WordRow>(connection)
        };
        Ok(Self {
            is_joint,
            answers,
            updates: words(
                "SELECT w.state, w.updated_at, w.organisation_id, w.status, w.as_at FROM progress_updates w WHERE w.recommendation_id = ",
            )?,
            assessments: words(
                "SELECT w.state, w.updated_at, w.organisation_id, w.status, w.as_at FROM assessments w WHERE w.recommendation_id = ",
            )?,
        })
    }

    /// Whether anything is on record of an organisation.
    pub fn holds(&self, organisation: &str) -> bool {
        let words = self.updates.iter().chain(&self.assessments);
        words.into_iter().any(|word| {
            word.organisation_id == organisation && word.state == PublicationState::Published
        })
    }

    /// The row with what was recorded of it.
    pub fn apply(&self, row: ObligationRow) -> ObligationRow {
        let mut row = self.apply_answers(row);
        let (mut update, mut assessment) = (None, None);
        for (words, newest) in [
            (&self.updates, &mut update),
            (&self.assessments, &mut assessment),
        ] {
            for word in words
                .iter()
                .filter(|word| word.organisation_id == row.organisation_id)
            {
                row.updated_at = row.updated_at.max(word.updated_at);
                if word.state == PublicationState::Published {
                    *newest = Some(word);
                }
            }
        }
        let status = |word: Option<&WordRow>, none: &str| match word {
            Some(word) => (word.status.clone(), Some(word.as_at.clone())),
            None => (none.to_owned(), None),
        };
        (row.implementation_status, row.implementation_as_at) = status(update, "unknown");
        (row.assessment_status, row.assessment_as_at) = status(assessment, "not_assessed");
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
            .partition(|answer| answer.kind == "holding");
        let first = answers.iter().min_by_key(|answer| answer.day());
        // a later word replaces an earlier one; one that takes no position leaves it
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
                .all(|answer| answer.publication == "withheld");
        row.position = stance.and_then(|answer| answer.position.clone());
        row.position_verbatim = stance.and_then(|answer| answer.position_verbatim.clone());
        row
    }
}
