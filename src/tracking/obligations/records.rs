//! The responses, progress updates and assessments under a recommendation, and which of them are about an obligation.
//!
//! An addressee's answer is its own word, or that of a body which has its mandate. What anybody else says in its name or
//! of its progress is a claim, shown beside and changing nothing.

use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::result::QueryResult;
use std::collections::HashMap;

use super::facts::Facts;
use super::model::AssessmentStatus;
use super::representation::{AddressedBody, Representation};
use super::said::{CoveringResponseRow, StatusRow, UpdateRow};
use crate::platform::db::{DbConnection, EnumText, Sql};
use crate::platform::identity::RecordId;
use crate::resources::recommendations::model::{RecommendationRow, Reply};

/// The responses, progress updates and assessments under one recommendation.
#[derive(Debug)]
pub struct RecommendationRecords {
    /// Whether the addressees owe one joint response, so that the response of one counts for all of them.
    is_joint: bool,
    addressees: Vec<AddressedBody>,
    /// When addressees transferred their obligations: from that day on, they answer for nobody.
    transferred: HashMap<RecordId, NaiveDate>,
    representation: Representation,
    responses: Vec<CoveringResponseRow>,
    updates: Vec<UpdateRow>,
    assessments: Vec<StatusRow<AssessmentStatus>>,
}

impl RecommendationRecords {
    /// Of a recommendation under which nothing was said.
    pub fn none(
        recommendation: &RecommendationRow,
        addressees: Vec<AddressedBody>,
        transferred: HashMap<RecordId, NaiveDate>,
    ) -> Self {
        Self {
            is_joint: is_joint(recommendation),
            addressees,
            transferred,
            representation: Representation::default(),
            responses: Vec::new(),
            updates: Vec::new(),
            assessments: Vec::new(),
        }
    }

    /// Loads the records, oldest first, under a recommendation to these addressees in a report of this day.
    ///
    /// # Errors
    /// When a query fails.
    pub fn load(
        connection: &mut DbConnection,
        recommendation: &RecommendationRow,
        reported_on: NaiveDate,
        addressees: Vec<AddressedBody>,
        transferred: HashMap<RecordId, NaiveDate>,
    ) -> QueryResult<Self> {
        let mut responses = Sql::new(
            "SELECT r.id, r.state, r.created_at, r.updated_at, r.responder_id, r.kind, r.received_on, r.published_on, \
             r.recorded_by, r.publication, c.position, c.position_verbatim, a.organisation_id, a.group_id \
             FROM response_covers c JOIN responses r ON r.id = c.response_id \
             JOIN response_respondents a ON a.response_id = r.id WHERE c.recommendation_id = ",
        );
        responses.bind(recommendation.id);
        responses.push(" ORDER BY r.published_on, r.sequence, r.created_at, r.id, a.place");
        let statuses = |select: &'static str, table: &'static str| {
            let mut sql = Sql::new("SELECT ");
            sql.push(select)
                .push("w.state, w.created_at, w.updated_at, w.recorded_by, w.organisation_id, w.status, w.as_at FROM ");
            sql.push(table)
                .push(" w WHERE w.recommendation_id = ")
                .bind(recommendation.id);
            sql.push(" ORDER BY w.as_at, w.created_at, w.id");
            sql
        };
        let of_update = "w.id, w.author_id, w.published_on, ";
        let responses: Vec<CoveringResponseRow> = responses.load(connection)?;
        let updates: Vec<UpdateRow> = statuses(of_update, "progress_updates").load(connection)?;
        let responders = responses.iter().map(|response| response.responder_id);
        let authors = updates
            .iter()
            .filter(|update| update.author_id != update.about.organisation_id);
        let speakers = responders.chain(authors.map(|update| update.author_id));
        let groups = responses.iter().filter_map(|response| response.group_id);
        let report = recommendation.report_id;
        Ok(Self {
            is_joint: is_joint(recommendation),
            representation: Representation::load(
                connection,
                report,
                reported_on,
                speakers.collect(),
                groups.collect(),
            )?,
            addressees,
            transferred,
            assessments: statuses("", "assessments").load(connection)?,
            responses,
            updates,
        })
    }

    /// What was said about the obligation of an addressee.
    pub fn about(&self, addressee: AddressedBody) -> Facts<'_> {
        let mut facts = Facts::of(addressee.id);
        let is_joint_answer = |response: &CoveringResponseRow| {
            self.is_joint
                && self
                    .addressees
                    .iter()
                    .any(|one| self.is_answer(response, one) && !self.has_left(one, response))
        };
        for response in &self.responses {
            let (named, group) = (response.organisation_id, response.group_id);
            if self.is_answer(response, &addressee) || is_joint_answer(response) {
                facts.add_answer(response);
            } else if self.representation.names(named, group, &addressee) {
                facts.add_other(response);
            }
        }
        for update in &self.updates {
            if update.about.organisation_id == addressee.id {
                let (author, day) = (update.author_id, update.said_on());
                let is_own_word = self.representation.speaks_for(author, &addressee, day);
                facts.add_update(update, is_own_word);
            }
        }
        let assessments = self.assessments.iter();
        for assessment in assessments.filter(|one| one.organisation_id == addressee.id) {
            facts.add_assessment(assessment);
        }
        facts
    }

    /// Whether a response is its addressee's answer, because it gave it itself or by somebody with its mandate.
    fn is_answer(&self, response: &CoveringResponseRow, addressee: &AddressedBody) -> bool {
        let is_for =
            self.representation
                .names(response.organisation_id, response.group_id, addressee);
        let speaker = response.responder_id;
        let day = response.said_on();
        is_for && self.representation.speaks_for(speaker, addressee, day)
    }

    /// Whether an addressee had transferred its obligation when it responded.
    fn has_left(&self, addressee: &AddressedBody, response: &CoveringResponseRow) -> bool {
        let transferred_on = self.transferred.get(&addressee.id);
        transferred_on.is_some_and(|day| *day <= response.day())
    }
}

fn is_joint(recommendation: &RecommendationRow) -> bool {
    recommendation.reply == Some(EnumText(Reply::Joint))
}
