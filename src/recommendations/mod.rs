//! Recommendations: who was told to do what, in which words, on what power, and by when.
//!
//! What became of each at each addressee (obligations, responses, assessments) will stand in folders of
//! its own; `recommendation_addressed_organisations` is where they will start from.

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
        .service(routes::change_recommendation)
        .service(routes::put_recommendation)
        .service(routes::remove_recommendation);
}
