//! The file of a SQLite database: notices when it was deleted or replaced under the server.
//!
//! A connection keeps a file that was deleted, so that what it writes is lost without an error. Each use of a connection
//! therefore compares the files behind the paths with those that were opened, and each commit again.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::error::Error;

/// What tells two files apart: the device and the number on it.
type FileId = (u64, u64);

/// The file of a database, as its connections opened it.
#[derive(Debug)]
pub struct DatabaseFile {
    path: PathBuf,
    /// The path of its write-ahead log.
    log_path: PathBuf,
    opened: Mutex<Opened>,
    /// Whether the file or its write-ahead log was found to be another, or gone.
    is_suspect: AtomicBool,
}

#[derive(Clone, Copy, Debug, Default)]
struct Opened {
    file: Option<FileId>,
    /// Its write-ahead log, once there is one.
    log: Option<FileId>,
}

impl DatabaseFile {
    /// The file at a path.
    pub fn new(path: &str) -> Self {
        Self {
            path: path.into(),
            log_path: format!("{path}-wal").into(),
            opened: Mutex::default(),
            is_suspect: AtomicBool::new(false),
        }
    }

    /// Opens it with `open`.
    ///
    /// # Errors
    /// Those of `open`; if it is not the file that was opened before.
    pub fn open<T>(&self, open: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
        self.check()?;
        let connection = open()?;
        let mut opened = self.lock();
        if opened.file.is_none() {
            opened.file = id_of(&self.path);
        }
        Ok(connection)
    }

    /// Notes which write-ahead log belongs to the file, if that is not known yet.
    pub fn note_log(&self) {
        let mut opened = self.lock();
        if opened.log.is_none() {
            opened.log = id_of(&self.log_path);
        }
    }

    /// Checks that the file and its log are still those that were opened. There is no way on with others while connections
    /// to the first are open: SQLite would mix their logs.
    ///
    /// # Errors
    /// If they are not.
    pub fn check(&self) -> Result<(), Error> {
        let opened = *self.lock();
        let is_same = |known: Option<FileId>, path: &Path| known.is_none() || id_of(path) == known;
        if is_same(opened.file, &self.path) && is_same(opened.log, &self.log_path) {
            self.is_suspect.store(false, Ordering::Release);
            return Ok(());
        }
        if !self.is_suspect.swap(true, Ordering::AcqRel) {
            let path = self.path.display();
            tracing::error!(%path, "the database file or its write-ahead log was moved, deleted or replaced; restart to use another");
        }
        Err(Error::FileReplaced)
    }

    fn lock(&self) -> MutexGuard<'_, Opened> {
        self.opened.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(unix)]
fn id_of(path: &Path) -> Option<FileId> {
    use std::os::unix::fs::MetadataExt;
    let metadata = fs::metadata(path).ok()?;
    Some((metadata.dev(), metadata.ino()))
}

/// Files have no number here, and cannot be replaced while they are open.
#[cfg(not(unix))]
fn id_of(_path: &Path) -> Option<FileId> {
    None
}
