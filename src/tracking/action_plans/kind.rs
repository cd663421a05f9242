//! What the register knows of action plans: how a document is written, and whose it is.

use chrono::{DateTime, Utc};
use diesel::result::QueryResult;

use super::model::ActionPlanDocument;
use super::queries::{self, OWNERSHIP};
use super::views::ActionPlan;
use crate::log::{Previous, Resource, WriteOutcome, Writer};
use crate::platform::db::DbConnection;
use crate::platform::identity::RecordId;
use crate::platform::states::PublicationState;
use crate::platform::values::ERASED;
use crate::resources::handlers;
use crate::tracking::below_reports;
use crate::writing::document::{Document, Head, Link, NumberLink, Resolved};
use crate::writing::kind::{Guide, Kind};
use crate::writing::recorder::{RecordedBy, Submission};
use crate::writing::violation::Violation;

impl Document for ActionPlanDocument {
    fn head(&self) -> Head<'_> {
        below_reports::head(self.id, self.state)
    }

    fn links(&mut self) -> Vec<Link<'_>> {
        let organisation = Resource::Organisation.only();
        let report = Link::new("/report", Resource::Report.only(), &mut self.report);
        let addressee = Link::new("/organisation", organisation, &mut self.organisation);
        let actions = self.actions.iter_mut();
        let recommendations = actions.map(|action| &mut action.recommendation);
        let mut links = vec![report, addressee];
        // several actions may be about one recommendation
        let about = below_reports::links_of_entries("/actions", recommendations);
        links.extend(about.map(Link::repeatable));
        links.extend(below_reports::recorder_link(&mut self.recorded_by));
        links
    }

    fn numbers(&mut self) -> Vec<NumberLink<'_>> {
        let actions = self.actions.iter_mut();
        let numbers = actions.map(|action| (&mut action.number, &mut action.recommendation));
        let links = NumberLink::each("/actions", &self.report, numbers).into_iter();
        links.map(NumberLink::repeatable).collect()
    }

    fn natural_key(&self) -> Option<String> {
        Some(format!(
            "{} {} {}",
            self.report, self.organisation, self.url
        ))
    }

    fn report(&self, _: &mut DbConnection) -> QueryResult<Option<RecordId>> {
        Ok(Some(self.report.resolved()?))
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
        Ok(vec![self.organisation.resolved()?])
    }

    fn erase(&mut self) {
        *self = Self {
            id: self.id,
            report: std::mem::take(&mut self.report),
            organisation: std::mem::take(&mut self.organisation),
            url: format!("https://{}.invalid/", ERASED.trim_matches(['[', ']'])),
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
    tag: "Action plans",
    example: "4c899a2c-db8c-88f9-9717-d70bf354931e",
    requires: "Requires `responses:write` for the organisation whose plan it is.",
    on_change: "A later plan is a new record, so that earlier ones stay on record.",
    has_slug: false,
};

/// Action plans, as a kind of record.
pub static KIND: Kind = Kind {
    guide: Some(&GUIDE),
    stays_on_record: true,
    hidden_when_withdrawn: &["actions"],
    ..Kind::below_report::<ActionPlanDocument, ActionPlan>(
        OWNERSHIP,
        handlers::show::<ActionPlan>,
        queries::advance,
    )
};
