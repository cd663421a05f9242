//! Endpoints about the service itself: its description, its documentation, the pages of its problems, liveness and
//! readiness.

mod docs;
mod health;
mod problems;
pub mod routes;

pub use docs::{Description, docs_file};
