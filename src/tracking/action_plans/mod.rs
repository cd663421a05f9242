//! Action plans: pages on which addressees publish what they will do. Such pages change over time, so the days on which
//! one was first seen and last changed are kept with it.

pub mod kind;
pub mod model;
pub mod present;
pub mod queries;
pub mod routes;
mod schema;
pub mod views;
