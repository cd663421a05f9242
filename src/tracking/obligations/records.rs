//! The responses, progress updates and assessments under a recommendation, and what follows from them for an obligation.
//!
//! An addressee's answer is its own word, or that of a body which has its mandate. What anybody else says in its name or
//! of its progress is a claim, shown beside and changing nothing.

use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::result::QueryResult;
use std::collections::HashMap;

use super::model::{AssessmentStatus, ClaimKind, ObligationRow, Statements, StoredClaim};
use super::representation::{AddressedBody, Representation};
use super::said::{CoveringResponseRow, StatusRow, UpdateRow};
use crate::platform::db::{DbConnection, EnumText, Json, Sql};
use crate::platform::identity::RecordId;
use crate::platform::states::PublicationState;
use crate::resources::recommendations::model::{RecommendationRow, Reply};
use crate::tracking::responses::model::Publication;

/// The most claims that an obligation shows: the newest ones.
const MAX_CLAIMS: usize = 100;

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
                .push("w.state, w.updated_at, w.organisation_id, w.status, w.as_at FROM ");
            sql.push(table)
                .push(" w WHERE w.recommendation_id = ")
                .bind(recommendation.id);
            sql.push(" ORDER BY w.as_at, w.created_at, w.id");
            sql
        };
        let of_update = "w.id, w.author_id, w.created_at, w.published_on, w.recorded_by, ";
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

    /// Sets the columns of an obligation that follow from these records.
    ///
    /// # Errors
    /// When the claims cannot be stored as JSON.
    pub fn apply(&self, row: &mut ObligationRow) -> QueryResult<()> {
        let mut statements = self.apply_responses(row);
        self.apply_updates(row, &mut statements.claims);
        let about =
            |status: &&StatusRow<AssessmentStatus>| status.organisation_id == row.organisation_id;
        let assessments: Vec<_> = self.assessments.iter().filter(about).collect();
        let changes = assessments.iter().map(|status| status.updated_at);
        row.updated_at = changes.fold(row.updated_at, Ord::max);
        let mut published = assessments
            .into_iter()
            .filter(|status| is_published(status.state));
        let assessment = published.next_back();
        row.assessment_status = assessment.map(|newest| newest.status).unwrap_or_default();
        row.assessment_as_at = assessment.map(|newest| newest.as_at.clone());
        statements
            .claims
            .sort_by(|one, other| one.on.cmp(&other.on));
        let surplus = statements.claims.len().saturating_sub(MAX_CLAIMS);
        statements.claims.drain(..surplus);
        row.statements = Json::new(statements)?;
        Ok(())
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

    fn apply_responses(&self, row: &mut ObligationRow) -> Statements {
        let addressee = AddressedBody::of(row);
        let is_joint_answer = |response: &CoveringResponseRow| {
            self.is_joint
                && self
                    .addressees
                    .iter()
                    .any(|one| self.is_answer(response, one) && !self.has_left(one, response))
        };
        let (mut answers, mut others): (Vec<&CoveringResponseRow>, Vec<&CoveringResponseRow>) =
            (Vec::new(), Vec::new());
        for response in &self.responses {
            if self.is_answer(response, &addressee) || is_joint_answer(response) {
                answers.push(response);
            } else if self.representation.names(
                response.organisation_id,
                response.group_id,
                &addressee,
            ) {
                others.push(response);
            }
        }
        let changes = answers.iter().chain(&others).map(|one| one.updated_at);
        row.updated_at = changes.fold(row.updated_at, Ord::max);
        answers.retain(|response| is_published(response.state));
        others.retain(|response| is_published(response.state));
        let mut claims: Vec<_> = others.into_iter().map(CoveringResponseRow::claim).collect();
        claims.dedup_by_key(|claim| claim.id);

        let (full, holding): (Vec<&CoveringResponseRow>, Vec<&CoveringResponseRow>) =
            answers.into_iter().partition(|response| response.is_full());
        let is_own = |response: &&&CoveringResponseRow| response.responder_id == addressee.id;
        let first = full.iter().min_by_key(|response| response.day());
        // a later position replaces an earlier one, and the addressee's own that of others; none replaces none
        let with_position: Vec<_> = full.iter().filter(|one| one.position.is_some()).collect();
        let own = with_position.iter().copied().rfind(is_own);
        let position = own.or(with_position.last().copied());
        row.has_holding_reply = !holding.is_empty();
        row.is_answered = first.is_some();
        row.answered_on = first.map(|response| response.day());
        row.is_receipt_known = first.is_some_and(|response| response.received_on.is_some());
        row.is_collective = row.is_answered && !full.iter().any(|one| is_own(&one));
        let mut publications = full.iter().map(|response| response.publication.0);
        row.is_withheld = row.is_answered && publications.all(|how| how == Publication::Withheld);
        row.position = position.and_then(|response| response.position);
        Statements {
            answered_by: first.map(|response| response.responder_id),
            position_by: position.map(|response| response.responder_id),
            position_verbatim: position.and_then(|response| response.position_verbatim.clone()),
            claims,
        }
    }

    fn apply_updates(&self, row: &mut ObligationRow, claims: &mut Vec<StoredClaim>) {
        let addressee = AddressedBody::of(row);
        let about = self.updates.iter().map(|update| (update, &update.about));
        let about = about.filter(|(_, about)| about.organisation_id == addressee.id);
        let mut own_words = Vec::new();
        for (update, about) in about {
            row.updated_at = row.updated_at.max(about.updated_at);
            if !is_published(about.state) {
                continue;
            }
            let (author, day) = (update.author_id, update.said_on());
            match self.representation.speaks_for(author, &addressee, day) {
                true => own_words.push(update),
                false => {
                    // only the newest claim of each author
                    claims.retain(|claim| {
                        claim.kind != ClaimKind::ProgressUpdate || claim.made_by != author
                    });
                    claims.push(update.claim());
                }
            }
        }
        // of one day, its own word replaces that of others, and the later one the earlier
        let day_and_author = |update: &&UpdateRow| {
            let is_own = update.author_id == addressee.id;
            (update.about.as_at.clone(), is_own)
        };
        let newest = own_words.into_iter().max_by_key(day_and_author);
        let newest = newest.map(|update| &update.about);
        row.implementation_status = newest.map(|newest| newest.status).unwrap_or_default();
        row.implementation_as_at = newest.map(|newest| newest.as_at.clone());
    }
}

fn is_published(state: PublicationState) -> bool {
    state == PublicationState::Published
}

fn is_joint(recommendation: &RecommendationRow) -> bool {
    recommendation.reply == Some(EnumText(Reply::Joint))
}
