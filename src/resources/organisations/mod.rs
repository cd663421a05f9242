//! Organisations: public bodies, charities and publishers, with their current and former names.
//!
//! One legal entity is one record with dated names, so a rename does not create a new record. Mergers, splits and
//! replacements are successions, which link records.

pub mod json_ld;
pub mod kind;
pub mod model;
pub mod params;
pub mod parts;
pub mod present;
pub mod queries;
pub mod routes;
mod schema;
pub mod views;
