//! The settings: flags, then `ANSWERABLE_*` variables, then `answerable.toml`, then the defaults.
//!
//! An unknown key is an error in any of them: a typo must not leave a limit unset.

use figment::Figment;
use figment::error::{Actual, Kind};
use figment::providers::{Env, Format, Serialized, Toml};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::net::IpAddr;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::platform::db::{Location, PoolSize, Synchronous};
use crate::platform::page_urls::PageUrls;
use crate::platform::wording;

/// The settings file that is read by default, if it exists.
pub const DEFAULT_FILE: &str = "answerable.toml";

/// All settings. Each has the same name as a flag, as an `ANSWERABLE_NAME` variable and as a key in the settings file.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// `sqlite:PATH`, `sqlite::memory:` or `postgres://USER:PASSWORD@HOST/DATABASE`.
    pub database: Secret,
    /// The address and port to listen on.
    pub listen: String,
    /// The address and port to serve metrics on; when absent, they are not served.
    pub metrics_listen: Option<String>,
    /// The URL of this API for clients, e.g. `https://api.example.org`; taken from the `Host` header when absent.
    pub public_url: Option<String>,
    /// The addresses of the public site's pages, by collection: `articles=https://site.example/news/{slug}`, and
    /// `articles.cy=…` for those in one language.
    pub page_urls: Vec<String>,
    /// Parameters of links that do not tell pages apart, besides the common ones that track visitors. `answerable migrate` or a start
    /// on SQLite compares the links again when they change.
    pub tracking_parameters: Vec<String>,
    /// Database connections for reads. Default: one per core, at least 4.
    pub readers: u32,
    /// Reads that may run or wait for a connection at once; under sustained load, further reads get 503. Default: four
    /// per reader, at least 16.
    pub database_queue: Option<u32>,
    /// When SQLite syncs to disk: `normal` survives a crash of the process, `full` a power failure too.
    pub sqlite_synchronous: Synchronous,
    /// The length of SQLite's write-ahead log, in pages of 4 kB, after which it is written back into the file.
    pub sqlite_checkpoint_pages: u32,
    /// The longest wait for a database connection, in milliseconds, before 503.
    pub database_wait_ms: u64,
    /// Worker threads that serve requests. 0 means one per core.
    pub workers: usize,
    /// The maximum length of a URL, in bytes.
    pub max_url_length: usize,
    /// The maximum size of a request body, in bytes.
    pub max_body_bytes: u64,
    /// The maximum size of a request body for `/v1/batch`, in bytes.
    pub max_batch_bytes: u64,
    /// A file with additional deadline rules, as a JSON array.
    pub deadline_rules: Option<PathBuf>,
    /// The folder of what `as_of` reads. Default: beside the SQLite file, else a temporary folder.
    pub past_folder: Option<PathBuf>,
    /// The folder of the search index. Default: beside the SQLite file, else a temporary folder.
    pub search_folder: Option<PathBuf>,
    /// Concurrent searches.
    pub searches: u32,
    /// Memory for the response cache, in bytes; 0 disables it.
    pub cache_bytes: u64,
    /// Concurrent exports.
    pub max_exports: usize,
    /// How long an export waits for a client that reads nothing, in milliseconds, before it is aborted.
    pub export_wait_ms: u64,
    /// The longest wait for a request's headers, in milliseconds.
    pub header_timeout_ms: u64,
    /// How long a connection may be idle between requests, in milliseconds, before it is closed. Proxies and clients
    /// must close it first: a request that is sent meanwhile gets no answer.
    pub keep_alive_ms: u64,
    /// Concurrent connections per worker.
    pub max_connections: usize,
    /// How long a client may read nothing of a response, in milliseconds, before the connection is closed.
    pub write_timeout_ms: u64,
    /// How long a poll of the change log counts as current, in milliseconds: the maximum delay until writes by other
    /// nodes and processes are noticed.
    pub max_staleness_ms: u64,
    /// Concurrent subscribers to the change-log stream.
    pub subscribers: usize,
    /// The interval between heartbeats on an idle stream, in milliseconds.
    pub heartbeat_ms: u64,
    /// How long to wait for a webhook receiver, in milliseconds.
    pub webhook_timeout_ms: u64,
    /// The delay before each retry of a failed webhook delivery, in seconds; after the last retry, it is given up.
    pub webhook_retries_s: Vec<u64>,
    /// Whether webhooks may have receivers without TLS (plain `http`).
    pub webhook_http: bool,
    /// Non-public addresses that webhooks may be sent to nevertheless.
    pub webhook_addresses: Vec<IpAddr>,
    /// The log level, `error`, `warn`, `info` or `debug`, or a filter such as `answerable=debug`.
    pub log: String,
    /// `text` or `json`.
    pub log_format: LogFormat,
}

