//! Recommendations: who was told to do what, in which words, on what power, and by when.
//!
//! What became of each at each addressee is in `obligations`, which are generated from
//! `recommendation_addressed_organisations`.

pub mod addressing;
pub mod kind;
pub mod model;
pub mod params;
pub mod parts;
pub mod present;
pub mod queries;
pub mod routes;
pub mod views;
