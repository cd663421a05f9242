//! Action plans: what an addressee publishes of what it will do, on a page of its own. Such pages drift: the days on which
//! one was first seen and last changed are kept with it.

pub mod model;
pub mod queries;
pub mod routes;
pub mod views;

use utoipa_actix_web::service_config::ServiceConfig;

/// Mounts the endpoints.
pub fn configure(config: &mut ServiceConfig) {
    config
        .service(routes::list_action_plans)
        .service(routes::create_action_plan)
        .service(routes::find_action_plan)
        .service(routes::change_action_plan)
        .service(routes::remove_action_plan);
}
