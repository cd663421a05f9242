//! Authentication and authorisation: who sends a request, what they may do, and what the public may see. Handlers reach
//! records through one of the guards in this module.
//!
//! [`Public`]: anyone may read what is published. [`Client`]: a program with a token may write what it was
//! granted ([`Rights`]: scopes, each for given organisations).

pub mod clients;
mod guard;
pub mod instance;
pub mod issuers;
pub mod keys;
mod links;
pub mod lookup;
pub mod names;
pub mod ownership;
pub mod proof;
mod public;
pub mod referring;
pub mod remembered;
pub mod rights;
pub mod routes;
mod schema;
pub mod token;
pub mod visibility;
mod write_request;

pub use guard::Client;
pub use public::Public;
pub use rights::{ALL_ORGANISATIONS, Caller, ReadScope, Refusal, Rights, Scope};
pub use write_request::WriteRequest;
