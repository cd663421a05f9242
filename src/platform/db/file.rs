//! The file of a SQLite database: notices when it was deleted or replaced under the server.
//!
//! A connection keeps a file that was deleted, so that what it writes is lost without an error. Each use of a connection
//! therefore compares the file behind the path with the one that it has open, and each commit again.

use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::error::Error;

/// What tells two files apart: the device and the number on it.
pub type FileId = (u64, u64);

/// The file of a database, as its connections last opened it.
#[derive(Debug)]
pub struct DatabaseFile {
    path: PathBuf,
    opened: Mutex<Opened>,
    /// Whether it is known which write-ahead log belongs to it.
    has_log: AtomicBool,
    /// Whether another file, or none, was found behind the path since it was opened.
    is_suspect: AtomicBool,
}

#[derive(Debug, Default)]
struct Opened {
    file: Option<FileId>,
    /// Its write-ahead log.
    log: Option<FileId>,
}

impl DatabaseFile {
    /// The file at a path.
    pub fn new(path: &str) -> Self {
        Self {
            path: path.into(),
            opened: Mutex::default(),
            has_log: AtomicBool::new(false),
            is_suspect: AtomicBool::new(false),
        }
    }

    /// Opens it with `open`. Returns which file that is.
    ///
    /// # Errors
    /// Those of `open`; if the file is gone that was open before.
    pub fn open<T>(
        &self,
        open: impl FnOnce() -> Result<T, Error>,
    ) -> Result<(T, Option<FileId>), Error> {
        let mut opened = self.lock();
        let found = self.current();
        if opened.file.is_some() && found != opened.file {
            if found.is_none() {
                return Err(Error::FileReplaced); // to open it would create an empty one
            }
            tracing::error!(path = %self.path.display(), "the database file was replaced");
            self.remove_stale_log(opened.log);
            *opened = Opened::default();
            self.has_log.store(false, Ordering::Release);
        }
        let connection = open()?;
        opened.file = self.current();
        self.is_suspect.store(false, Ordering::Release);
        Ok((connection, opened.file))
    }

    /// Whether the file that was open is known to be gone, and none took its place.
    pub fn is_gone(&self) -> bool {
        self.is_suspect.load(Ordering::Acquire) && self.current().is_none()
    }

    /// Whether this is still the file behind the path.
    pub fn is_current(&self, file: Option<FileId>) -> bool {
        let is_current = file.is_none() || self.current() == file;
        if !is_current {
            self.is_suspect.store(true, Ordering::Release);
        }
        is_current
    }

    /// Notes which write-ahead log belongs to the open file.
    pub fn note_log(&self) {
        if !self.has_log.load(Ordering::Acquire) {
            let mut opened = self.lock();
            opened.log = id_of(&self.beside("-wal"));
            self.has_log.store(opened.log.is_some(), Ordering::Release);
        }
    }

    /// Removes the write-ahead log that the replaced file has left behind: SQLite would write it into the new file.
    fn remove_stale_log(&self, log: Option<FileId>) {
        let path = self.beside("-wal");
        if log.is_some() && id_of(&path) == log {
            for path in [path, self.beside("-shm")] {
                if let Err(error) = fs::remove_file(&path) {
                    tracing::warn!(%error, path = %path.display(), "cannot remove a file of the replaced database");
                }
            }
        }
    }

    fn current(&self) -> Option<FileId> {
        id_of(&self.path)
    }

    fn beside(&self, ending: &str) -> PathBuf {
        let mut path = self.path.clone().into_os_string();
        path.push(ending);
        path.into()
    }

    fn lock(&self) -> MutexGuard<'_, Opened> {
        self.opened.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(unix)]
fn id_of(path: &std::path::Path) -> Option<FileId> {
    use std::os::unix::fs::MetadataExt;
    let metadata = fs::metadata(path).ok()?;
    Some((metadata.dev(), metadata.ino()))
}

/// Files have no number here, and cannot be replaced while they are open.
#[cfg(not(unix))]
fn id_of(_path: &std::path::Path) -> Option<FileId> {
    None
}
