//! `answerable ingest`.

use clap::ValueEnum;
use std::fs::File;
use std::io::Read;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use super::opening::{Usage, clock, exit_code, find_id, open_ready};
use crate::log::{Log, Resource};
use crate::platform::config::Config;
use crate::platform::crawler::Crawler;
use crate::platform::db::{Database, Error};
use crate::platform::identity::RecordId;
use crate::platform::outbound::Limits;
use crate::platform::states::PublicationState;
use crate::resources::ingestion::polling::{self, PollOutcome};
use crate::resources::ingestion::{Counts, Feed, MAX_BYTES, Policy, queries};
use crate::tracking::catalogue::CATALOGUE;

#[derive(clap::Args)]
pub(super) struct IngestArguments {
    /// Only the feeds of these organisations, by id or slug; repeat for several [default: all that have one]
    #[arg(long, value_name = "ORGANISATION")]
    organisation: Vec<String>,
    /// The state of new items
    #[arg(long = "as", value_enum, default_value_t = State::Draft)]
    state: State,
    /// The licence of the texts, if known
    #[arg(long, value_name = "LICENCE")]
    licence: Option<String>,
    /// The attribution that the licence requires
    #[arg(long, value_name = "WORDS")]
    attribution: Option<String>,
    /// Leave articles as they are when their items change in the feed
    #[arg(long)]
    no_updates: bool,
    /// Read this file instead, as the feed of the one given organisation
    #[arg(long, value_name = "FILE", requires = "organisation")]
    file: Option<PathBuf>,
    /// Poll each feed once and exit; the default without --every
    #[arg(long, conflicts_with = "every")]
    once: bool,
    /// Poll the feeds repeatedly, at this interval
    #[arg(long, value_name = "MINUTES", conflicts_with = "file", value_parser = clap::value_parser!(u32).range(1..=10_080))]
    every: Option<u32>,
    /// The time between two requests to the same server
    #[arg(long, default_value_t = 1_000, value_name = "MILLISECONDS")]
    pause: u64,
    /// The longest wait for a feed
    #[arg(long, default_value_t = 20_000, value_name = "MILLISECONDS")]
    timeout: u64,
    /// The largest feed
    #[arg(long, default_value_t = MAX_BYTES, value_name = "BYTES")]
    max_bytes: usize,
    /// A private address to allow all the same, such as that of a mirror; repeat for several
    #[arg(long, value_name = "ADDRESS")]
    allow_address: Vec<IpAddr>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum State {
    /// Drafts, for an editor to review
    Draft,
    /// Published at once
    Published,
}

/// Polls the feeds and prints a line for each.
pub(super) fn run(config: &Config, arguments: &IngestArguments) -> anyhow::Result<ExitCode> {
    let database = open_ready(config)?;
    let policy = Policy {
        state: match arguments.state {
            State::Draft => PublicationState::Draft,
            State::Published => PublicationState::Published,
        },
        licence: arguments.licence.clone(),
        attribution: arguments.attribution.clone(),
        updates: !arguments.no_updates,
    };
    let organisations = organisations(&database, &arguments.organisation)?;
    if let Some(path) = &arguments.file {
        return file(&database, path, &organisations, arguments, &policy);
    }
    let limits = Limits {
        timeout: Duration::from_millis(arguments.timeout),
        max_bytes: arguments.max_bytes,
        allowed: arguments.allow_address.clone(),
    };
    let pause = Duration::from_millis(arguments.pause);
    actix_web::rt::System::new().block_on(async {
        loop {
            // a new one for each round, since a robots.txt may change
            let crawler = Crawler::new(limits.clone(), pause)?;
            let feeds = feeds(&database, &organisations)?;
            let mut is_good = true;
            let report = |feed: &Feed, outcome: &PollOutcome| is_good &= report(feed, outcome);
            polling::poll(
                &Log::new(database.clone()),
                &CATALOGUE,
                &clock(&database)?,
                &crawler,
                feeds,
                &policy,
                report,
            )
            .await?;
            let Some(minutes) = arguments.every else {
                return Ok(exit_code(is_good));
            };
            tokio::time::sleep(Duration::from_secs(u64::from(minutes) * 60)).await;
        }
    })
}

fn organisations(database: &Database, keys: &[String]) -> anyhow::Result<Vec<RecordId>> {
    let unknown = "--organisation: there is no organisation";
    let ids = keys
        .iter()
        .map(|key| find_id(database, Resource::Organisation, key, unknown));
    ids.collect()
}

fn feeds(database: &Database, organisations: &[RecordId]) -> anyhow::Result<Vec<Feed>> {
    Ok(database.read_now(|c| Ok::<_, Error>(queries::feeds(c, organisations)?))?)
}

fn file(
    database: &Database,
    path: &Path,
    organisations: &[RecordId],
    arguments: &IngestArguments,
    policy: &Policy,
) -> anyhow::Result<ExitCode> {
    let feeds = feeds(database, organisations)?;
    let [feed] = &feeds[..] else {
        return Err(Usage("--file needs exactly one --organisation".into()).into());
    };
    let named = |error: std::io::Error| anyhow::anyhow!("{}: {error}", path.display());
    let mut bytes = Vec::new();
    let most = arguments.max_bytes as u64;
    let file = File::open(path).map_err(named)?;
    file.take(most + 1).read_to_end(&mut bytes).map_err(named)?;
    anyhow::ensure!(
        bytes.len() as u64 <= most,
        "{}: larger than {most} bytes",
        path.display()
    );
    let outcome = polling::file(
        &Log::new(database.clone()),
        &CATALOGUE,
        &clock(database)?,
        feed,
        &bytes,
        policy,
    )?;
    Ok(exit_code(report(feed, &outcome)))
}

/// Prints the outcome, with errors on standard error. Returns whether there were none.
fn report(feed: &Feed, outcome: &PollOutcome) -> bool {
    let (slug, url) = (&feed.slug, feed.url.as_deref().unwrap_or("no feed"));
    match outcome {
        PollOutcome::Unchanged => println!("{slug}: nothing new ({url})"),
        PollOutcome::NotDue(at) => {
            println!("{slug}: skipped, its server asked for a pause until {at} UTC ({url})");
        }
        PollOutcome::Failed(reason) => {
            eprintln!("{slug}: {reason} ({url})");
            return false;
        }
        PollOutcome::Read(counts) => {
            let refused = counts.refused.len();
            let beyond = match counts.left_out {
                0 => String::new(),
                count => format!(", {count} beyond the limit"),
            };
            let Counts {
                new,
                updated,
                proposed,
                known,
                ..
            } = counts;
            println!(
                "{slug}: {new} new, {updated} updated, {proposed} to review, {known} known, {refused} refused{beyond} ({url})"
            );
            for note in &counts.notes {
                eprintln!("{slug}: note: \"{}\": {} ({url})", note.label, note.what);
            }
            for one in &counts.refused {
                eprintln!("{slug}: \"{}\": {} ({url})", one.label, one.reason);
            }
            return refused == 0;
        }
    }
    true
}
