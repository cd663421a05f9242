//! Topics: a small, hierarchical controlled vocabulary.

pub mod kind;
pub mod model;
pub mod present;
pub mod queries;
pub mod routes;
mod schema;
pub mod views;
