//! Reads as of a time in the past: `?as_of=` on records and lists, answered from the change log.
//!
//! The log has every state of every record, so the database as of a past time can be rebuilt: the entries up to that
//! time are stored again, in order, in an in-memory database (`replay`). The same handlers then run the same SQL on
//! it instead of on the live database, so every filter, order and expansion works as it does today. If nothing relevant
//! has changed since, as for most older reports, the live database is used.
//!
//! Retracted content stays retracted: a record that is withdrawn, removed, erased or a draft today is shown that way in
//! the past, too.

mod replay;

use chrono::NaiveDateTime;
use diesel::prelude::*;
use diesel::result::QueryResult;
use std::collections::HashMap;

use crate::access::instance::Instance;
use crate::access::{Public, lookup};
use crate::http::as_of::AsOf;
use crate::http::error::ApiError;
use crate::log::entries::{self, Extent};
use crate::log::{Resource, validity};
use crate::platform::config::Config;
use crate::platform::db::schema::changes;
use crate::platform::db::{Database, DbConnection, Error};
use crate::platform::states::PublicationState;
use crate::writing::kind::Catalogue;
use replay::Bounds;

/// The error if the log is too long.
const TOO_LONG: &str = "There are too many changes up to this time to replay. Use the history of a single record instead.";
/// How many snapshots are cached.
const KEPT: usize = 3;
/// A cached snapshot is rebuilt after this many changes since it was last checked.
const CHECKED: usize = 5_000;

/// The database as of a time in the past.
pub struct Snapshot {
    /// The newest entry of the log in it.
    until: i64,
    extent: Extent,
    database: Database,
    /// The records in it, and whether each is shown as it was; the others are shown as they are today.
    records: HashMap<String, bool>,
    /// The newest entry of the log for which the records were checked.
    checked: i64,
    /// When a record next becomes public without a new entry.
    expires: Option<NaiveDateTime>,
}

/// The most recently used snapshots.
#[derive(Default)]
pub struct Past {
    kept: tokio::sync::Mutex<Vec<Snapshot>>,
}

/// The position of a time in the log.
struct Place {
    until: i64,
    newest: i64,
}

impl Public {
    /// Switches to an earlier time: reads return what they would have returned then, from the change log. `extent` is
    /// the part of the log that the response depends on.
    ///
    /// # Errors
    /// 400 if the log is too long; 503 if no connection is available.
    pub async fn as_of(self, as_of: Option<AsOf>, extent: Extent) -> Result<Self, ApiError> {
        let Some(moment) = as_of.map(AsOf::moment).filter(|moment| *moment < self.now) else {
            return Ok(self);
        };
        self.require_active_caller().await?;
        let past = self.app_data::<Past>()?;
        let catalogue = **self.app_data::<&'static Catalogue>()?;
        let Instance {
            database, config, ..
        } = self.instance();
        let then = past.at(database, catalogue, config, moment, self.now, extent);
        let then = then.await?.unwrap_or_else(|| database.clone());
        Ok(self.at_moment(then, moment))
    }
}

