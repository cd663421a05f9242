//! SQLite databases: each a copy of a filled one.

use diesel::connection::SimpleConnection;
use diesel::{Connection, SqliteConnection};
use std::collections::HashMap;
use std::sync::{LazyLock, Mutex};
use tempfile::TempDir;

use super::{Content, fill};

static TEMPLATES: LazyLock<Mutex<HashMap<Content, TempDir>>> = LazyLock::new(Mutex::default);

/// A fresh database and its folder.
pub fn fresh(content: Content) -> (String, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("test.db");
    let mut templates = TEMPLATES.lock().unwrap();
    let template = templates.entry(content).or_insert_with(|| {
        let folder = tempfile::tempdir().unwrap();
        fill(
            &format!("sqlite:{}", folder.path().join("template.db").display()),
            content,
        );
        folder
    });
    let template = template.path().join("template.db");
    let mut connection = SqliteConnection::establish(template.to_str().unwrap()).unwrap();
    connection
        .batch_execute(&format!("VACUUM INTO '{}'", path.display()))
        .unwrap();
    (format!("sqlite:{}", path.display()), folder)
}
