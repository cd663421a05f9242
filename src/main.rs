//! The `answerable` command. For now: `serve`, `migrate` and `openapi`.

use answerable::app::App;
use answerable::clock::Clock;
use answerable::config::Config;
use answerable::db::{Database, migrate};
use clap::{Parser, Subcommand};

/// A headless JSON API for public oversight.
#[derive(Parser)]
#[command(version, about)]
struct Cli {
    /// sqlite:PATH, sqlite::memory: or postgres://USER:PASSWORD@HOST/DATABASE
    #[arg(long, global = true)]
    database: Option<String>,
    /// The address and port to listen on
    #[arg(long, global = true)]
    listen: Option<String>,
    /// The settings file (default: answerable.toml, if it exists)
    #[arg(long, global = true)]
    config: Option<std::path::PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the API; sets up an empty database, and a SQLite one, by itself
    Serve,
    /// Apply pending migrations
    Migrate,
    /// Print the OpenAPI document
    Openapi,
}

fn main() -> anyhow::Result<()> {
    let cli = Cli::parse();
    if matches!(cli.command, Command::Openapi) {
        print!("{}", answerable::openapi::text());
        return Ok(());
    }
    let mut flags = serde_json::Map::new();
    for (name, value) in [("database", &cli.database), ("listen", &cli.listen)] {
        if let Some(value) = value {
            flags.insert(name.to_owned(), value.clone().into());
        }
    }
    let config = Config::load(cli.config.as_deref(), flags)?;
    tracing_subscriber::fmt()
        .with_env_filter(config.log.clone())
        .with_writer(std::io::stderr)
        .init();
    let database = Database::open(config.location()?, config.pool_size())?;
    match cli.command {
        Command::Migrate => {
            for name in migrate::run(&database)? {
                println!("applied {name}");
            }
        }
        _ => serve(config, database)?,
    }
    Ok(())
}

fn serve(config: Config, database: Database) -> anyhow::Result<()> {
    if !database.location().is_postgres() || migrate::status(&database)?.is_empty {
        migrate::run(&database)?;
    }
    let listener = std::net::TcpListener::bind(&config.listen)?;
    println!("Answerable listens on http://{}", listener.local_addr()?);
    let app = App::new(config, database, Clock::System)?;
    actix_web::rt::System::new().block_on(answerable::server::start(app, listener)?)?;
    Ok(())
}
