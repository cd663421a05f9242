//! Webhooks: changes in the log, sent to subscribers according to Standard Webhooks (standardwebhooks.com).
//!
//! Each webhook has a position in the log, as every reader does. A task turns new entries into deliveries in the
//! transaction that advances the position (`fan_out`), and sends those that are due (`dispatching`): deliveries
//! about one record in order, those about different records concurrently. Deliveries are not content, and not logged.

mod dispatching;
mod fan_out;
mod managing;
pub mod model;
mod operations;
pub mod queries;
pub mod routes;
mod schema;
pub mod sending;
pub mod signing;
pub mod views;
mod wake;

pub use dispatching::dispatch;
pub use wake::Wake;
