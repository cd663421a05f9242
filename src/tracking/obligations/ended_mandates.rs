//! What was said with a mandate that has ended stays as it was said.

use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::result::QueryResult;
use std::collections::HashSet;

use super::representation::{AddressedBody, Representation};
use crate::platform::db::DbConnection;
use crate::platform::db::schema::obligations;
use crate::platform::identity::RecordId;
use crate::platform::mistakes::MistakeCode;
use crate::resources::collection::Collection;
use crate::resources::reports::views::Report;
use crate::writing::violation::Violation;

/// Something that was said for addressees of recommendations.
pub struct SaidForOthers<'a> {
    /// Who said it.
    pub speaker: RecordId,
    /// The report.
    pub report: RecordId,
    /// The recommendations.
    pub recommendations: &'a [RecordId],
    /// The organisations and groups that it was said for.
    pub named: &'a [RecordId],
    /// When.
    pub said_on: NaiveDate,
}

/// Why the speaker cannot change what it said: it counts for an addressee whose mandate it no longer has.
///
/// # Errors
/// When a query fails.
pub fn violation(
    connection: &mut DbConnection,
    said: &SaidForOthers<'_>,
    today: NaiveDate,
) -> QueryResult<Option<Violation>> {
    let others: HashSet<RecordId> = said.named.iter().copied().collect();
    if others.iter().all(|other| *other == said.speaker) {
        return Ok(None);
    }
    let reported_on = Report::row(connection, said.report)?.published_on;
    let speakers = HashSet::from([said.speaker]);
    let representation =
        Representation::load(connection, said.report, reported_on, speakers, others)?;
    let addressees: Vec<(RecordId, Option<RecordId>)> = obligations::table
        .filter(obligations::recommendation_id.eq_any(said.recommendations))
        .select((obligations::organisation_id, obligations::via_group_id))
        .load(connection)?;
    let has_ended = addressees.into_iter().any(|(id, via_group)| {
        let addressee = AddressedBody { id, via_group };
        let mut named = said.named.iter().copied();
        let speaks_on = |day| representation.speaks_for(said.speaker, &addressee, day);
        id != said.speaker
            // each is an organisation or a group
            && named.any(|one| representation.names(Some(one), Some(one), &addressee))
            && speaks_on(said.said_on)
            && !speaks_on(today)
    });
    let rule = "It was said with a mandate that has ended, and stays as it was said.";
    Ok(has_ended.then(|| Violation::whole(MistakeCode::Immutable, rule)))
}
