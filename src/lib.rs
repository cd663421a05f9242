//! Answerable: a headless JSON API for public oversight.
//!
//! One folder per resource (`articles`, `organisations`, `groups`, `topics`, `reports`,
//! `recommendations`), the same file names in each; shared modules are named for what they do.
//! `ARCHITECTURE.md` is the map.
#![warn(missing_docs)]

pub mod action_plans;
pub mod app;
pub mod articles;
pub mod assessments;
pub mod attributions;
pub mod auth;
pub mod cache;
pub mod calendar;
pub mod changes;
pub mod cli;
pub mod clock;
pub mod config;
pub mod coverage;
pub mod csv_lines;
pub mod db;
pub mod deadlines;
pub mod documents;
pub mod export;
pub mod exports;
pub mod feeds;
pub mod groups;
pub mod html;
pub mod http;
pub mod import;
pub mod ingestion;
pub mod linked_pages;
pub mod lookup;
pub mod metrics;
pub mod obligations;
pub mod oembed;
pub mod openapi;
pub mod organisations;
pub mod outbound;
pub mod past;
pub mod progress_updates;
pub mod recommendations;
pub mod references;
pub mod reports;
pub mod responses;
pub mod router;
pub mod search;
pub mod server;
pub mod service;
pub mod topics;
pub mod values;
pub mod visibility;
pub mod web_address;
pub mod webhooks;
pub mod writing;
