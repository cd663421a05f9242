//! What is known of each record that was replayed.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use diesel::result::Error::DeserializationError;
use diesel::result::QueryResult;
use diesel::sql_types::{BigInt, Nullable};
use std::collections::{BTreeSet, HashSet};

use crate::log::{Lineage, Previous, Resource};
use crate::platform::db::{DbConnection, EnumText, Sql, update};
use crate::platform::identity::{RecordId, Slug};
use crate::platform::states::PublicationState;

/// The statements that create the table.
pub const DEFINITION: &str = "CREATE TABLE replayed_records (id TEXT NOT NULL PRIMARY KEY, resource TEXT NOT NULL, \
     report_id TEXT, first_seq BIGINT NOT NULL, revision BIGINT NOT NULL, slug TEXT NOT NULL, state TEXT NOT NULL, \
     state_digest TEXT NOT NULL, is_withdrawn_with_report BOOLEAN NOT NULL, \
     created_at TIMESTAMP NOT NULL, updated_at TIMESTAMP NOT NULL, public_from TIMESTAMP, shown TEXT NOT NULL, appears_at TIMESTAMP);\n\
     CREATE INDEX replayed_records_by_report ON replayed_records (report_id);\n\
     CREATE INDEX replayed_records_by_appearance ON replayed_records (appears_at) WHERE appears_at IS NOT NULL;\n\
     CREATE TABLE replay_state (lineage TEXT NOT NULL);\nINSERT INTO replay_state (lineage) VALUES ('0');\n";

diesel::table! {
    replayed_records (id) {
        id -> Text,
        resource -> Text,
        report_id -> Nullable<Text>,
        first_seq -> BigInt,
        revision -> BigInt,
        slug -> Text,
        state -> Text,
        state_digest -> Text,
        is_withdrawn_with_report -> Bool,
        created_at -> Timestamp,
        updated_at -> Timestamp,
        public_from -> Nullable<Timestamp>,
        shown -> Text,
        appears_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    replay_state (lineage) {
        lineage -> Text,
    }
}

/// What of the log was replayed.
pub fn lineage(connection: &mut DbConnection) -> QueryResult<Lineage> {
    let text: String = replay_state::table
        .select(replay_state::lineage)
        .first(connection)?;
    text.parse()
        .map_err(|error: &str| DeserializationError(error.into()))
}

/// Stores what of the log was replayed.
pub fn store_lineage(connection: &mut DbConnection, lineage: &Lineage) -> QueryResult<()> {
    let set = diesel::update(replay_state::table);
    let set = set.set(replay_state::lineage.eq(lineage.to_string()));
    set.execute(connection).map(drop)
}

/// How a record is shown in the past.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::EnumString, strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Shown {
    /// As it was.
    AsItWas,
    /// As it is today, because it is no longer published.
    AsToday,
    /// Not at all: a draft that was removed.
    LeftOut,
}

/// A record that was replayed.
#[derive(Clone, Debug, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = replayed_records, treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct ReplayedRecord {
    pub id: RecordId,
    pub resource: EnumText<Resource>,
    /// The report that it belongs to; a report belongs to itself.
    pub report_id: Option<RecordId>,
    /// Its first entry in the log.
    pub first_seq: i64,
    pub revision: i64,
    pub slug: Slug,
    pub state: PublicationState,
    pub state_digest: String,
    pub is_withdrawn_with_report: bool,
    pub created_at: NaiveDateTime,
    pub updated_at: NaiveDateTime,
    pub public_from: Option<NaiveDateTime>,
    pub shown: EnumText<Shown>,
    /// When it becomes public without a new entry.
    pub appears_at: Option<NaiveDateTime>,
}

#[derive(QueryableByName)]
struct WriteEnd {
    #[diesel(sql_type = Nullable<BigInt>)]
    seq: Option<i64>,
}

impl ReplayedRecord {
    /// The record before the next entry.
    pub fn previous(&self) -> Previous {
        Previous {
            revision: self.revision,
            slug: self.slug.clone(),
            state: self.state,
            created_at: self.created_at,
            state_digest: self.state_digest.clone(),
            public_from: self.public_from,
        }
    }
}

/// The record with this id, if it was replayed.
pub fn find(connection: &mut DbConnection, id: RecordId) -> QueryResult<Option<ReplayedRecord>> {
    let record = replayed_records::table.find(id);
    record
        .select(ReplayedRecord::as_select())
        .first(connection)
        .optional()
}

/// Stores a record, which may be there already.
pub fn store(
    connection: &mut DbConnection,
    record: &ReplayedRecord,
    is_known: bool,
) -> QueryResult<()> {
    if is_known {
        let known = diesel::update(replayed_records::table.find(record.id));
        return update(connection, known.set(record));
    }
    let new = diesel::insert_into(replayed_records::table).values(record);
    new.execute(connection).map(drop)
}

/// Removes records.
pub fn forget(connection: &mut DbConnection, ids: &[RecordId]) -> QueryResult<()> {
    for ids in ids.chunks(500) {
        diesel::delete(replayed_records::table.filter(replayed_records::id.eq_any(ids)))
            .execute(connection)?;
    }
    Ok(())
}

/// The records that were left out.
pub fn left_out(connection: &mut DbConnection) -> QueryResult<HashSet<RecordId>> {
    let left_out = replayed_records::shown.eq(EnumText(Shown::LeftOut));
    let ids = replayed_records::table.filter(left_out);
    let ids: Vec<RecordId> = ids.select(replayed_records::id).load(connection)?;
    Ok(ids.into_iter().collect())
}

