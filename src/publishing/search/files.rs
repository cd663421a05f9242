//! The files of an index, which are synced seldom: an index is derived from the log, and is built again if a power failure
//! damages it. A marker says that files may not be synced.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tantivy::directory::error::{DeleteError, LockError, OpenReadError, OpenWriteError};
use tantivy::directory::{
    AntiCallToken, Directory, DirectoryLock, FileHandle, Lock, MmapDirectory, TerminatingWrite,
    WatchCallback, WatchHandle, WritePtr,
};
use tempfile::NamedTempFile;

/// The name of the marker.
const MARKER: &str = "unsynced";
/// How long files may stay unsynced.
const SYNC_INTERVAL: Duration = Duration::from_secs(60);

/// A directory whose files are written without a sync.
#[derive(Clone, Debug)]
pub struct UnsyncedDirectory {
    files: MmapDirectory,
    path: PathBuf,
}

impl UnsyncedDirectory {
    /// The directory at a path.
    pub fn open(path: &Path) -> anyhow::Result<Self> {
        Ok(Self {
            files: MmapDirectory::open(path)?,
            path: path.to_path_buf(),
        })
    }
}

impl Directory for UnsyncedDirectory {
    fn get_file_handle(&self, path: &Path) -> Result<Arc<dyn FileHandle>, OpenReadError> {
        self.files.get_file_handle(path)
    }

    fn delete(&self, path: &Path) -> Result<(), DeleteError> {
        self.files.delete(path)
    }

    fn exists(&self, path: &Path) -> Result<bool, OpenReadError> {
        self.files.exists(path)
    }

    fn open_write(&self, path: &Path) -> Result<WritePtr, OpenWriteError> {
        let file = File::create_new(self.path.join(path)).map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => OpenWriteError::FileAlreadyExists(path.to_path_buf()),
            _ => OpenWriteError::wrap_io_error(error, path.to_path_buf()),
        })?;
        Ok(WritePtr::new(Box::new(UnsyncedFile(file))))
    }

    fn atomic_read(&self, path: &Path) -> Result<Vec<u8>, OpenReadError> {
        self.files.atomic_read(path)
    }

    fn atomic_write(&self, path: &Path, data: &[u8]) -> io::Result<()> {
        let mut file = NamedTempFile::new_in(&self.path)?;
        file.write_all(data)?;
        file.persist(self.path.join(path))?;
        Ok(())
    }

    fn sync_directory(&self) -> io::Result<()> {
        Ok(())
    }

    fn acquire_lock(&self, lock: &Lock) -> Result<DirectoryLock, LockError> {
        self.files.acquire_lock(lock)
    }

    fn watch(&self, callback: WatchCallback) -> tantivy::Result<WatchHandle> {
        self.files.watch(callback)
    }
}

struct UnsyncedFile(File);

impl Write for UnsyncedFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

impl TerminatingWrite for UnsyncedFile {
    fn terminate_ref(&mut self, _: AntiCallToken) -> io::Result<()> {
        self.0.flush()
    }
}

/// Which files of an index are known to be on disk.
#[derive(Debug)]
pub struct SyncState {
    folder: PathBuf,
    /// Since when files may not be synced.
    unsynced_since: Option<Instant>,
}

impl SyncState {
    /// That of an index which is not open yet.
    pub fn of(folder: &Path) -> Self {
        let is_marked = folder.join(MARKER).exists();
        Self {
            folder: folder.to_path_buf(),
            unsynced_since: is_marked.then(Instant::now),
        }
    }

    /// Whether a power failure may have damaged files.
    pub fn is_marked(&self) -> bool {
        self.unsynced_since.is_some()
    }

    /// Marks the index before files are written.
    pub fn mark(&mut self) -> io::Result<()> {
        if self.unsynced_since.is_none() {
            File::create(self.folder.join(MARKER))?.sync_all()?;
            File::open(&self.folder)?.sync_all()?;
            self.unsynced_since = Some(Instant::now());
        }
        Ok(())
    }

    /// Syncs all files, if they have not been for a while.
    pub fn sync_if_due(&mut self) -> io::Result<()> {
        match self.unsynced_since {
            Some(since) if since.elapsed() > SYNC_INTERVAL => self.sync(),
            _ => Ok(()),
        }
    }

    /// Syncs all files, and removes the mark.
    pub fn sync(&mut self) -> io::Result<()> {
        for entry in fs::read_dir(&self.folder)? {
            match File::open(entry?.path()) {
                Ok(file) => file.sync_all()?,
                // a merge replaced it
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        let folder = File::open(&self.folder)?;
        folder.sync_all()?;
        fs::remove_file(self.folder.join(MARKER))?;
        folder.sync_all()?;
        self.unsynced_since = None;
        Ok(())
    }
}

impl Drop for SyncState {
    /// An index that is closed is synced, so that it need not be examined when it is opened again.
    fn drop(&mut self) {
        if self.unsynced_since.is_some() && self.folder.exists() {
            let _ = self.sync(); // it stays marked
        }
    }
}
