//! Webhooks: changes of the log sent to those who asked for them, by Standard Webhooks (standardwebhooks.com).
//!
//! Each webhook has a place in the log, as every reader of it has. A task turns what is new into deliveries, in the
//! transaction that moves the place ([`fan_out`]), and sends those that are due ([`dispatching`]): the deliveries of one
//! record one after the other, those of different records at once. Deliveries are no content: they are not logged.

mod dispatching;
mod fan_out;
pub mod model;
mod own;
pub mod queries;
mod replaying;
pub mod routes;
pub mod sending;
pub mod signing;
pub mod views;
mod wake;

pub use dispatching::dispatch;
pub use wake::Wake;
