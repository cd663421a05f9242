//! The HTTP server: limits, the order of the layers, and a graceful end.

use actix_web::dev::Server;
use actix_web::middleware::{Compress, from_fn};
use actix_web::{HttpServer, web};
use std::net::TcpListener;
use std::time::Duration;
use utoipa_actix_web::AppExt;

use crate::app::App;
use crate::http::envelope::envelope;
use crate::http::routes_table::{RoutesTable, fallback};
use crate::{openapi, router, service};

/// Starts serving on a listener that is bound already. Stops on SIGTERM and SIGINT, after the requests that
/// are under way.
pub fn start(app: App, listener: TcpListener) -> std::io::Result<Server> {
    let settings = app.config.clone();
    let app = web::Data::new(app);
    let table = web::Data::new(RoutesTable::new(&openapi::document()));
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let server = HttpServer::new(move || {
        actix_web::App::new()
            .app_data(app.clone())
            .app_data(table.clone())
            .into_utoipa_app()
            .configure(router::configure)
            .into_app()
            .route("/docs/{file:.*}", web::get().to(service::docs_file))
            .default_service(web::route().to(fallback))
            .wrap(Compress::default())
            .wrap(from_fn(envelope))
    })
    .workers(if settings.workers == 0 {
        cores
    } else {
        settings.workers
    })
    .max_connections(settings.max_connections)
    .client_request_timeout(Duration::from_millis(settings.header_timeout_ms))
    .shutdown_timeout(10)
    .listen(listener)?;
    Ok(server.run())
}
