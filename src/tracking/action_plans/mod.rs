//! Action plans: what an addressee publishes of what it will do, on a page of its own. Such pages drift: the days on which
//! one was first seen and last changed are kept with it.

pub mod kind;
pub mod model;
pub mod present;
pub mod queries;
pub mod routes;
pub mod views;
