//! The application: wires the layers below together.

pub mod cache;
pub mod cli;
pub mod metrics;
pub mod openapi;
mod prepare;
pub mod router;
pub mod server;
pub mod service;
mod state;

pub use prepare::prepare;
pub use state::App;
