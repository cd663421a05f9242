//! Liveness and readiness.

use actix_web::{HttpResponse, get, web};
use serde::Serialize;
use utoipa::ToSchema;

use crate::access::instance::Instance;
use crate::http::error::ApiError;
use crate::http::problem::ProblemCode;
use crate::log::ahead;
use crate::platform::db::{DbConnection, Error, migrate};

/// The health of this process.
#[derive(Serialize, ToSchema)]
pub struct Health {
    /// `alive` or `ready`.
    #[schema(max_length = 20, example = "ready")]
    pub status: &'static str,
    /// The version of the program.
    #[schema(max_length = 40, example = "0.1.0")]
    pub version: &'static str,
    /// What an operator should mend.
    #[schema(max_items = 10)]
    pub warnings: Vec<String>,
}

impl Health {
    fn respond(status: &'static str, warnings: Vec<String>) -> HttpResponse {
        let version = env!("CARGO_PKG_VERSION");
        HttpResponse::Ok()
            .insert_header(("Cache-Control", "no-store"))
            .json(Self {
                status,
                version,
                warnings,
            })
    }
}

/// Check liveness
///
/// Never accesses the database. Restart the process when this does not respond.
#[utoipa::path(tag = "Service", responses((status = 200, description = "Alive", body = Health)))]
#[get("/livez")]
pub async fn show_liveness() -> HttpResponse {
    Health::respond("alive", Vec::new())
}

/// Check readiness
///
/// Accesses the database. 503 while it is unreachable, or while its migrations are not those of this program: some are
/// pending, or a newer program has migrated it.
#[utoipa::path(tag = "Service", responses((status = 200, description = "Ready", body = Health)))]
#[get("/readyz")]
pub async fn show_readiness(instance: web::Data<Instance>) -> Result<HttpResponse, ApiError> {
    if let Some(detail) = instance.not_ready() {
        return Err(not_ready(detail));
    }
    // does not queue as a read: a busy node is still ready
    instance
        .log
        .catch_up()
        .await
        .map_err(|error| ApiError::unavailable(&error))?;
    let now = instance.clock.now();
    let look = move |c: &mut DbConnection| {
        Ok::<_, Error>((ahead::warning(c, now)?, migrate::compare(c)?.mismatch()))
    };
    let looked = instance.database.watch(look).await;
    let (warning, mismatch) = looked.map_err(|error| ApiError::unavailable(&error))?;
    if let Some(detail) = mismatch {
        return Err(not_ready(detail));
    }
    let not_writable = instance.database.is_not_writable().then(|| {
        "The last write failed: the disk is full, or the database is read-only.".to_owned()
    });
    let warnings = warning.into_iter().chain(not_writable).collect();
    Ok(Health::respond("ready", warnings))
}

fn not_ready(detail: String) -> ApiError {
    ApiError::new(ProblemCode::Unavailable, detail).with_retry_after(10)
}
