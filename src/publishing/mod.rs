//! What goes out, beside the records themselves: each channel in its own form, all of them derived from the records and
//! the log.

pub mod attributions;
pub mod calendar;
pub mod changes;
pub mod exports;
pub mod feeds;
pub mod oembed;
pub mod search;
pub mod webhooks;
