//! Who sent a request.

use super::rights::Rights;

/// Who sent a request, proved by a token.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The client's id, or `cli` for a token made on the command line.
    pub client: String,
    /// What it may do.
    pub rights: Rights,
}
