//! The settings as flags. Each flag is named after its setting in [`crate::platform::config::Config`].

use clap::Args;
use serde::Serialize;
use std::net::IpAddr;
use std::path::PathBuf;

use crate::platform::config::LogFormat;
use crate::platform::db::Synchronous;

/// Settings given on the command line.
#[derive(Args, Default, Serialize)]
#[command(next_help_heading = "Settings")]
pub struct Flags {
    /// The settings file [default: answerable.toml, if it exists]
    #[arg(long, global = true, value_name = "FILE")]
    #[serde(skip)]
    pub config: Option<PathBuf>,
    /// sqlite:PATH, sqlite::memory: or postgres://USER:PASSWORD@HOST/DATABASE [default: sqlite:answerable.db]
    #[arg(long, global = true, value_name = "URL")]
    database: Option<String>,
    /// The address and port to listen on; port 0 picks a free one [default: 127.0.0.1:8080]
    #[arg(long, global = true, value_name = "ADDRESS:PORT")]
    pub listen: Option<String>,
    /// The address and port to serve metrics on [default: none]
    #[arg(long, global = true, value_name = "ADDRESS:PORT")]
    metrics_listen: Option<String>,
    /// The public base URL of this API [default: from the Host header]
    #[arg(long, global = true, value_name = "URL")]
    public_url: Option<String>,
    /// The pages of the public site: for each collection a URL that names {slug} [default: none]
    #[arg(
        long,
        global = true,
        value_name = "COLLECTION=URL,…",
        value_delimiter = ','
    )]
    page_urls: Option<Vec<String>>,
    /// Parameters of links that do not tell pages apart, besides those that commonly track visitors [default: none]
    #[arg(long, global = true, value_name = "NAME,…", value_delimiter = ',')]
    tracking_parameters: Option<Vec<String>>,
    /// Database connections for reads [default: one per core, at least 4]
    #[arg(long, global = true, value_name = "COUNT")]
    readers: Option<u32>,
    /// Reads that may run or queue before sustained load is shed with 503 [default: four for each reader, at least 16]
    #[arg(long, global = true, value_name = "COUNT")]
    database_queue: Option<u32>,
    /// When SQLite syncs to disk: full survives a power failure too [default: full]
    #[arg(long, global = true, value_name = "WHEN")]
    sqlite_synchronous: Option<Synchronous>,
    /// Pages in SQLite's write-ahead log after which it is written back [default: 8000]
    #[arg(long, global = true, value_name = "PAGES")]
    sqlite_checkpoint_pages: Option<u32>,
    /// The longest wait for a database connection before 503 [default: 2000]
    #[arg(long, global = true, value_name = "MILLISECONDS")]
    database_wait_ms: Option<u64>,
    /// Worker threads; 0 for one per core [default: 0]
    #[arg(long, global = true, value_name = "COUNT")]
    workers: Option<usize>,
    /// The longest URL [default: 8192]
    #[arg(long, global = true, value_name = "BYTES")]
    max_url_length: Option<usize>,
    /// The largest body [default: 1048576]
    #[arg(long, global = true, value_name = "BYTES")]
    max_body_bytes: Option<u64>,
    /// The largest body of /v1/batch [default: 16777216]
    #[arg(long, global = true, value_name = "BYTES")]
    max_batch_bytes: Option<u64>,
    /// A file with additional deadline rules [default: none]
    #[arg(long, global = true, value_name = "FILE")]
    deadline_rules: Option<PathBuf>,
    /// The folder of what as_of reads [default: beside the SQLite file, else a temporary folder]
    #[arg(long, global = true, value_name = "FOLDER")]
    past_folder: Option<PathBuf>,
    /// The folder of the search index [default: beside the SQLite file, else a temporary folder]
    #[arg(long, global = true, value_name = "FOLDER")]
    search_folder: Option<PathBuf>,
    /// Concurrent searches [default: 2]
    #[arg(long, global = true, value_name = "COUNT")]
    searches: Option<u32>,
    /// The size of the response cache; 0 disables it [default: 67108864]
    #[arg(long, global = true, value_name = "BYTES")]
    cache_bytes: Option<u64>,
    /// Concurrent exports; further ones get 503 [default: 4]
    #[arg(long, global = true, value_name = "COUNT")]
    max_exports: Option<usize>,
    /// How long an export waits for a client that stopped reading [default: 30000]
    #[arg(long, global = true, value_name = "MILLISECONDS")]
    export_wait_ms: Option<u64>,
    /// The longest wait for a request's headers [default: 5000]
    #[arg(long, global = true, value_name = "MILLISECONDS")]
    header_timeout_ms: Option<u64>,
    /// How long a connection may be idle between requests [default: 75000]
    #[arg(long, global = true, value_name = "MILLISECONDS")]
    keep_alive_ms: Option<u64>,
    /// Concurrent connections per worker [default: 25000]
    #[arg(long, global = true, value_name = "COUNT")]
    max_connections: Option<usize>,
    /// How long a response waits for a client that stopped reading [default: 30000]
    #[arg(long, global = true, value_name = "MILLISECONDS")]
    write_timeout_ms: Option<u64>,
    /// How stale a read may be of what other nodes wrote [default: 900]
    #[arg(long, global = true, value_name = "MILLISECONDS")]
    max_staleness_ms: Option<u64>,
    /// Concurrent subscribers to the change stream [default: 2000]
    #[arg(long, global = true, value_name = "COUNT")]
    subscribers: Option<usize>,
    /// The interval of heartbeats on a stream [default: 15000]
    #[arg(long, global = true, value_name = "MILLISECONDS")]
    heartbeat_ms: Option<u64>,
    /// The longest wait for a webhook receiver [default: 15000]
    #[arg(long, global = true, value_name = "MILLISECONDS")]
    webhook_timeout_ms: Option<u64>,
    /// The delay of each retry after a failed attempt [default: 5,300,1800,7200,18000,36000,50400,72000,86400]
    #[arg(long, global = true, value_name = "SECONDS,…", value_delimiter = ',')]
    webhook_retries_s: Option<Vec<u64>>,
    /// Whether to allow webhook receivers without TLS [default: false]
    #[arg(long, global = true, value_name = "BOOL")]
    webhook_http: Option<bool>,
    /// Private addresses that webhooks may be sent to all the same [default: none]
    #[arg(long, global = true, value_name = "ADDRESS,…", value_delimiter = ',')]
    webhook_addresses: Option<Vec<IpAddr>>,
    /// error, warn, info, debug, or a filter such as answerable=debug [default: info]
    #[arg(long, global = true, value_name = "FILTER")]
    log: Option<String>,
    /// The format of log lines [default: text]
    #[arg(long, global = true, value_name = "FORMAT")]
    log_format: Option<LogFormat>,
}

impl Flags {
    /// The flags that were given, by the name of their setting.
    pub fn given(&self) -> anyhow::Result<serde_json::Map<String, serde_json::Value>> {
        let serde_json::Value::Object(mut settings) = serde_json::to_value(self)? else {
            anyhow::bail!("the flags are not an object");
        };
        settings.retain(|_, value| !value.is_null());
        Ok(settings)
    }
}
