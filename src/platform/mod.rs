//! The ground floor: what any server needs, whatever it is about. Nothing here knows of oversight.

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
