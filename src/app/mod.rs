//! The application: wires the layers below together. Router, server, response cache, OpenAPI document, command line.

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
