//! Attributions: under which licences, and with which words, public articles may be shown elsewhere.

pub mod params;
pub mod queries;
pub mod routes;
pub mod views;

use utoipa_actix_web::service_config::ServiceConfig;

/// Mounts the endpoints.
pub fn configure(config: &mut ServiceConfig) {
    config.service(routes::list_attributions);
}
