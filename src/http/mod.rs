//! The HTTP layer shared by all endpoints: strict request parsing, responses, problem documents.

pub mod addresses;
pub mod answer;
pub mod as_of;
pub mod base_url;
pub mod body;
pub mod coding;
pub mod conditions;
pub mod counters;
pub mod cursor;
pub mod discovery;
pub mod envelope;
pub mod error;
pub mod idempotency;
pub mod media;
pub mod page;
pub mod precondition;
pub mod problem;
pub mod query;
pub mod references;
pub mod routes_table;
mod schema;
pub mod selection;
pub mod shape;
pub mod text_formats;
pub mod wire;
