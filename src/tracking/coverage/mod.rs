//! The matrix of a report: who was told to do what, and how each stands. Rows are addressees, columns recommendations
//! and their elements, cells obligations. As JSON, and as CSV with a line for each cell.

mod csv;
mod queries;
pub mod routes;
pub mod views;
