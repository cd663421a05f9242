//! Replays the entries of the change log.

use chrono::NaiveDateTime;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::result::QueryResult;
use diesel::sql_types::Text;
use std::collections::{BTreeSet, HashMap, HashSet};

use crate::access::lookup;
use crate::log::entries::{self, EntryRow, Extent};
use crate::log::{Log, Origin, Previous, Recorded, Resource, Writer, export};
use crate::platform::db::{Database, DbConnection, Error, Location, PoolSize, Sql, migrate};
use crate::platform::identity::{RecordId, Slug};
use crate::platform::states::PublicationState;
use crate::writing::document::Link;
use crate::writing::import::{links, store};
use crate::writing::kind::Catalogue;
use crate::writing::parsed::Parsed;

/// How many entries are read per query.
const BATCH: i64 = 500;

/// A record during the replay.
struct ReplayedRecord {
    resource: Resource,
    previous: Previous,
    is_as_it_was: bool,
}

/// A replay in progress.
struct Replay<'a> {
    live: &'a mut DbConnection,
    scratch: &'a mut DbConnection,
    catalogue: &'a Catalogue,
    now: NaiveDateTime,
    records: HashMap<RecordId, ReplayedRecord>,
    /// Whether records that are no longer published are shown as they are today.
    retracts: bool,
    /// The records whose revision at this point of the replay was redacted.
    redacted: BTreeSet<RecordId>,
    /// The drafts that were removed, and what belongs to them: they never were.
    left_out: HashSet<RecordId>,
}

#[derive(QueryableByName)]
struct SlugRow {
    #[diesel(sql_type = Text)]
    id: RecordId,
    #[diesel(sql_type = Text)]
    slug: Slug,
}

/// The rebuilt database, and for each record in it whether it is shown as it was.
pub type Rebuilt = (Database, HashMap<RecordId, bool>);

/// Rebuilds the database as of an entry; `None` if that takes more than `limit` entries. Also returns for each record in
/// it whether it is shown as it was: if the replay `retracts`, a record that is no longer published is shown as it is today.
///
/// # Errors
/// When a query fails.
pub fn run(
    live: &mut DbConnection,
    catalogue: &Catalogue,
    size: PoolSize,
    last_entry: i64,
    limit: i64,
    extent: &Extent,
    (now, retracts): (NaiveDateTime, bool),
) -> Result<Option<Rebuilt>, Error> {
    let scratch = Database::open(Location::SqliteMemory, size)?;
    migrate::run(&scratch)?;
    // a record that is shown as of today may refer to one that did not exist yet
    scratch.maintain(|c| {
        c.batch_execute("PRAGMA foreign_keys = OFF")
            .map_err(Error::Query)
    })?;
    let origin = Origin {
        actor: String::new(),
        now,
        ..Origin::default()
    };
    let records = Log::new(scratch.clone()).write_now(origin, |writer| {
        let mut replay = Replay {
            live,
            scratch: &mut *writer.connection,
            catalogue,
            now,
            records: HashMap::new(),
            retracts,
            redacted: BTreeSet::new(),
            left_out: HashSet::new(),
        };
        let (mut after, mut left) = (0, limit);
        loop {
            let entries = entries::entries(replay.live, after, last_entry, extent, BATCH)?;
            let Some(last) = entries.last() else { break };
            after = last.seq;
            left -= entries.len() as i64;
            if left < 0 {
                return Ok(None);
            }
            replay.store(entries)?;
        }
        replay.redirect_later_slugs()?;
        (catalogue.rebuild)(replay.live, replay.scratch, last_entry)?;
        Ok::<_, Error>(Some((replay.records, replay.redacted)))
    })?;
    Ok(records.map(|(records, redacted)| {
        let records = records.into_iter().map(|(id, record)| {
            let is_as_it_was = record.is_as_it_was && !redacted.contains(&id);
            (id, is_as_it_was)
        });
        (scratch, records.collect())
    }))
}

/// Of these records, given by type and id, those that the public sees published.
pub fn published(
    live: &mut DbConnection,
    records: &[(Resource, RecordId)],
    now: NaiveDateTime,
) -> QueryResult<HashSet<RecordId>> {
    let mut published = HashSet::new();
    for resource in Resource::ALL {
        let of_resource = records.iter().filter(|(other, _)| *other == resource);
        let ids: Vec<RecordId> = of_resource.map(|(_, id)| *id).collect();
        if !ids.is_empty() {
            let states = lookup::public_states(live, resource, &ids, now)?.into_iter();
            let shown = states.filter(|(_, state)| *state == PublicationState::Published);
            published.extend(shown.map(|(id, _)| id));
        }
    }
    Ok(published)
}

