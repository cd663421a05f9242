//! Recommendations: what a report recommends to whom, under which legal power, and by when.
//!
//! How each addressee acts on a recommendation is tracked by obligations (`tracking::obligations`), which are generated
//! from `recommendation_addressed_organisations`.

pub mod actions;
pub mod addressing;
pub mod kind;
pub mod model;
pub mod params;
pub mod parts;
pub mod present;
pub mod queries;
pub mod routes;
mod rules;
mod schema;
pub mod storing;
pub mod views;
