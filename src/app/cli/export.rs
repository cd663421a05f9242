//! `answerable export`.

use clap::ValueEnum;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use super::opening::{Usage, open_ready};
use crate::http::error::ApiError;
use crate::http::query;
use crate::log::{Resource, export};
use crate::platform::clock::Clock;
use crate::platform::config::Config;
use crate::platform::db::Database;
use crate::platform::identity::RecordId;
use crate::platform::page_urls::PageUrls;
use crate::publishing::exports::exported::Exported;
use crate::publishing::exports::reading::{CsvQuery, Export, ExportRequest, NdjsonQuery};
use crate::publishing::exports::{ExportFormat, ExportKind};
use crate::publishing::site_pages::views::SitePage;
use crate::resources::articles::views::Article;
use crate::resources::organisations::views::Organisation;
use crate::resources::recommendations::views::Recommendation;
use crate::tracking::obligations::views::Obligation;

#[derive(clap::Args)]
pub(super) struct ExportArguments {
    /// The file to write [default: standard output]
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// The format of the records
    #[arg(long, value_enum, default_value_t = OutputFormat::Documents)]
    format: OutputFormat,
    /// Only these kinds of documents; repeat for several [default: all]
    #[arg(long = "only", value_name = "TYPE")]
    only: Vec<Resource>,
    /// The kind of records to export as ndjson or csv
    #[arg(
        long = "type",
        value_enum,
        value_name = "TYPE",
        conflicts_with = "only"
    )]
    kind: Option<ExportKind>,
    /// The parameters of /v1/exports, as in its URLs: 'organisation=iopc&fields=slug,headline'
    #[arg(
        long,
        value_name = "PARAMETERS",
        default_value = "",
        hide_default_value = true,
        requires = "kind"
    )]
    filter: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum OutputFormat {
    /// All records, including drafts, as documents that `import` reads
    Documents,
    /// Public records, one JSON object per line, as in /v1/exports
    Ndjson,
    /// Public records as a table, as in /v1/exports
    Csv,
}

impl ValueEnum for Resource {
    fn value_variants<'a>() -> &'a [Self] {
        &Self::ALL
    }

    fn to_possible_value(&self) -> Option<clap::builder::PossibleValue> {
        Some(clap::builder::PossibleValue::new(self.name()))
    }
}

pub(super) fn run(config: &Config, arguments: &ExportArguments) -> anyhow::Result<ExitCode> {
    let database = open_ready(config)?;
    let format = match arguments.format {
        OutputFormat::Documents if arguments.kind.is_none() => {
            let resources = match arguments.only.is_empty() {
                true => &Resource::ALL[..],
                false => &arguments.only,
            };
            return write(arguments, |output| {
                Ok(export::run(&database, resources, output)?)
            });
        }
        OutputFormat::Documents => {
            return Err(Usage("--type requires --format ndjson or csv".into()).into());
        }
        OutputFormat::Ndjson => ExportFormat::Ndjson,
        OutputFormat::Csv => ExportFormat::Csv,
    };
    let pages = config.pages()?;
    match arguments.kind {
        Some(ExportKind::Articles) => public::<Article>(&database, arguments, (format, pages)),
        Some(ExportKind::Organisations) => {
            public::<Organisation>(&database, arguments, (format, pages))
        }
        Some(ExportKind::Recommendations) => {
            public::<Recommendation>(&database, arguments, (format, pages))
        }
        Some(ExportKind::Pages) => public::<SitePage>(&database, arguments, (format, pages)),
        Some(ExportKind::Obligations) => {
            public::<Obligation>(&database, arguments, (format, pages))
        }
        None => Err(Usage("--format ndjson and csv require --type".into()).into()),
    }
}

/// Opens the output and lets `records` write to it and count what it wrote.
fn write(
    arguments: &ExportArguments,
    records: impl FnOnce(&mut dyn Write) -> anyhow::Result<usize>,
) -> anyhow::Result<ExitCode> {
    let output: Box<dyn Write> = match &arguments.output {
        Some(path) => {
            Box::new(File::create(path).map_err(|e| anyhow::anyhow!("{}: {e}", path.display()))?)
        }
        None => Box::new(io::stdout().lock()),
    };
    let mut output = BufWriter::new(output);
    let records = records(&mut output)?;
    output.flush()?;
    if let Some(path) = &arguments.output {
        eprintln!("{records} records in {}", path.display());
    }
    Ok(ExitCode::SUCCESS)
}

/// Writes public records, from a single snapshot of the database.
fn public<V: Exported>(
    database: &Database,
    arguments: &ExportArguments,
    (format, pages): (ExportFormat, PageUrls),
) -> anyhow::Result<ExitCode> {
    let now = Clock::System.now();
    let request: Result<ExportRequest<V>, ApiError> = match format {
        ExportFormat::Ndjson => query::read("", &arguments.filter).map(NdjsonQuery::<V>::into),
        ExportFormat::Csv => query::read("", &arguments.filter).map(CsvQuery::<V>::into),
    };
    let request = request.map_err(mistake)?;
    write(arguments, |output| {
        database.read_now(|c| {
            let (mut after, mut records) = (request.shape.after.map(RecordId::from), 0);
            let export = Export::new(c, request, (now, pages)).map_err(mistake)?;
            loop {
                let page = export.page(c, after).map_err(mistake)?;
                output.write_all(&page.lines)?;
                records += page.records;
                after = page.after;
                if after.is_none() {
                    return Ok(records);
                }
            }
        })
    })
}

/// Turns a mistake in a filter into a usage error.
fn mistake(error: ApiError) -> anyhow::Error {
    if error.code.status() >= 500 {
        let cause = error.cause.as_deref().unwrap_or(&error.detail).to_owned();
        return anyhow::anyhow!(cause);
    }
    if let Some(moved) = &error.moved {
        let (old, new) = (&moved.old, &moved.new);
        return Usage(format!("--filter: '{old}' is now called '{new}'.")).into();
    }
    let details: Vec<&str> = error.mistakes.iter().map(|one| &*one.detail).collect();
    Usage(format!("--filter: {}", details.join(" "))).into()
}
