//! Whether this process is alive, and whether it should get requests.

use actix_web::{HttpResponse, get, web};
use serde::Serialize;
use utoipa::ToSchema;

use crate::access::instance::Instance;
use crate::http::error::ApiError;
use crate::http::problem;

/// How this process is.
#[derive(Serialize, ToSchema)]
pub struct Health {
    /// `alive` or `ready`.
    #[schema(max_length = 20, example = "ready")]
    pub status: String,
    /// The version of the program.
    #[schema(max_length = 40, example = "0.1.0")]
    pub version: String,
}

impl Health {
    fn answer(status: &str) -> HttpResponse {
        let health = Self {
            status: status.to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
        };
        HttpResponse::Ok()
            .insert_header(("Cache-Control", "no-store"))
            .json(health)
    }
}

/// Is the process alive?
///
/// Never asks the database. Restart the process when this does not answer.
#[utoipa::path(tag = "Service", responses((status = 200, description = "Alive", body = Health)))]
#[get("/livez")]
pub async fn show_liveness() -> HttpResponse {
    Health::answer("alive")
}

/// Is it ready for requests?
///
/// Asks the database. 503 while it cannot be reached, or while migrations are pending.
#[utoipa::path(tag = "Service", responses((status = 200, description = "Ready", body = Health)))]
#[get("/readyz")]
pub async fn show_readiness(instance: web::Data<Instance>) -> Result<HttpResponse, ApiError> {
    if let Some(detail) = instance.not_ready() {
        return Err(ApiError {
            retry_after: Some(10),
            ..ApiError::new(&problem::UNAVAILABLE, detail)
        });
    }
    // not a place among the reads: a node that is busy is no less ready
    instance
        .log
        .catch_up()
        .await
        .map_err(|error| ApiError::unavailable(&error))?;
    Ok(Health::answer("ready"))
}
