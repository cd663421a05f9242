//! The location of the database: the `--database` setting, parsed.

use super::error::Error;

/// The location of a database; the scheme of its URL determines the kind.
#[derive(Clone, PartialEq, Eq)]
pub enum Location {
    /// `sqlite:PATH`: a file, created if missing.
    SqliteFile(String),
    /// `sqlite::memory:`: lost when the process ends.
    SqliteMemory,
    /// `postgres://…` or `postgresql://…`.
    Postgres(String),
}

impl Location {
    /// Parses a database URL. An unknown scheme is an error: a mistyped PostgreSQL URL must not become the name of a
    /// new SQLite file.
    pub fn parse(url: &str) -> Result<Self, Error> {
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            return Ok(Self::Postgres(url.to_owned()));
        }
        match url.strip_prefix("sqlite:") {
            Some(":memory:") => Ok(Self::SqliteMemory),
            Some(path) if !path.is_empty() => {
                Ok(Self::SqliteFile(path.trim_start_matches("//").to_owned()))
            }
            _ => Err(Error::Location(
                "expected sqlite:PATH, sqlite::memory: or postgres://USER@HOST/DATABASE".into(),
            )),
        }
    }

    /// Whether this is PostgreSQL.
    pub fn is_postgres(&self) -> bool {
        matches!(self, Self::Postgres(_))
    }
}

impl std::fmt::Display for Location {
    /// For logs and messages: without user and password.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::SqliteFile(path) => write!(f, "sqlite:{path}"),
            Self::SqliteMemory => f.write_str("sqlite::memory:"),
            Self::Postgres(url) => match url::Url::parse(url) {
                Ok(url) => write!(
                    f,
                    "postgres://{}{}",
                    url.host_str().unwrap_or("(socket)"),
                    url.path()
                ),
                Err(_) => f.write_str("postgres://…"),
            },
        }
    }
}

impl std::fmt::Debug for Location {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{self}")
    }
}
