//! How sure SQLite makes of what was written.

use serde::{Deserialize, Serialize};

/// When SQLite waits until the disk has what was written (sqlite.org/pragma.html#pragma_synchronous). In both
/// cases the database stays whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum Synchronous {
    /// At checkpoints: a power cut may take back the last writes, the end of the process does not.
    Normal,
    /// At each write.
    Full,
}
