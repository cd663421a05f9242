//! Generates obligations from the addressees of a recommendation. Repeating it changes nothing and never loses recorded
//! data.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;
use diesel::result::QueryResult;
use std::collections::HashMap;

use super::gathering::Gathered;
use super::model::{ObligationRow, Tracked};
use crate::log::Writer;
use crate::platform::db::schema::{
    obligations, recommendation_addressed_organisations as addressed, recommendations, reports,
};
use crate::platform::db::{DbConnection, EnumText, Json};
use crate::platform::states::PublicationState;
use crate::platform::values::derived_id;
use crate::resources::deadlines::terms::{self, Deadline};
use crate::resources::recommendations::model::{RecommendationRow, Reply, ResponseRequirement};

/// The id of an organisation's obligation under a recommendation: a version 8 UUID (RFC 9562, 5.8) derived from both
/// ids, so it is always and everywhere the same.
pub fn id(recommendation: &str, organisation: &str) -> String {
    derived_id(&format!("obligation {recommendation} {organisation}"))
}

/// What all obligations of a recommendation share.
struct Common {
    row: RecommendationRow,
    report_checked_on: Option<NaiveDate>,
    /// When the recommendation, or the data of its report that applies to all addressees, last changed.
    updated_at: NaiveDateTime,
    deadlines: Vec<Deadline>,
    requirement: ResponseRequirement,
    gathered: Gathered,
}

impl Common {
    fn load(connection: &mut DbConnection, recommendation: &str) -> QueryResult<Self> {
        let row: RecommendationRow = recommendations::table
            .find(recommendation)
            .select(RecommendationRow::as_select())
            .first(connection)?;
        let (report_checked_on, report_updated_at): (Option<NaiveDate>, NaiveDateTime) =
            reports::table
                .find(&row.report_id)
                .select((reports::responses_checked_on, reports::updated_at))
                .first(connection)?;
        let updated_at = match report_checked_on {
            Some(_) => row.updated_at.max(report_updated_at),
            None => row.updated_at,
        };
        let deadlines =
            terms::of_recommendation(&row.deadlines, row.stated_due_on, row.published_on);
        // a deadline implies that a response is requested
        let wanted = match Deadline::for_response(&deadlines) {
            Some(_) => ResponseRequirement::Requested,
            None => ResponseRequirement::None,
        };
        let is_joint = row.reply == Some(EnumText(Reply::Joint));
        let gathered = Gathered::load(connection, recommendation, is_joint)?;
        Ok(Self {
            requirement: row.response_requirement.map_or(wanted, |word| word.0),
            row,
            report_checked_on,
            updated_at,
            deadlines,
            gathered,
        })
    }

    fn new_row(&self, organisation: &str) -> QueryResult<ObligationRow> {
        let id = id(&self.row.id, organisation);
        Ok(ObligationRow {
            slug: id.clone(),
            id,
            state: PublicationState::Published,
            revision: 0,
            change_seq: 0,
            created_at: self.row.created_at,
            updated_at: self.row.updated_at,
            recommendation_id: self.row.id.clone(),
            organisation_id: organisation.to_owned(),
            report_id: self.row.report_id.clone(),
            via_group_id: None,
            number_key: self.row.number_key.clone(),
            response_requirement: EnumText(self.requirement),
            deadlines: Json::new(Vec::new())?,
            due_on: None,
            due_key: NaiveDate::default(),
            is_extended: false,
            checked_on: None,
            is_answered: false,
            answered_on: None,
            is_receipt_known: false,
            is_withheld: false,
            has_holding_reply: false,
            is_collective: false,
            position: None,
            position_verbatim: None,
            implementation_status: EnumText::default(),
            implementation_as_at: None,
            assessment_status: EnumText::default(),
            assessment_as_at: None,
            transferred_to_id: None,
            tracked: Json::new(Tracked::default())?,
        })
    }

    /// The row, with the values that follow from the recommendation and its report.
    fn apply(
        &self,
        mut row: ObligationRow,
        via_group: Option<String>,
    ) -> QueryResult<ObligationRow> {
        row.report_id.clone_from(&self.row.report_id);
        row.number_key.clone_from(&self.row.number_key);
        row.state = self.row.state;
        row.response_requirement = EnumText(self.requirement);
        row.via_group_id = via_group;
        let tracked = row.tracked.clone();
        let deadlines: Vec<Deadline> = self
            .deadlines
            .iter()
            .map(|deadline| deadline.clone().revised(&tracked.revisions))
            .collect();
        let response = Deadline::for_response(&deadlines);
        row.due_on = response.and_then(|deadline| deadline.due_on);
        row.is_extended = response.is_some_and(Deadline::is_extended);
        row.due_key = row.due_on.unwrap_or(LAST_DAY);
        row.checked_on = self.report_checked_on.max(tracked.checked_on);
        row.transferred_to_id.clone_from(&tracked.transferred_to);
        row.updated_at = self
            .updated_at
            .max(tracked.recorded_at.unwrap_or(self.updated_at));
        row.deadlines = Json::new(deadlines)?;
        Ok(self.gathered.apply(row))
    }
}

