//! What the register knows of progress updates: how a document is written, and whose it is.

use chrono::{DateTime, Utc};
use diesel::result::QueryResult;

use super::model::ProgressUpdateDocument;
use super::queries::{self, OWNERSHIP};
use super::views::ProgressUpdate;
use crate::log::{Previous, Resource, WriteOutcome, Writer};
use crate::platform::db::DbConnection;
use crate::platform::identity::RecordId;
use crate::resources::handlers;
use crate::tracking::below_reports::{self, links_to_recommendation};
use crate::writing::document::{Document, Head, Link, NumberLink, Resolved};
use crate::writing::kind::{Guide, Kind};
use crate::writing::recorder::{RecordedBy, Submission};
use crate::writing::violation::Violation;

impl Document for ProgressUpdateDocument {
    fn head(&self) -> Head<'_> {
        below_reports::head(self.id, self.state)
    }

    fn links(&mut self) -> Vec<Link<'_>> {
        let organisation = Resource::Organisation.only();
        let addressee = Link::new("/organisation", organisation, &mut self.organisation);
        let mut links = vec![addressee];
        links.extend(Link::optional("/author", organisation, &mut self.author));
        links.extend(links_to_recommendation(
            &mut self.report,
            &mut self.recommendation,
        ));
        links.extend(below_reports::recorder_link(&mut self.recorded_by));
        links
    }

    fn numbers(&mut self) -> Vec<NumberLink<'_>> {
        let (report, number) = (&mut self.report, &mut self.number);
        NumberLink::taken("/number", report, number, &mut self.recommendation)
    }

    fn natural_key(&self) -> Option<String> {
        let recommendation = self.recommendation.as_deref().unwrap_or_default();
        let key = [
            recommendation,
            &self.organisation,
            self.author(),
            &self.as_at,
        ];
        Some(key.join(" "))
    }

    fn report(&self, connection: &mut DbConnection) -> QueryResult<Option<RecordId>> {
        below_reports::report_of(connection, self.recommendation.as_ref())
    }

    fn withdrawn_at(&self) -> Option<DateTime<Utc>> {
        self.withdrawal.as_ref().map(|withdrawal| withdrawal.at)
    }

    fn recorded_by(&mut self) -> Option<&mut Option<RecordedBy>> {
        Some(&mut self.recorded_by)
    }

    fn forbidden(
        &self,
        connection: &mut DbConnection,
        id: RecordId,
        submission: &Submission<'_>,
    ) -> QueryResult<Vec<Violation>> {
        queries::forbidden(connection, id, self, submission)
    }

    fn owners(&self, _: &mut DbConnection, _: RecordId) -> QueryResult<Vec<RecordId>> {
        Ok(vec![self.author().resolved()?])
    }

    fn erase(&mut self) {
        self.withdrawal = None;
        (self.text, self.source_url) = (None, None);
        self.evidence.clear();
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

static GUIDE: Guide = Guide {
    tag: "Progress updates",
    example: "626dcaa8-1bb6-8816-af71-a6c6fb44ea88",
    requires: "Requires `responses:write` for the author, which is the addressee unless another is named.",
    on_change: "A later state is a new update, so that earlier ones stay on record.",
    has_slug: false,
};

/// Progress updates, as a kind of record.
pub static KIND: Kind = Kind {
    guide: Some(&GUIDE),
    stays_on_record: true,
    fixed: &["status", "published_on"],
    hidden_when_withdrawn: &["text", "evidence"],
    ..Kind::below_report::<ProgressUpdateDocument, ProgressUpdate>(
        OWNERSHIP,
        handlers::show::<ProgressUpdate>,
        queries::advance,
    )
};