/// The format of log lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum LogFormat {
    /// Human-readable text.
    Text,
    /// One JSON object per line.
    Json,
}

/// A setting that may contain a password: never shown.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Secret(pub String);

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("(not shown)")
    }
}

impl Default for Config {
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self {
            database: Secret("sqlite:answerable.db".into()),
            listen: "127.0.0.1:8080".into(),
            metrics_listen: None,
            public_url: None,
            page_urls: Vec::new(),
            tracking_parameters: Vec::new(),
            readers: u32::try_from(cores).unwrap_or(4).max(4),
            database_queue: None,
            sqlite_synchronous: Synchronous::Full,
            // a checkpoint waits for the disk, so a busy writer should not run one every few writes
            sqlite_checkpoint_pages: 8_000,
            database_wait_ms: 2_000,
            workers: 0,
            max_url_length: 8_192,
            max_body_bytes: 1_048_576,
            max_batch_bytes: 16_777_216,
            deadline_rules: None,
            past_folder: None,
            search_folder: None,
            searches: 2,
            cache_bytes: 67_108_864,
            max_exports: 4,
            export_wait_ms: 30_000,
            header_timeout_ms: 5_000,
            keep_alive_ms: 75_000,
            max_connections: 25_000,
            write_timeout_ms: 30_000,
            max_staleness_ms: 900,
            subscribers: 2_000,
            heartbeat_ms: 15_000,
            webhook_timeout_ms: 15_000,
            webhook_retries_s: vec![5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400],
            webhook_http: false,
            webhook_addresses: Vec::new(),
            log: "info".into(),
            log_format: LogFormat::Text,
        }
    }
}

impl Config {
    /// Merges the settings file, the variables and the flags. `flags` holds only the settings given on the command
    /// line.
    pub fn load(
        file: Option<&Path>,
        flags: serde_json::Map<String, serde_json::Value>,
    ) -> anyhow::Result<Self> {
        let path = file.unwrap_or(Path::new(DEFAULT_FILE));
        if file.is_some() && !path.exists() {
            anyhow::bail!("the settings file {} does not exist", path.display());
        }
        let mut figment = Figment::from(Serialized::defaults(Self::default()));
        if path.exists() {
            figment = figment.merge(Toml::file_exact(path));
        }
        let config: Self = figment
            .merge(Env::prefixed("ANSWERABLE_").ignore(&["config"]))
            .merge(Serialized::globals(flags))
            .extract()
            .map_err(|error| anyhow::anyhow!("{}", explain(error)))?;
        config.check()?;
        Ok(config)
    }

    fn check(&self) -> anyhow::Result<()> {
        self.location()?;
        if let Some(url) = &self.public_url {
            let url = url::Url::parse(url).map_err(|e| anyhow::anyhow!("public_url: {e}"))?;
            anyhow::ensure!(
                matches!(url.scheme(), "http" | "https"),
                "public_url: expected http or https"
            );
        }
        self.pages()?;
        limit("readers", self.readers.into(), 1..=1_000)?;
        let queue = self.database_queue.unwrap_or(1);
        limit("database_queue", queue.into(), 1..=100_000)?;
        limit(
            "max_url_length",
            self.max_url_length as u64,
            1_000..=u64::MAX,
        )?;
        let pages = self.sqlite_checkpoint_pages;
        limit("sqlite_checkpoint_pages", pages.into(), 1..=1_000_000)?;
        limit("max_exports", self.max_exports as u64, 1..=1_000)?;
        limit("keep_alive_ms", self.keep_alive_ms, 100..=86_400_000)?;
        limit("write_timeout_ms", self.write_timeout_ms, 100..=u64::MAX)?;
        limit("max_staleness_ms", self.max_staleness_ms, 0..=60_000)?;
        limit("heartbeat_ms", self.heartbeat_ms, 100..=u64::MAX)?;
        limit("subscribers", self.subscribers as u64, 0..=1_000_000)?;
        limit("webhook_timeout_ms", self.webhook_timeout_ms, 100..=60_000)?;
        let retries = &self.webhook_retries_s;
        anyhow::ensure!(
            retries.len() <= 50 && retries.iter().all(|delay| *delay <= 604_800),
            "webhook_retries_s: expected at most 50 waits of at most 604800"
        );
        Ok(())
    }