/// The last date that both databases and every client can represent.
const LAST_DAY: NaiveDate = match NaiveDate::from_ymd_opt(9999, 12, 31) {
    Some(day) => day,
    None => NaiveDate::MAX,
};

/// Updates the obligations of a recommendation to match its addressees, its deadlines, its report and what was
/// recorded.
///
/// # Errors
/// When a query fails.
pub fn generate(connection: &mut DbConnection, recommendation: &str) -> QueryResult<()> {
    let common = Common::load(connection, recommendation)?;
    let mut wanted: Vec<(String, Option<String>)> = addressed::table
        .filter(addressed::recommendation_id.eq(recommendation))
        .select((addressed::organisation_id, addressed::via_group_id))
        .load(connection)?;
    let existing: Vec<ObligationRow> = obligations::table
        .filter(obligations::recommendation_id.eq(recommendation))
        .select(ObligationRow::as_select())
        .load(connection)?;
    // an organisation that took over an obligation gets its own; the old one stays
    for heir in existing
        .iter()
        .filter_map(|row| row.tracked.transferred_to.clone())
    {
        if !wanted.iter().any(|(organisation, _)| *organisation == heir) {
            wanted.push((heir, None));
        }
    }
    let mut existing: HashMap<String, ObligationRow> = existing
        .into_iter()
        .map(|row| (row.organisation_id.clone(), row))
        .collect();
    for (organisation, via_group) in wanted {
        match existing.remove(&organisation) {
            Some(before) => {
                let row = common.apply(before.clone(), via_group)?;
                update(connection, &before, &row)?;
            }
            None => {
                let row = common.apply(common.new_row(&organisation)?, via_group)?;
                diesel::insert_into(obligations::table)
                    .values(&row)
                    .execute(connection)?;
            }
        }
    }
    for before in existing.into_values() {
        let row = common.apply(before.clone(), before.via_group_id.clone())?;
        let is_on_record = common.gathered.holds(&row.organisation_id);
        retire(connection, &before, row, is_on_record)?;
    }
    Ok(())
}

/// Writes a row if it has changed.
fn update(
    connection: &mut DbConnection,
    before: &ObligationRow,
    row: &ObligationRow,
) -> QueryResult<()> {
    if before != row {
        diesel::update(obligations::table.find(&row.id))
            .set(row)
            .execute(connection)?;
    }
    Ok(())
}

/// Deletes the obligation of an organisation that is no longer addressed, or withdraws it if anything was recorded.
fn retire(
    connection: &mut DbConnection,
    before: &ObligationRow,
    row: ObligationRow,
    is_on_record: bool,
) -> QueryResult<()> {
    if !is_on_record && row.revision == 0 && !row.is_answered && !row.has_holding_reply {
        diesel::delete(obligations::table.find(&row.id)).execute(connection)?;
        return Ok(());
    }
    let row = ObligationRow {
        state: PublicationState::Withdrawn,
        ..row
    };
    update(connection, before, &row)
}

/// Updates the obligations of all recommendations that this write has touched.
///
/// # Errors
/// When a query fails.
pub fn generate_touched(writer: &mut Writer<'_>) -> QueryResult<()> {
    let touched = writer.take_touched();
    touched
        .iter()
        .try_for_each(|id| generate(writer.connection, id))
}

/// Generates the missing obligations in a database from before obligations were introduced.
///
/// # Errors
/// When a query fails.
pub fn generate_missing(connection: &mut DbConnection) -> QueryResult<()> {
    let known = obligations::table.select(obligations::recommendation_id);
    let missing: Vec<String> = recommendations::table
        .filter(recommendations::id.ne_all(known))
        .select(recommendations::id)
        .load(connection)?;
    missing.iter().try_for_each(|id| generate(connection, id))
}

/// Updates all obligations, in a rebuilt database.
///
/// # Errors
/// When a query fails.
pub fn generate_all(connection: &mut DbConnection) -> QueryResult<()> {
    let all: Vec<String> = recommendations::table
        .select(recommendations::id)
        .load(connection)?;
    all.iter().try_for_each(|id| generate(connection, id))
}
