//! Infrastructure that any server needs. Nothing here depends on the oversight domain.

pub mod clock;
pub mod config;
pub mod csv;
pub mod db;
pub mod html;
pub mod outbound;
pub mod states;
pub mod values;
pub mod visitor;
pub mod web_address;