    /// The pages of the public site.
    pub fn pages(&self) -> anyhow::Result<PageUrls> {
        PageUrls::parse(&self.page_urls).map_err(|error| anyhow::anyhow!("page_urls: {error}"))
    }

    /// The `iss` and `aud` of this instance's tokens: the URL where clients reach it.
    pub fn issuer(&self) -> String {
        match &self.public_url {
            Some(url) => url.trim_end_matches('/').to_owned(),
            None => format!("http://{}", self.listen),
        }
    }

    /// The delay before each retry of a failed webhook delivery.
    pub fn webhook_retries(&self) -> Vec<Duration> {
        let waits = self.webhook_retries_s.iter();
        waits.map(|wait| Duration::from_secs(*wait)).collect()
    }

    /// The location of the database.
    pub fn location(&self) -> Result<Location, crate::platform::db::Error> {
        Location::parse(&self.database.0)
    }

    /// The size of the connection pools, and how long to wait for a connection.
    pub fn pool_size(&self) -> PoolSize {
        PoolSize {
            readers: self.readers,
            queue: self
                .database_queue
                .unwrap_or_else(|| (self.readers * 4).max(16)),
            wait: Duration::from_millis(self.database_wait_ms),
            synchronous: self.sqlite_synchronous,
            checkpoint_pages: self.sqlite_checkpoint_pages,
            shows_history: false,
        }
    }
}

/// Rejects a setting outside its range.
fn limit(name: &str, value: u64, range: RangeInclusive<u64>) -> anyhow::Result<()> {
    let expected = match (range.start(), range.end()) {
        (0, max) => format!("at most {max}"),
        (min, &u64::MAX) => format!("at least {min}"),
        (min, max) => format!("{min} to {max}"),
    };
    anyhow::ensure!(range.contains(&value), "{name}: expected {expected}");
    Ok(())
}

/// One sentence per mistake: the key, its source, and what was expected.
fn explain(error: figment::Error) -> String {
    let sentences = error.into_iter().map(|one| {
        let source = match &one.metadata {
            Some(metadata) => format!(" in {}", place(metadata)),
            None => String::new(),
        };
        match &one.kind {
            Kind::UnknownField(name, known) => unknown(name, known, &source),
            Kind::Message(words) => format!("{}: {words}{source}", one.path.join(".")),
            kind => {
                let (_, words) = wording::explain(&kind.to_string(), None);
                let words = words.trim_end_matches('.');
                let given = given(kind).filter(|_| words.starts_with("Expected"));
                let given = given.map(|given| format!(", not {}", wording::shown(&given)));
                let given = given.unwrap_or_default();
                format!("{}{source}: {words}{given}", one.path.join("."))
            }
        }
    });
    sentences.collect::<Vec<_>>().join("; ")
}

/// The value that was given in place of the one that is expected.
fn given(kind: &Kind) -> Option<Value> {
    let (Kind::InvalidType(given, _) | Kind::InvalidValue(given, _)) = kind else {
        return None;
    };
    Some(match given {
        Actual::Str(text) => Value::from(text.as_str()),
        Actual::Bool(given) => Value::from(*given),
        Actual::Unsigned(number) => u64::try_from(*number).ok()?.into(),
        Actual::Signed(number) => i64::try_from(*number).ok()?.into(),
        _ => return None,
    })
}

/// The path of the settings file, or the kind of another source.
fn place(metadata: &figment::Metadata) -> String {
    let source = metadata.source.as_ref();
    match source.and_then(|source| source.file_path()) {
        Some(path) => path.display().to_string(),
        None if metadata.name.starts_with("serde_json") => "the command line".to_owned(),
        None => format!("the {}", metadata.name.replace('`', "")),
    }
}

fn unknown(name: &str, known: &[&str], source: &str) -> String {
    let likeness = |other: &&&str| strsim::jaro_winkler(other, name);
    let nearest = known
        .iter()
        .max_by(|a, b| likeness(a).total_cmp(&likeness(b)));
    match nearest.filter(|nearest| likeness(nearest) > 0.8) {
        Some(nearest) => format!("unknown setting '{name}'{source}; did you mean '{nearest}'?"),
        None => {
            let known = known.join(", ");
            format!("unknown setting '{name}'{source}; known settings: {known}")
        }
    }
}
