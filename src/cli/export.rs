//! `answerable export`.

use clap::ValueEnum;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use super::open_ready;
use crate::changes::Resource;
use crate::config::Config;
use crate::export;

#[derive(clap::Args)]
pub(super) struct Arguments {
    /// The file to write [default: standard output]
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Only these resources; repeat for several [default: all]
    #[arg(long = "only", value_name = "TYPE")]
    only: Vec<Resource>,
}

impl ValueEnum for Resource {
    fn value_variants<'a>() -> &'a [Self] {
        &Self::ALL
    }

    fn to_possible_value(&self) -> Option<clap::builder::PossibleValue> {
        Some(clap::builder::PossibleValue::new(self.name()))
    }
}

pub(super) fn run(config: &Config, arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let database = open_ready(config)?;
    let resources = match arguments.only.is_empty() {
        true => &Resource::ALL[..],
        false => &arguments.only,
    };
    let output: Box<dyn Write> = match &arguments.output {
        Some(path) => {
            Box::new(File::create(path).map_err(|e| anyhow::anyhow!("{}: {e}", path.display()))?)
        }
        None => Box::new(std::io::stdout().lock()),
    };
    let mut output = BufWriter::new(output);
    let records = export::run(&database, resources, &mut output)?;
    output.flush()?;
    if let Some(path) = &arguments.output {
        eprintln!("{records} records in {}", path.display());
    }
    Ok(ExitCode::SUCCESS)
}
