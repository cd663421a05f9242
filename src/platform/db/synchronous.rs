//! The durability setting of SQLite.

use serde::{Deserialize, Serialize};

/// When SQLite waits until written data is on disk (sqlite.org/pragma.html#pragma_synchronous). The database stays
/// consistent in both cases.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum Synchronous {
    /// At checkpoints: a power failure may lose the last writes, a crash of the process does not.
    Normal,
    /// At each write.
    Full,
}
