//! Import: documents in, one a line, idempotent, all or nothing unless told otherwise, in any order.
//!
//! The source is read more than once, and never held in memory: first every line is read and checked and
//! each document gets its identity (`scan`), then the links are followed (`links`) and the documents stored,
//! resource by resource (`store`). All of it is one transaction.

pub mod govuk;
pub mod index;
pub mod links;
pub mod report;
pub mod scan;
pub mod source;
pub mod store;

pub use report::{
    Error, LineMistake, MAX_MISTAKES, OnMistake, Progress, Report, Stored, Tally, Terms,
};
pub use source::Source;

use crate::access::Rights;
use crate::log::{Log, Origin, Writer};
use crate::writing::kind::Catalogue;

/// Imports a source. `progress` is told of every step.
pub fn run(
    log: &Log,
    catalogue: &Catalogue,
    origin: Origin,
    source: &Source,
    on_mistake: OnMistake,
    progress: &dyn Fn(Progress),
) -> Result<Report, Error> {
    let rights = Rights::all();
    let terms = Terms {
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

/// Imports a source within a transaction, which the caller undoes when an error comes back.
pub fn within(
    writer: &mut Writer<'_>,
    source: &Source,
    terms: Terms<'_>,
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
