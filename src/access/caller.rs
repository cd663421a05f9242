//! The authenticated sender of a request.

use super::rights::Rights;

/// The sender of a request, authenticated by a token.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The client's id, or `cli` for a token made on the command line.
    pub client: String,
    /// What it may do.
    pub rights: Rights,
}
