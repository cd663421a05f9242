//! Reads as of a time in the past: `?as_of=` on records and lists, answered from the change log.
//!
//! The log has every state of every record, so the database as of a past time can be rebuilt: the entries up to that
//! time are stored again, in order, in an in-memory database (`replay`). The same handlers then run the same SQL on
//! it instead of on the live database, so every filter, order and expansion works as it does today. If nothing relevant
//! has changed since, as for most older reports, the live database is used.
//!
//! Retracted content stays retracted: a record that is withdrawn, removed, erased or a draft today is shown that way in
//! the past, too.

pub mod comparing;
mod replay;

use chrono::NaiveDateTime;
use diesel::prelude::*;
use diesel::result::QueryResult;
use std::collections::HashMap;

use crate::access::Public;
use crate::access::instance::Instance;
use crate::http::as_of::AsOf;
use crate::http::error::ApiError;
use crate::http::problem::ProblemCode;
use crate::log::entries::{self, Extent};
use crate::log::{Resource, redacted_revision, validity};
use crate::platform::db::schema::changes;
use crate::platform::db::{Database, DbConnection, EnumText, Error};
use crate::platform::identity::RecordId;
use crate::platform::time;
use crate::writing::kind::Catalogue;

/// The error if the log is too long.
const TOO_LONG: &str = "There are too many changes up to this time to replay. Use the history of a single record instead.";
/// How many snapshots are cached.
const MAX_SNAPSHOTS: usize = 3;
/// A cached snapshot is rebuilt after this many changes since it was last checked.
const MAX_UNCHECKED: usize = 5_000;

/// The database as of a time in the past.
pub struct PastSnapshot {
    /// The epoch of the log before it was read.
    epoch: i64,
    /// The newest entry of the log in it.
    last_entry: i64,
    extent: Extent,
    database: Database,
    /// The records in it, and whether each is shown as it was; the others are shown as they are today.
    records: HashMap<RecordId, bool>,
    /// The newest entry of the log for which the records were checked.
    checked: i64,
    /// When a record next becomes public without a new entry.
    expires: Option<NaiveDateTime>,
}

/// The most recently used snapshots.
#[derive(Default)]
pub struct Past {
    snapshots: tokio::sync::Mutex<Vec<PastSnapshot>>,
}

impl Public {
    /// Switches to an earlier time: reads return what they would have returned then, from the change log. `extent` is
    /// the part of the log that the response depends on.
    ///
    /// # Errors
    /// 400 if the time is to come or the log is too long; 404 if it is before the log; 503 if no connection is available.
    pub async fn as_of(self, as_of: Option<AsOf>, extent: Extent) -> Result<Self, ApiError> {
        as_of.map_or(Ok(()), |as_of| as_of.check(self.now))?;
        let Some(moment) = as_of.map(AsOf::moment).filter(|moment| *moment < self.now) else {
            return Ok(self);
        };
        self.require_active_caller().await?;
        let past = self.app_data::<Past>()?;
        let catalogue = **self.app_data::<&'static Catalogue>()?;
        let (instance, database) = (self.instance(), &self.instance().database);
        let then = past.at(instance, catalogue, moment, self.now, extent);
        let then = then.await?.unwrap_or_else(|| database.clone());
        Ok(self.at_moment(then, moment))
    }
}

