//! Reports: the documents that make recommendations.

pub mod model;
pub mod parts;
pub mod queries;
pub mod routes;
pub mod views;

use utoipa_actix_web::service_config::ServiceConfig;

/// Mounts the endpoints.
pub fn configure(config: &mut ServiceConfig) {
    config
        .service(routes::list_reports)
        .service(routes::create_report)
        .service(routes::find_report)
        .service(routes::change_report)
        .service(routes::put_report)
        .service(routes::remove_report)
        .service(routes::list_report_recommendations);
}
