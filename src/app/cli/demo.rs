//! `answerable demo`: serves the worked example.

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

/// The two sets: true facts about real bodies, and fictional records in the states that the former do not have.
const SETS: [&str; 2] = [
    include_str!("../../../demo/oversight.ndjson"),
    include_str!("../../../demo/exampleshire.ndjson"),
];

/// What to try first.
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
        "/v1/organisations/iopc?on=2016-01-01",
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
    ("/problems/gone", "an explanation of an error"),
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
        "Answerable {} with the worked example, in a temporary database.\n",
        env!("CARGO_PKG_VERSION")
    );
    for (path, why) in TO_TRY {
        println!("  {base}{path}\n      {why}");
    }
    let token = access::make_token(&config, &database, Rights::all(), token::LONGEST_LIFETIME)?;
    println!("\nTo write, use this token. It has all rights and expires after a day:\n");
    println!(
        "  curl -X PATCH {base}/v1/topics/stalking -H 'Content-Type: application/merge-patch+json' \\"
    );
    println!("    -H 'If-Match: *' -d '{{\"description\": \"A first change.\"}}' \\");
    println!("    -H 'Authorization: Bearer {token}'");
    println!("\nCtrl-C stops the server and removes the database.");
    serve::serve(App::new(config, database, Clock::System)?, listener)
}

fn load(database: &Database) -> anyhow::Result<()> {
    for set in SETS {
        let source = Source::spool(set.as_bytes())?;
        let report = import::run(
            &Log::new(database.clone()),
            &CATALOGUE,
            origin(Clock::System.now()),
            &source,
            OnMistake::StoreNothing,
            false,
            &|_| (),
        )?;
        if let Some(mistake) = report.mistakes.first() {
            anyhow::bail!("cannot load the example: {mistake}");
        }
    }
    Ok(())
}

/// Takes a free port if the default one is taken, as it often is on a developer's machine.
fn listen(config: &Config, listen_was_given: bool) -> anyhow::Result<TcpListener> {
    match serve::bind(&config.listen, "--listen") {
        Err(_) if !listen_was_given => serve::bind("127.0.0.1:0", "--listen"),
        bound => bound,
    }
}
