//! `answerable demo`: the worked example, ready to be read.

use std::net::TcpListener;
use std::process::ExitCode;

use super::opening::origin;
use super::{access, serve};
use crate::access::{Rights, token};
use crate::app::prepare;
use crate::app::state::App;
use crate::log::Log;
use crate::platform::clock::Clock;
use crate::platform::config::{Config, Secret};
use crate::platform::db::Database;
use crate::tracking::catalogue::CATALOGUE;
use crate::writing::import::{self, OnMistake, Source};

/// The two sets: true facts of real bodies, and plainly fictional records in the states that those do not show.
const SETS: [&str; 2] = [
    include_str!("../../../demo/oversight.ndjson"),
    include_str!("../../../demo/exampleshire.ndjson"),
];

/// What to try first, and why.
const TO_TRY: [(&str, &str); 9] = [
    ("/docs", "the documentation, with a form for each request"),
    ("/v1/articles", "news, newest first"),
    (
        "/v1/articles?organisation=iopc&expand=organisation,topics&limit=5",
        "whole records in one call",
    ),
    (
        "/v1/organisations/iopc",
        "an organisation, with its former name",
    ),
    (
        "/v1/organisations/iopc?as_of=2016-01-01",
        "the same, as it was called in 2016",
    ),
    (
        "/v1/groups/all-chief-constables-england-wales",
        "the chief constables of all 43 forces as one group",
    ),
    ("/v1/reports", "reports, newest first"),
    (
        "/v1/recommendations?limit=3&fields=number,text,addressees",
        "who was told to do what",
    ),
    ("/problems/gone", "what an error means"),
];

pub(super) fn run(mut config: Config, listen_was_given: bool) -> anyhow::Result<ExitCode> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("demo.db");
    config.database = Secret(format!("sqlite:{}", path.display()));
    let database = Database::open(config.location()?, config.pool_size())?;
    prepare(&database)?;
    load(&database)?;
    let listener = listen(&config, listen_was_given)?;
    let base = format!("http://{}", listener.local_addr()?);
    println!(
        "Answerable {} with the worked example, from a temporary database.\n",
        env!("CARGO_PKG_VERSION")
    );
    for (path, why) in TO_TRY {
        println!("  {base}{path}\n      {why}");
    }
    let token = access::make_token(&config, &database, Rights::all(), token::LONGEST_LIFETIME)?;
    println!("\nTo write, with a token that may do everything and lives a day:\n");
    println!(
        "  curl -X PATCH {base}/v1/topics/stalking -H 'Content-Type: application/merge-patch+json' \\"
    );
    println!("    -H 'If-Match: *' -d '{{\"description\": \"A first change.\"}}' \\");
    println!("    -H 'Authorization: Bearer {token}'");
    println!("\nCtrl-C stops it and removes the database.");
    serve::serve(App::new(config, database, Clock::System)?, listener)
}

fn load(database: &Database) -> anyhow::Result<()> {
    for set in SETS {
        let source = Source::spool(set.as_bytes())?;
        let report = import::run(
            &Log::new(database.clone()),
            &CATALOGUE,
            origin(),
            &source,
            OnMistake::StoreNothing,
            &|_| (),
        )?;
        if let Some(mistake) = report.mistakes.first() {
            anyhow::bail!("the example cannot be loaded: {mistake}");
        }
    }
    Ok(())
}

/// The usual port is often taken on a machine where people try things: the demo then takes a free one.
fn listen(config: &Config, listen_was_given: bool) -> anyhow::Result<TcpListener> {
    match serve::bind(&config.listen, "--listen") {
        Err(_) if !listen_was_given => serve::bind("127.0.0.1:0", "--listen"),
        bound => bound,
    }
}
