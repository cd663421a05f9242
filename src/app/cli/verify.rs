//! `answerable verify`.

use std::process::ExitCode;

use super::opening::{clock, open_ready};
use crate::log::verify;
use crate::platform::config::Config;
use crate::platform::db::Database;
use crate::publishing::search::folder;
use crate::publishing::search::verifying;
use crate::tracking::catalogue::CATALOGUE;
use crate::writing::past::comparing;

#[derive(clap::Args)]
pub(super) struct VerifyArguments {
    /// Check only the log itself, not the records against it, which takes memory for the whole database
    #[arg(long)]
    log_only: bool,
    /// Check the search index too: build another one for this, and compare every document
    #[arg(long)]
    search: bool,
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
    match arguments.search {
        true => verify_search(config, &database),
        false => Ok(ExitCode::SUCCESS),
    }
}

fn verify_search(config: &Config, database: &Database) -> anyhow::Result<ExitCode> {
    let folder = folder::path(config);
    let index = folder.map(|folder| folder::index_in(&folder)).transpose()?;
    let Some(index) = index.flatten() else {
        anyhow::bail!("there is no search index here: set `search_folder` to that of the server");
    };
    let verification = verifying::verify(&index, database)?;
    for (id, detail) in &verification.wrong {
        println!("WRONG search {id}: {detail}");
    }
    if !verification.wrong.is_empty() {
        println!("run `answerable search rebuild`");
        return Ok(ExitCode::FAILURE);
    }
    println!(
        "ok    the search index has {} documents, as of entry {}",
        verification.documents, verification.position
    );
    Ok(ExitCode::SUCCESS)
}
