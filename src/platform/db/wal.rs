//! The write-ahead log of a SQLite file (sqlite.org/wal.html), and its checkpoints, which write it back into the file.
//!
//! SQLite's own checkpoints tell nobody when they fail, so they are switched off, and run here after commits. A checkpoint
//! that ends at the snapshot of a reader writes pages without a sync, and counts them as written back. If the sync of a
//! later one fails, the system may drop those pages too, and SQLite would not write them again. After a failed checkpoint,
//! nothing therefore counts as written back: the next one begins at the start of the log, which was synced.

use diesel::RunQueryDsl;
use diesel::result::QueryResult;
use diesel::sql_types::{Integer, Text};
use std::fs::File;
use std::io;
use std::mem::ManuallyDrop;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::connection::DbConnection;
use super::sql::Sql;

/// How often, and with which pause, emptying the log is tried while readers prevent it.
pub const ATTEMPTS: u32 = 20;
const PAUSE: Duration = Duration::from_millis(100);

/// Where the index of the log holds how much of it was written back: a number of four bytes (sqlite.org/walformat.html,
/// section 2.1).
const WRITTEN_BACK: u64 = 96;

/// The write-ahead log of a file.
#[derive(Debug)]
pub struct Wal {
    /// The number of pages from which on it is written back.
    long: u32,
    /// Whether a checkpoint failed, and what it wrote still counts as written back.
    is_suspect: AtomicBool,
    /// The index of the log, which SQLite has in memory. Never closed: that would release the locks that SQLite holds on it
    /// (fcntl(2), "advisory record locking").
    index: OnceLock<ManuallyDrop<File>>,
}

#[derive(diesel::QueryableByName)]
struct Checkpoint {
    #[diesel(sql_type = Integer)]
    busy: i32,
    /// The pages in the log.
    #[diesel(sql_type = Integer)]
    log: i32,
    /// Those that were written back.
    #[diesel(sql_type = Integer)]
    checkpointed: i32,
}

#[derive(diesel::QueryableByName)]
struct OpenFile {
    #[diesel(sql_type = Text)]
    file: String,
}

impl Wal {
    /// A log that is written back once it has so many pages.
    pub fn new(long: u32) -> Self {
        Self {
            long,
            is_suspect: AtomicBool::new(false),
            index: OnceLock::new(),
        }
    }

    /// Writes the log back if it is long, as far as readers let it.
    ///
    /// # Errors
    /// If the disk fails.
    pub fn write_back_if_long(&self, connection: &mut DbConnection) -> QueryResult<()> {
        let log = length(connection)?.log;
        if u32::try_from(log).is_ok_and(|log| log >= self.long) {
            self.checkpoint(connection, "PRAGMA wal_checkpoint(PASSIVE)")?;
        }
        Ok(())
    }

    /// Tries to write the log back and to empty it; whether it is empty now.
    pub fn empty(&self, connection: &mut DbConnection, attempts: u32) -> bool {
        (0..attempts).any(|attempt| {
            if attempt > 0 {
                std::thread::sleep(PAUSE);
            }
            let row = self.checkpoint(connection, "PRAGMA wal_checkpoint(TRUNCATE)");
            row.is_ok_and(|row| row.busy == 0)
        })
    }

    fn checkpoint(&self, c: &mut DbConnection, statement: &'static str) -> QueryResult<Checkpoint> {
        self.count_nothing_if_suspect(c)?;
        let row = Sql::new(statement).get_result::<Checkpoint>(c);
        if let Err(error) = &row {
            tracing::warn!(%error, "the write-ahead log could not be written back; it will be, from its start");
            self.is_suspect.store(true, Ordering::Relaxed);
            self.count_nothing_if_suspect(c)?;
        }
        row
    }

    /// After a failed checkpoint, lets nothing count as written back.
    fn count_nothing_if_suspect(&self, connection: &mut DbConnection) -> QueryResult<()> {
        if self.is_suspect.load(Ordering::Relaxed) {
            let index = self.index(connection)?;
            write_at(index, &[0; 4], WRITTEN_BACK).map_err(unwritten)?;
            if length(connection)?.checkpointed > 0 {
                return Err(unwritten("another process has written it back meanwhile"));
            }
            self.is_suspect.store(false, Ordering::Relaxed);
        }
        Ok(())
    }

    fn index(&self, connection: &mut DbConnection) -> QueryResult<&File> {
        if self.index.get().is_none() {
            let opened: OpenFile = Sql::new("PRAGMA database_list").get_result(connection)?;
            let path = format!("{}-shm", opened.file);
            let index = File::options().write(true).open(path).map_err(unwritten)?;
            // if another thread was faster, this one stays open too
            let _ = self.index.set(ManuallyDrop::new(index));
        }
        self.index
            .get()
            .map(|index| &**index)
            .ok_or(diesel::result::Error::NotFound)
    }
}

/// How long the log is.
fn length(connection: &mut DbConnection) -> QueryResult<Checkpoint> {
    Sql::new("PRAGMA wal_checkpoint(NOOP)").get_result(connection)
}

fn unwritten(reason: impl std::fmt::Display) -> diesel::result::Error {
    let message = format!("disk I/O error: the index of the write-ahead log: {reason}");
    let kind = diesel::result::DatabaseErrorKind::Unknown;
    diesel::result::Error::DatabaseError(kind, Box::new(message))
}

#[cfg(unix)]
fn write_at(file: &File, bytes: &[u8], at: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::write_all_at(file, bytes, at)
}

/// Elsewhere, SQLite has the file locked. The service stores nothing more until it is started again.
#[cfg(not(unix))]
fn write_at(_file: &File, _bytes: &[u8], _at: u64) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}
