//! Proposals: writes that need the approval of others. A record that names an organisation waits for its consent, and what
//! is sent about a report that holds submissions waits for one of its publishers.

pub mod model;
pub mod queries;
pub mod routes;
mod schema;
pub mod storing;
pub mod views;
