//! Feeds: the lists of articles and recommendations for feed readers, as RSS 2.0, Atom (RFC 4287) and JSON Feed 1.1.
//! All three formats are written from one [`feed::FeedPage`].

mod atom;
pub mod feed;
pub mod item;
pub mod json;
pub mod names;
mod params;
pub mod removed;
pub mod routes;
mod rss;
pub mod titles;
pub mod words;
pub mod xml;
