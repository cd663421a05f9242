//! The change log as the public sees it: as a list, as a record's history, and as a stream.

pub mod cursor;
mod follower;
pub mod followers;
mod ring;
pub mod routes;
pub mod showing;
pub mod stream;
pub mod views;
