//! The public change log: as a list, as the history of a record, and as a stream.

mod addresses;
pub mod cursor;
mod references;
mod ring;
pub mod routes;
pub mod showing;
pub mod stream;
mod subscriber;
pub mod subscribers;
pub mod views;
