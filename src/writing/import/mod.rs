//! Import: one document per line, in any order; idempotent, and all or nothing by default.
//!
//! The source is read several times and never held in memory. The first pass parses and validates every line and
//! identifies its record (`scan`). If there are mistakes, the next one resolves the links to find all of them (`linking`).
//! The last one stores the documents, type by type (`store`), while another thread parses those that follow (`parsing`).
//! Everything happens in one transaction.

mod checks;
pub mod govuk;
pub mod index;
mod linking;
pub mod links;
mod parsing;
mod removals;
pub mod report;
pub mod scan;
pub mod source;
pub mod store;

pub use report::{
    BatchRecord, ImportError, ImportOptions, ImportReport, LineMistake, MAX_MISTAKES, OnMistake,
    Progress, Tally,
};
pub use source::Source;

use crate::access::Rights;
use crate::log::{Log, Origin, Writer};
use crate::writing::kind::Catalogue;
use linking::LineState;

/// Imports a source. `progress` is called at every step.
///
/// # Errors
/// When the source cannot be read or a query fails.
pub fn run(
    log: &Log,
    catalogue: &Catalogue,
    origin: Origin,
    source: &Source,
    on_mistake: OnMistake,
    revives_erased: bool,
    progress: &dyn Fn(Progress),
) -> Result<ImportReport, ImportError> {
    let rights = Rights::all();
    let options = ImportOptions {
        on_mistake,
        revives_erased,
        list_records: false,
        ..ImportOptions::of_request(catalogue, &rights)
    };
    match log.write_now(origin, |writer| within(writer, source, options, progress)) {
        Err(ImportError::Mistakes(report)) => Ok(*report),
        result => result,
    }
}

/// Imports a source within a transaction, which the caller must roll back on error.
///
/// # Errors
/// When lines have mistakes, a permission is missing, the source cannot be read or a query fails.
pub fn within(
    writer: &mut Writer<'_>,
    source: &Source,
    options: ImportOptions<'_>,
    progress: &dyn Fn(Progress),
) -> Result<ImportReport, ImportError> {
    let (catalogue, now) = (options.catalogue, writer.now());
    let viewer = scan::Viewer {
        rights: options.rights,
        now,
    };
    let mut index = scan::scan(writer.connection, viewer, catalogue, source, progress)?;
    if options.on_mistake == OnMistake::KeepGoing || index.bad_lines() > 0 {
        let mut check = |which| {
            linking::check_links(writer.connection, &options, now, source, &mut index, which)
        };
        while check(LineState::Valid)? {}
        check(LineState::Invalid)?;
    }
    let invalid = index.bad_lines();
    if invalid == 0 || options.on_mistake == OnMistake::KeepGoing {
        progress(Progress::ToStore(index.lines.len()));
        let import = |writer: &mut Writer<'_>, moved: &Source, options: ImportOptions<'_>| {
            within(writer, moved, options, &|_| ()).map(drop)
        };
        for removed in store::store(writer, source, &mut index, options, progress)? {
            let in_use = removals::check(writer, &options, removed, import)?;
            index.reject(removed.line, in_use);
        }
        if index.bad_lines() == invalid {
            return Ok(index.into_report(true));
        }
    }
    Err(ImportError::Mistakes(Box::new(index.into_report(false))))
}
