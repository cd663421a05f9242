//! `answerable serve`.

use std::net::TcpListener;
use std::process::ExitCode;

use super::opening::{clock, open_current};
use crate::app::state::App;
use crate::platform::config::Config;
use crate::platform::db::settings;

#[derive(clap::Args)]
pub(super) struct ServeArguments {
    /// Apply pending migrations first. An empty database or a SQLite one is always migrated; a PostgreSQL database with
    /// data is otherwise left as it is, and /readyz reports what is missing
    #[arg(long)]
    migrate: bool,
}

pub(super) fn run(config: Config, arguments: &ServeArguments) -> anyhow::Result<ExitCode> {
    let database = open_current(&config, arguments.migrate)?;
    let listener = bind(&config.listen, "--listen")?;
    let location = database.location().to_string();
    let address = listener.local_addr()?;
    let clock = clock(&database)?;
    let app = App::new(config, database.clone(), clock)?;
    if app.instance.not_ready().is_none()
        && let Err(error) = settings::store_issuer(&database, &app.config.issuer())
    {
        tracing::warn!(%error, "`answerable token` needs --public-url or --listen: cannot store the issuer");
    }
    tracing::info!(database = location, "listening on http://{address}");
    if let Some(reason) = app.instance.not_ready() {
        tracing::warn!("not ready: {reason}");
    }
    serve(app, listener)
}

pub(super) fn bind(address: &str, flag: &str) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address).map_err(|error| {
        anyhow::anyhow!("cannot listen on {address}: {error}. Choose another address with {flag}.")
    })
}

/// Serves until the process is told to stop.
pub(super) fn serve(app: App, listener: TcpListener) -> anyhow::Result<ExitCode> {
    let metrics = app.config.metrics_listen.as_deref();
    let metrics = metrics.map(|address| bind(address, "--metrics-listen"));
    let metrics = metrics.transpose()?;
    if let Some(metrics) = &metrics {
        tracing::info!(
            "serving metrics on http://{}/metrics",
            metrics.local_addr()?
        );
    }
    actix_web::rt::System::new()
        .block_on(async move { crate::app::server::start(app, listener, metrics)?.await })?;
    Ok(ExitCode::SUCCESS)
}
