//! Attributions: under which licences, and with which words, public articles may be shown elsewhere.

pub mod params;
pub mod queries;
pub mod routes;
pub mod views;
