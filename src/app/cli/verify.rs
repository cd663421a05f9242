//! `answerable verify`.

use std::process::ExitCode;

use super::opening::{clock, open_ready};
use crate::log::verify;
use crate::platform::config::Config;
use crate::tracking::catalogue::CATALOGUE;
use crate::writing::past::comparing;

#[derive(clap::Args)]
pub(super) struct VerifyArguments {
    /// Check only the log itself, not the records against it, which takes memory for the whole database
    #[arg(long)]
    log_only: bool,
}

pub(super) fn run(config: &Config, arguments: &VerifyArguments) -> anyhow::Result<ExitCode> {
    let database = open_ready(config)?;
    let report = verify::verify(&database)?;
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
    if arguments.log_only {
        return Ok(ExitCode::SUCCESS);
    }
    let now = clock(&database)?.now();
    let differences = comparing::differences(&database, &CATALOGUE, config.pool_size(), now)?;
    for found in &differences {
        println!("WRONG {} {}: {}", found.resource, found.id, found.detail);
    }
    if !differences.is_empty() {
        return Ok(ExitCode::FAILURE);
    }
    println!("ok    every record, and what is derived from it, is what the log says");
    Ok(ExitCode::SUCCESS)
}
