//! The command line. Each command has a file; what it does with the database is in the library's modules.
//!
//! Exit codes: 0 done; 1 it could not be done, or (`import`, `ingest`, `doctor`) something is wrong with what was
//! looked at; 2 the command line or the settings cannot be understood.

mod access;
mod check_links;
mod demo;
mod doctor;
mod export;
pub mod flags;
mod import;
mod ingest;
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
use crate::resources::deadlines::rules;

pub use flags::Flags;

/// A headless JSON API for public oversight: articles, organisations, and recommendations with what came
/// of them.
#[derive(Parser)]
#[command(name = "answerable", version, about, after_help = AFTER_HELP)]
pub struct Cli {
    #[command(flatten)]
    flags: Flags,
    #[command(subcommand)]
    command: Command,
}

const AFTER_HELP: &str = "Every setting can also be given as a variable ANSWERABLE_NAME or as a key of answerable.toml;\n\
     a flag wins over a variable, and a variable over the file. See docs/settings.md.";

#[derive(Subcommand)]
enum Command {
    /// Serve the API
    Serve(serve::Arguments),
    /// Serve the worked example from a temporary database, and print addresses to try
    Demo,
    /// Apply pending migrations
    Migrate,
    /// Store documents from files: one JSON document a line
    Import(import::Arguments),
    /// Take the news that organisations publish in feeds of their own
    Ingest(ingest::Arguments),
    /// Print all records as documents that `import` reads: one JSON document a line
    Export(export::Arguments),
    /// Print the OpenAPI document
    Openapi,
    /// Visit the pages that plans, responses, updates and assessments name, and record which changed or went away
    CheckLinks(check_links::Arguments),
    /// Check settings, database and, when it runs, the server
    Doctor(doctor::Arguments),
    /// Make, list and revoke the programs that may write
    #[command(subcommand)]
    Clients(access::ClientsCommand),
    /// Print a token for a first try, or for a script on this machine
    Token(access::TokenArguments),
    /// Renew and list the keys that tokens are signed with
    #[command(subcommand)]
    Keys(access::KeysCommand),
    /// Keep the search index
    #[command(subcommand)]
    Search(search::SearchCommand),
    /// Check that no entry of the change log was altered, removed or put elsewhere
    Verify,
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

/// `answerable export | head` is no failure.
fn is_closed_pipe(error: &anyhow::Error) -> bool {
    let io = error
        .chain()
        .find_map(|e| e.downcast_ref::<std::io::Error>());
    io.is_some_and(|e| e.kind() == std::io::ErrorKind::BrokenPipe)
}

fn execute(cli: Cli) -> anyhow::Result<ExitCode> {
    if matches!(cli.command, Command::Openapi) {
        return print(crate::app::openapi::text());
    }
    let given = cli.flags.given()?;
    let config = Config::load(cli.flags.config.as_deref(), given)
        .map_err(|error| Usage(error.to_string()))?;
    if let Some(file) = &config.deadline_rules {
        rules::extend(file).map_err(|error| Usage(error.to_string()))?;
    }
    // what the demo prints is to be read, not buried under a line for each request
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
        Command::Verify => verify::run(&config),
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
        println!("nothing to do: {} has every migration", database.location());
    }
    Ok(ExitCode::SUCCESS)
}
