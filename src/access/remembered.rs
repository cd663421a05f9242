//! The names that this node has read, so that most pages are read with one statement.
//!
//! A name that was read from one snapshot of the database counts for a later one if the log has no entry for its record in
//! between. The tail of the log tells which records have changed; their names are forgotten. A snapshot that is newer than
//! the known tail gets no remembered names. That the log was put back is known after the next poll; until then, a name may be
//! that of the log before.

use chrono::NaiveDateTime;
use diesel::result::QueryResult;
use quick_cache::sync::Cache;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use super::names::{self, Name, Names};
use crate::log::{Log, Resource};
use crate::platform::db::DbConnection;
use crate::platform::identity::{Key, RecordId, Slug};

/// How many names are remembered.
const CAPACITY: usize = 50_000;

/// The names that were read.
pub struct RememberedNames {
    log: Log,
    names: Cache<RecordId, KnownName>,
    ids: Cache<(Resource, Slug), RecordId>,
    followed: Mutex<Followed>,
}

/// A name, and the last entry of the log in the snapshot that it was read from.
#[derive(Clone)]
struct KnownName {
    name: Arc<Name>,
    resource: Resource,
    read_at: i64,
}

/// Up to which entry of the log changed records are forgotten.
#[derive(Default)]
struct Followed {
    epoch: i64,
    seq: i64,
}

impl RememberedNames {
    /// None yet.
    pub fn new(log: Log) -> Self {
        Self {
            log,
            names: Cache::new(CAPACITY),
            ids: Cache::new(CAPACITY),
            followed: Mutex::default(),
        }
    }

    /// Forgets the names of records that have changed, and returns the entry of the log up to which it did.
    fn follow(&self) -> i64 {
        let lock = self.followed.lock();
        let mut followed = lock.unwrap_or_else(PoisonError::into_inner);
        let tail = self.log.tail();
        let Some((end, entries)) = tail.entries_after(followed.epoch, followed.seq) else {
            // another epoch, or more entries than the tail has
            self.names.clear();
            (followed.epoch, followed.seq) = tail.end();
            return followed.seq;
        };
        for entry in entries {
            match entry.resource() {
                // what it says of its recommendations may have changed, too
                Some(Resource::Report) => self.names.clear(),
                _ => drop(self.names.remove(&entry.id)),
            }
        }
        followed.seq = end;
        end
    }

    fn get(&self, id: &RecordId, at: i64) -> Option<Arc<Name>> {
        let remembered = self.names.get(id)?;
        (remembered.read_at <= at).then_some(remembered.name)
    }

    fn insert(&self, resource: Resource, name: &Arc<Name>, epoch: i64, read_at: i64) {
        let lock = self.followed.lock();
        let followed = lock.unwrap_or_else(PoisonError::into_inner);
        if epoch != followed.epoch || read_at < followed.seq {
            return; // it may have changed since, or stand in a log that was put back
        }
        self.ids.insert((resource, name.slug.clone()), name.id);
        let name = name.clone();
        self.names.insert(
            name.id,
            KnownName {
                name,
                resource,
                read_at,
            },
        );
    }
}

/// Reads the names for one read of the database, from memory as far as they are remembered.
#[derive(Default)]
pub struct NameReader {
    /// None when the past is read, or what a write has not committed yet.
    remembered: Option<Arc<RememberedNames>>,
    /// Whether all is read in one transaction. Otherwise there is one statement, and keys are found in memory before it.
    in_transaction: bool,
    /// The epoch of the log before the snapshot began.
    epoch: i64,
    /// The last entry of the log in the snapshot, once it is known.
    at: OnceLock<i64>,
    found: Mutex<Vec<(Resource, Arc<Name>)>>,
}

impl NameReader {
    /// A reader for one snapshot.
    pub fn new(remembered: &Arc<RememberedNames>, in_transaction: bool) -> Self {
        Self {
            remembered: Some(remembered.clone()),
            in_transaction,
            epoch: remembered.log.tail().epoch(),
            ..Self::default()
        }
    }

    /// The id of the record with this id or slug, if it is remembered and public. [`NameReader::settle`] checks that this
    /// is so in the snapshot.
    pub fn find(&self, resource: Resource, key: &Key, now: NaiveDateTime) -> Option<RecordId> {
        let remembered = self.remembered.as_ref().filter(|_| !self.in_transaction)?;
        let slug = || Slug(key.to_string());
        let id = key
            .id()
            .or_else(|| remembered.ids.get(&(resource, slug())))?;
        let known = remembered.names.get(&id)?;
        let name = &known.name;
        let is_it = known.resource == resource && (key.id().is_some() || *name.slug == **key);
        if !is_it || !name.is_shown(now) {
            return None;
        }
        self.found().push((resource, known.name.clone()));
        Some(id)
    }

    fn found(&self) -> MutexGuard<'_, Vec<(Resource, Arc<Name>)>> {
        self.found.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Learns which snapshot is read: the one whose log ends with entry `at`. What was found before is read again unless it
    /// is known to be so there.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn settle(&self, connection: &mut DbConnection, at: Option<i64>) -> QueryResult<()> {
        let Some(remembered) = &self.remembered else {
            return Ok(());
        };
        let at = at.filter(|at| remembered.follow() >= *at);
        if let Some(at) = at {
            self.at.get_or_init(|| at);
        }
        let found = std::mem::take(&mut *self.found());
        let is_same = |(_, name): &(Resource, Arc<Name>)| {
            let known = at.and_then(|at| remembered.get(&name.id, at));
            known.is_some_and(|known| Arc::ptr_eq(&known, name))
        };
        if found.iter().all(is_same) {
            return Ok(());
        }
        // a second statement, after which all is read again in a transaction
        let found = found
            .into_iter()
            .map(|(resource, name)| (resource, name.id));
        names::load(connection, found).map(drop)
    }

    /// The names of records, given with their kinds. Those that are not remembered are read with one statement.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn load(
        &self,
        connection: &mut DbConnection,
        records: Vec<(Resource, RecordId)>,
    ) -> QueryResult<Names> {
        let (Some(remembered), Some(at)) = (&self.remembered, self.at.get().copied()) else {
            return names::load(connection, records);
        };
        let mut known = Names::with_capacity(records.len());
        let mut missing = Vec::new();
        for (resource, id) in records {
            if known.contains_key(&id) {
                continue;
            }
            match remembered.get(&id, at) {
                Some(name) => drop(known.insert(id, name)),
                None => missing.push((resource, id)),
            }
        }
        if missing.is_empty() {
            return Ok(known);
        }
        let read = names::load(connection, missing.iter().copied())?;
        // outside a transaction, they may be of a later snapshot than the rest
        for (resource, id) in missing {
            if let Some(name) = read.get(&id).filter(|_| self.in_transaction) {
                remembered.insert(resource, name, self.epoch, at);
            }
        }
        known.extend(read);
        Ok(known)
    }
}
