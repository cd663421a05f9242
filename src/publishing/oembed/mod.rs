//! oEmbed 1.0: articles and recommendations as HTML to embed in other sites.

pub mod params;
pub mod routes;
pub mod views;
