//! `answerable verify`.

use std::process::ExitCode;

use super::opening::open_ready;
use crate::log::verify;
use crate::platform::config::Config;

pub(super) fn run(config: &Config) -> anyhow::Result<ExitCode> {
    let report = verify::verify(&open_ready(config)?)?;
    for fault in &report.faults {
        println!("WRONG entry {}: {}", fault.seq, fault.detail);
    }
    if !report.faults.is_empty() {
        return Ok(ExitCode::FAILURE);
    }
    println!(
        "ok    {} entries, the newest with digest {}",
        report.entries, report.digest
    );
    Ok(ExitCode::SUCCESS)
}