/// The records that have become public by `now` without a new entry.
pub fn appeared(connection: &mut DbConnection, now: NaiveDateTime) -> QueryResult<Vec<RecordId>> {
    replayed_records::table
        .filter(replayed_records::appears_at.le(now))
        .select(replayed_records::id)
        .load(connection)
}

/// When the next record becomes public without a new entry.
pub fn next_appearance(connection: &mut DbConnection) -> QueryResult<Option<NaiveDateTime>> {
    let next = diesel::dsl::min(replayed_records::appears_at);
    replayed_records::table.select(next).first(connection)
}

/// The records that are replayed together with one: a report and all below it, or the translations of an article.
pub fn unit(connection: &mut DbConnection, record: &ReplayedRecord) -> QueryResult<Vec<RecordId>> {
    match (record.report_id, record.resource.0) {
        (Some(report), _) => replayed_records::table
            .filter(replayed_records::report_id.eq(report))
            .select(replayed_records::id)
            .load(connection),
        (None, Resource::Article) => translations(connection, record.id),
        (None, _) => Ok(vec![record.id]),
    }
}

/// The recommendations of a report.
pub fn recommendations(
    connection: &mut DbConnection,
    report: RecordId,
) -> QueryResult<Vec<RecordId>> {
    let mut sql = Sql::new("SELECT r.id FROM recommendations r WHERE r.report_id = ");
    sql.bind(report);
    sql.ids(connection)
}

/// The ends of the writes, up to one position, that changed who answers for whom in the responses and updates of a report.
pub fn changes_of_speakers(
    connection: &mut DbConnection,
    report: RecordId,
    until: i64,
) -> QueryResult<Vec<i64>> {
    let mut sql = Sql::new(
        "WITH mandate AS (SELECT m.id FROM mandates_history m WHERE m.representative_id IN (",
    );
    sql.push("SELECT r.responder_id FROM responses_history r WHERE r.report_id = ")
        .bind(report);
    sql.push(" UNION SELECT u.author_id FROM progress_updates_history u WHERE u.report_id = ")
        .bind(report);
    sql.push(
        ")), of_group AS (SELECT g.group_id FROM mandate_represented_history g WHERE g.mandate_id IN mandate \
         UNION SELECT a.group_id FROM responses_history r JOIN response_respondents_history a ON a.response_id = r.id WHERE r.report_id = ",
    );
    sql.bind(report);
    sql.push("), change AS (SELECT m.from_seq, m.to_seq FROM mandates_history m WHERE m.id IN mandate UNION \
         SELECT g.from_seq, g.to_seq FROM mandate_represented_history g WHERE g.mandate_id IN mandate UNION \
         SELECT b.from_seq, b.to_seq FROM group_members_history b WHERE b.group_id IN of_group) \
         SELECT DISTINCT (SELECT min(t.seq) FROM log_times t WHERE t.seq >= c.seq) AS seq \
         FROM (SELECT from_seq AS seq FROM change UNION SELECT to_seq FROM change) c WHERE c.seq <= ");
    sql.bind(until).push(" ORDER BY 1");
    let ends: Vec<WriteEnd> = sql.load(connection)?;
    // the write that is being replayed has no end yet, and derives what follows from it then
    let ends = ends.into_iter().filter_map(|end| end.seq);
    Ok(ends.filter(|seq| *seq <= until).collect())
}

/// The reports with obligations whose history depends on that of a record: on who ever spoke with a mandate, and for whom.
pub fn dependent_reports(
    connection: &mut DbConnection,
    record: &ReplayedRecord,
) -> QueryResult<BTreeSet<RecordId>> {
    let mandates = match record.resource.0 {
        Resource::Mandate => "m.id = ",
        Resource::Group => {
            "m.id IN (SELECT g.mandate_id FROM mandate_represented_history g WHERE g.group_id = "
        }
        _ => return Ok(BTreeSet::new()),
    };
    let mut found = BTreeSet::new();
    for (table, speaker) in [
        ("responses_history r", "r.responder_id"),
        ("progress_updates_history r", "r.author_id"),
    ] {
        let mut sql = Sql::new("SELECT DISTINCT r.report_id AS id FROM ");
        sql.push(table).push(" WHERE ").push(speaker);
        sql.push(" IN (SELECT m.representative_id FROM mandates_history m WHERE ")
            .push(mandates);
        sql.bind(record.id).push(match record.resource.0 {
            Resource::Group => "))",
            _ => ")",
        });
        found.extend(sql.ids(connection)?);
    }
    let mut sql = Sql::new(
        "SELECT DISTINCT r.report_id AS id FROM responses_history r JOIN response_respondents_history a \
         ON a.response_id = r.id WHERE a.group_id = ",
    );
    sql.bind(record.id);
    found.extend(sql.ids(connection)?);
    Ok(found)
}

/// An article and all that were ever its translations, directly or not.
fn translations(connection: &mut DbConnection, article: RecordId) -> QueryResult<Vec<RecordId>> {
    let mut known = BTreeSet::new();
    let mut new = vec![article];
    while !new.is_empty() {
        known.extend(new.iter().copied());
        let mut sql = Sql::new(
            "SELECT h.translation_of_id AS id FROM articles_history h WHERE h.translation_of_id IS NOT NULL AND h.id IN ",
        );
        sql.list(new.iter().copied());
        sql.push(" UNION SELECT h.id FROM articles_history h WHERE h.translation_of_id IN ")
            .list(new.iter().copied());
        new = sql.ids(connection)?;
        new.retain(|id| !known.contains(id));
    }
    Ok(known.into_iter().collect())
}
