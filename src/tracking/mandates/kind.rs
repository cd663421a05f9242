//! What the register knows of mandates: how a document is written, and whose it is.

use diesel::result::QueryResult;

use super::model::MandateDocument;
use super::queries::{self, OWNERSHIP};
use super::views::Mandate;
use crate::log::{Previous, Resource, WriteOutcome, Writer};
use crate::platform::db::DbConnection;
use crate::platform::identity::RecordId;
use crate::resources::handlers;
use crate::tracking::below_reports;
use crate::writing::document::{Document, Head, Link, ORGANISATION_OR_GROUP, Resolved};
use crate::writing::kind::{Guide, Kind};
use crate::writing::recorder::{RecordedBy, Submission};
use crate::writing::violation::Violation;

impl Document for MandateDocument {
    fn head(&self) -> Head<'_> {
        below_reports::head(self.id, self.state)
    }

    fn links(&mut self) -> Vec<Link<'_>> {
        let (organisation, report) = (Resource::Organisation.only(), Resource::Report.only());
        let targets = ORGANISATION_OR_GROUP;
        let mut links = vec![
            Link::new("/representative", organisation, &mut self.representative),
            Link::new("/granted_by", organisation, &mut self.granted_by),
        ];
        links.extend(Link::each("/represents", targets, &mut self.represents));
        links.extend(Link::optional("/report", report, &mut self.report));
        links.extend(below_reports::recorder_link(&mut self.recorded_by));
        links
    }

    fn natural_key(&self) -> Option<String> {
        let report = self.report.as_deref().unwrap_or_default();
        let (grantor, representative) = (&self.granted_by, &self.representative);
        Some(format!("{grantor} {representative} {report} {}", self.from))
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

    fn owners(&self, connection: &mut DbConnection, id: RecordId) -> QueryResult<Vec<RecordId>> {
        // a stored mandate keeps its grantor
        let stored = queries::owners(connection, id)?;
        Ok(match stored.is_empty() {
            true => vec![self.granted_by.resolved()?],
            false => stored,
        })
    }

    fn erase(&mut self) {
        (self.source_url, self.note) = (None, None);
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
    tag: "Mandates",
    example: "342fb507-e099-8bb5-8fd4-94dad55bcded",
    requires: "Requires `mandates:write` for `granted_by`, which must be the only organisation in `represents`, or a publisher of the `report`.",
    on_change: "A mandate is ended by setting `until`; answers given before stay.",
    has_slug: false,
};

/// Mandates, as a kind of record.
pub static KIND: Kind = Kind {
    guide: Some(&GUIDE),
    stays_on_record: true,
    ..Kind::new::<MandateDocument, Mandate>(OWNERSHIP, handlers::show::<Mandate>)
};
