//! Webhooks: changes of the log sent to those who asked for them, by Standard Webhooks (standardwebhooks.com).
//!
//! Each webhook has a place in the log, as every reader of it has. A task turns what is new into deliveries, in the
//! transaction that moves the place ([`fan_out`]), and sends those that are due ([`dispatching`]): the deliveries of one
//! record one after the other, those of different records at once. Deliveries are no content: they are not logged.

mod dispatching;
mod fan_out;
pub mod model;
pub mod queries;
mod replaying;
pub mod routes;
mod sending;
mod signing;
pub mod views;

use utoipa_actix_web::service_config::ServiceConfig;

pub use dispatching::dispatch;

/// Mounts the endpoints.
pub fn configure(config: &mut ServiceConfig) {
    config
        .service(routes::list_webhooks)
        .service(routes::create_webhook)
        .service(routes::find_webhook)
        .service(routes::change_webhook)
        .service(routes::remove_webhook)
        .service(routes::list_webhook_deliveries)
        .service(replaying::rotate_webhook_secret)
        .service(replaying::test_webhook)
        .service(replaying::replay_webhook)
        .service(replaying::replay_webhook_delivery);
}
