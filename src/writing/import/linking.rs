//! The pass between: resolves the links of lines without storing anything, to find all mistakes.

use chrono::NaiveDateTime;

use super::index::Index;
use super::links::Resolver;
use super::report::{ImportError, ImportOptions};
use super::source::Source;
use crate::platform::db::DbConnection;
use crate::platform::identity::Slug;
use crate::writing::parsed::Parsed;

/// Which lines to check.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum LineState {
    /// The lines that are valid so far.
    Valid,
    /// The lines that break a rule, so that all mistakes of a line are reported at once.
    Invalid,
}

/// Resolves the links of lines without storing anything. Returns whether that made more lines invalid; links to those
/// must then be checked again.
///
/// # Errors
/// When the source cannot be read or a query fails.
pub fn check_links(
    connection: &mut DbConnection,
    options: &ImportOptions<'_>,
    now: NaiveDateTime,
    source: &Source,
    index: &mut Index,
    state: LineState,
) -> Result<bool, ImportError> {
    let before = index.bad_lines();
    let catalogue = options.catalogue;
    let mut resolver = Resolver::new(catalogue, options.rights, now);
    source.lines(|number, text| {
        let line = index.lines.get(&number).cloned();
        if line.is_some() != (state == LineState::Valid) {
            return Ok(());
        }
        let Ok(Ok((mut parsed, known))) = text.map(|text| Parsed::read(catalogue, text)) else {
            return Ok(());
        };
        let (id, slug) = match line {
            Some(line) => (Some(line.id), line.slug),
            None if known.is_empty() => return Ok(()), // invalid for its links or because of another line
            None => (None, Slug::default()),
        };
        let document = parsed.document.as_mut();
        let resolved = resolver.resolve(connection, index, id, &slug, document)?;
        let unresolved = resolved.err().into_iter().flatten();
        index.reject(number, unresolved.filter(|link| !link.is_within(&known)));
        Ok::<(), ImportError>(())
    })?;
    Ok(index.bad_lines() > before)
}
