//! Shared test support: instances with their own server and database, and responses that are validated against
//! the OpenAPI document as they arrive.

pub mod answer;
pub mod contract;
pub mod documents;
pub mod instance;
pub mod postgresql;
pub mod program;
pub mod random;
pub mod sqlite;

use answerable::log::{Log, Origin};
use answerable::platform::config::{Config, Secret};
use answerable::platform::db::{Database, DbConnection, Error, migrate};
use answerable::tracking::catalogue::CATALOGUE;
use answerable::writing::import::{self, OnMistake, Source};
use chrono::{DateTime, NaiveDateTime, Utc};
use std::fmt::Debug;
use std::time::{Duration, Instant};

pub use answer::Answer;
pub use documents::{BODY, assert_includes, lines, texts, total, with};
pub use instance::Instance;

/// The two data sets of the demo; see `demo/README.md`.
pub const OVERSIGHT: &str = include_str!("../../../demo/oversight.ndjson");
pub const EXAMPLESHIRE: &str = include_str!("../../../demo/exampleshire.ndjson");

/// The default time in every test.
pub const NOW: &str = "2026-11-24T12:00:00Z";

/// The contents of the database when a test starts.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub enum Content {
    /// Only the tables.
    Empty,
    /// The demo's two data sets.
    Demo,
}

/// A database system that tests run on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Sqlite,
    Postgresql,
}

/// The database systems to test: both, or those in `TEST_DATABASES` (`sqlite`, `postgresql`).
pub fn kinds() -> Vec<Kind> {
    let wanted = std::env::var("TEST_DATABASES").unwrap_or_else(|_| "sqlite,postgresql".to_owned());
    let mut kinds = Vec::new();
    for name in wanted.split(',') {
        match name {
            "sqlite" => kinds.push(Kind::Sqlite),
            "postgresql" if postgresql::is_available() => kinds.push(Kind::Postgresql),
            "postgresql" => {}
            other => panic!("TEST_DATABASES knows sqlite and postgresql, not '{other}'"),
        }
    }
    kinds
}

/// Runs a test on each database system, with a fresh instance that serves the demo's records.
pub fn both(test: impl Fn(&Instance)) {
    each(Content::Demo, test);
}

/// Runs a test on each database system, with a fresh, empty instance.
pub fn both_empty(test: impl Fn(&Instance)) {
    each(Content::Empty, test);
}

fn each(content: Content, test: impl Fn(&Instance)) {
    for kind in kinds() {
        println!("--- on {kind:?}");
        test(&Instance::start(kind, content, |_| ()));
    }
}

/// A fresh database and, on SQLite, its folder.
pub fn database(kind: Kind, content: Content) -> (String, Option<tempfile::TempDir>) {
    match kind {
        Kind::Sqlite => {
            let (url, folder) = sqlite::fresh(content);
            (url, Some(folder))
        }
        Kind::Postgresql => (postgresql::fresh(content), None),
    }
}

/// A copy of a database, to be put in its place later.
pub struct Backup {
    url: String,
    copy: String,
}

impl Backup {
    /// Copies the database at a URL, which may be in use.
    pub fn of(url: &str) -> Self {
        let copy = match url.strip_prefix("sqlite:") {
            Some(path) => sqlite::copy(path.as_ref()).to_str().unwrap().to_owned(),
            None => postgresql::copy(url),
        };
        let url = url.to_owned();
        Self { url, copy }
    }

    /// Puts the copy in the place of the database.
    pub fn restore(self) {
        match self.url.strip_prefix("sqlite:") {
            Some(path) => {
                for ending in ["-wal", "-shm"] {
                    let _ = std::fs::remove_file(format!("{path}{ending}"));
                }
                std::fs::rename(self.copy, path).unwrap();
            }
            None => postgresql::put_back(&self.url, &self.copy),
        }
    }
}

/// Opens the database of a configuration.
pub fn open(config: &Config) -> Database {
    Database::open(config.location().unwrap(), config.pool_size()).unwrap()
}

/// Opens the database at a URL.
pub fn open_at(url: &str) -> Database {
    open(&Config {
        database: Secret(url.to_owned()),
        readers: 2,
        ..Config::default()
    })
}

/// Reads a database directly.
pub fn read<T, E>(database: &Database, work: impl FnOnce(&mut DbConnection) -> Result<T, E>) -> T
where
    Error: From<E>,
{
    let read = database.read_now(|c| work(c).map_err(Error::from));
    read.unwrap()
}

/// Fills a template database, from which the tests' databases are copied.
pub fn fill(url: &str, content: Content) {
    let database = open_at(url);
    migrate::run(&database).unwrap();
    // the signing key is created on first use; doing so here makes all copies start alike
    answerable::platform::db::settings::cursor_key(&database).unwrap();
    if content == Content::Demo {
        for set in [OVERSIGHT, EXAMPLESHIRE] {
            let (source, log) = (Source::spool(set.as_bytes()), Log::new(database.clone()));
            let (source, now) = (source.unwrap(), time(NOW).naive_utc());
            let report = import_into(&log, now, &source, OnMistake::StoreNothing);
            assert_eq!(report.mistakes, []);
        }
    }
}

fn import_into(
    log: &Log,
    now: NaiveDateTime,
    source: &Source,
    on_mistake: OnMistake,
) -> import::ImportReport {
    let origin = origin(now);
    import::run(log, &CATALOGUE, origin, source, on_mistake, false, &|_| ()).unwrap()
}

fn origin(now: NaiveDateTime) -> Origin {
    Origin {
        actor: "test".to_owned(),
        now,
        ..Origin::default()
    }
}

/// Repeats an attempt until it succeeds; fails after a minute with what it saw last.
#[track_caller]
pub fn eventually<T, E: Debug>(mut attempt: impl FnMut() -> Result<T, E>) -> T {
    let start = Instant::now();
    loop {
        match attempt() {
            Ok(found) => return found,
            // it takes much less, but for a busy machine
            Err(seen) => assert!(start.elapsed() < Duration::from_secs(60), "{seen:#?}"),
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// A number from the environment, which makes some tests last longer.
pub fn setting(name: &str, default: usize) -> usize {
    std::env::var(name).map_or(default, |text| text.parse().unwrap())
}

/// Parses a time.
pub fn time(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// A path in the project.
pub fn project(path: &str) -> std::path::PathBuf {
    std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// Real records and test vectors, where available: in the folder that `TEST_DATA` names, or else in
/// `../shared/data`. A test must pass without them.
pub fn data(path: &str) -> Option<std::path::PathBuf> {
    let folder = std::env::var_os("TEST_DATA")
        .map_or_else(|| project("../shared/data"), std::path::PathBuf::from);
    let path = folder.join(path);
    if !path.exists() {
        println!("skipped: {} is not here", path.display());
        return None;
    }
    Some(path)
}
