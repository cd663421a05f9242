//! Where a process keeps what it derives from the change log: one folder for each form and build, inside a folder that a
//! single process locks.

use anyhow::Context;
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};

use crate::platform::clock::Clock;
use crate::platform::config::Config;
use crate::platform::db::Location;

const LOCK: &str = "in-use";

/// What is kept in a folder.
#[derive(Clone, Debug)]
pub struct Content {
    /// What a folder beside the SQLite file is called: the end of its name.
    pub suffix: &'static str,
    /// Identifies the form of the data: what has another form is of no use.
    pub fingerprint: String,
}

/// A folder that this process has locked.
pub struct DerivedFolder {
    path: PathBuf,
    fingerprint: String,
    /// Held for as long as the process uses the folder.
    _lock: Option<File>,
    /// Set for a temporary folder, which is removed on exit.
    _temporary: Option<tempfile::TempDir>,
}

impl DerivedFolder {
    /// The configured folder, else one beside the SQLite file. A temporary one where there is neither, or where another
    /// process uses that folder.
    ///
    /// # Errors
    /// If the folder cannot be created or locked.
    pub fn of(
        config: &Config,
        configured: Option<&Path>,
        content: &Content,
    ) -> anyhow::Result<Self> {
        let Some(path) = permanent_path(config, configured, content.suffix) else {
            return Self::temporary(content);
        };
        match Self::lock(&path, content)? {
            Some(folder) => Ok(folder),
            None => {
                tracing::info!(path = %path.display(), "another process uses this folder; building a temporary one");
                Self::temporary(content)
            }
        }
    }

    /// Locks the folder at `path`; `None` if another process uses it.
    ///
    /// # Errors
    /// If the folder cannot be created or locked.
    pub fn lock(path: &Path, content: &Content) -> anyhow::Result<Option<Self>> {
        std::fs::create_dir_all(path).with_context(|| path.display().to_string())?;
        let lock = File::create(path.join(LOCK))?;
        match lock.try_lock() {
            Ok(()) => Ok(Some(Self {
                path: path.to_path_buf(),
                fingerprint: content.fingerprint.clone(),
                _lock: Some(lock),
                _temporary: None,
            })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error.into()),
        }
    }

    /// A temporary folder. Those that other processes have left behind are removed.
    fn temporary(content: &Content) -> anyhow::Result<Self> {
        let prefix = format!("answerable{}-", content.suffix);
        let folder = tempfile::Builder::new().prefix(&prefix).tempdir()?;
        let lock = File::create(folder.path().join(LOCK))?;
        lock.try_lock()?;
        for other in folders(&std::env::temp_dir()).unwrap_or_default() {
            let name = other.file_name().map(|name| name.to_string_lossy());
            if name.is_some_and(|name| name.starts_with(&prefix)) && is_left_behind(&other) {
                let _ = std::fs::remove_dir_all(other);
            }
        }
        Ok(Self {
            path: folder.path().to_path_buf(),
            fingerprint: content.fingerprint.clone(),
            _lock: Some(lock),
            _temporary: Some(folder),
        })
    }

    /// The folder of data in this form, if there is one. If there are two, the older: the other is not complete yet.
    ///
    /// # Errors
    /// If the folder cannot be read.
    pub fn existing(&self) -> anyhow::Result<Option<PathBuf>> {
        existing_in(&self.path, &self.fingerprint)
    }

    /// A free path for another one.
    pub fn new_path(&self, clock: &Clock) -> PathBuf {
        let now = clock.now().and_utc().timestamp_millis();
        let name = |number| format!("{}-{now:015}-{number:03}", self.fingerprint);
        let places = (0..1_000).map(|number| self.path.join(name(number)));
        let mut free = places.filter(|path| !path.exists());
        free.next().unwrap_or_else(|| self.path.join(name(1_000)))
    }

    /// Removes all others.
    pub fn keep_only(&self, kept: &Path) {
        for path in folders(&self.path).unwrap_or_default() {
            if path != kept {
                // what cannot be removed now is removed next time
                let _ = std::fs::remove_dir_all(path);
            }
        }
    }
}

/// Whether a temporary folder was locked by a process that has ended. One without a lock may be about to get it.
fn is_left_behind(folder: &Path) -> bool {
    let lock = File::open(folder.join(LOCK));
    lock.is_ok_and(|lock| lock.try_lock().is_ok())
}

/// The path of the folder that outlives the process, if there is one: the configured one, else one beside the SQLite file.
pub fn permanent_path(
    config: &Config,
    configured: Option<&Path>,
    suffix: &'static str,
) -> Option<PathBuf> {
    let beside = match config.location() {
        Ok(Location::SqliteFile(file)) => {
            // SQLite also takes the URI of a file, with parameters
            let uri = file.strip_prefix("file:");
            let path = uri.map(|uri| uri.split('?').next().unwrap_or_default());
            let path = path.unwrap_or(&file);
            Some(PathBuf::from(format!("{path}{suffix}")))
        }
        _ => None,
    };
    configured.map(Path::to_path_buf).or(beside)
}

/// The folder of data in this form in a folder, as [`DerivedFolder::existing`] says.
///
/// # Errors
/// If the folder cannot be read.
pub fn existing_in(folder: &Path, fingerprint: &str) -> anyhow::Result<Option<PathBuf>> {
    let start = format!("{fingerprint}-");
    let has_form = |path: &PathBuf| {
        let name = path.file_name().map(|name| name.to_string_lossy());
        name.is_some_and(|name| name.starts_with(&start))
    };
    Ok(folders(folder)?.into_iter().filter(has_form).min())
}

fn folders(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let entries = std::fs::read_dir(folder)?.filter_map(Result::ok);
    let is_folder = |entry: &std::fs::DirEntry| entry.file_type().is_ok_and(|kind| kind.is_dir());
    Ok(entries
        .filter(is_folder)
        .map(|entry| entry.path())
        .collect())
}
