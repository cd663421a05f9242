//! The program: everything below, put together.

pub mod cache;
pub mod cli;
pub mod metrics;
pub mod openapi;
pub mod router;
pub mod server;
pub mod service;
mod state;

pub use state::App;
