//! Finds records by the addresses that people have of them.

pub mod finding;
pub mod params;
pub mod routes;
pub mod views;
