//! Topics: a small controlled vocabulary in a hierarchy.

pub mod model;
pub mod queries;
pub mod routes;
pub mod views;

use utoipa_actix_web::service_config::ServiceConfig;

/// Mounts the endpoints.
pub fn configure(config: &mut ServiceConfig) {
    config
        .service(routes::list_topics)
        .service(routes::create_topic)
        .service(routes::find_topic)
        .service(routes::change_topic)
        .service(routes::put_topic)
        .service(routes::remove_topic);
}
