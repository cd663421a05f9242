//! Responses: what was answered to a report, by whom and for whom, recommendation by recommendation.
//!
//! A response has no slug. It is known by its report, who responds, its day and its kind, from which its id is made, so
//! that an import that brings it again changes nothing.

pub mod kind;
pub mod model;
pub mod present;
pub mod queries;
pub mod routes;
pub mod views;
