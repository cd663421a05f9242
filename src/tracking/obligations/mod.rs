//! Obligations: one for each addressee organisation of each recommendation, the unit that is tracked.
//!
//! They are generated ([`generation`]) from the addressees that were frozen at publication. What was recorded
//! (responses, updates, assessments, and the obligation's own [`document`]) is summed up in their rows. Three axes are
//! never merged: the addressee's response and position, the progress that it reports, and the recommender's conclusion.
//! Whether a deadline has passed is computed when an obligation is read ([`state`]).

pub mod disputes;
pub mod document;
pub mod ended_mandates;
mod facts;
pub mod generation;
pub mod kind;
mod loading;
pub mod model;
pub mod params;
pub mod present;
pub mod queries;
pub mod reading;
pub mod records;
pub mod representation;
pub mod routes;
pub mod rules;
pub mod said;
mod spans;
pub mod stamps;
pub mod state;
mod storing;
mod transfers;
pub mod views;
