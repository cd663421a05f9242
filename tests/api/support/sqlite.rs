//! SQLite databases: each is a copy of a filled template.

use diesel::connection::SimpleConnection;
use diesel::{Connection, SqliteConnection};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{LazyLock, Mutex};
use tempfile::TempDir;

use super::{Content, fill};

/// The bytes of the filled template files.
static TEMPLATES: LazyLock<Mutex<HashMap<Content, Vec<u8>>>> = LazyLock::new(Mutex::default);

/// A fresh database and its folder.
pub fn fresh(content: Content) -> (String, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("test.db");
    let mut templates = TEMPLATES.lock().unwrap();
    std::fs::write(
        &path,
        templates
            .entry(content)
            .or_insert_with(|| template(content)),
    )
    .unwrap();
    (format!("sqlite:{}", path.display()), folder)
}

/// Copies the database in a file.
pub fn copy(path: &Path) -> PathBuf {
    let copy = path.with_extension("copy");
    let mut connection = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
    let into = format!("VACUUM INTO '{}'", copy.display());
    connection.batch_execute(&into).unwrap();
    copy
}

fn template(content: Content) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let (path, copy) = (
        folder.path().join("template.db"),
        folder.path().join("copy.db"),
    );
    fill(&format!("sqlite:{}", path.display()), content);
    let mut connection = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
    // the pool that filled it may still be closing
    connection
        .batch_execute("PRAGMA busy_timeout = 10000")
        .unwrap();
    // a single file, without a write-ahead log beside it
    connection
        .batch_execute(&format!("VACUUM INTO '{}'", copy.display()))
        .unwrap();
    std::fs::read(copy).unwrap()
}
