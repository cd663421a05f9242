//! Infrastructure: database, clock, settings, requests to other servers. It holds the tables and the words for
//! publication states, but no rule about what becomes of a record.

pub mod clock;
pub mod config;
pub mod crawler;
pub mod csv;
pub mod db;
pub mod derived_folder;
pub mod folding;
pub mod html;
pub mod identity;
pub mod language;
pub mod mistakes;
pub mod outbound;
pub mod page_urls;
pub mod states;
pub mod time;
pub mod values;
pub mod web_address;
pub mod wording;
