//! `answerable verify`.

use std::process::ExitCode;

use super::opening::open_ready;
use crate::log::verify;
use crate::platform::config::Config;

pub(super) fn run(config: &Config) -> anyhow::Result<ExitCode> {
    let verdict = verify::verify(&open_ready(config)?)?;
    for fault in &verdict.faults {
        println!("WRONG entry {}: {}", fault.seq, fault.detail);
    }
    if !verdict.faults.is_empty() {
        return Ok(ExitCode::FAILURE);
    }
    println!(
        "ok    {} entries, the newest with digest {}",
        verdict.entries, verdict.digest
    );
    Ok(ExitCode::SUCCESS)
}
