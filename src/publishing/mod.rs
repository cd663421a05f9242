//! The output channels beside the records themselves: search, feeds, the change log, webhooks, exports and embeds. Each
//! has its own format, and all derive from the records and the log.

pub mod attributions;
pub mod calendar;
pub mod changes;
pub mod embeds;
pub mod exports;
pub mod feeds;
pub mod filters;
pub mod lookup;
pub mod oembed;
pub mod search;
pub mod site_pages;
pub mod webhooks;
