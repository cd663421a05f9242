//! All SQL of ingested feeds and their items.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use diesel::result::QueryResult;
use diesel::sql_types::{BigInt, Text};
use std::collections::HashMap;

use super::Feed;
use super::schema::{ingested_feeds, ingested_items};
use crate::log::Writer;
use crate::platform::db::{DbConnection, Sql};
use crate::platform::identity::RecordId;

/// The stored state of a feed.
#[derive(Clone, Debug, Insertable, AsChangeset)]
#[diesel(table_name = ingested_feeds, treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct FeedState {
    /// The organisation.
    pub organisation_id: RecordId,
    /// The URL of the feed.
    pub url: String,
    /// The `ETag`, for the next conditional request.
    pub etag: Option<String>,
    /// The `Last-Modified` date, for the next conditional request.
    pub last_modified: Option<String>,
    /// When it was last requested.
    pub asked_at: NaiveDateTime,
    /// The earliest time of the next request.
    pub due_at: NaiveDateTime,
    /// Why the last request failed.
    pub trouble: Option<String>,
}

/// The feeds of these organisations or, if none are given, of all organisations that have one, ordered by slug. The
/// stored state of a feed with another URL is ignored.
///
/// # Errors
/// If the database cannot be read.
pub fn feeds(connection: &mut DbConnection, organisations: &[RecordId]) -> QueryResult<Vec<Feed>> {
    let mut sql = Sql::new(
        "SELECT o.id, o.slug, o.feed, f.etag, f.last_modified, f.asked_at, f.due_at FROM organisations o \
         LEFT JOIN ingested_feeds f ON f.organisation_id = o.id AND f.url = o.feed WHERE o.state = 'published'",
    );
    match organisations.is_empty() {
        true => sql.push(" AND o.feed IS NOT NULL"),
        false => sql.push(" AND o.id IN ").list(organisations),
    };
    sql.push(" ORDER BY o.slug");
    sql.load(connection)
}

/// What is known of an item.
#[derive(Clone, Debug, Queryable, Insertable, AsChangeset)]
#[diesel(table_name = ingested_items, treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct KnownItem {
    /// The article that it became.
    pub article_id: RecordId,
    /// The version of the item that was read last; `None` if it came in another way, or by an older program.
    pub version: Option<String>,
    /// The digest of the article's text as it was stored from there.
    pub article_digest: Option<String>,
}

impl KnownItem {
    /// An item whose article is not its feed's to change.
    pub fn elsewhere(article_id: RecordId) -> Self {
        Self {
            article_id,
            version: None,
            article_digest: None,
        }
    }
}

/// The known items among these, by digest.
///
/// # Errors
/// If the database cannot be read.
pub fn known(
    connection: &mut DbConnection,
    digests: &[String],
) -> QueryResult<HashMap<String, KnownItem>> {
    let mut known = HashMap::new();
    for digests in digests.chunks(500) {
        let rows: Vec<(String, KnownItem)> = ingested_items::table
            .filter(ingested_items::digest.eq_any(digests))
            .select((
                ingested_items::digest,
                (
                    ingested_items::article_id,
                    ingested_items::version,
                    ingested_items::article_digest,
                ),
            ))
            .load(connection)?;
        known.extend(rows);
    }
    Ok(known)
}

/// Stores what is known of an item under one of its digests.
///
/// # Errors
/// If the database cannot be written.
pub fn save_item(writer: &mut Writer<'_>, digest: &str, item: &KnownItem) -> QueryResult<()> {
    // a link that another article has stays that of the other
    let same = ingested_items::table
        .find(digest)
        .filter(ingested_items::article_id.eq(item.article_id));
    let updated = diesel::update(same).set(item).execute(writer.connection)?;
    let stored = ingested_items::table.find(digest).count();
    if updated == 0 && stored.get_result::<i64>(writer.connection)? == 0 {
        diesel::insert_into(ingested_items::table)
            .values((ingested_items::digest.eq(digest), item))
            .execute(writer.connection)?;
    }
    Ok(())
}

/// An article as the log has it.
#[derive(Clone, Debug, QueryableByName)]
pub struct StoredArticle {
    /// The id.
    #[diesel(sql_type = Text)]
    pub id: RecordId,
    /// The revision.
    #[diesel(sql_type = BigInt)]
    pub revision: i64,
    /// The document.
    #[diesel(sql_type = Text)]
    pub state: String,
}

/// These articles, by id, but for those that were removed or erased.
///
/// # Errors
/// If the database cannot be read.
pub fn articles(
    connection: &mut DbConnection,
    ids: &[RecordId],
) -> QueryResult<HashMap<RecordId, StoredArticle>> {
    let mut found = HashMap::new();
    for ids in ids.chunks(500) {
        let mut sql = Sql::new(
            "SELECT a.id, a.revision, c.state FROM articles a JOIN changes c ON c.seq = a.change_seq \
             WHERE c.state IS NOT NULL AND a.id IN ",
        );
        sql.list(ids);
        let rows: Vec<StoredArticle> = sql.load(connection)?;
        found.extend(rows.into_iter().map(|row| (row.id, row)));
    }
    Ok(found)
}

/// Stores the state of a feed.
///
/// # Errors
/// If the database cannot be written.
pub fn save_feed(writer: &mut Writer<'_>, state: &FeedState) -> QueryResult<()> {
    let stored = ingested_feeds::table.find(state.organisation_id);
    let updated = diesel::update(stored)
        .set(state)
        .execute(writer.connection)?;
    if updated == 0 {
        diesel::insert_into(ingested_feeds::table)
            .values(state)
            .execute(writer.connection)?;
    }
    Ok(())
}
