//! What came of recommendations: obligations, which are generated, and the responses, plans, updates and assessments
//! that were recorded. `catalogue` lists every kind of record.

pub mod action_plans;
pub mod assessments;
pub mod below_reports;
pub mod catalogue;
pub mod coverage;
pub mod days;
pub mod dependents;
pub mod linked_pages;
pub mod mandates;
pub mod obligations;
pub mod progress_updates;
pub mod related_records;
pub mod responses;
