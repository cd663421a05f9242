//! Deadlines as a calendar that programs subscribe to: iCalendar (RFC 5545), an all-day event for each.

mod events;
pub mod params;
pub mod routes;

use utoipa_actix_web::service_config::ServiceConfig;

/// Mounts the endpoints.
pub fn configure(config: &mut ServiceConfig) {
    config.service(routes::show_deadlines);
}
