//! Answerable: a headless JSON API for public oversight.
//!
//! One folder per resource (`articles`, `organisations`, `groups`, `topics`, `reports`,
//! `recommendations`), the same file names in each; shared modules are named for what they do.
//! `ARCHITECTURE.md` is the map.
#![warn(missing_docs)]

pub mod app;
pub mod auth;
pub mod changes;
pub mod clock;
pub mod config;
pub mod db;
pub mod http;
pub mod references;
pub mod values;
pub mod visibility;
pub mod web_address;
