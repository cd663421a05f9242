//! Mounts the endpoints about the service.

use utoipa_actix_web::service_config::ServiceConfig;

use super::{docs, health, index, problems};

/// Mounts the endpoints.
pub fn configure(config: &mut ServiceConfig) {
    config
        .service(index::show_index)
        .service(docs::show_openapi)
        .service(docs::show_docs)
        .service(problems::list_problems)
        .service(problems::find_problem)
        .service(health::show_liveness)
        .service(health::show_readiness);
}
