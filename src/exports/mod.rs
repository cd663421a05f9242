//! Exports: everything public of a kind, as a stream of lines, in constant memory.
//!
//! `reading` reads a page at a time, each a reading of its own, so that no connection is held while a client is slow.
//! `sending` passes the pages on as the client takes them. `table` says what becomes of a record as a line of CSV.
//! The command line writes the same lines from one moment of the database.

pub mod params;
pub mod reading;
pub mod routes;
pub mod sending;
pub mod table;

use utoipa_actix_web::service_config::ServiceConfig;

/// Where the exports are.
pub const PATH: &str = "/v1/exports/";

/// What can be exported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum, strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
#[allow(missing_docs)]
pub enum Kind {
    Articles,
    Organisations,
    Recommendations,
    Obligations,
}

/// How a record is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum, strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Format {
    /// A JSON object a line, as the list shows it.
    Ndjson,
    /// A row of a table.
    Csv,
}

/// Mounts the endpoints.
pub fn configure(config: &mut ServiceConfig) {
    config
        .service(routes::export_articles_as_ndjson)
        .service(routes::export_articles_as_csv)
        .service(routes::export_organisations_as_ndjson)
        .service(routes::export_organisations_as_csv)
        .service(routes::export_recommendations_as_ndjson)
        .service(routes::export_recommendations_as_csv)
        .service(routes::export_obligations_as_ndjson)
        .service(routes::export_obligations_as_csv);
}
