//! `answerable mend-clock`.

use std::process::ExitCode;

use super::opening::{clock, open_ready};
use crate::log::{Log, Origin, ahead};
use crate::platform::config::Config;
use crate::platform::db::Error;

/// Makes entries from the future public, and says which records they are about.
pub(super) fn run(config: &Config) -> anyhow::Result<ExitCode> {
    let database = open_ready(config)?;
    let now = clock(&database)?.now();
    let entries = database.read_now(|c| Ok::<_, Error>(ahead::entries(c, now)?))?;
    for entry in &entries {
        let (seq, at) = (entry.seq, entry.at.and_utc().to_rfc3339());
        println!(
            "entry {seq} of {at}: {} {}",
            entry.resource, entry.resource_id
        );
    }
    let origin = Origin {
        now,
        ..Origin::default()
    };
    let mend =
        |writer: &mut crate::log::Writer<'_>| Ok::<_, Error>(ahead::mend(writer.connection, now)?);
    let mended = Log::new(database).write_now(origin, mend)?;
    println!("{mended} entries are public now");
    if mended > 0 {
        println!(
            "Restart the servers. A record that was published meanwhile is scheduled for the wrong time: publish it again."
        );
    }
    Ok(ExitCode::SUCCESS)
}
