//! Metrics of this instance as OpenMetrics text (prometheus.io/docs/specs/om/open_metrics_spec), for operators. They
//! are served on a separate listener ([`crate::platform::config::Config::metrics_listen`]), never beside the API.

use actix_web::http::header::ContentType;
use actix_web::{HttpResponse, web};
use chrono::NaiveDateTime;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::{ConstGauge, Gauge};
use prometheus_client::registry::{Registry, Unit};

use super::state::App;
use crate::platform::db::{DbConnection, Error};
use crate::publishing::{search, webhooks};

/// The media type of OpenMetrics text.
const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// `GET /metrics`. While the database does not respond, metrics from it are left out, and `answerable_ready` is 0.
pub async fn show(app: web::Data<App>) -> HttpResponse {
    let mut registry = Registry::with_prefix("answerable");
    app.counters.register(&mut registry);
    let indexed = app.search.position();
    let database = &app.instance.database;
    let stored = match app.instance.not_ready() {
        None => database.watch(move |c| stored(c, indexed)).await.ok(),
        Some(_) => None,
    };
    gauges(&mut registry, &app, indexed);
    gauge(
        &mut registry,
        "ready",
        "1 if the database responds and no migrations are pending",
        i64::from(stored.is_some()),
    );
    if let Some((pending, unindexed_since)) = stored {
        gauge(
            &mut registry,
            "webhook_deliveries_pending",
            "Pending webhook deliveries of all nodes",
            pending,
        );
        if indexed.is_some() {
            let now = app.instance.clock.now();
            let lag = unindexed_since.map_or(0.0, |since| (now - since).as_seconds_f64().max(0.0));
            registry.register_with_unit(
                "search_lag",
                "Age of the oldest change log entry that this node's search index lacks; absent while there is no \
                 index",
                Unit::Seconds,
                ConstGauge::new(lag),
            );
        }
    }
    let mut text = String::new();
    match encode(&mut text, &registry) {
        Ok(()) => HttpResponse::Ok().content_type(OPEN_METRICS).body(text),
        Err(_) => HttpResponse::InternalServerError()
            .content_type(ContentType::plaintext())
            .body("Cannot encode the metrics.\n"),
    }
}

/// Metrics that need no database access.
fn gauges(registry: &mut Registry, app: &App, indexed: Option<i64>) {
    let build = Family::<Vec<(&str, &str)>, Gauge>::default();
    build
        .get_or_create(&vec![("version", env!("CARGO_PKG_VERSION"))])
        .set(1);
    registry.register("build", "Version of the program", build);
    let known = [
        (
            "cache_entries",
            "Responses in the response cache",
            app.cache.count() as i64,
        ),
        (
            "database_queue_taken",
            "Reads that hold or wait for a database connection; at most database_queue",
            app.instance.database.queued() as i64,
        ),
        (
            "writes_waiting",
            "Writes that wait for those before them",
            app.instance.log.waiting() as i64,
        ),
        (
            "subscribers",
            "Subscribers to the change stream",
            app.subscribers.count() as i64,
        ),
        (
            "log_position",
            "Number of the newest change log entry known to this node; 0 if none is",
            app.instance.log.tail().followed().unwrap_or(0),
        ),
        (
            "search_position",
            "Number of the newest change log entry in this node's search index; 0 while there is no index",
            indexed.unwrap_or(0),
        ),
    ];
    for (name, help, value) in known {
        gauge(registry, name, help, value);
    }
    registry.register_with_unit(
        "cache_size",
        "Memory used by the response cache; at most cache_bytes",
        Unit::Bytes,
        ConstGauge::new(app.cache.bytes() as i64),
    );
}

fn gauge(registry: &mut Registry, name: &str, help: &str, value: i64) {
    registry.register(name, help, ConstGauge::new(value));
}

/// The number of pending webhook deliveries, and when the oldest log entry was written that the search index lacks;
/// `None` if it lacks none.
fn stored(
    connection: &mut DbConnection,
    indexed: Option<i64>,
) -> Result<(i64, Option<NaiveDateTime>), Error> {
    let unindexed_since = match indexed {
        Some(position) => search::queries::oldest_after(connection, position)?,
        None => None,
    };
    Ok((webhooks::queries::pending(connection)?, unindexed_since))
}
