//! The database error.

/// A database error.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The `--database` setting is invalid.
    #[error("invalid database setting: {0}")]
    Location(String),
    /// No connection could be opened.
    #[error("cannot connect to the database: {0}")]
    Connect(String),
    /// No connection became free within the time that the caller may wait.
    #[error("the database is busy")]
    Busy,
    /// A statement failed.
    #[error("a database statement failed: {0}")]
    Query(#[from] diesel::result::Error),
    /// The closure panicked; nothing was stored.
    #[error("a database task panicked")]
    Panicked,
}
