//! `answerable import`.

use clap::ValueEnum;
use diesel::result::QueryResult;
use indicatif::{ProgressBar, ProgressStyle};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use super::opening::{clock, open_ready, origin};
use crate::log::{Log, Resource};
use crate::platform::config::Config;
use crate::platform::db::{Database, DbConnection, Sql, count};
use crate::tracking::catalogue::CATALOGUE;
use crate::writing::import::{self, ImportError, ImportReport, OnMistake, Progress, Source, govuk};

#[derive(clap::Args)]
pub(super) struct ImportArguments {
    /// Files to read, in this order, each in one transaction; `-` is standard input. Names that end in .gz are
    /// decompressed
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// The format of the files
    #[arg(long, value_enum, default_value_t = InputFormat::Documents)]
    format: InputFormat,
    /// Store the valid lines of a file even when others are invalid (the exit code is still 1)
    #[arg(long)]
    keep_going: bool,
    /// Let erased records come back: without it, erasure is final
    #[arg(long)]
    revive_erased: bool,
    /// The slug of the publisher of GOV.UK content items that do not state one
    #[arg(long, value_name = "SLUG")]
    publisher: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum InputFormat {
    /// One document per line, as described in docs/import.md
    Documents,
    /// GOV.UK content items: a .tar.gz or folder of .json files, a single .json, or one item per line
    Govuk,
}

pub(super) fn run(config: &Config, arguments: &ImportArguments) -> anyhow::Result<ExitCode> {
    let database = open_ready(config)?;
    let log = Log::new(database.clone());
    let mut code = ExitCode::SUCCESS;
    for file in &arguments.files {
        let (source, labels) = source(&database, file, arguments)?;
        let on_mistake = match arguments.keep_going {
            true => OnMistake::KeepGoing,
            false => OnMistake::StoreNothing,
        };
        let started = Instant::now();
        let bar = progress_bar();
        let report = import::run(
            &log,
            &CATALOGUE,
            origin(clock(&database)?.now()),
            &source,
            on_mistake,
            arguments.revive_erased,
            &|step| show(&bar, step),
        )?;
        bar.finish_and_clear();
        print_report(file, &report, &labels, started.elapsed());
        if report.bad_lines > 0 {
            code = ExitCode::FAILURE;
        }
        if !report.stored {
            break; // later files may refer to its records
        }
    }
    Ok(code)
}

/// The lines to import, and for converted files what each was made from.
fn source(
    database: &Database,
    file: &Path,
    arguments: &ImportArguments,
) -> anyhow::Result<(Source, Vec<String>)> {
    if arguments.format == InputFormat::Documents {
        let source = match file == Path::new("-") {
            true => Source::spool(std::io::stdin().lock())?,
            false => Source::File(file.to_owned()),
        };
        return Ok((source, Vec::new()));
    }
    let mut is_stored = |resource: Resource, slug: &str| -> Result<bool, ImportError> {
        let slug = slug.to_owned();
        database.read_now(|connection| Ok(exists(connection, resource, &slug)?))
    };
    let converted = govuk::convert(file, arguments.publisher.as_deref(), &mut is_stored)?;
    for skipped in &converted.skipped {
        eprintln!("{}: skipped: {}", skipped.label, skipped.reason);
    }
    Ok((Source::Spooled(converted.documents), converted.labels))
}

/// A progress bar on a terminal; nothing elsewhere.
fn progress_bar() -> ProgressBar {
    let bar = ProgressBar::new_spinner();
    bar.enable_steady_tick(Duration::from_millis(100));
    bar
}

fn show(bar: &ProgressBar, step: Progress) {
    match step {
        Progress::Checked => {
            bar.inc(1);
            if bar.position().is_multiple_of(500) {
                bar.set_message(format!("{} lines checked", bar.position()));
            }
        }
        Progress::ToStore(lines) => {
            let template = "storing {bar:40} {pos}/{len} ({per_sec}, {eta} left)";
            let style = ProgressStyle::with_template(template);
            bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
            bar.set_length(lines as u64);
            bar.set_position(0);
        }
        Progress::Stored => bar.inc(1),
    }
}

fn print_report(file: &Path, report: &ImportReport, labels: &[String], elapsed: Duration) {
    for mistake in &report.mistakes {
        match labels.get(mistake.line.saturating_sub(1)) {
            Some(label) => eprintln!("{label}: {}: {}", mistake.location(), mistake.detail),
            None => eprintln!("{}:{mistake}", file.display()),
        }
    }
    let omitted = report.bad_lines.saturating_sub(import::MAX_MISTAKES);
    if omitted > 0 {
        eprintln!("… and {omitted} more bad lines");
    }
    println!("{}", file.display());
    for (resource, tally) in &report.tallies {
        println!(
            "  {:<16} {:>8} created {:>8} changed {:>8} unchanged",
            resource.collection(),
            tally.created,
            tally.updated,
            tally.unchanged
        );
    }
    if report.bad_lines > 0 {
        println!("  bad lines        {:>8}", report.bad_lines);
    }
    if report.stored && !report.taken_off.is_empty() {
        println!("  taken off HTML: {}", report.taken_off);
    }
    let tallies = report.tallies.values();
    let records: usize = tallies.map(|t| t.created + t.updated + t.unchanged).sum();
    match report.stored {
        false => println!("  nothing was stored"),
        true => println!(
            "  {records} records in {:.2} s, {:.0} a second",
            elapsed.as_secs_f64(),
            records as f64 / elapsed.as_secs_f64().max(0.001)
        ),
    }
}

/// Whether there is a record with this slug, public or not.
fn exists(connection: &mut DbConnection, resource: Resource, slug: &str) -> QueryResult<bool> {
    let mut sql = Sql::new("SELECT count(*) AS count FROM ");
    sql.push(resource.table()).push(" WHERE slug = ").bind(slug);
    Ok(count(connection, &sql)? > 0)
}
