//! Who speaks for whom under a report: every body for itself, and others with its mandate.

use chrono::NaiveDate;
use diesel::result::QueryResult;
use std::collections::{HashMap, HashSet};

use super::model::ObligationRow;
use crate::platform::db::DbConnection;
use crate::platform::identity::RecordId;
use crate::resources::groups;
use crate::tracking::mandates::queries::{self, RepresentationRow};

/// An addressee of a recommendation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AddressedBody {
    /// The organisation.
    pub id: RecordId,
    /// The group through which it is addressed.
    pub via_group: Option<RecordId>,
}

impl AddressedBody {
    /// The addressee of an obligation.
    pub fn of(row: &ObligationRow) -> Self {
        Self {
            id: row.organisation_id,
            via_group: row.via_group_id,
        }
    }
}

/// The mandates of those who speak under a recommendation, and who belonged to the groups in question on the day of the
/// report.
#[derive(Debug, Default)]
pub struct Representation {
    mandates: Vec<RepresentationRow>,
    members: HashMap<RecordId, HashSet<RecordId>>,
}

impl Representation {
    /// Loads the mandates of `speakers` that are about a report of this day, and the members of the groups in them and in
    /// `groups`.
    ///
    /// # Errors
    /// When a query fails.
    pub fn load(
        connection: &mut DbConnection,
        report: RecordId,
        reported_on: NaiveDate,
        speakers: HashSet<RecordId>,
        groups: HashSet<RecordId>,
    ) -> QueryResult<Self> {
        let mandates = queries::about(connection, report, &speakers)?;
        let mandated = mandates.iter().filter_map(|mandate| mandate.group_id);
        let groups: Vec<RecordId> = groups.into_iter().chain(mandated).collect();
        let members = groups::queries::member_ids(connection, &groups, reported_on)?;
        Ok(Self {
            mandates,
            members: members
                .into_iter()
                .map(|(id, members)| (id, members.into_iter().collect()))
                .collect(),
        })
    }

    /// Whether this organisation or group is the addressee, or a group that it belonged to.
    pub fn names(
        &self,
        organisation: Option<RecordId>,
        group: Option<RecordId>,
        addressee: &AddressedBody,
    ) -> bool {
        let belongs_to = |group: RecordId| {
            let members = self.members.get(&group);
            addressee.via_group == Some(group)
                || members.is_some_and(|members| members.contains(&addressee.id))
        };
        organisation == Some(addressee.id) || group.is_some_and(belongs_to)
    }

    /// Whether what `speaker` said on a day is the word of the addressee.
    pub fn speaks_for(&self, speaker: RecordId, addressee: &AddressedBody, day: NaiveDate) -> bool {
        let is_mandated = |mandate: &RepresentationRow| {
            mandate.representative_id == speaker
                && mandate.from_on <= day
                && mandate.until_on.is_none_or(|until| day < until)
                && self.names(mandate.organisation_id, mandate.group_id, addressee)
        };
        speaker == addressee.id || self.mandates.iter().any(is_mandated)
    }
}
