//! What all endpoints share: reading requests strictly, finished answers, problem documents.

pub mod answer;
pub mod base_url;
pub mod conditions;
pub mod cursor;
pub mod envelope;
pub mod error;
pub mod forms;
pub mod framing;
pub mod media;
pub mod page;
pub mod problem;
pub mod query;
pub mod routes_table;
pub mod wire;
