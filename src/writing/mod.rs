//! The one way in: documents, whether an import brings them or a request, read, checked, resolved, stored and logged by the
//! same code. No kind of record is known here by name: each describes itself ([`document::Document`], [`kind::Kind`]).

pub mod actions;
pub mod batch;
pub mod cascade;
pub mod document;
pub mod import;
pub mod kind;
pub mod parsed;
pub mod past;
pub mod permission;
pub mod previews;
pub mod reading;
pub mod records;
pub mod revisions;
pub mod violation;
