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
    /// The file of the database was deleted or replaced: what was written is not in the file that is there now.
    #[error("the database file was deleted or replaced")]
    FileReplaced,
    /// The last write failed, and the database cannot be made good yet.
    #[error("the database cannot be written")]
    NotWritable,
    /// A statement failed.
    #[error("a database statement failed: {0}")]
    Query(#[from] diesel::result::Error),
    /// The closure panicked; nothing was stored.
    #[error("a database task panicked")]
    Panicked,
}

/// What the databases say if nothing can be written. Diesel has no kind for it.
const NOT_WRITABLE: [&str; 7] = [
    // SQLite
    "database or disk is full",
    "attempt to write a readonly database",
    "disk I/O error",
    "unable to open database file",
    // PostgreSQL
    "No space left on device",
    "could not extend file",
    "in a read-only transaction",
];

/// What is said if the connection or its transaction is lost, where Diesel has no kind for it.
const LOST: [&str; 12] = [
    // SQLite rolls back by itself if the disk fails
    "no such savepoint",
    "no transaction is active",
    // PostgreSQL and libpq
    "server closed the connection",
    "terminating connection",
    "no connection to the server",
    "connection not open",
    "could not receive data from server",
    "could not send data to server",
    "SSL SYSCALL error",
    "the database system is",
    "canceling statement due to conflict with recovery",
    "canceling statement due to lock timeout",
];

/// Whether a statement failed because the connection or its transaction was lost: the next may succeed.
pub fn is_lost(error: &diesel::result::Error) -> bool {
    use diesel::result::{DatabaseErrorKind as Kind, Error as Statement};
    match error {
        Statement::BrokenTransactionManager
        | Statement::DatabaseError(Kind::ClosedConnection | Kind::UnableToSendCommand, _) => true,
        Statement::DatabaseError(_, information) => {
            let message = information.message();
            LOST.iter().any(|text| message.contains(text))
        }
        _ => false,
    }
}

/// Whether a statement failed because nothing can be written at the moment: the disk is full, or the database is read-only.
pub fn is_not_writable(error: &diesel::result::Error) -> bool {
    let message = error.to_string();
    NOT_WRITABLE.iter().any(|text| message.contains(text))
}

impl Error {
    /// The same error, for another write that it ended.
    pub(crate) fn again(&self) -> Self {
        use diesel::result::Error as Statement;
        match self {
            Self::Location(detail) => Self::Location(detail.clone()),
            Self::Connect(detail) => Self::Connect(detail.clone()),
            Self::Busy => Self::Busy,
            Self::FileReplaced => Self::FileReplaced,
            Self::NotWritable => Self::NotWritable,
            Self::Panicked => Self::Panicked,
            Self::Query(Statement::DatabaseError(kind, information)) => {
                let message: Box<String> = Box::new(information.message().to_owned());
                Self::Query(Statement::DatabaseError(*kind, message))
            }
            Self::Query(Statement::BrokenTransactionManager) => {
                Self::Query(Statement::BrokenTransactionManager)
            }
            Self::Query(other) => {
                let message: Box<String> = Box::new(other.to_string());
                let kind = diesel::result::DatabaseErrorKind::Unknown;
                Self::Query(Statement::DatabaseError(kind, message))
            }
        }
    }
}
