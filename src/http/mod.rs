//! What all endpoints share: reading requests strictly, finished answers, problem documents.

pub mod answer;
pub mod base_url;
pub mod cursor;
pub mod envelope;
pub mod error;
pub mod forms;
pub mod page;
pub mod problem;
pub mod query;
pub mod routes_table;
pub mod wire;
