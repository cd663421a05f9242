//! Organisations: public bodies, charities and publishers, with every name they ever had.
//!
//! One legal body is one record with dated names: a rename makes no new record. Mergers, splits and
//! replacements are successions, which link records.

pub mod json_ld;
pub mod model;
pub mod parts;
pub mod queries;
pub mod routes;
pub mod views;

use utoipa_actix_web::service_config::ServiceConfig;

/// Mounts the endpoints.
pub fn configure(config: &mut ServiceConfig) {
    config
        .service(routes::list_organisations)
        .service(routes::create_organisation)
        .service(routes::find_organisation)
        .service(routes::change_organisation)
        .service(routes::put_organisation)
        .service(routes::remove_organisation)
        .service(routes::list_organisation_names)
        .service(routes::list_organisation_articles)
        .service(routes::list_organisation_obligations);
}
