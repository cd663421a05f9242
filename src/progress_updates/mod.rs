//! Progress updates: how far an addressee says it is, or somebody else says it is. What the recommender concluded is in
//! `assessments`; the two are never merged.

pub mod model;
pub mod queries;
pub mod routes;
pub mod views;

use utoipa_actix_web::service_config::ServiceConfig;

/// Mounts the endpoints.
pub fn configure(config: &mut ServiceConfig) {
    config
        .service(routes::list_progress_updates)
        .service(routes::create_progress_update)
        .service(routes::find_progress_update)
        .service(routes::change_progress_update)
        .service(routes::remove_progress_update);
}
