//! oEmbed 1.0: articles and recommendations as a piece of HTML for other people's pages.

pub mod params;
pub mod routes;
pub mod views;
