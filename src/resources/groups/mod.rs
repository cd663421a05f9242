//! Groups: named sets of organisations with dated membership, such as "all chief constables".

pub mod kind;
pub mod model;
pub mod present;
pub mod queries;
pub mod routes;
mod schema;
pub mod views;
