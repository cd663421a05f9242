//! Groups: named sets of organisations with dated membership, such as "all chief constables".

pub mod model;
pub mod queries;
pub mod routes;
pub mod views;

use utoipa_actix_web::service_config::ServiceConfig;

/// Mounts the endpoints.
pub fn configure(config: &mut ServiceConfig) {
    config
        .service(routes::list_groups)
        .service(routes::create_group)
        .service(routes::find_group)
        .service(routes::change_group)
        .service(routes::put_group)
        .service(routes::remove_group);
}
