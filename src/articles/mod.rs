//! Articles: the news that oversight bodies publish.

pub mod json_ld;
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
        .service(routes::list_articles)
        .service(routes::create_article)
        .service(routes::find_article)
        .service(routes::change_article)
        .service(routes::put_article)
        .service(routes::remove_article);
}
