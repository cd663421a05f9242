//! The kind of record: how the documents of reports are checked, linked, erased and stored.

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::result::QueryResult;

use super::model::ReportDocument;
use super::queries::{self, OWNERSHIP};
use super::views::Report;
use crate::log::{Previous, Resource, WriteOutcome, Writer};
use crate::platform::db::DbConnection;
use crate::platform::identity::{Key, RecordId};
use crate::platform::mistakes::MistakeCode;
use crate::platform::states::PublicationState;
use crate::platform::values::ERASED;
use crate::resources::collection::Collection;
use crate::resources::handlers;
use crate::writing::document::{Document, Head, Link, Resolved};
use crate::writing::kind::{Guide, Kind};
use crate::writing::recorder::Submission;
use crate::writing::violation::Violation;

impl Document for ReportDocument {
    fn head(&self) -> Head<'_> {
        Head {
            id: self.id,
            slug: Some(&self.slug),
            state: self.state,
            merged_into: self.merged_into.as_ref(),
        }
    }

    fn links(&mut self) -> Vec<Link<'_>> {
        let organisation = Resource::Organisation.only();
        let publishers = Link::each("/publishers", organisation, &mut self.publishers);
        let complainant = &mut self.complainant_body;
        let complainant = Link::optional("/complainant_body", organisation, complainant);
        let survivor = Link::survivor(Resource::Report, &mut self.merged_into);
        let links = publishers.into_iter().chain(complainant);
        links.chain(survivor).collect()
    }

    fn publication_time(&self) -> Option<(&'static str, Option<NaiveDateTime>)> {
        Some(("/published_on", self.visible_from()))
    }

    fn owners(&self, _: &mut DbConnection, _: RecordId) -> QueryResult<Vec<RecordId>> {
        Key::all(&self.publishers)
    }

    fn forbidden(
        &self,
        connection: &mut DbConnection,
        id: RecordId,
        submission: &Submission<'_>,
    ) -> QueryResult<Vec<Violation>> {
        let before = match submission.changes_what_was_public() {
            true => Report::row(connection, id)?.responses_checked_on,
            false => None,
        };
        let checked_on = self.responses_checked_on;
        let (code, rule) = if checked_on.is_some_and(|day| day > submission.today()) {
            (MistakeCode::InFuture, "The day is in the future.")
        } else if checked_on < before {
            (
                MistakeCode::Immutable,
                "A check that was public is not taken back.",
            )
        } else {
            return Ok(Vec::new());
        };
        Ok(vec![Violation::new(code, "/responses_checked_on", rule)])
    }

    fn withdrawn_at(&self) -> Option<DateTime<Utc>> {
        self.withdrawal.as_ref().map(|withdrawal| withdrawal.at)
    }

    fn erase(&mut self) {
        *self = Self {
            id: self.id,
            slug: std::mem::take(&mut self.slug),
            state: PublicationState::Erased,
            title: ERASED.to_owned(),
            published_on: self.published_on,
            publishers: std::mem::take(&mut self.publishers),
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
    tag: "Reports",
    example: "stalking-super-complaint-2024",
    requires: "Requires `recommendations:write` for one of the publishers, and `articles:publish` unless the report is and stays a draft.",
    on_change: "",
    has_slug: true,
};

/// Reports, as a kind of record.
pub static KIND: Kind = Kind {
    guide: Some(&GUIDE),
    names_others: &["publishers"],
    states: &[
        PublicationState::Draft,
        PublicationState::Published,
        PublicationState::Withdrawn,
        PublicationState::Gone,
        PublicationState::Erased,
    ],
    is_published: true,
    stays_on_record: true,
    fixed: &["published_on"],
    hidden_when_withdrawn: &["summary", "images", "attachments"],
    ..Kind::new::<ReportDocument, Report>(OWNERSHIP, handlers::show::<Report>)
};