impl Past {
    /// The database as of a time in the past; `None` if nothing in `extent` has changed since. Requests build snapshots
    /// one at a time and wait for each other as long as for a database connection.
    ///
    /// # Errors
    /// 400 if the log is too long; 503 if no connection is available.
    pub async fn at(
        &self,
        live: &Database,
        catalogue: &'static Catalogue,
        config: &Config,
        moment: NaiveDateTime,
        now: NaiveDateTime,
        extent: Extent,
    ) -> Result<Option<Database>, ApiError> {
        let (asked, most) = (extent.clone(), config.as_of_entries);
        let (place, is_as_it_was) = live
            .read(move |c| {
                let place = place(c, moment)?;
                let is_as_it_was = is_as_it_was(c, &place, &asked, most)?;
                Ok::<_, Error>((place, is_as_it_was))
            })
            .await?;
        if is_as_it_was {
            return Ok(None);
        }
        let wait = tokio::time::timeout(config.pool_size().wait, self.kept.lock());
        let mut kept = wait.await.map_err(|_| ApiError::from(Error::Busy))?;
        let found = kept
            .iter()
            .position(|snapshot| snapshot.until == place.until && snapshot.extent == extent);
        let before = found.map(|index| kept.remove(index));
        let size = config.pool_size();
        let snapshot = live
            .read(move |c| {
                if let Some(snapshot) = before
                    && let Some(snapshot) = still_so(c, snapshot, &place, now)?
                {
                    return Ok::<_, ApiError>(snapshot);
                }
                let bounds = Bounds {
                    until: place.until,
                    most,
                };
                let Some((database, records)) =
                    replay::run(c, catalogue, size, bounds, &extent, now)?
                else {
                    return Err(ApiError::parameter("out_of_reach", "as_of", TOO_LONG));
                };
                Ok(Snapshot {
                    until: place.until,
                    extent,
                    database,
                    records,
                    checked: place.newest,
                    expires: validity::moments(c, now)?.until,
                })
            })
            .await?;
        let database = snapshot.database.clone();
        kept.insert(0, snapshot);
        kept.truncate(KEPT);
        Ok(Some(database))
    }
}

/// Returns a cached snapshot if the public still sees all its records as it did when the snapshot was built.
fn still_so(
    c: &mut DbConnection,
    mut snapshot: Snapshot,
    place: &Place,
    now: NaiveDateTime,
) -> QueryResult<Option<Snapshot>> {
    if snapshot.expires.is_some_and(|moment| moment <= now) {
        return Ok(None);
    }
    let changed: Vec<(String, String)> = changes::table
        .filter(changes::seq.gt(snapshot.checked))
        .select((changes::resource, changes::resource_id))
        .limit(CHECKED as i64)
        .load(c)?;
    if changed.len() == CHECKED {
        return Ok(None);
    }
    for resource in Resource::ALL {
        let of_resource = changed.iter().filter(|(name, _)| name == resource.name());
        let ids: Vec<&String> = of_resource
            .map(|(_, id)| id)
            .filter(|id| snapshot.records.contains_key(*id))
            .collect();
        if ids.is_empty() {
            continue;
        }
        let standing = lookup::public_states(c, resource, &ids, now)?;
        // any change outdates a record that is shown as of today
        let is_still_so = |id: &&String| {
            snapshot.records.get(*id) == Some(&true)
                && standing
                    .get(*id)
                    .is_some_and(|state| *state == PublicationState::Published)
        };
        if !ids.iter().all(is_still_so) {
            return Ok(None);
        }
    }
    snapshot.checked = place.newest;
    Ok(Some(snapshot))
}

/// Whether nothing in `extent` has changed since. Not checked if there are more than `most` newer entries.
fn is_as_it_was(
    c: &mut DbConnection,
    place: &Place,
    extent: &Extent,
    most: i64,
) -> QueryResult<bool> {
    if place.newest - place.until > most {
        return Ok(false);
    }
    let later = entries::entries(c, place.until, place.newest, extent, 1)?;
    Ok(later.is_empty())
}

/// Finds the newest entry written at or before a time. Sequence numbers have no gaps and times never decrease, so a
/// binary search works without an index.
fn place(c: &mut DbConnection, moment: NaiveDateTime) -> QueryResult<Place> {
    let newest: Option<i64> = changes::table
        .select(diesel::dsl::max(changes::seq))
        .first(c)?;
    let newest = newest.unwrap_or(0);
    let (mut known, mut beyond) = (0, newest + 1);
    while beyond - known > 1 {
        let middle = known + (beyond - known) / 2;
        let at: NaiveDateTime = changes::table.find(middle).select(changes::at).first(c)?;
        match at <= moment {
            true => known = middle,
            false => beyond = middle,
        }
    }
    Ok(Place {
        until: known,
        newest,
    })
}
