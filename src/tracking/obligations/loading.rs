//! What obligations are generated from, read for many recommendations with a few statements.

use diesel::prelude::*;
use diesel::result::{Error, QueryResult};
use std::collections::{HashMap, HashSet};

use super::model::ObligationRow;
use super::representation::AddressedBody;
use super::storing::StoredSpans;
use crate::platform::db::schema::{obligation_spans, recommendations, reports};
use crate::platform::db::{DbConnection, Sql, grouped};
use crate::platform::identity::RecordId;
use crate::resources::recommendations::addressing;
use crate::resources::recommendations::model::RecommendationRow;
use crate::resources::reports::model::ReportRow;

/// What is stored about some recommendations.
pub struct StoredRecommendations {
    recommendations: HashMap<RecordId, RecommendationRow>,
    reports: HashMap<RecordId, ReportRow>,
    /// The organisations of each, and the groups through which they are addressed.
    addressed: HashMap<RecordId, Vec<(RecordId, Option<RecordId>)>>,
    former: HashMap<RecordId, Vec<(RecordId, Option<RecordId>)>>,
    obligations: HashMap<RecordId, Vec<ObligationRow>>,
    /// Those under which anything was said.
    spoken_of: HashSet<RecordId>,
}

impl StoredRecommendations {
    /// Loads it for these recommendations.
    ///
    /// # Errors
    /// When a query fails.
    pub fn load(connection: &mut DbConnection, ids: &[RecordId]) -> QueryResult<Self> {
        let rows: Vec<RecommendationRow> = recommendations::table
            .filter(recommendations::id.eq_any(ids))
            .select(RecommendationRow::as_select())
            .load(connection)?;
        let report_ids: HashSet<RecordId> = rows.iter().map(|row| row.report_id).collect();
        let reports: Vec<ReportRow> = reports::table
            .filter(reports::id.eq_any(report_ids))
            .select(ReportRow::as_select())
            .load(connection)?;
        let obligations: Vec<ObligationRow> = obligation_spans::table
            .filter(obligation_spans::recommendation_id.eq_any(ids))
            .select(ObligationRow::as_select())
            .load(connection)?;
        let obligations = obligations.into_iter();
        Ok(Self {
            recommendations: rows.into_iter().map(|row| (row.id, row)).collect(),
            reports: reports.into_iter().map(|row| (row.id, row)).collect(),
            addressed: addressing::addressed_by(connection, ids)?,
            former: addressing::formerly_addressed_by(connection, ids)?,
            obligations: grouped(obligations.map(|row| (row.recommendation_id, row))),
            spoken_of: spoken_of(connection, ids)?,
        })
    }

    /// A recommendation and its report.
    ///
    /// # Errors
    /// If it does not exist.
    pub fn find(&self, id: RecordId) -> QueryResult<(&RecommendationRow, &ReportRow)> {
        let recommendation = self.recommendations.get(&id).ok_or(Error::NotFound)?;
        let report = self.reports.get(&recommendation.report_id);
        Ok((recommendation, report.ok_or(Error::NotFound)?))
    }

    /// The organisations that a recommendation is addressed to.
    pub fn take_addressed(&mut self, id: RecordId) -> Vec<AddressedBody> {
        bodies(self.addressed.remove(&id))
    }

    /// Those that it was addressed to in public, and no longer is.
    pub fn take_former(&mut self, id: RecordId) -> Vec<AddressedBody> {
        bodies(self.former.remove(&id))
    }

    /// The spans of its obligations.
    pub fn take_spans(&mut self, id: RecordId) -> StoredSpans {
        StoredSpans::new(self.obligations.remove(&id).unwrap_or_default())
    }

    /// Whether there are responses, progress updates or assessments under a recommendation.
    pub fn is_spoken_of(&self, id: RecordId) -> bool {
        self.spoken_of.contains(&id)
    }
}

fn bodies(rows: Option<Vec<(RecordId, Option<RecordId>)>>) -> Vec<AddressedBody> {
    let rows = rows.unwrap_or_default().into_iter();
    rows.map(|(id, via_group)| AddressedBody { id, via_group })
        .collect()
}

/// The recommendations under which there are responses, progress updates or assessments.
fn spoken_of(connection: &mut DbConnection, ids: &[RecordId]) -> QueryResult<HashSet<RecordId>> {
    let mut sql = Sql::new("SELECT recommendation_id AS id FROM response_covers");
    let further = [
        " UNION SELECT recommendation_id FROM progress_updates",
        " UNION SELECT recommendation_id FROM assessments",
        "",
    ];
    for next in further {
        sql.push(" WHERE recommendation_id IN ")
            .list(ids.iter().copied());
        sql.push(next);
    }
    Ok(sql.ids(connection)?.into_iter().collect())
}
