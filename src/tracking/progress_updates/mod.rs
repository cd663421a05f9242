//! Progress updates: progress as reported by an addressee, or by a third party. What the recommender concluded is in
//! `assessments`; the two are never merged.

pub mod kind;
pub mod model;
pub mod present;
pub mod queries;
pub mod routes;
mod schema;
pub mod views;
