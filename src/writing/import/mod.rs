//! Import: one document per line, in any order; idempotent, and all or nothing by default.
//!
//! The source is read several times and never held in memory. The first pass parses and validates every line and
//! identifies its record (`scan`). The later passes resolve the links (`links`) and store the documents, type by type
//! (`store`). Everything happens in one transaction.

pub mod govuk;
pub mod index;
pub mod links;
pub mod report;
pub mod scan;
pub mod source;
pub mod store;

pub use report::{
    Error, ImportOptions, LineMistake, MAX_MISTAKES, OnMistake, Progress, Report, Stored, Tally,
};
pub use source::Source;

use crate::access::Rights;
use crate::log::{Log, Origin, Writer};
use crate::writing::kind::Catalogue;

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
    progress: &dyn Fn(Progress),
) -> Result<Report, Error> {
    let rights = Rights::all();
    let terms = ImportOptions {
        catalogue,
        rights: &rights,
        on_mistake,
        only_new: false,
        name_records: false,
    };
    match log.write_now(origin, |writer| within(writer, source, terms, progress)) {
        Err(Error::Mistakes(report)) => Ok(*report),
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
    terms: ImportOptions<'_>,
    progress: &dyn Fn(Progress),
) -> Result<Report, Error> {
    let mut index = scan::scan(writer.connection, terms.catalogue, source, progress)?;
    if terms.on_mistake == OnMistake::KeepGoing || index.has_mistakes() {
        while store::check_links(writer.connection, terms.catalogue, source, &mut index)? {}
        store::check_links_of_bad_lines(writer.connection, terms.catalogue, source, &mut index)?;
    }
    if index.has_mistakes() && terms.on_mistake == OnMistake::StoreNothing {
        return Err(Error::Mistakes(Box::new(index.into_report(false))));
    }
    progress(Progress::ToStore(index.entries.len()));
    store::store(writer, source, &mut index, terms, progress)?;
    if index.store_failed() {
        return Err(Error::Mistakes(Box::new(index.into_report(false))));
    }
    Ok(index.into_report(true))
}
