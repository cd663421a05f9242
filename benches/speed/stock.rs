//! A database full of made-up records.

use answerable::log::{Log, Origin};
use answerable::platform::clock::Clock;
use answerable::platform::config::{Config, Secret};
use answerable::platform::db::{Database, migrate};
use answerable::tracking::catalogue::CATALOGUE;
use answerable::writing::import::{self, OnMistake, Source};
use std::path::Path;
use std::process::Command;
use std::time::Instant;
use tempfile::NamedTempFile;

use crate::corpus;
use crate::past;
use crate::process::{self, Server};

/// A database, and what the measurements need to know of it.
pub struct Stock {
    /// `SQLite` or `PostgreSQL`.
    pub kind: &'static str,
    pub url: String,
    pub articles: usize,
}

impl Stock {
    /// In a file of the folder.
    pub fn sqlite(folder: &Path, articles: usize, reports: usize) -> Self {
        let url = format!("sqlite:{}", folder.join(format!("{articles}.db")).display());
        Self::fill("SQLite", url, articles, reports)
    }

    /// In the empty database that `BENCH_POSTGRES` names, if it does.
    pub fn postgresql(articles: usize, reports: usize) -> Option<Self> {
        let url = std::env::var("BENCH_POSTGRES").ok()?;
        Some(Self::fill("PostgreSQL", url, articles, reports))
    }

    /// Reads the file once, so that the system has it in memory as far as there is room.
    pub fn warm(&self) {
        if let Some(path) = self.url.strip_prefix("sqlite:") {
            let mut file = std::fs::File::open(path).unwrap();
            std::io::copy(&mut file, &mut std::io::sink()).unwrap();
        }
    }

    fn fill(kind: &'static str, url: String, articles: usize, reports: usize) -> Self {
        let config = Config {
            database: Secret(url.clone()),
            ..Config::default()
        };
        let database = Database::open(config.location().unwrap(), config.pool_size()).unwrap();
        migrate::run(&database).unwrap();
        let seconds = import(&database, &corpus::articles(articles));
        let rate = articles as f64 / seconds;
        println!(
            "{kind}: import of {articles} articles, one thread: {seconds:.1} s, {rate:.0} a second"
        );
        if reports > 0 {
            let seconds = import(&database, &corpus::reports(reports));
            println!(
                "{kind}: import of {reports} reports with {} obligations: {seconds:.1} s",
                reports * 43 * 29
            );
        }
        if kind == "PostgreSQL" {
            // as autovacuum does some time after so many writes
            let done = Command::new("psql")
                .args([&url, "-qc", "VACUUM ANALYZE"])
                .status();
            assert!(done.unwrap().success());
        }
        build_index(&url);
        follow_log(&url);
        Self {
            kind,
            url,
            articles,
        }
    }
}

/// A token that may do everything at a server of this database, with its kind.
pub fn token(url: &str, server: &Server) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_answerable"))
        .args(["token", "--database", url, "--listen", &server.address])
        .args([
            "--scope",
            "admin",
            "--organisation",
            "*",
            "--lifetime",
            "3600",
        ])
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    format!(
        "Bearer {}",
        String::from_utf8(output.stdout).unwrap().trim()
    )
}

/// Lets a server follow the log, so that none does while something is measured.
pub fn follow_log(url: &str) {
    let server = Server::real(url, &[]);
    past::follow(&server, &past::this_moment());
}

/// Builds the search index of a database, so that no server does while something is measured.
pub fn build_index(url: &str) {
    let built = Command::new(env!("CARGO_BIN_EXE_answerable"))
        .args(["search", "rebuild", "--database", url])
        .args(process::folders(url))
        .status();
    assert!(built.unwrap().success());
}

/// Stores all documents of a file, and says how many seconds it took.
pub fn import(database: &Database, file: &NamedTempFile) -> f64 {
    import_from(database, Source::File(file.path().to_owned()))
}

/// Stores these documents.
pub fn import_lines(database: &Database, lines: Vec<String>) {
    import_from(database, Source::Memory(lines));
}

fn import_from(database: &Database, source: Source) -> f64 {
    let origin = Origin {
        actor: "bench".to_owned(),
        now: Clock::System.now(),
        ..Origin::default()
    };
    let started = Instant::now();
    let report = import::run(
        &Log::new(database.clone()),
        &CATALOGUE,
        origin,
        &source,
        OnMistake::StoreNothing,
        false,
        &|_| (),
    )
    .unwrap();
    assert_eq!(report.mistakes, []);
    started.elapsed().as_secs_f64()
}
