//! Replays the entries of the change log.

use chrono::NaiveDateTime;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::Text;
use std::collections::HashMap;

use crate::access::lookup;
use crate::log::entries::{self, EntryRow, Extent};
use crate::log::{Log, Origin, Previous, Recorded, Resource, Writer, export};
use crate::platform::db::{Database, DbConnection, Error, Location, PoolSize, Sql, migrate};
use crate::platform::states::PublicationState;
use crate::writing::import::{links, store};
use crate::writing::kind::Catalogue;
use crate::writing::parsed::Parsed;

/// How many entries are read per query.
const BATCH: i64 = 500;

/// The state of a record during the replay.
struct Progress {
    resource: Resource,
    previous: Previous,
    is_as_it_was: bool,
}

/// A replay in progress.
struct Replay<'a> {
    catalogue: &'a Catalogue,
    records: HashMap<String, Progress>,
}

#[derive(QueryableByName)]
struct SlugRow {
    #[diesel(sql_type = Text)]
    id: String,
    #[diesel(sql_type = Text)]
    slug: String,
}

/// The rebuilt database, and for each record in it whether it is shown as it was.
pub type PutTogether = (Database, HashMap<String, bool>);

/// The limits of a replay.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// The last entry.
    pub until: i64,
    /// The maximum number of entries.
    pub most: i64,
}

/// Rebuilds the database as of an entry; `None` if that takes too many entries. Also returns for each record in it
/// whether it is shown as it was: a record that is no longer published is shown as it is today.
///
/// # Errors
/// When a query fails.
pub fn run(
    live: &mut DbConnection,
    catalogue: &Catalogue,
    size: PoolSize,
    bounds: Bounds,
    extent: &Extent,
    now: NaiveDateTime,
) -> Result<Option<PutTogether>, Error> {
    let scratch = Database::open(Location::SqliteMemory, size)?;
    migrate::run(&scratch)?;
    // a record that is shown as of today may refer to one that did not exist yet
    scratch.maintain(|c| {
        c.batch_execute("PRAGMA foreign_keys = OFF")
            .map_err(Error::Query)
    })?;
    let origin = Origin {
        actor: String::new(),
        request_id: None,
        now,
    };
    let records = Log::new(scratch.clone()).write_now(origin, |writer| {
        let mut replay = Replay {
            catalogue,
            records: HashMap::new(),
        };
        let (mut after, mut left) = (0, bounds.most);
        loop {
            let entries = entries::entries(live, after, bounds.until, extent, BATCH)?;
            let Some(last) = entries.last() else { break };
            after = last.seq;
            left -= i64::try_from(entries.len()).unwrap_or(BATCH);
            if left < 0 {
                return Ok(None);
            }
            replay.store(live, writer.connection, entries, now)?;
        }
        replay.lead_from_later_slugs(live, writer.connection)?;
        (catalogue.rebuild)(live, writer.connection, bounds.until)?;
        Ok::<_, Error>(Some(replay.records))
    })?;
    let Some(records) = records else {
        return Ok(None);
    };
    let records = records
        .into_iter()
        .map(|(id, progress)| (id, progress.is_as_it_was));
    Ok(Some((scratch, records.collect())))
}

impl Replay<'_> {
    fn store(
        &mut self,
        live: &mut DbConnection,
        scratch: &mut DbConnection,
        entries: Vec<EntryRow>,
        now: NaiveDateTime,
    ) -> Result<(), Error> {
        let mut standing = HashMap::new();
        for resource in Resource::ALL {
            let new = entries.iter().filter(|entry| {
                entry.resource == resource.name() && !self.records.contains_key(&entry.resource_id)
            });
            let ids: Vec<&String> = new.map(|entry| &entry.resource_id).collect();
            if !ids.is_empty() {
                standing.extend(lookup::standing(live, resource, &ids, now)?);
            }
        }
        for entry in entries {
            let known = self.records.get(&entry.resource_id);
            if known.is_some_and(|known| !known.is_as_it_was) {
                continue;
            }
            let is_as_it_was = known.is_some()
                || standing
                    .get(&entry.resource_id)
                    .is_some_and(|state| *state == PublicationState::Published);
            let entry = match is_as_it_was {
                true => Some(entry),
                false => entries::newest(live, &entry.resource_id)?,
            };
            if let Some(entry) = entry {
                self.store_one(live, scratch, entry, is_as_it_was)?;
            }
        }
        Ok(())
    }

    /// Stores the state in an entry. Skips an entry without a valid state, such as that of an erased record.
    fn store_one(
        &mut self,
        live: &mut DbConnection,
        scratch: &mut DbConnection,
        entry: EntryRow,
        is_as_it_was: bool,
    ) -> Result<(), Error> {
        let resource = Resource::named(&entry.resource);
        let (Some(resource), Some(state)) = (resource, entry.state.as_deref()) else {
            return Ok(());
        };
        let line = export::document(resource, &entry.resource_id, state);
        let read = line.map(|line| Parsed::parse(self.catalogue, &line));
        let Some(Ok(Parsed { mut document, .. })) = read else {
            return Ok(());
        };
        let resolved = links::resolve_logged(live, self.catalogue, document.as_mut())?;
        let known = self.records.get(&entry.resource_id);
        let previous = known.map(|known| &known.previous);
        let recorded = Recorded {
            seq: entry.seq,
            revision: entry.revision,
            created_at: previous.map_or(entry.at, |previous| previous.created_at),
            updated_at: entry.at,
        };
        let progress = Progress {
            resource,
            previous: Previous {
                revision: entry.revision,
                slug: document.head().slug.unwrap_or_default().to_owned(),
                state: document.head().state,
                created_at: recorded.created_at,
                state_digest: String::new(),
                public_from: entry.public_from,
            },
            is_as_it_was,
        };
        let mut writer = Writer::replaying(scratch, recorded);
        let id = &entry.resource_id;
        store::save(&mut writer, &resolved, id, document.as_mut(), previous)?;
        self.records.insert(entry.resource_id, progress);
        Ok(())
    }

    /// Makes records available under the slugs that they got later.
    fn lead_from_later_slugs(
        &self,
        live: &mut DbConnection,
        scratch: &mut DbConnection,
    ) -> Result<(), Error> {
        for resource in Resource::ALL {
            let mine = self
                .records
                .iter()
                .filter(|(_, known)| known.resource == resource);
            let ids: Vec<&String> = mine.map(|(id, _)| id).collect();
            for ids in ids.chunks(5_000) {
                let mut sql = Sql::new("SELECT r.id, r.slug FROM ");
                sql.push(resource.table()).push(" r WHERE r.id IN ");
                sql.list(ids.iter().copied());
                for row in sql.load::<SlugRow>(live)? {
                    let Some(known) = self.records.get(&row.id) else {
                        continue;
                    };
                    let then = &known.previous;
                    if then.slug != row.slug {
                        let recorded = Recorded {
                            seq: 0,
                            revision: then.revision,
                            created_at: then.created_at,
                            updated_at: then.created_at,
                        };
                        Writer::replaying(scratch, recorded)
                            .retire_slug(resource, &row.id, &row.slug, &then.slug)?;
                    }
                }
            }
        }
        Ok(())
    }
}
