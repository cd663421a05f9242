//! What the register knows of assessments: how a document is written, and whose it is.

use chrono::{DateTime, Utc};
use diesel::result::QueryResult;

use super::model::AssessmentDocument;
use super::queries::{self, OWNERSHIP};
use super::views::Assessment;
use crate::log::{Previous, Resource, WriteOutcome, Writer};
use crate::platform::db::DbConnection;
use crate::platform::identity::RecordId;
use crate::resources::handlers;
use crate::tracking::below_reports::{self, links_to_recommendation};
use crate::writing::document::{Document, Head, Link, NumberLink, Resolved};
use crate::writing::kind::{Guide, Kind};
use crate::writing::recorder::{RecordedBy, Submission};
use crate::writing::violation::Violation;

impl Document for AssessmentDocument {
    fn head(&self) -> Head<'_> {
        below_reports::head(self.id, self.state)
    }

    fn links(&mut self) -> Vec<Link<'_>> {
        let organisation = Resource::Organisation.only();
        let addressee = Link::new("/organisation", organisation, &mut self.organisation);
        let assessor = Link::new("/assessor", organisation, &mut self.assessor);
        let mut links = vec![addressee, assessor];
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
            &self.assessor,
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
        _: RecordId,
        submission: &Submission<'_>,
    ) -> QueryResult<Vec<Violation>> {
        queries::forbidden(connection, self, submission)
    }

    fn owners(&self, _: &mut DbConnection, _: RecordId) -> QueryResult<Vec<RecordId>> {
        Ok(vec![self.assessor.resolved()?])
    }

    fn erase(&mut self) {
        self.withdrawal = None;
        (self.reasons, self.source_url) = (None, None);
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
    tag: "Assessments",
    example: "54c13380-0685-880b-84a7-d4f21ebdd328",
    requires: "Requires `assessments:write` for the assessor, which must be a publisher of the report.",
    on_change: "A later conclusion is a new assessment, so that earlier ones stay on record.",
    has_slug: false,
};

/// Assessments, as a kind of record.
pub static KIND: Kind = Kind {
    guide: Some(&GUIDE),
    stays_on_record: true,
    hidden_when_withdrawn: &["reasons"],
    ..Kind::below_report::<AssessmentDocument, Assessment>(
        OWNERSHIP,
        handlers::show::<Assessment>,
        queries::advance,
    )
};
