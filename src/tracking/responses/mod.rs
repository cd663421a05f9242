//! Responses: the answers to a report, by whom and on whose behalf, recommendation by recommendation.
//!
//! A response has no slug. Its id is derived from its report, responder, day, kind and sequence, so that importing it again
//! changes nothing.

pub mod actions;
pub mod cover;
pub mod kind;
pub mod model;
pub mod present;
pub mod queries;
pub mod routes;
pub mod rules;
mod schema;
pub mod views;
