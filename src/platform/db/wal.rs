//! The write-ahead log of a SQLite file (sqlite.org/wal.html), and its checkpoints, which write it back into the file.
//!
//! SQLite's own checkpoints tell nobody when they fail, so they are switched off, and run here after commits. A checkpoint
//! that ends at the snapshot of a reader writes pages without a sync, and counts them as written back. If the sync of a
//! later one fails, the system may drop those pages too, and SQLite would not write them again. After a failed checkpoint,
//! nothing therefore counts as written back: the next one begins at the start of the log. The log itself is on the disk, as
//! each commit has synced it; so writes go on meanwhile.

use diesel::RunQueryDsl;
use diesel::connection::SimpleConnection;
use diesel::result::QueryResult;
use diesel::sql_types::{Integer, Text};
use std::fs::File;
use std::io::{Seek, SeekFrom, Write};
use std::mem::ManuallyDrop;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::connection::{BUSY_TIMEOUT, DbConnection};
use super::sql::Sql;

/// How often emptying the log is tried while readers prevent it. With the pause, and as long a wait within SQLite, that takes
/// two seconds.
const ATTEMPTS: u32 = 20;
const PAUSE: Duration = Duration::from_millis(50);

/// Where the index of the log holds how much of it was written back: a number of four bytes (sqlite.org/walformat.html,
/// section 2.1).
const WRITTEN_BACK: SeekFrom = SeekFrom::Start(96);

/// The write-ahead log of a file.
#[derive(Debug)]
pub struct Wal {
    /// The number of pages from which on it is written back.
    long: u32,
    /// Whether a checkpoint failed, and what was written back before still counts.
    must_begin_at_start: AtomicBool,
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
            must_begin_at_start: AtomicBool::new(false),
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

    /// Tries to write the log back and to empty it, for two seconds; whether it is empty now.
    ///
    /// # Errors
    /// If the connection is lost.
    pub fn empty(&self, connection: &mut DbConnection) -> QueryResult<bool> {
        connection.batch_execute("PRAGMA busy_timeout = 50")?;
        let mut is_empty = false;
        for _ in 0..ATTEMPTS {
            match self.checkpoint(connection, "PRAGMA wal_checkpoint(TRUNCATE)") {
                Ok(row) if row.busy != 0 => std::thread::sleep(PAUSE),
                done => {
                    is_empty = done.is_ok();
                    break;
                }
            }
        }
        connection.batch_execute(BUSY_TIMEOUT)?;
        Ok(is_empty)
    }

    fn checkpoint(&self, c: &mut DbConnection, statement: &'static str) -> QueryResult<Checkpoint> {
        let index = self.index(c)?;
        self.begin_at_start_if_due(c, index)?;
        let row = Sql::new(statement).get_result::<Checkpoint>(c);
        if row.is_err() {
            self.must_begin_at_start.store(true, Ordering::Relaxed);
            self.begin_at_start_if_due(c, index)?;
        }
        row
    }

    /// After a failed checkpoint, lets nothing count as written back.
    fn begin_at_start_if_due(&self, c: &mut DbConnection, mut index: &File) -> QueryResult<()> {
        if self.must_begin_at_start.load(Ordering::Relaxed) {
            index.seek(WRITTEN_BACK).map_err(of_index)?;
            index.write_all(&[0; 4]).map_err(of_index)?;
            let length = length(c)?;
            if length.busy != 0 || length.checkpointed > 0 {
                return Err(of_index("what counts as written back could not be reset"));
            }
            self.must_begin_at_start.store(false, Ordering::Relaxed);
        }
        Ok(())
    }

    /// The index, which is opened before the first checkpoint, so that it is there when one fails.
    fn index(&self, connection: &mut DbConnection) -> QueryResult<&File> {
        if let Some(index) = self.index.get() {
            return Ok(index);
        }
        let opened: OpenFile = Sql::new("PRAGMA database_list").get_result(connection)?;
        let path = format!("{}-shm", opened.file);
        let index = File::options().write(true).open(path).map_err(of_index)?;
        let index = ManuallyDrop::new(index);
        Ok(self.index.get_or_init(|| index))
    }
}

/// How long the log is.
fn length(connection: &mut DbConnection) -> QueryResult<Checkpoint> {
    Sql::new("PRAGMA wal_checkpoint(NOOP)").get_result(connection)
}

fn of_index(reason: impl std::fmt::Display) -> diesel::result::Error {
    let message = format!("disk I/O error: the index of the write-ahead log: {reason}");
    let kind = diesel::result::DatabaseErrorKind::Unknown;
    diesel::result::Error::DatabaseError(kind, Box::new(message))
}
