//! Endpoints about the service itself: its description, its documentation, the pages of its problems, liveness and
//! readiness.

mod docs;
mod health;
pub mod index;
mod problems;
pub mod routes;

pub use docs::{Description, Entry, docs_file};
pub use index::show_version_index;
