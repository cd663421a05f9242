//! Assessments: what a recommender concluded of what an addressee did. Only a body with standing assesses: a publisher
//! of the report. What the addressee itself says of its progress is in `progress_updates`.

pub mod kind;
pub mod model;
pub mod present;
pub mod queries;
pub mod routes;
pub mod views;
