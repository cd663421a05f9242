//! Recommendations: who was told to do what, in which words, on what power, and by when.
//!
//! What became of each at each addressee is in `obligations`, which are generated from
//! `recommendation_addressed_organisations`.

pub mod addressing;
pub mod model;
pub mod params;
pub mod parts;
pub mod queries;
pub mod routes;
pub mod views;

use utoipa_actix_web::service_config::ServiceConfig;

/// Mounts the endpoints.
pub fn configure(config: &mut ServiceConfig) {
    config
        .service(routes::list_recommendations)
        .service(routes::create_recommendation)
        .service(routes::find_recommendation)
        .service(routes::list_recommendation_obligations)
        .service(routes::change_recommendation)
        .service(routes::put_recommendation)
        .service(routes::remove_recommendation);
}
