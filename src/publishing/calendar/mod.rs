//! Deadlines as a calendar to subscribe to: iCalendar (RFC 5545) with an all-day event for each deadline.

mod descriptions;
mod events;
pub mod params;
pub mod routes;
