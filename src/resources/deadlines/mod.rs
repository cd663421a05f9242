//! Deadlines: the rules that say by when something is owed, and the counting of days.
//!
//! Rules are data (`rules.json`, and the operator's own file), as are the bank holidays. All arithmetic is on
//! calendar dates in the rule's time zone: a day is a day, however many hours it has.

pub mod counting;
pub mod holidays;
pub mod routes;
pub mod rules;
pub mod terms;
pub mod views;
