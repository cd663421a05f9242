//! `answerable search`.

use indicatif::{ProgressBar, ProgressStyle};
use std::path::PathBuf;
use std::process::ExitCode;

use super::opening::open_ready;
use crate::platform::clock::Clock;
use crate::platform::config::Config;
use crate::platform::db::{Database, settings};
use crate::platform::derived_folder::DerivedFolder;
use crate::publishing::search::folder;
use crate::publishing::search::index::OpenIndex;
use crate::publishing::search::indexer::catch_up;

#[derive(clap::Subcommand)]
pub(super) enum SearchCommand {
    /// Rebuild the search index: here, or in the running services if they use it; they keep serving meanwhile
    Rebuild,
}

pub(super) fn run(config: &Config, command: &SearchCommand) -> anyhow::Result<ExitCode> {
    match command {
        SearchCommand::Rebuild => rebuild(config),
    }
}

fn rebuild(config: &Config) -> anyhow::Result<ExitCode> {
    let database = open_ready(config)?;
    let lock = |path: PathBuf| DerivedFolder::lock(&path, &folder::content());
    let folder = folder::path(config).map(lock).transpose()?.flatten();
    match folder {
        Some(folder) => build(&database, &folder),
        None => {
            settings::request_search_index(&database)?;
            println!(
                "each running service is rebuilding its search index; its log reports when it is done"
            );
            Ok(ExitCode::SUCCESS)
        }
    }
}

fn build(database: &Database, folder: &DerivedFolder) -> anyhow::Result<ExitCode> {
    let mut index = OpenIndex::open(&folder.new_path(&Clock::System))?;
    let style = ProgressStyle::with_template("indexing {bar:40} {pos}/{len} entries ({eta} left)");
    let bar = ProgressBar::new(0).with_style(style?);
    let mut records = 0;
    while let Some((snapshot, end)) = catch_up(&mut index, database)? {
        bar.set_length(end.unsigned_abs());
        bar.set_position(snapshot.state.position.unsigned_abs());
        records = snapshot.searcher.num_docs();
    }
    bar.finish_and_clear();
    folder.keep_only(index.folder());
    let place = index.folder().display().to_string();
    index.close()?;
    println!("{records} records in {place}");
    Ok(ExitCode::SUCCESS)
}
