//! Answerable: a headless JSON API for public oversight.
//!
//! Nine layers, one above the other; each uses only itself and those below it. From the top:
//!
//! | Layer | What it does |
//! |---|---|
//! | [`app`] | puts everything together: routes, server, response cache, OpenAPI document, command line |
//! | [`publishing`] | what goes out: search, feeds, webhooks, the public change log, exports, embeds |
//! | [`tracking`] | what comes of recommendations: obligations, responses, plans, updates, assessments |
//! | [`resources`] | the records: topics, organisations, groups, reports, recommendations, articles |
//! | [`writing`] | the one way in: imports and writes over HTTP |
//! | [`access`] | who may do what: tokens, rights, guards, what is public |
//! | [`http`] | reading requests strictly, finished answers, problem documents |
//! | [`log`] | the change log, which every write appends to |
//! | [`platform`] | the database, the clock, the settings, requests to other servers |
//!
//! `ARCHITECTURE.md` explains them, with a read, a write and a subscriber from end to end.
#![warn(missing_docs)]

pub mod access;
pub mod app;
pub mod http;
pub mod log;
pub mod platform;
pub mod publishing;
pub mod resources;
pub mod tracking;
pub mod writing;
