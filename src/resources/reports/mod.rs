//! Reports: the documents that make recommendations.

pub mod actions;
pub mod kind;
pub mod model;
pub mod params;
pub mod parts;
pub mod present;
pub mod queries;
pub mod response_checks;
pub mod routes;
mod schema;
pub mod views;
