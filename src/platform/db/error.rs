//! What can go wrong with the database.

/// What can go wrong with the database.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The `--database` setting cannot be understood.
    #[error("the database setting cannot be understood: {0}")]
    Location(String),
    /// No connection could be opened.
    #[error("cannot connect to the database: {0}")]
    Connect(String),
    /// All connections were in use for longer than the caller may wait.
    #[error("the database is busy")]
    Busy,
    /// A statement failed.
    #[error("a database statement failed: {0}")]
    Query(#[from] diesel::result::Error),
    /// The work panicked; nothing of it was stored.
    #[error("the work on the database stopped unexpectedly")]
    Panicked,
}
