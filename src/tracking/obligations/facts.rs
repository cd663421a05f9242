//! What was said about one obligation, and what followed from it on a day.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::result::QueryResult;

use super::model::{AssessmentStatus, ClaimKind, ObligationRow, Statements, StoredClaim};
use super::said::{CoveringResponseRow, StatusRow, UpdateRow};
use crate::platform::db::Json;
use crate::platform::identity::RecordId;
use crate::platform::states::PublicationState;
use crate::tracking::responses::model::Publication;

/// The most claims that an obligation shows: the newest ones.
const MAX_CLAIMS: usize = 100;

/// What was said about one obligation, as far as it is published, oldest first.
#[derive(Debug)]
pub struct Facts<'a> {
    addressee: RecordId,
    /// The responses that are the addressee's answer.
    answers: Vec<&'a CoveringResponseRow>,
    /// Those of others. One that is an answer as well, to a joint recommendation, is no claim.
    others: Vec<&'a CoveringResponseRow>,
    /// Progress updates, and whether they are the addressee's own word.
    updates: Vec<(&'a UpdateRow, bool)>,
    assessments: Vec<&'a StatusRow<AssessmentStatus>>,
    /// When any of them last changed, whether it is published or not.
    pub changed_at: Option<NaiveDateTime>,
}

impl<'a> Facts<'a> {
    /// None about this addressee yet.
    pub fn of(addressee: RecordId) -> Self {
        Self {
            addressee,
            answers: Vec::new(),
            others: Vec::new(),
            updates: Vec::new(),
            assessments: Vec::new(),
            changed_at: None,
        }
    }

    /// Adds a response that is the addressee's answer.
    pub fn add_answer(&mut self, response: &'a CoveringResponseRow) {
        if self.note_change(response.state, response.updated_at) {
            self.answers.push(response);
        }
    }

    /// Adds the response of somebody else.
    pub fn add_other(&mut self, response: &'a CoveringResponseRow) {
        if self.note_change(response.state, response.updated_at) {
            self.others.push(response);
        }
    }

    /// Adds a progress update.
    pub fn add_update(&mut self, update: &'a UpdateRow, is_own_word: bool) {
        if self.note_change(update.about.state, update.about.updated_at) {
            self.updates.push((update, is_own_word));
        }
    }

    /// Adds an assessment.
    pub fn add_assessment(&mut self, assessment: &'a StatusRow<AssessmentStatus>) {
        if self.note_change(assessment.state, assessment.updated_at) {
            self.assessments.push(assessment);
        }
    }

    /// Notes when something last changed. Returns whether it is published.
    fn note_change(&mut self, state: PublicationState, updated_at: NaiveDateTime) -> bool {
        self.changed_at = self.changed_at.max(Some(updated_at));
        state == PublicationState::Published
    }

    /// The days from which on they count.
    pub fn days(&self) -> impl Iterator<Item = NaiveDate> {
        let responses = self.answers.iter().chain(&self.others);
        let responses = responses.map(|response| response.day());
        let updates = self.updates.iter().map(|(update, _)| update.counts_from());
        let assessments = self.assessments.iter().map(|one| one.counts_from());
        responses.chain(updates).chain(assessments)
    }

    /// Sets the columns of the obligation that followed from them on a day.
    ///
    /// # Errors
    /// When the claims cannot be stored as JSON.
    pub fn apply(&self, row: &mut ObligationRow, day: NaiveDate) -> QueryResult<()> {
        let mut statements = self.apply_responses(row, day);
        self.apply_updates(row, day, &mut statements.claims);
        let mut assessments = self.assessments.iter();
        let newest = assessments.rfind(|one| one.counts_from() <= day);
        row.assessment_status = newest.map(|newest| newest.status).unwrap_or_default();
        row.assessment_as_at = newest.map(|newest| newest.as_at.clone());
        statements
            .claims
            .sort_by(|one, other| one.on.cmp(&other.on));
        let surplus = statements.claims.len().saturating_sub(MAX_CLAIMS);
        statements.claims.drain(..surplus);
        row.statements = Json::new(statements)?;
        Ok(())
    }

    fn apply_responses(&self, row: &mut ObligationRow, day: NaiveDate) -> Statements {
        let until = |responses: &[&'a CoveringResponseRow]| {
            let responses = responses.iter().copied();
            let until: Vec<_> = responses.filter(|one| one.day() <= day).collect();
            until
        };
        let (answers, others) = (until(&self.answers), until(&self.others));
        let is_answer = |id: RecordId| answers.iter().any(|answer| answer.id == id);
        let others = others.into_iter().filter(|other| !is_answer(other.id));
        let mut claims: Vec<_> = others.map(CoveringResponseRow::claim).collect();
        claims.dedup_by_key(|claim| claim.id);

        let (full, holding): (Vec<&CoveringResponseRow>, Vec<&CoveringResponseRow>) =
            answers.into_iter().partition(|response| response.is_full());
        let is_own = |response: &&&CoveringResponseRow| response.responder_id == self.addressee;
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

    fn apply_updates(
        &self,
        row: &mut ObligationRow,
        day: NaiveDate,
        claims: &mut Vec<StoredClaim>,
    ) {
        let updates = self.updates.iter();
        let (own_words, others): (Vec<_>, Vec<_>) = updates
            .filter(|(update, _)| update.counts_from() <= day)
            .partition(|(_, is_own_word)| *is_own_word);
        for (update, _) in others {
            // only the newest claim of each author
            claims.retain(|claim| {
                claim.kind != ClaimKind::ProgressUpdate || claim.made_by != update.author_id
            });
            claims.push(update.claim());
        }
        // of one day, its own word replaces that of others, and the later one the earlier
        let newest = own_words.into_iter().max_by_key(|(update, _)| {
            let is_own = update.author_id == self.addressee;
            (update.about.as_at.clone(), is_own)
        });
        let newest = newest.map(|(update, _)| &update.about);
        row.implementation_status = newest.map(|newest| newest.status).unwrap_or_default();
        row.implementation_as_at = newest.map(|newest| newest.as_at.clone());
    }
}
