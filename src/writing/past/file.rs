//! The database that keeps what was so in the past, in a folder of this process.

use chrono::NaiveDateTime;
use diesel::connection::SimpleConnection;
use std::path::Path;

use super::records;
use super::replay::Replay;
use super::tables;
use crate::access::instance::Instance;
use crate::log::digest::sha256;
use crate::log::{Lineage, Log, Origin};
use crate::log::{entries, former_slugs};
use crate::platform::config::Config;
use crate::platform::db::{
    Database, DbConnection, Error, Location, PoolSize, Synchronous, history, history_bounds,
    migrate,
};
use crate::platform::derived_folder::{Content, DerivedFolder};
use crate::writing::kind::Catalogue;

/// Changes with the meaning of what is kept, so that a new program does not read what an old one wrote.
const VERSION: &str = concat!("2 ", env!("CARGO_PKG_VERSION"));
/// What the folder is called beside the SQLite file.
const SUFFIX: &str = "-past";
/// The database in the folder.
const FILE: &str = "past.db";

/// The database, and up to where it has followed the log.
pub struct PastFile {
    database: Database,
    lineage: Lineage,
    /// Whether the write-ahead log may keep what was erased.
    must_empty_wal: bool,
    /// Whether the last attempt to follow the log failed, so that it is not known what was stored.
    is_unsure: bool,
    /// What former slugs the log had when they were last copied.
    former_slugs: Option<former_slugs::Version>,
    /// Dropped last: whoever locks the folder next finds the database in it closed.
    _folder: DerivedFolder,
    /// The epoch of the log in which it was opened.
    epoch: i64,
}

/// Up to where a database has followed the log.
#[derive(Clone)]
pub struct FollowedLog {
    pub database: Database,
    /// The last entry that was replayed.
    pub position: i64,
    /// The beginning of its digest.
    pub digest: String,
    /// The last one of the log then.
    pub end: i64,
    /// When a record next becomes public without a new entry.
    pub next_appearance: Option<NaiveDateTime>,
}

impl PastFile {
    /// Opens the database of the folder if it belongs to this log, else, or `anew`, an empty one.
    ///
    /// # Errors
    /// If the folder or the database cannot be used.
    pub fn open(instance: &Instance, anew: bool) -> anyhow::Result<Self> {
        let config = &instance.config;
        let size = pool_size(config);
        let definitions = definitions(size)?;
        let digest = sha256(&[VERSION, &definitions]);
        let content = Content {
            suffix: SUFFIX,
            fingerprint: digest.chars().take(12).collect(),
        };
        let folder = DerivedFolder::of(config, config.past_folder.as_deref(), &content)?;
        let epoch = instance.log.tail().epoch();
        if let Some(path) = folder.existing()?.filter(|_| !anew) {
            match reopen(&path, size) {
                Ok((database, lineage)) => {
                    let left = instance
                        .database
                        .follow_now(|live| lineage.left_after(live))?;
                    if left.is_none() {
                        return Ok(Self {
                            database,
                            lineage,
                            must_empty_wal: true,
                            is_unsure: false,
                            former_slugs: None,
                            _folder: folder,
                            epoch,
                        });
                    }
                }
                Err(error) => tracing::warn!(%error, "cannot open what was kept of the past"),
            }
        }
        let path = folder.new_path(&instance.clock);
        folder.keep_only(&path);
        std::fs::create_dir_all(&path)?;
        tracing::info!("building what `as_of` reads from the change log");
        create(&path, size, &definitions)?;
        let database = Database::open(location(&path), size)?;
        Ok(Self {
            database,
            lineage: Lineage::default(),
            must_empty_wal: false,
            is_unsure: false,
            former_slugs: None,
            _folder: folder,
            epoch,
        })
    }

    /// The last entry that was replayed.
    pub fn position(&self) -> i64 {
        self.lineage.newest().0
    }

    /// Whether the write-ahead log may keep what was erased: readers kept it from being emptied.
    pub fn must_empty_wal(&self) -> bool {
        self.must_empty_wal
    }

    /// Empties the write-ahead log, unless readers prevent it.
    ///
    /// # Errors
    /// If the database cannot be used.
    pub fn empty_wal(&mut self) -> Result<(), Error> {
        self.must_empty_wal = !self.database.empty_wal()?;
        Ok(())
    }

