//! Authentication and authorisation. A handler gets its database handle only from a guard in this module, so a handler
//! without an access rule does not compile.
//!
//! [`Public`]: anyone may read what is published. [`Client`]: a program with a token may write what it was
//! granted ([`Rights`]: scopes, each for given organisations).

mod caller;
pub mod clients;
mod guard;
pub mod instance;
pub mod issuers;
pub mod keys;
pub mod lookup;
pub mod ownership;
pub mod proof;
pub mod rights;
pub mod routes;
pub mod token;
pub mod visibility;

pub use caller::Caller;
pub use guard::{Client, Public};
pub use rights::{ALL_ORGANISATIONS, Refusal, Rights, Scope, Sight};
