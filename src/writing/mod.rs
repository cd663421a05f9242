//! The write path: documents from an import or a request are parsed, validated, resolved, stored and logged by the same
//! code. Except for [`import::govuk`], it names no kind of record: each kind describes itself ([`document::Document`],
//! [`kind::Kind`]).

pub mod actions;
pub mod as_read;
pub mod batch;
pub mod cascade;
pub mod consent;
pub mod creations;
pub mod current;
pub mod document;
pub mod import;
pub mod kind;
pub mod operations;
pub mod parsed;
pub mod past;
pub mod permission;
pub mod previews;
pub mod proposals;
pub mod putting;
pub mod reading;
pub mod recorder;
pub mod records;
pub mod redaction;
pub mod revisions;
mod sanitising;
pub mod submission;
pub mod violation;
