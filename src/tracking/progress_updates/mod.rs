//! Progress updates: how far an addressee says it is, or somebody else says it is. What the recommender concluded is in
//! `assessments`; the two are never merged.

pub mod kind;
pub mod model;
pub mod present;
pub mod queries;
pub mod routes;
pub mod views;
