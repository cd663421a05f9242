//! Attributions: the licences of public articles, and the attribution to show when republishing them.

pub mod params;
pub mod queries;
pub mod routes;
pub mod views;
