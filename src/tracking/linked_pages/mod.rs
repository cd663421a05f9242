//! What was found at the addresses that plans, responses, updates and assessments name: whether the page is there, and
//! whether it is the same as before.
//!
//! `answerable check-links` visits them. What it finds stands beside the records, in a table of its own, as importing
//! a record again must not take it away. When something else is found than before, the records that name the page are
//! logged once more, so that those who follow the log learn of it; that a page was found as before is not logged.

pub mod checking;
pub mod queries;
pub mod views;
