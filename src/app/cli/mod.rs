//! The command line. Each command has its own file; the work is done by the library's modules.
//!
//! Exit codes: 0 for success; 1 for a failure, or (`import`, `ingest`, `doctor`) a problem in what was checked; 2 for
//! an invalid command line or invalid settings.

mod access;
mod check_links;
mod demo;
mod doctor;
mod export;
pub mod flags;
mod import;
mod ingest;
mod mend_clock;
mod opening;
mod search;
mod serve;
mod verify;

use clap::{Parser, Subcommand};
use std::io::IsTerminal;
use std::process::ExitCode;

use opening::Usage;

use crate::app::prepare;
use crate::platform::config::{Config, LogFormat};
use crate::platform::web_address;
use crate::resources::deadlines::rules;

pub use flags::Flags;

/// A headless JSON API for public oversight: articles, organisations, and recommendations with their outcomes.
#[derive(Parser)]
#[command(name = "answerable", version, about, after_help = AFTER_HELP)]
pub struct Cli {
    #[command(flatten)]
    flags: Flags,
    #[command(subcommand)]
    command: Command,
}

const AFTER_HELP: &str = "Every setting can also be given as an environment variable, ANSWERABLE_NAME, or as a key in\n\
     answerable.toml; a flag wins over a variable, and a variable over the file. See docs/settings.md.";

#[derive(Subcommand)]
enum Command {
    /// Serve the API
    Serve(serve::ServeArguments),
    /// Serve the worked example from a temporary database, and print URLs to try
    Demo,
    /// Apply pending migrations
    Migrate,
    /// Import documents from files, one JSON document per line
    Import(import::ImportArguments),
    /// Import news from the feeds that organisations publish
    Ingest(ingest::IngestArguments),
    /// Export all records as documents that `import` reads, one JSON document per line
    Export(export::ExportArguments),
    /// Print the OpenAPI document
    Openapi,
    /// Visit the pages that plans, responses, updates and assessments link to, and record which changed or disappeared
    CheckLinks(check_links::CheckLinksArguments),
    /// Check the settings, the database and, if it is running, the server
    Doctor(doctor::DoctorArguments),
    /// Create, list and revoke the clients that may write
    #[command(subcommand)]
    Clients(access::ClientsCommand),
    /// Print an access token, to try the API or for a script on this machine
    Token(access::TokenArguments),
    /// Rotate and list the keys that sign tokens
    #[command(subcommand)]
    Keys(access::KeysCommand),
    /// Maintain the search index
    #[command(subcommand)]
    Search(search::SearchCommand),
    /// Make entries of the change log public that were written while a clock was ahead
    MendClock,
    /// Verify that no entry of the change log was altered, removed or moved, and that every record is what the log says
    Verify(verify::VerifyArguments),
}

/// Runs the command line of this process.
pub fn run() -> ExitCode {
    let cli = Cli::parse();
    match execute(cli) {
        Ok(code) => code,
        Err(error) if is_closed_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("answerable: {error}");
            match error.downcast_ref::<Usage>() {
                Some(_) => ExitCode::from(2),
                None => ExitCode::FAILURE,
            }
        }
    }
}

/// A closed pipe, as in `answerable export | head`, is not a failure.
fn is_closed_pipe(error: &anyhow::Error) -> bool {
    let mut chain = error.chain();
    let io = chain.find_map(|e| e.downcast_ref::<std::io::Error>());
    io.is_some_and(|e| e.kind() == std::io::ErrorKind::BrokenPipe)
}

fn execute(cli: Cli) -> anyhow::Result<ExitCode> {
    if matches!(cli.command, Command::Openapi) {
        return print(&crate::app::openapi::TEXT);
    }
    let given = cli.flags.given()?;
    let config = Config::load(cli.flags.config.as_deref(), given)
        .map_err(|error| Usage(error.to_string()))?;
    if let Some(file) = &config.deadline_rules {
        rules::extend(file).map_err(|error| Usage(error.to_string()))?;
    }
    web_address::also_ignore(&config.tracking_parameters);
    // a log line per request would bury what the demo prints
    let is_demo = matches!(cli.command, Command::Demo);
    start_log(if is_demo { "warn" } else { &config.log }, &config)?;
    match cli.command {
        Command::Serve(arguments) => serve::run(config, &arguments),
        Command::Demo => demo::run(config, cli.flags.listen.is_some()),
        Command::Migrate => apply_migrations(&config),
        Command::Import(arguments) => import::run(&config, &arguments),
        Command::Ingest(arguments) => ingest::run(&config, &arguments),
        Command::Export(arguments) => export::run(&config, &arguments),
        Command::CheckLinks(arguments) => check_links::run(&config, &arguments),
        Command::Doctor(arguments) => doctor::run(&config, &arguments),
        Command::Clients(command) => access::clients(&config, command),
        Command::Token(arguments) => access::print_token(&config, &arguments),
        Command::Keys(command) => access::keys(&config, &command),
        Command::Search(command) => search::run(&config, &command),
        Command::MendClock => mend_clock::run(&config),
        Command::Verify(arguments) => verify::run(&config, &arguments),
        Command::Openapi => Ok(ExitCode::SUCCESS),
    }
}

fn print(text: &str) -> anyhow::Result<ExitCode> {
    use std::io::Write;
    std::io::stdout().write_all(text.as_bytes())?;
    Ok(ExitCode::SUCCESS)
}

/// Logs go to standard error, so that the output of a command can be piped.
fn start_log(filter: &str, config: &Config) -> anyhow::Result<()> {
    let filter = tracing_subscriber::EnvFilter::try_new(filter)
        .map_err(|error| Usage(format!("log: {error}")))?;
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal());
    match config.log_format {
        LogFormat::Text => log.init(),
        LogFormat::Json => log.json().init(),
    }
    Ok(())
}

fn apply_migrations(config: &Config) -> anyhow::Result<ExitCode> {
    let database = opening::open(config)?;
    let applied = prepare(&database)?;
    for version in &applied {
        println!("applied {version}");
    }
    if applied.is_empty() {
        println!(
            "nothing to do: {} has no pending migrations",
            database.location()
        );
    }
    Ok(ExitCode::SUCCESS)
}
