//! Obligations: recommendation by addressee organisation, the unit that is tracked.
//!
//! Nobody makes them: they are generated from the addressees that a recommendation was frozen with, and what was
//! recorded (responses, updates, assessments, and what `document` holds of an obligation itself) is gathered in their rows. Three axes are never merged: how the
//! addressee responded and the position it took, how far it says it is, and what the recommender concluded. What the
//! clock makes of a deadline is computed when it is read ([`state`]).

pub mod disputes;
pub mod document;
pub mod gathering;
pub mod generation;
pub mod kind;
pub mod model;
pub mod params;
pub mod parts;
pub mod present;
pub mod queries;
pub mod routes;
pub mod state;
pub mod views;
