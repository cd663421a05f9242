//! Parses lines for the last pass: on another core while the database writes those before them.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use super::report::ImportError;
use super::source::Source;
use crate::log::Resource;
use crate::platform::db::{Error, ROWS_AT_ONCE};
use crate::writing::kind::Catalogue;
use crate::writing::parsed::Parsed;
use crate::writing::sanitising;
use crate::writing::violation::Violation;

/// How many batches wait to be stored.
const AHEAD: usize = 2;
/// How long the lines of a batch may be together, in bytes, so that batches of long documents take little memory.
const BATCH_BYTES: usize = 8 * 1024 * 1024;

/// A parsed line.
pub(super) struct ParsedLine {
    /// Its number.
    pub(super) number: usize,
    /// Its text.
    pub(super) text: String,
    /// Its document, with sanitised HTML, or why there is none.
    pub(super) parsed: Result<Parsed, Vec<Violation>>,
}

impl ParsedLine {
    /// Parses a line with a document of this type.
    pub(super) fn new(
        catalogue: &Catalogue,
        resource: Resource,
        is_sanitised: bool,
        number: usize,
        text: &str,
    ) -> Self {
        Self {
            number,
            text: text.to_owned(),
            parsed: sanitising::parse(catalogue, resource, text, is_sanitised),
        }
    }
}

/// The lines of a source that have documents of one type.
#[derive(Clone, Copy)]
pub(super) struct LinesToParse<'a> {
    /// The source.
    pub(super) source: &'a Source,
    /// The kinds of records.
    pub(super) catalogue: &'a Catalogue,
    /// The type.
    pub(super) resource: Resource,
    /// Their numbers, in order.
    pub(super) numbers: &'a [usize],
}

impl LinesToParse<'_> {
    /// Parses the lines, and passes them on in batches. Those of a request were sanitised before, so that another thread
    /// would not be worth it.
    ///
    /// # Errors
    /// When the source cannot be read, or `each` fails.
    pub(super) fn batches(
        self,
        mut each: impl FnMut(Vec<ParsedLine>) -> Result<(), ImportError>,
    ) -> Result<(), ImportError> {
        if self.source.is_sanitised() {
            return self.read(each);
        }
        std::thread::scope(|scope| {
            let (sender, parsed): (SyncSender<Vec<ParsedLine>>, Receiver<_>) = sync_channel(AHEAD);
            let parser = scope.spawn(move || {
                self.read(|batch| {
                    // nobody waits for it after an error
                    sender.send(batch).map_err(|_| Error::Panicked.into())
                })
            });
            for batch in parsed {
                each(batch)?;
            }
            let parsed = parser.join();
            parsed.unwrap_or_else(|_| Err(Error::Panicked.into()))
        })
    }

    fn read(
        self,
        mut each: impl FnMut(Vec<ParsedLine>) -> Result<(), ImportError>,
    ) -> Result<(), ImportError> {
        let (mut batch, mut bytes) = (Vec::new(), 0);
        self.source.lines(|number, text| {
            if let (Ok(_), Ok(text)) = (self.numbers.binary_search(&number), text) {
                let is_sanitised = self.source.is_sanitised();
                let (catalogue, resource) = (self.catalogue, self.resource);
                let line = ParsedLine::new(catalogue, resource, is_sanitised, number, text);
                batch.push(line);
                bytes += text.len();
            }
            if batch.len() < ROWS_AT_ONCE && bytes < BATCH_BYTES {
                return Ok(());
            }
            bytes = 0;
            each(std::mem::take(&mut batch))
        })?;
        each(batch)
    }
}
