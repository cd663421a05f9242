//! Endpoints about the service itself: its description, its documentation, the pages of its problems, liveness and
//! readiness.

mod docs;
mod health;
mod problems;

use utoipa_actix_web::service_config::ServiceConfig;

pub use docs::{Description, docs_file};

/// Mounts the endpoints.
pub fn configure(config: &mut ServiceConfig) {
    config
        .service(docs::show_openapi)
        .service(docs::show_docs)
        .service(problems::list_problems)
        .service(problems::find_problem)
        .service(health::show_liveness)
        .service(health::show_readiness);
}
