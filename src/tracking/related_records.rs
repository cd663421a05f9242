//! The records and linked pages that the rows of a list refer to, with one query for each kind.

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use diesel::prelude::*;
use diesel::result::QueryResult;
use serde::Serialize;
use std::collections::HashMap;
use utoipa::ToSchema;

use super::linked_pages;
use super::linked_pages::views::LinkedPage;
use crate::access::visibility;
use crate::http::references::{NameReference, NumberReference, TitleReference};
use crate::log::Resource;
use crate::platform::db::{DbConnection, Json, Sql};
use crate::platform::identity::{Key, RecordId};
use crate::platform::states::{PublicationState, VisibleState};
use crate::resources::organisations::parts::name_on;
use crate::resources::reports::model::ReportRow;
use crate::resources::{references, reports};
use crate::writing::recorder::{Capacity, RecordedBy};

/// The ids and URLs that rows refer to; they may repeat.
#[derive(Debug, Default)]
#[allow(missing_docs)]
pub struct RelatedIds<'a> {
    pub recommendations: Vec<RecordId>,
    pub reports: Vec<RecordId>,
    pub organisations: Vec<RecordId>,
    pub groups: Vec<RecordId>,
    pub urls: Vec<&'a str>,
}

/// The records that rows refer to, by id, and the linked pages, by URL.
#[derive(Debug, Default)]
#[allow(missing_docs)]
pub struct RelatedRecords {
    pub recommendations: HashMap<RecordId, NumberReference>,
    pub reports: HashMap<RecordId, ReportRow>,
    pub organisations: HashMap<RecordId, NameReference>,
    pub groups: HashMap<RecordId, NameReference>,
    pub pages: HashMap<String, LinkedPage>,
}

impl RelatedRecords {
    /// Loads the records, as they are at `now`, with at most five queries.
    ///
    /// # Errors
    /// When a query fails.
    pub fn load(
        connection: &mut DbConnection,
        ids: RelatedIds<'_>,
        now: NaiveDateTime,
    ) -> QueryResult<Self> {
        let mut sql = Sql::new(
            "SELECT r.id, r.slug, r.number FROM recommendations r WHERE r.state IN ('published', 'withdrawn') AND r.id IN ",
        );
        sql.list(distinct(ids.recommendations));
        let recommendations: Vec<NumberReference> = sql.load(connection)?;
        let recommendations = recommendations.into_iter();
        let (organisations, groups) = (distinct(ids.organisations), distinct(ids.groups));
        Ok(Self {
            recommendations: recommendations.map(|row| (row.id, row)).collect(),
            reports: reports::queries::of_recommendations(connection, &distinct(ids.reports))?,
            organisations: references::named(connection, Resource::Organisation, organisations)?,
            groups: references::named(connection, Resource::Group, groups)?,
            pages: match ids.urls.is_empty() {
                true => HashMap::new(),
                false => linked_pages::present::by_urls(connection, ids.urls, now)?,
            },
        })
    }

    /// Names the organisations as they were named on a day.
    ///
    /// # Errors
    /// When the query fails.
    pub fn name_on(&mut self, connection: &mut DbConnection, day: NaiveDate) -> QueryResult<()> {
        name_on(connection, self.organisations.values_mut(), day)
    }

    /// A reference to a report.
    pub fn report(&self, id: RecordId) -> Option<TitleReference> {
        self.reports.get(&id).map(ReportRow::reference)
    }

    /// A reference to a report, if it is public at `now`.
    pub fn public_report(&self, id: RecordId, now: NaiveDateTime) -> Option<TitleReference> {
        let report = self.reports.get(&id)?;
        (report.state.is_shown() && report.visible_from <= now).then(|| report.reference())
    }

    /// A reference to a recommendation.
    pub fn recommendation(&self, id: RecordId) -> Option<NumberReference> {
        self.recommendations.get(&id).cloned()
    }

    /// A reference to a group.
    pub fn group(&self, id: RecordId) -> Option<NameReference> {
        self.groups.get(&id).cloned()
    }

    /// A reference to an organisation.
    pub fn organisation(&self, id: RecordId) -> Option<NameReference> {
        self.organisations.get(&id).cloned()
    }

    /// Who recorded a record, if that is known.
    pub fn recorder(&self, recorded_by: Option<&Json<RecordedBy>>) -> Option<Recorder> {
        recorder(recorded_by, &self.organisations)
    }

    /// The linked page with a URL.
    pub fn page(&self, url: Option<&str>) -> Option<LinkedPage> {
        self.pages.get(url?).cloned()
    }

    /// The visible state of a record of a report, given the record's own state.
    pub fn state_below(&self, report: RecordId, own: PublicationState) -> Option<VisibleState> {
        let report = self.reports.get(&report)?;
        Some(visibility::state_below(report.state, own))
    }
}

/// Who recorded a record first.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Recorder {
    /// In which capacity.
    pub capacity: Capacity,
    /// The organisation on whose behalf; absent for an administrator.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organisation: Option<NameReference>,
}

/// Who recorded a record, if that is known, given references to organisations.
pub fn recorder(
    recorded_by: Option<&Json<RecordedBy>>,
    organisations: &HashMap<RecordId, NameReference>,
) -> Option<Recorder> {
    let by = recorded_by?;
    let organisation = by.organisation.as_ref().and_then(Key::id);
    Some(Recorder {
        capacity: by.capacity,
        organisation: organisation.and_then(|id| organisations.get(&id).cloned()),
    })
}

/// When a record was recorded first, here or on the instance that it was carried over from.
pub fn recorded_at(
    recorded_by: Option<&Json<RecordedBy>>,
    created_at: NaiveDateTime,
) -> DateTime<Utc> {
    recorded_by.map_or_else(|| created_at.and_utc(), |by| by.at)
}

/// The organisation on whose behalf a record was recorded.
pub fn recorded_for(recorded_by: Option<&Json<RecordedBy>>) -> QueryResult<Option<RecordId>> {
    let organisation = recorded_by.and_then(|by| by.organisation.as_ref());
    Key::optional(organisation)
}

fn distinct(mut ids: Vec<RecordId>) -> Vec<RecordId> {
    ids.sort_unstable();
    ids.dedup();
    ids
}
