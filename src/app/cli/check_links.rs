//! `answerable check-links`.

use chrono::TimeDelta;
use std::net::IpAddr;
use std::process::ExitCode;
use std::time::Duration;

use super::opening::{clock, find_id, open_ready};
use crate::log::{Log, Resource};
use crate::platform::config::Config;
use crate::platform::crawler::{Crawler, PageOutcome};
use crate::platform::db::Error;
use crate::platform::outbound::Limits;
use crate::tracking::catalogue::CATALOGUE;
use crate::tracking::linked_pages::checking;
use crate::tracking::linked_pages::queries::{self, CheckResult};

#[derive(clap::Args)]
pub(super) struct CheckLinksArguments {
    /// Only pages that records under this report link to, by id or slug
    #[arg(long, value_name = "REPORT")]
    report: Option<String>,
    /// Only pages that have not been visited for this long
    #[arg(long, default_value_t = 20, value_name = "HOURS")]
    older_than: u32,
    /// The most pages to visit
    #[arg(long, default_value_t = 1_000, value_name = "COUNT")]
    limit: usize,
    /// The time between two requests to the same server
    #[arg(long, default_value_t = 1_000, value_name = "MILLISECONDS")]
    pause: u64,
    /// The longest wait for a page
    #[arg(long, default_value_t = 10_000, value_name = "MILLISECONDS")]
    timeout: u64,
    /// The largest page
    #[arg(long, default_value_t = 33_554_432, value_name = "BYTES")]
    max_bytes: usize,
    /// A private address to allow all the same, such as that of a mirror; repeat for several
    #[arg(long, value_name = "ADDRESS")]
    allow_address: Vec<IpAddr>,
}

/// Visits the pages and prints a line for each that is new or changed.
pub(super) fn run(config: &Config, arguments: &CheckLinksArguments) -> anyhow::Result<ExitCode> {
    let database = open_ready(config)?;
    let clock = clock(&database)?;
    let now = clock.now();
    let report = match &arguments.report {
        None => None,
        Some(key) => {
            let unknown = "--report: there is no public report";
            Some(find_id(&database, Resource::Report, key, unknown)?)
        }
    };
    let since = now - TimeDelta::hours(i64::from(arguments.older_than));
    let mut pages = database.read_now(|c| Ok::<_, Error>(queries::due(c, report, since, now)?))?;
    pages.truncate(arguments.limit);
    let limits = Limits {
        timeout: Duration::from_millis(arguments.timeout),
        max_bytes: arguments.max_bytes,
        allowed: arguments.allow_address.clone(),
    };
    let log = Log::new(database.clone());
    let crawler = Crawler::new(limits, Duration::from_millis(arguments.pause))?;
    let (mut visited, mut changed, mut postponed) = (0, 0, 0);
    let report = |url: &str, result: &CheckResult| {
        match result {
            CheckResult::Postponed => postponed += 1,
            CheckResult::Unchanged => visited += 1,
            _ => (visited, changed) = (visited + 1, changed + 1),
        }
        if let Some(sentence) = sentence(result) {
            println!("{sentence}\t{url}");
        }
    };
    let checked = checking::check(&log, &CATALOGUE, &clock, &crawler, pages, report);
    actix_web::rt::System::new().block_on(checked)?;
    println!("{visited} visited, {changed} new or changed, {postponed} postponed");
    Ok(ExitCode::SUCCESS)
}

fn sentence(result: &CheckResult) -> Option<String> {
    let name = |outcome: &PageOutcome| <&str>::from(outcome);
    match result {
        CheckResult::Unchanged => None,
        CheckResult::First(outcome) => Some(format!("first visit: {}", name(outcome))),
        CheckResult::Changed => Some("changed".to_owned()),
        CheckResult::OutcomeChanged(before, now) => {
            Some(format!("{}, was {}", name(now), name(before)))
        }
        CheckResult::Postponed => Some("postponed".to_owned()),
    }
}
