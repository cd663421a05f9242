//! The records, one folder per kind, each with the same file names: `model` has the row and the document, `queries` the
//! SQL, `present` the conversion of rows to views, and `routes` the handlers.

pub mod articles;
pub mod chosen;
pub mod collection;
pub mod deadlines;
pub mod groups;
pub mod handlers;
pub mod in_language;
pub mod ingestion;
pub mod media;
pub mod organisations;
pub mod other_languages;
pub mod recommendations;
pub mod references;
pub mod reports;
pub mod topics;
