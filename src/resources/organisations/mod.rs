//! Organisations: public bodies, charities and publishers, with every name they ever had.
//!
//! One legal body is one record with dated names: a rename makes no new record. Mergers, splits and
//! replacements are successions, which link records.

pub mod json_ld;
pub mod kind;
pub mod model;
pub mod parts;
pub mod present;
pub mod queries;
pub mod routes;
mod save;
pub mod views;
