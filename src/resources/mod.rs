//! The records: one folder for each kind, with the same file names in each. `model` is the row and the document,
//! `queries` all its SQL, `present` makes views of rows, `routes` has the handlers.

pub mod articles;
pub mod collection;
pub mod deadlines;
pub mod groups;
pub mod ingestion;
pub mod organisations;
pub mod recommendations;
pub mod reports;
pub mod topics;
