//! The pages of a public site, for its sitemap: all records that have one, with what a sitemap says of them.

pub mod params;
pub mod present;
pub mod queries;
pub mod views;
