//! The HTTP server: limits, the order of the layers, and graceful shutdown.

use actix_http::{HttpService, Protocol, Response};
use actix_server::{GracefulShutdownSignal, Server, ServerBuilder};
use actix_service::{ServiceFactoryExt, apply, fn_service, map_config};
use actix_web::body::BoxBody;
use actix_web::dev::{AppConfig, ServiceResponse};
use actix_web::middleware::{Compress, from_fn};
use actix_web::rt::net::TcpStream;
use actix_web::web;
use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;
use utoipa_actix_web::AppExt;

use super::state::App;
use crate::access::instance::Instance;
use crate::app::cache::layer::CacheLayer;
use crate::app::{metrics, router, service};
use crate::http::envelope::envelope;
use crate::http::routes_table::fallback;
use crate::http::wire::ClientConnection;
use crate::log::tail;
use crate::publishing::changes::subscribers;
use crate::publishing::{search, webhooks};

/// How long to wait for requests in flight on shutdown, in seconds.
const SHUTDOWN_TIMEOUT: u64 = 10;

/// Starts serving on listeners that are already bound: the API and, if enabled, the metrics. Stops on SIGTERM and
/// SIGINT once the requests in flight have finished.
pub fn start(
    app: App,
    listener: TcpListener,
    counted: Option<TcpListener>,
) -> std::io::Result<Server> {
    let settings = app.config.clone();
    let address = listener.local_addr()?;
    let base = settings.public_url.clone();
    let base: Arc<str> = base.unwrap_or_else(|| format!("http://{address}")).into();
    let builder = Server::build()
        .workers(workers(settings.workers))
        .max_concurrent_connections(settings.max_connections)
        .shutdown_timeout(SHUTDOWN_TIMEOUT);
    let stop = builder.graceful_shutdown_signal();
    let builder = match counted {
        Some(listener) => serve_metrics(builder, app.clone(), listener)?,
        None => builder,
    };
    let (served, ends) = (app.clone(), stop.clone());
    let write_timeout = Duration::from_millis(settings.write_timeout_ms);
    let builder = builder.listen("answerable", listener, move || {
        let app = served.clone();
        let application = actix_web::App::new()
            .configure(|config| app.share(config))
            .into_utoipa_app()
            .configure(router::configure)
            .into_app()
            .route("/docs/{file:.*}", web::get().to(service::docs_file))
            .default_service(web::route().to(fallback))
            .wrap(Compress::default())
            .wrap(from_fn(envelope));
        let application = map_config(application, |()| AppConfig::default())
            .map(|response: ServiceResponse<BoxBody>| Response::from(response))
            .map_err(|error: actix_web::Error| Response::from(error.error_response()));
        let application = apply(CacheLayer(app.clone()), application);
        let stop = stop.clone();
        let http = HttpService::build()
            .graceful_shutdown_signal(move || {
                let stop = stop.clone();
                async move { stop.notified().await }
            })
            .client_request_timeout(Duration::from_millis(settings.header_timeout_ms))
            .local_addr(address)
            .finish(application);
        let base = base.clone();
        fn_service(move |stream: TcpStream| {
            let peer = stream.peer_addr().ok();
            // responses are complete when sent, so Nagle's algorithm could only delay them
            let _ = stream.set_nodelay(true);
            let connection = ClientConnection::new(stream, base.clone(), write_timeout);
            async move { Ok((connection, Protocol::Http1, peer)) }
        })
        .and_then(http)
    })?;
    read_the_log(app, ends);
    Ok(builder.run())
}

/// The number of worker threads: one per core if the setting is 0.
fn workers(setting: usize) -> usize {
    match setting {
        0 => std::thread::available_parallelism().map_or(1, usize::from),
        workers => workers,
    }
}

/// Serves only the metrics, on their own listener.
fn serve_metrics(
    builder: ServerBuilder,
    app: App,
    listener: TcpListener,
) -> std::io::Result<ServerBuilder> {
    builder.listen("metrics", listener, move || {
        let application = actix_web::App::new()
            .app_data(web::Data::new(app.clone()))
            .route("/metrics", web::get().to(metrics::show));
        let application = map_config(application, |()| AppConfig::default())
            .map_err(|error: actix_web::Error| Response::from(error.error_response()));
        HttpService::build().finish(application).tcp()
    })
}

/// Starts the background tasks that read the log, for as long as the server runs.
fn read_the_log(app: App, stop: GracefulShutdownSignal) {
    let App {
        instance,
        search,
        subscribers,
        wake,
        counters,
        ..
    } = app;
    if instance.not_ready().is_none() {
        search::indexer::start(&instance.clone().into_inner(), search.into_inner());
    }
    actix_web::rt::spawn(follow_the_log(instance.clone()));
    actix_web::rt::spawn(subscribers::read_for_all(
        instance.clone(),
        subscribers.clone(),
    ));
    actix_web::rt::spawn(webhooks::dispatch(
        instance,
        subscribers.clone(),
        wake,
        counters,
    ));
    actix_web::rt::spawn(async move {
        stop.notified().await;
        subscribers.end(); // endless streams must not delay the shutdown
    });
}

/// Polls the log for writes by other nodes and processes, for as long as the server runs.
async fn follow_the_log(instance: web::Data<Instance>) {
    if instance.not_ready().is_some() {
        return;
    }
    loop {
        actix_web::rt::time::sleep(tail::INTERVAL).await;
        // while this fails, the cache soon counts as stale and serves nothing
        if let Err(error) = instance.log.catch_up().await {
            tracing::debug!(%error, "cannot read the log");
        }
    }
}
