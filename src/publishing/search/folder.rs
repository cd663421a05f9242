//! Where indexes are stored: one folder for each schema and build, inside a folder that a single process locks.

use anyhow::Context;
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};

use super::schema;
use crate::platform::clock::Clock;
use crate::platform::config::Config;
use crate::platform::db::Location;

const LOCK: &str = "in-use";

/// The folder of this process's indexes.
pub struct Folder {
    path: PathBuf,
    /// Held for as long as the process uses the folder.
    _lock: Option<File>,
    /// Set for a temporary folder, which is removed on exit.
    _temporary: Option<tempfile::TempDir>,
}

impl Folder {
    /// The configured folder, else one beside the SQLite file. A temporary one where there is neither, or where another
    /// process uses that folder.
    pub fn of(config: &Config) -> anyhow::Result<Self> {
        let Some(path) = Self::permanent_path(config) else {
            return Self::temporary();
        };
        match Self::lock(&path)? {
            Some(folder) => Ok(folder),
            None => {
                tracing::info!(path = %path.display(), "another process uses the search index; building a temporary one");
                Self::temporary()
            }
        }
    }

    /// The path of the folder that outlives the process, if there is one.
    pub fn permanent_path(config: &Config) -> Option<PathBuf> {
        let beside = match config.location() {
            Ok(Location::SqliteFile(file)) => Some(PathBuf::from(format!("{file}-search"))),
            _ => None,
        };
        config.search_folder.clone().or(beside)
    }

    /// Locks the folder at `path`; `None` if another process uses it.
    pub fn lock(path: &Path) -> anyhow::Result<Option<Self>> {
        std::fs::create_dir_all(path).with_context(|| path.display().to_string())?;
        let lock = File::create(path.join(LOCK))?;
        match lock.try_lock() {
            Ok(()) => Ok(Some(Self {
                path: path.to_path_buf(),
                _lock: Some(lock),
                _temporary: None,
            })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error.into()),
        }
    }

    fn temporary() -> anyhow::Result<Self> {
        let folder = tempfile::Builder::new()
            .prefix("answerable-search-")
            .tempdir()?;
        Ok(Self {
            path: folder.path().to_path_buf(),
            _lock: None,
            _temporary: Some(folder),
        })
    }

    /// The index with the current schema, if there is one. If there are two, the older: the other is not complete yet.
    pub fn existing(&self) -> anyhow::Result<Option<PathBuf>> {
        index_in(&self.path)
    }

    /// A free path for another index.
    pub fn new_path(&self, clock: &Clock) -> PathBuf {
        let now = clock.now().and_utc().timestamp_millis();
        let name = |number| format!("{}-{now:015}-{number:03}", schema::fingerprint());
        let places = (0..1_000).map(|number| self.path.join(name(number)));
        let mut free = places.filter(|path| !path.exists());
        free.next().unwrap_or_else(|| self.path.join(name(1_000)))
    }

    /// Removes all other indexes.
    pub fn keep_only(&self, kept: &Path) {
        for path in indexes(&self.path).unwrap_or_default() {
            if path != kept {
                // what cannot be removed now is removed next time
                let _ = std::fs::remove_dir_all(path);
            }
        }
    }
}

/// The index with the current schema in a folder, as [`Folder::existing`] says.
pub fn index_in(folder: &Path) -> anyhow::Result<Option<PathBuf>> {
    let start = format!("{}-", schema::fingerprint());
    let of_schema = |path: &PathBuf| {
        let name = path.file_name().map(|name| name.to_string_lossy());
        name.is_some_and(|name| name.starts_with(&start))
    };
    Ok(indexes(folder)?.into_iter().filter(of_schema).min())
}

fn indexes(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let entries = std::fs::read_dir(folder)?.filter_map(Result::ok);
    Ok(entries
        .map(|e| e.path())
        .filter(|path| path.is_dir())
        .collect())
}