    /// Replays the next entries; `None` if the log was put back.
    ///
    /// # Errors
    /// If an entry cannot be read, or a query fails.
    pub fn follow(
        &mut self,
        instance: &Instance,
        catalogue: &Catalogue,
    ) -> Result<Option<FollowedLog>, Error> {
        if std::mem::replace(&mut self.is_unsure, true) {
            let stored = |c: &mut DbConnection| Ok::<_, Error>(records::lineage(c)?);
            self.lineage = self.database.read_now(stored)?;
        }
        let (log, now) = (Log::new(self.database.clone()), instance.clock.now());
        let copied = self.former_slugs;
        let (known, position) = (&self.lineage, self.position());
        let origin = Origin {
            now,
            ..Origin::default()
        };
        let replayed = instance.database.follow_with(|live| {
            if self.epoch != instance.log.tail().epoch() || known.left_after(live)?.is_some() {
                return Ok(None);
            }
            let end = entries::newest_number(live)?;
            log.write_now(origin, |writer| {
                let mut replay = Replay::new(live, writer.connection, catalogue, now)?;
                let last = replay.follow(position, end)?;
                replay.show_appeared(last)?;
                let has_forgotten = replay.has_forgotten;
                let mut slugs = copied;
                if last == end && last > position {
                    let version = former_slugs::version(live)?;
                    if slugs.as_ref() != Some(&version) {
                        former_slugs::copy(live, writer.connection)?;
                        slugs = Some(version);
                    }
                    (catalogue.copy_pages)(live, writer.connection)?;
                }
                let lineage = Lineage::of(live, last)?;
                records::store_lineage(writer.connection, &lineage)?;
                let next = records::next_appearance(writer.connection)?;
                Ok::<_, Error>(Some((lineage, slugs, next, end, has_forgotten)))
            })
        })?;
        self.is_unsure = false;
        let Some((lineage, slugs, next, end, has_forgotten)) = replayed else {
            return Ok(None);
        };
        self.must_empty_wal |= has_forgotten;
        (self.lineage, self.former_slugs) = (lineage, slugs);
        Ok(Some(FollowedLog {
            database: self.database.clone(),
            position: self.position(),
            digest: self.lineage.newest().1.to_owned(),
            end,
            next_appearance: next,
        }))
    }
}

/// It can be built again, so that nothing waits for the disk.
fn pool_size(config: &Config) -> PoolSize {
    PoolSize {
        synchronous: Synchronous::Normal,
        shows_history: true,
        ..config.pool_size()
    }
}

/// Creates the tables, before connections for reading are opened.
fn create(folder: &Path, size: PoolSize, definitions: &str) -> Result<(), Error> {
    let size = PoolSize {
        shows_history: false,
        ..size
    };
    let database = Database::open(location(folder), size)?;
    database.maintain(|c| Ok::<_, Error>(c.batch_execute(definitions)?))
}

fn location(folder: &Path) -> Location {
    Location::SqliteFile(folder.join(FILE).display().to_string())
}

fn reopen(folder: &Path, size: PoolSize) -> Result<(Database, Lineage), Error> {
    let database = Database::open(location(folder), size)?;
    let lineage = database.read_now(|c| Ok::<_, Error>(records::lineage(c)?))?;
    Ok((database, lineage))
}

/// The statements that create the database.
fn definitions(size: PoolSize) -> Result<String, Error> {
    let template = Database::open(Location::SqliteMemory, size)?;
    migrate::run(&template)?;
    let kept: Vec<&str> = tables::all().map(|(table, _)| table).collect();
    let tables = template.read_now(|c| Ok::<_, Error>(history::definitions(c, &kept)?))?;
    let bounds = history_bounds::definitions(&tables::LONG_LISTS);
    Ok(format!("{tables}{bounds}{}", records::DEFINITION))
}

/// Replays the whole log in memory, without a history.
///
/// # Errors
/// If an entry cannot be read, or a query fails.
pub fn replayed(
    live: &mut DbConnection,
    catalogue: &Catalogue,
    size: PoolSize,
    now: NaiveDateTime,
) -> Result<Database, Error> {
    let database = Database::open(Location::SqliteMemory, size)?;
    migrate::run(&database)?;
    database.maintain(|c| {
        c.batch_execute(records::DEFINITION)?;
        // what an entry refers to may have been erased
        Ok::<_, Error>(c.batch_execute("PRAGMA foreign_keys = OFF")?)
    })?;
    let origin = Origin {
        now,
        ..Origin::default()
    };
    let end = entries::newest_number(live)?;
    Log::new(database.clone()).write_now(origin, |writer| {
        let mut replay = Replay::new(live, writer.connection, catalogue, now)?;
        replay.keeps_history = false;
        let mut position = 0;
        while position < end {
            position = replay.follow(position, end)?;
        }
        Ok::<_, Error>((catalogue.copy_pages)(live, writer.connection)?)
    })?;
    Ok(database)
}
