//! Deadlines as a calendar that programs subscribe to: iCalendar (RFC 5545), an all-day event for each.

mod events;
pub mod params;
pub mod routes;