impl Replay<'_> {
    fn store(&mut self, entries: Vec<EntryRow>) -> Result<(), Error> {
        let new = entries
            .iter()
            .map(|entry| (entry.resource.0, entry.resource_id))
            .filter(|(_, id)| !self.records.contains_key(id));
        let published = match self.retracts {
            true => published(self.live, &new.collect::<Vec<_>>(), self.now)?,
            false => HashSet::new(),
        };
        for entry in entries {
            let is_as_it_was = match self.records.get(&entry.resource_id) {
                Some(known) if !known.is_as_it_was => continue,
                Some(_) => true,
                None => !self.retracts || published.contains(&entry.resource_id),
            };
            let entry = match is_as_it_was {
                true => Some(entry),
                false => entries::newest(self.live, entry.resource_id)?,
            };
            let Some(entry) = entry else { continue };
            if self.retracts && is_removed_draft(&entry) {
                self.left_out.insert(entry.resource_id);
            } else {
                self.store_one(entry, is_as_it_was)?;
            }
        }
        Ok(())
    }

    /// Stores the state in an entry. If it was erased or redacted, the newest stands in for it, so that others can refer to
    /// the record.
    fn store_one(&mut self, mut entry: EntryRow, is_as_it_was: bool) -> Result<(), Error> {
        let (resource, id) = (entry.resource.0, entry.resource_id);
        self.redacted.remove(&id);
        if entry.state.is_none() {
            self.redacted.insert(id);
            entry.state = entries::newest(self.live, id)?.and_then(|newest| newest.state);
        }
        let Some(state) = entry.state.as_deref() else {
            return Ok(());
        };
        let line = export::document(resource, entry.resource_id, state);
        let parsed = line.map(|line| Parsed::parse(self.catalogue, &line));
        let Some(Ok(Parsed { mut document, .. })) = parsed else {
            return Err(entry.unreadable(&"it breaks the rules of documents").into());
        };
        let resolved = links::resolve_logged(self.live, self.catalogue, document.as_mut())?;
        let mut links = document.links().into_iter();
        let is_left_out =
            |link: Link<'_>| link.slot.id().is_some_and(|id| self.left_out.contains(&id));
        if resource.is_below_report() && links.any(is_left_out) {
            self.left_out.insert(id);
            return Ok(());
        }
        let known = self.records.get(&entry.resource_id);
        let previous = known.map(|known| &known.previous);
        let recorded = Recorded {
            seq: entry.seq,
            revision: entry.revision,
            created_at: previous.map_or(entry.at, |previous| previous.created_at),
            updated_at: entry.at,
        };
        let record = ReplayedRecord {
            resource,
            previous: Previous {
                revision: entry.revision,
                slug: document.head().slug.cloned().unwrap_or(id.into()),
                state: document.head().state,
                created_at: recorded.created_at,
                state_digest: String::new(),
                public_from: entry.public_from,
            },
            is_as_it_was,
        };
        let mut writer = Writer::replaying(self.scratch, recorded);
        store::save(&mut writer, &resolved, id, document.as_mut(), previous)?;
        self.records.insert(id, record);
        Ok(())
    }

    /// Makes records available under the slugs that they got later.
    fn redirect_later_slugs(&mut self) -> Result<(), Error> {
        for resource in Resource::ALL {
            let records = self.records.iter();
            let of_resource = records.filter(|(_, record)| record.resource == resource);
            let ids: Vec<RecordId> = of_resource.map(|(id, _)| *id).collect();
            for ids in ids.chunks(5_000) {
                let mut sql = Sql::new("SELECT r.id, r.slug FROM ");
                sql.push(resource.table()).push(" r WHERE r.id IN ");
                sql.list(ids.iter().copied());
                for row in sql.load::<SlugRow>(self.live)? {
                    let then = &self.records[&row.id].previous;
                    if then.slug != row.slug {
                        let recorded = Recorded {
                            seq: 0,
                            revision: then.revision,
                            created_at: then.created_at,
                            updated_at: then.created_at,
                        };
                        Writer::replaying(self.scratch, recorded)
                            .retire_slug(resource, row.id, &row.slug, &then.slug)?;
                    }
                }
            }
        }
        Ok(())
    }
}

/// Whether this newest entry removes a record that never was public.
fn is_removed_draft(entry: &EntryRow) -> bool {
    let state = entry.state.as_deref().unwrap_or_default();
    let is_removed = [r#""state":"gone""#, r#""state":"erased""#]
        .iter()
        .any(|removed| state.contains(removed));
    is_removed && entry.revision > 1 && entry.public_from.is_none()
}
