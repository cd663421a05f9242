//! Who may do what. A handler gets its database handle from a guard here and nowhere else, so that one
//! without an access rule does not compile.
//!
//! [`Public`]: anyone may read what is published. [`Client`]: a program with a token may write what it was
//! granted ([`Rights`]: scopes, each for given organisations).

pub mod clients;
mod guard;
pub mod issuers;
pub mod keys;
pub mod proof;
mod rights;
pub mod routes;
pub mod token;

pub use guard::{Caller, Client, Public};
pub use rights::{ALL_ORGANISATIONS, Refusal, Rights, Scope, Sight};

use utoipa_actix_web::service_config::ServiceConfig;

/// Mounts the endpoints.
pub fn configure(config: &mut ServiceConfig) {
    config
        .service(routes::issue_token)
        .service(routes::list_keys)
        .service(routes::show_metadata);
}
