//! The HTTP server: limits, the order of the layers, and graceful shutdown.

use actix_http::{HttpService, Protocol, Response};
use actix_server::{GracefulShutdownSignal, Server, ServerBuilder};
use actix_service::{ServiceFactoryExt, apply, fn_service, map_config};
use actix_web::body::BoxBody;
use actix_web::dev::{AppConfig, ServiceResponse};
use actix_web::middleware::{Compress, from_fn};
use actix_web::rt::net::TcpStream;
use actix_web::rt::spawn;
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
use crate::tracking::catalogue::CATALOGUE;
use crate::writing::past::following;

/// How long to wait for requests in flight on shutdown, in seconds.
const SHUTDOWN_TIMEOUT: u64 = 10;

/// Starts serving on listeners that are already bound: the API and, if enabled, the metrics. Stops on SIGTERM and
/// SIGINT once the requests in flight have finished.
pub fn start(
    app: App,
    listener: TcpListener,
    metrics_listener: Option<TcpListener>,
) -> std::io::Result<Server> {
    let settings = app.config.clone();
    let address = listener.local_addr()?;
    let base = settings.public_url.clone();
    let base: Arc<str> = base.unwrap_or_else(|| format!("http://{address}")).into();
    let mut builder = Server::build()
        .max_concurrent_connections(settings.max_connections)
        .shutdown_timeout(SHUTDOWN_TIMEOUT);
    if settings.workers > 0 {
        builder = builder.workers(settings.workers);
    }
    let stop = builder.graceful_shutdown_signal();
    if let Some(listener) = metrics_listener {
        builder = serve_metrics(builder, app.clone(), listener)?;
    }
    let (shared, shutdown) = (app.clone(), stop.clone());
    let write_timeout = Duration::from_millis(settings.write_timeout_ms);
    let builder = builder.listen("answerable", listener, move || {
        let app = shared.clone();
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
            .keep_alive(Duration::from_millis(settings.keep_alive_ms))
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
    start_background_tasks(app, shutdown);
    Ok(builder.run())
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
fn start_background_tasks(app: App, stop: GracefulShutdownSignal) {
    let (instance, subscribers) = (app.instance, app.subscribers);
    if instance.not_ready().is_none() {
        let instance = instance.clone().into_inner();
        search::indexer::start(&instance, app.search.into_inner());
        following::start(&instance, app.past.into_inner(), &CATALOGUE);
    }
    spawn(follow_the_log(instance.clone()));
    spawn(subscribers::read_for_all(
        instance.clone(),
        subscribers.clone(),
    ));
    let dispatch = webhooks::dispatch(instance, subscribers.clone(), app.wake, app.counters);
    spawn(dispatch);
    spawn(async move {
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
