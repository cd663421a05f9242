//! What the register knows of obligations: how a document is written, and whose it is.

use diesel::result::QueryResult;

use super::document::ObligationDocument;
use super::queries::{self, OWNERSHIP};
use super::rules;
use super::views::Obligation;
use crate::log::{Previous, Resource, WriteOutcome, Writer};
use crate::platform::db::DbConnection;
use crate::platform::identity::{Key, RecordId};
use crate::platform::states::PublicationState;
use crate::resources::{handlers, recommendations};
use crate::tracking::below_reports::{self, links_to_recommendation};
use crate::writing::document::{Document, Head, Link, NumberLink, Resolved};
use crate::writing::kind::Kind;
use crate::writing::recorder::Submission;
use crate::writing::violation::Violation;

impl Document for ObligationDocument {
    fn head(&self) -> Head<'_> {
        below_reports::head(self.id, self.state)
    }

    fn links(&mut self) -> Vec<Link<'_>> {
        let organisation = Resource::Organisation.only();
        let addressee = Link::new("/organisation", organisation, &mut self.organisation);
        let successor = Link::optional("/transferred_to", organisation, &mut self.transferred_to);
        let mut links = vec![addressee];
        links.extend(successor);
        links.extend(links_to_recommendation(
            &mut self.report,
            &mut self.recommendation,
        ));
        links
    }

    fn numbers(&mut self) -> Vec<NumberLink<'_>> {
        let (report, number) = (&mut self.report, &mut self.number);
        NumberLink::taken("/number", report, number, &mut self.recommendation)
    }

    fn natural_key(&self) -> Option<String> {
        let recommendation = self.recommendation.as_deref().unwrap_or_default();
        Some(format!("{recommendation} {}", self.organisation))
    }

    fn report(&self, connection: &mut DbConnection) -> QueryResult<Option<RecordId>> {
        below_reports::report_of(connection, self.recommendation.as_ref())
    }

    fn settle(
        &mut self,
        connection: &mut DbConnection,
        id: RecordId,
        submission: &Submission<'_>,
    ) -> QueryResult<()> {
        queries::settle(connection, id, self, submission)
    }

    fn forbidden(
        &self,
        connection: &mut DbConnection,
        _: RecordId,
        submission: &Submission<'_>,
    ) -> QueryResult<Vec<Violation>> {
        rules::forbidden(connection, self, submission)
    }

    fn owners(&self, connection: &mut DbConnection, _: RecordId) -> QueryResult<Vec<RecordId>> {
        let recommendation = Key::required(self.recommendation.as_ref())?;
        recommendations::queries::owners(connection, recommendation)
    }

    fn erase(&mut self) {
        self.revisions.clear();
        self.disputes.clear();
        (self.note, self.transferred_to, self.transferred_on) = (None, None, None);
    }

    fn save(
        &mut self,
        _resolved: &Resolved,
        writer: &mut Writer<'_>,
        id: RecordId,
        previous: Option<&Previous>,
    ) -> QueryResult<WriteOutcome> {
        queries::save(writer, id, self, previous)
    }
}

/// Obligations, as a kind of record.
pub static KIND: Kind = Kind {
    // it cannot be taken back apart from its recommendation
    states: &[PublicationState::Published, PublicationState::Erased],
    hidden_when_withdrawn: &["note", "disputes"],
    first_document: Some(queries::first_document),
    ..Kind::below_report::<ObligationDocument, Obligation>(
        OWNERSHIP,
        handlers::show::<Obligation>,
        queries::advance,
    )
};
