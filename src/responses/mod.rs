//! Responses: what was answered to a report, by whom and for whom, recommendation by recommendation.
//!
//! A response has no slug. It is known by its report, who responds, its day and its kind, from which its id is made, so
//! that an import that brings it again changes nothing.

pub mod model;
pub mod queries;
pub mod routes;
pub mod views;

use utoipa_actix_web::service_config::ServiceConfig;

/// Mounts the endpoints.
pub fn configure(config: &mut ServiceConfig) {
    config
        .service(routes::list_responses)
        .service(routes::create_response)
        .service(routes::find_response)
        .service(routes::change_response)
        .service(routes::remove_response);
}
