//! What comes of recommendations: obligations, which are derived, and what is recorded of them.

pub mod action_plans;
pub mod assessments;
pub mod catalogue;
pub mod coverage;
pub mod linked_pages;
pub mod obligations;
pub mod progress_updates;
pub mod responses;
