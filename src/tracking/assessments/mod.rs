//! Assessments: what a recommender concluded about an addressee. Only publishers of the report may assess. What the
//! addressee itself reports is in `progress_updates`.

pub mod kind;
pub mod model;
pub mod present;
pub mod queries;
pub mod routes;
mod schema;
pub mod views;
