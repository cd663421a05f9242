//! Assessments: what a recommender concluded of what an addressee did. Only a body with standing assesses: a publisher
//! of the report. What the addressee itself says of its progress is in `progress_updates`.

pub mod model;
pub mod queries;
pub mod routes;
pub mod views;

use utoipa_actix_web::service_config::ServiceConfig;

/// Mounts the endpoints.
pub fn configure(config: &mut ServiceConfig) {
    config
        .service(routes::list_assessments)
        .service(routes::create_assessment)
        .service(routes::find_assessment)
        .service(routes::change_assessment)
        .service(routes::remove_assessment);
}
