//! The coverage matrix of a report: which recommendations are addressed to whom, and the status of each. Rows are
//! addressees, columns are recommendations and their elements, and cells are obligations. Available as JSON, and as CSV
//! with one line per cell.

mod csv;
pub mod params;
mod queries;
pub mod routes;
pub mod totals;
pub mod views;