impl Past {
    /// The database as of a time in the past; `None` if nothing in `extent` has changed since. Requests build snapshots
    /// one at a time and wait for each other as long as for a database connection.
    ///
    /// # Errors
    /// 400 if the log is too long; 404 if it begins later; 503 if no connection is available.
    pub async fn at(
        &self,
        instance: &Instance,
        catalogue: &'static Catalogue,
        moment: NaiveDateTime,
        now: NaiveDateTime,
        extent: Extent,
    ) -> Result<Option<Database>, ApiError> {
        let (live, epoch) = (&instance.database, instance.log.tail().epoch());
        let (checked_extent, limit) = (extent.clone(), instance.config.as_of_entries);
        let (last_entry, newest, is_unchanged) = live
            .read(move |c| {
                let newest = newest_entry(c)?;
                let last = last_entry(c, moment)?;
                // not checked if there are too many newer entries
                let is_unchanged = newest - last <= limit
                    && entries::entries(c, last, newest, &checked_extent, 1)?.is_empty();
                Ok::<_, ApiError>((last, newest, is_unchanged))
            })
            .await?;
        if is_unchanged {
            return Ok(None);
        }
        let size = instance.config.pool_size();
        let lock = tokio::time::timeout(size.wait, self.snapshots.lock());
        let mut snapshots = lock.await.map_err(|_| ApiError::from(Error::Busy))?;
        let key = (epoch, last_entry, &extent);
        let found = snapshots
            .iter()
            .position(|other| (other.epoch, other.last_entry, &other.extent) == key);
        let cached = found.map(|index| snapshots.remove(index));
        let snapshot = live
            .read(move |c| {
                if let Some(mut snapshot) = cached
                    && is_current(c, &snapshot, now)?
                {
                    snapshot.checked = newest;
                    return Ok::<_, ApiError>(snapshot);
                }
                let rebuilt =
                    replay::run(c, catalogue, size, last_entry, limit, &extent, (now, true))?;
                let (database, records) = rebuilt
                    .ok_or_else(|| ApiError::parameter("out_of_reach", "as_of", TOO_LONG))?;
                Ok(PastSnapshot {
                    epoch,
                    last_entry,
                    extent,
                    database,
                    records,
                    checked: newest,
                    expires: validity::moments(c, now)?.until,
                })
            })
            .await?;
        let database = snapshot.database.clone();
        snapshots.insert(0, snapshot);
        snapshots.truncate(MAX_SNAPSHOTS);
        Ok(Some(database))
    }
}

/// The number of the last entry written by a time; 0 if the log is empty.
///
/// # Errors
/// 404 if the log begins later.
pub fn last_entry(c: &mut DbConnection, moment: NaiveDateTime) -> Result<i64, ApiError> {
    let last = entries::end_at(c, moment)?.seq;
    match entries::first_written_at(c)? {
        Some(first) if last == 0 => {
            let first = time::in_milliseconds(first);
            let detail = format!("Nothing was known before {first}, when the change log begins.");
            Err(ApiError::new(ProblemCode::NothingKnownYet, detail))
        }
        _ => Ok(last),
    }
}

/// Whether the public still sees all records of a snapshot as it did when the snapshot was built.
fn is_current(
    c: &mut DbConnection,
    snapshot: &PastSnapshot,
    now: NaiveDateTime,
) -> QueryResult<bool> {
    if snapshot.expires.is_some_and(|moment| moment <= now) {
        return Ok(false);
    }
    let mut changed: Vec<(EnumText<Resource>, RecordId, String)> = changes::table
        .filter(changes::seq.gt(snapshot.checked))
        .select((changes::resource, changes::resource_id, changes::action))
        .limit(MAX_UNCHECKED as i64)
        .load(c)?;
    let mut actions = changed.iter().map(|(_, _, action)| action);
    if changed.len() == MAX_UNCHECKED || actions.any(|action| redacted_revision(action).is_some()) {
        return Ok(false);
    }
    changed.retain(|(_, id, _)| snapshot.records.contains_key(id));
    let records = changed.iter().map(|(resource, id, _)| (resource.0, *id));
    let published = replay::published(c, &records.collect::<Vec<_>>(), now)?;
    // any change outdates a record that is shown as of today
    let is_as_it_was = |id: &RecordId| snapshot.records[id] && published.contains(id);
    Ok(changed.iter().all(|(_, id, _)| is_as_it_was(id)))
}

/// The number of the newest entry; 0 if there is none.
fn newest_entry(c: &mut DbConnection) -> QueryResult<i64> {
    let newest = changes::table.select(diesel::dsl::max(changes::seq));
    let newest: Option<i64> = newest.first(c)?;
    Ok(newest.unwrap_or(0))
}
