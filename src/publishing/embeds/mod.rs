//! The latest articles on other sites: a script that every instance serves, and a page to frame where scripts are forbidden.

mod page;
pub mod params;
pub mod routes;
