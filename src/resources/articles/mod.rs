//! Articles: news published by oversight bodies.

pub mod actions;
pub mod contents;
pub mod dependencies;
pub mod json_ld;
pub mod kind;
pub mod link_keys;
pub mod media_nodes;
pub mod model;
pub mod params;
pub mod parts;
pub mod present;
pub mod queries;
pub mod routes;
pub mod schema;
pub mod storing;
pub mod views;
