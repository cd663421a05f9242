//! Deadlines: the rules that say by when a response is due, and the counting of days.
//!
//! Rules are data (`rules.json`, and the operator's own file), and so are the bank holidays. All arithmetic is on
//! calendar dates in the rule's time zone: a day counts as one, even when it has 23 or 25 hours.

pub mod counting;
pub mod holidays;
pub mod routes;
pub mod rules;
pub mod terms;
pub mod views;
