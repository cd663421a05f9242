//! The integration tests: real HTTP, real databases. Each test runs on SQLite and on PostgreSQL.
// tests fail by unwrap; a test may be long, to tell one story; CI's variables are not settings
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::too_many_lines,
    clippy::disallowed_methods
)]

mod access;
mod architecture;
mod attacks;
mod attributions;
mod browsing;
mod cache;
mod changes;
mod clients;
mod clocks;
mod command_line;
mod coverage;
mod databases;
mod days;
mod deadlines;
mod documentation;
mod documents;
mod editing;
mod embeds;
mod erasure;
mod examples;
mod exports;
mod faults;
mod feeds;
mod fewer_requests;
mod filters;
mod forks;
mod govuk;
mod histories;
mod imports;
mod indexes;
mod ingestion;
mod issuers;
mod languages;
mod linked_data;
mod linked_pages;
mod lists;
mod log;
mod mandates;
mod media;
mod metrics;
mod mistakes;
mod names;
mod obligations;
mod pages;
mod past;
mod past_random;
mod plans;
mod problems;
mod progress;
mod proposals;
mod reading_back;
mod records;
mod removals;
mod responses;
mod sanitising;
mod search;
mod states;
mod stream;
mod support;
mod unit;
mod vectors;
mod webhooks;
mod withdrawn_reports;
mod writing;
