//! Where indexes are stored.

use std::path::PathBuf;

use super::schema;
use crate::platform::config::Config;
use crate::platform::derived_folder::{Content, DerivedFolder, existing_in, permanent_path};

/// What the folder is called beside the SQLite file.
const SUFFIX: &str = "-search";

/// Indexes with the schema of this build.
pub fn content() -> Content {
    Content {
        suffix: SUFFIX,
        fingerprint: schema::fingerprint(),
    }
}

/// The folder of this process's indexes.
///
/// # Errors
/// If the folder cannot be created or locked.
pub fn of(config: &Config) -> anyhow::Result<DerivedFolder> {
    DerivedFolder::of(config, config.search_folder.as_deref(), &content())
}

/// The path of the folder that outlives the process, if there is one.
pub fn path(config: &Config) -> Option<PathBuf> {
    permanent_path(config, config.search_folder.as_deref(), SUFFIX)
}

/// The index with the current schema in a folder, if there is one.
///
/// # Errors
/// If the folder cannot be read.
pub fn index_in(folder: &std::path::Path) -> anyhow::Result<Option<PathBuf>> {
    existing_in(folder, &schema::fingerprint())
}
