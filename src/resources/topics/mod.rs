//! Topics: a small controlled vocabulary in a hierarchy.

pub mod kind;
pub mod model;
pub mod present;
pub mod queries;
pub mod routes;
pub mod views;
