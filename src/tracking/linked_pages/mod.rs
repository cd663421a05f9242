//! Linked pages: whether the pages that plans, responses, updates and assessments link to still exist and are
//! unchanged.
//!
//! `answerable check-links` checks the pages. The results are stored apart from the records, so that importing a record
//! again does not delete them. When a result differs from the previous one, the records that link to the page are
//! logged again, so that readers of the change log learn of it; unchanged results are not logged.

pub mod checking;
pub mod present;
pub mod queries;
mod schema;
pub mod views;
