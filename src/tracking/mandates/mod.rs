//! Mandates: who may answer for whom, from when, for one report or for all. A response on behalf of others counts for
//! those it has a mandate of; for the others it is a claim.

pub mod kind;
pub mod model;
pub mod present;
pub mod queries;
pub mod routes;
mod schema;
pub mod views;
