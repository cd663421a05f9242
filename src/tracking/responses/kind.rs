//! What the register knows of responses: how a document is written, and whose it is.

use chrono::{DateTime, Utc};
use diesel::result::QueryResult;

use super::cover::Cover;
use super::model::ResponseDocument;
use super::queries::{self, OWNERSHIP};
use super::rules;
use super::views::Response;
use crate::log::{Previous, Resource, WriteOutcome, Writer};
use crate::platform::db::DbConnection;
use crate::platform::identity::RecordId;
use crate::platform::states::PublicationState;
use crate::resources::handlers;
use crate::tracking::below_reports;
use crate::writing::document::{Document, Head, Link, NumberLink, ORGANISATION_OR_GROUP, Resolved};
use crate::writing::kind::{Guide, Kind};
use crate::writing::recorder::{RecordedBy, Submission};
use crate::writing::violation::Violation;

impl Document for ResponseDocument {
    fn head(&self) -> Head<'_> {
        below_reports::head(self.id, self.state)
    }

    fn links(&mut self) -> Vec<Link<'_>> {
        let organisation = Resource::Organisation.only();
        let report = Link::new("/report", Resource::Report.only(), &mut self.report);
        let responder = Link::new("/responder", organisation, &mut self.responder);
        let targets = ORGANISATION_OR_GROUP;
        let corrected = Link::optional("/corrects", Resource::Response.only(), &mut self.corrects);
        let covers = self.covers.iter_mut();
        let recommendations = covers.map(|cover| &mut cover.recommendation);
        let mut links = vec![report, responder];
        links.extend(Link::each("/on_behalf_of", targets, &mut self.on_behalf_of));
        links.extend(corrected);
        links.extend(below_reports::links_of_entries("/covers", recommendations));
        links.extend(below_reports::recorder_link(&mut self.recorded_by));
        links
    }

    fn numbers(&mut self) -> Vec<NumberLink<'_>> {
        let covers = self.covers.iter_mut();
        let numbers = covers.map(|cover| (&mut cover.number, &mut cover.recommendation));
        NumberLink::each("/covers", &self.report, numbers)
    }

    fn natural_key(&self) -> Option<String> {
        let (day, kind): (_, &str) = (self.published_on, self.kind.into());
        let key = format!("{} {} {day} {kind}", self.report, self.responder);
        Some(match self.sequence {
            Some(sequence) => format!("{key} {sequence}"),
            None => key,
        })
    }

    fn report(&self, _: &mut DbConnection) -> QueryResult<Option<RecordId>> {
        Ok(Some(self.report.resolved()?))
    }

    fn settle(
        &mut self,
        connection: &mut DbConnection,
        id: RecordId,
        submission: &Submission<'_>,
    ) -> QueryResult<()> {
        rules::settle(connection, id, self, submission)
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
        rules::forbidden(connection, id, self, submission)
    }

    fn owners(&self, _: &mut DbConnection, _: RecordId) -> QueryResult<Vec<RecordId>> {
        Ok(vec![self.responder.resolved()?])
    }

    fn erase(&mut self) {
        let covers = self.covers.iter_mut();
        *self = Self {
            id: self.id,
            report: std::mem::take(&mut self.report),
            responder: std::mem::take(&mut self.responder),
            published_on: self.published_on,
            kind: self.kind,
            corrects: self.corrects.take(),
            sequence: self.sequence,
            covers: covers
                .map(|cover| Cover {
                    number: cover.number.take(),
                    recommendation: cover.recommendation.take(),
                    ..Cover::default()
                })
                .collect(),
            recorded_by: self.recorded_by.take(),
            state: PublicationState::Erased,
            ..Self::default()
        };
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
    tag: "Responses",
    example: "1524db82-09ee-8111-83a6-9e391483359a",
    requires: "Requires `responses:write` for the responder: an organisation submits its own. A publisher of the report, with `recommendations:write`, may record one that it received. Each recommendation must be addressed to the responder, or to one of those for which it responds.",
    on_change: "A later response is a new record, so that earlier statements stay on record; a second one of the same kind on the same day has a `sequence`.",
    has_slug: false,
};

/// Responses, as a kind of record.
pub static KIND: Kind = Kind {
    guide: Some(&GUIDE),
    stays_on_record: true,
    publishers_record: true,
    fixed: &["published_on", "on_behalf_of", "corrects"],
    hidden_when_withdrawn: &["covers", "images", "attachments"],
    ..Kind::below_report::<ResponseDocument, Response>(
        OWNERSHIP,
        handlers::show::<Response>,
        queries::advance,
    )
};
