//! The kind of record: how the documents of recommendations are checked, linked, erased and stored.

use chrono::{DateTime, Utc};
use diesel::result::QueryResult;
use std::iter;

use super::model::RecommendationDocument;
use super::queries::{self, OWNERSHIP};
use super::views::Recommendation;
use super::{rules, storing};
use crate::log::{Previous, Resource, WriteOutcome, Writer};
use crate::platform::db::DbConnection;
use crate::platform::identity::{RecordId, Slug};
use crate::platform::states::PublicationState;
use crate::platform::values::ERASED;
use crate::resources::{handlers, reports};
use crate::writing::document::{
    Document, Head, Link, NewDocument, NumberLink, ORGANISATION_OR_GROUP, ReportNumber, Resolved,
};
use crate::writing::kind::{Guide, Kind, Numbering};
use crate::writing::recorder::Submission;
use crate::writing::violation::Violation;

impl Document for RecommendationDocument {
    fn head(&self) -> Head<'_> {
        Head {
            id: self.id,
            slug: self.slug.as_ref(),
            state: self.state,
            merged_into: self.merged_into.as_ref(),
        }
    }

    fn links(&mut self) -> Vec<Link<'_>> {
        let organisation = Resource::Organisation.only();
        let recommendation = Resource::Recommendation.only();
        let report = Link::new("/report", Resource::Report.only(), &mut self.report);
        let addressees = Link::each("/addressees", ORGANISATION_OR_GROUP, &mut self.addressees);
        let exclusions = Link::each("/exclusions", organisation, &mut self.exclusions);
        let supersedes = Link::each("/supersedes", recommendation, &mut self.supersedes);
        let repeats = Link::each("/repeats", recommendation, &mut self.repeats);
        let survivor = Link::survivor(Resource::Recommendation, &mut self.merged_into);
        let lists = [addressees, exclusions, supersedes, repeats];
        let links = iter::once(report).chain(lists.into_iter().flatten());
        links.chain(survivor).collect()
    }

    fn numbers(&mut self) -> Vec<NumberLink<'_>> {
        let Some(number) = &self.parent_number else {
            return Vec::new();
        };
        vec![NumberLink {
            pointer: "/parent_number".to_owned(),
            target: Resource::Recommendation,
            number: ReportNumber {
                report: self.report.clone(),
                number: number.clone(),
            },
            slot: &mut self.parent_id,
            may_repeat: false,
        }]
    }

    fn number_in_report(&self) -> Option<ReportNumber> {
        Some(ReportNumber {
            report: self.report.clone(),
            number: self.number.clone(),
        })
    }

    fn set_slug(&mut self, slug: &Slug) {
        self.slug = Some(slug.to_owned());
    }

    fn report(&self, _: &mut DbConnection) -> QueryResult<Option<RecordId>> {
        Ok(Some(self.report.resolved()?))
    }

    fn owners(&self, connection: &mut DbConnection, _: RecordId) -> QueryResult<Vec<RecordId>> {
        reports::queries::publishers(connection, self.report.resolved()?)
    }

    fn forbidden(
        &self,
        connection: &mut DbConnection,
        id: RecordId,
        submission: &Submission<'_>,
    ) -> QueryResult<Vec<Violation>> {
        rules::forbidden(connection, id, self, submission)
    }

    fn withdrawn_at(&self) -> Option<DateTime<Utc>> {
        self.withdrawal.as_ref().map(|withdrawal| withdrawal.at)
    }

    fn erase(&mut self) {
        *self = Self {
            id: self.id,
            slug: self.slug.take(),
            state: PublicationState::Erased,
            report: std::mem::take(&mut self.report),
            number: std::mem::take(&mut self.number),
            text: ERASED.to_owned(),
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
        storing::save(writer, id, self, previous)
    }
}

fn save_new(writer: &mut Writer<'_>, documents: Vec<NewDocument>) -> QueryResult<()> {
    storing::save_new(writer, NewDocument::typed(documents)?)
}

static GUIDE: Guide = Guide {
    tag: "Recommendations",
    example: "stalking-super-complaint-2024-15",
    requires: "Requires `recommendations:write` for one of the publishers of the report.",
    on_change: "",
    has_slug: true,
};

/// Recommendations, as a kind of record.
pub static KIND: Kind = Kind {
    guide: Some(&GUIDE),
    stays_on_record: true,
    fixed: &[
        "deadlines",
        "number",
        "reply",
        "response_requirement",
        "stated_due_on",
    ],
    save_new: Some(save_new),
    numbering: Some(Numbering {
        find: queries::by_number,
        slug: RecommendationDocument::default_slug,
    }),
    ..Kind::below_report::<RecommendationDocument, Recommendation>(
        OWNERSHIP,
        handlers::show::<Recommendation>,
        storing::advance,
    )
};
