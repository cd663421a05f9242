//! The past: `?as_of=` on records and lists, answered from the change log.
//!
//! The log holds every state of every record, so that the database as it was at a moment can be put together
//! again: its entries up to there are stored once more, in their order, in a database in memory ([`replay`]).
//! That one is then asked in place of the live one, by the same handlers and with the same statements, so that
//! every filter, order and expansion means in the past what it means now. Where nothing that is asked for has changed
//! since, which is so of most reports of former years, the live database is the past.
//!
//! What was taken back since is not told again: a record that is withdrawn, removed, erased or a draft today
//! is so in its past as well.

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
use crate::log::{Resource, moments};
use crate::platform::config::Config;
use crate::platform::db::schema::changes;
use crate::platform::db::{Database, DbConnection, Error};
use crate::platform::states::PublicationState;
use crate::writing::kind::Catalogue;
use replay::Bounds;

/// What is said where the log is too long.
const TOO_LONG: &str = "The log is too long up to there for this instance. The history of a record answers the same for one record.";
/// How many pasts are kept.
const KEPT: usize = 3;
/// Up to so many records may have changed before a past that was kept is made anew.
const CHECKED: usize = 5_000;

/// The database as it was.
pub struct Snapshot {
    /// The newest entry that it holds.
    until: i64,
    extent: Extent,
    database: Database,
    /// Each record in it, and whether it is as it was; others are as they are today.
    records: HashMap<String, bool>,
    /// The newest entry up to which this was found to be so.
    checked: i64,
    /// The next moment after which that may change by itself.
    expires: Option<NaiveDateTime>,
}

/// The pasts that were asked for last.
#[derive(Default)]
pub struct Past {
    kept: tokio::sync::Mutex<Vec<Snapshot>>,
}

/// Where a moment lies in the log.
struct Place {
    until: i64,
    newest: i64,
}

impl Public {
    /// The same as of an earlier moment: reads are answered as they would have been then, from the change log.
    /// `extent` says what the answer has to do with.
    ///
    /// # Errors
    /// When the log is too long up to there, or no connection is to be had.
    pub async fn as_of(self, as_of: Option<AsOf>, extent: Extent) -> Result<Self, ApiError> {
        let Some(moment) = as_of.map(AsOf::moment).filter(|moment| *moment < self.now) else {
            return Ok(self);
        };
        self.require_known_caller().await?;
        let past = self.part::<Past>()?;
        let catalogue = **self.part::<&'static Catalogue>()?;
        let Instance {
            database, config, ..
        } = self.instance();
        let then = past.at(database, catalogue, config, moment, self.now, extent);
        let then = then.await?.unwrap_or_else(|| database.clone());
        Ok(self.at_moment(then, moment))
    }
}

impl Past {
    /// The database as it was at a moment; `None` when what is asked for was as it is. One request at a time puts a past
    /// together; the others wait as for any database.
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
                    expires: moments::moments(c, now)?.until,
                })
            })
            .await?;
        let database = snapshot.database.clone();
        kept.insert(0, snapshot);
        kept.truncate(KEPT);
        Ok(Some(database))
    }
}

/// A past that was kept, unless the public finds one of its records otherwise than when it was put together.
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
        let standing = lookup::standing(c, resource, &ids, now)?;
        // one that is as it is today is so no longer, whatever has become of it
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

/// Whether nothing that is asked for has changed since. Of a very long log that is not looked up.
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

/// Finds the newest entry that was written by a moment. Numbers have no gaps and times never go back, so that
/// halving finds it without an index.
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
