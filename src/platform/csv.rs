//! CSV (RFC 4180) that is safe to open in a spreadsheet: no cell can be taken for a formula.

use csv::{QuoteStyle, Terminator, WriterBuilder};
use std::borrow::Cow;

/// Characters that can start a formula (OWASP, "CSV Injection"), half-width and full-width.
const FORMULA: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];

/// The media type of CSV with a header line.
pub const WITH_HEADER: &str = "text/csv; charset=utf-8; header=present";
/// The media type of CSV without a header line.
pub const WITHOUT_HEADER: &str = "text/csv; charset=utf-8; header=absent";

/// The mark at the start of a text by which some spreadsheets tell UTF-8.
const BYTE_ORDER_MARK: &str = "\u{feff}";

/// The CSV after a byte order mark, if one is asked for.
pub fn marked(csv: Vec<u8>, with_mark: bool) -> Vec<u8> {
    match with_mark {
        true => [BYTE_ORDER_MARK.as_bytes(), &csv].concat(),
        false => csv,
    }
}

/// Writes `lines` as CSV, after a header line if one is given.
pub fn write<L>(header: Option<&[&str]>, lines: impl IntoIterator<Item = L>) -> csv::Result<Vec<u8>>
where
    L: IntoIterator<Item = String>,
{
    let mut writer = WriterBuilder::new()
        .terminator(Terminator::CRLF)
        .quote_style(QuoteStyle::Necessary)
        .from_writer(Vec::new());
    if let Some(header) = header {
        writer.write_record(header)?;
    }
    for line in lines {
        let cells = line.into_iter();
        writer.write_record(cells.map(|cell| harmless(&cell).into_owned()))?;
    }
    writer
        .into_inner()
        .map_err(|error| error.into_error().into())
}

/// Prefixes a value with an apostrophe if a spreadsheet could take it for a formula.
fn harmless(value: &str) -> Cow<'_, str> {
    match value.starts_with(FORMULA) {
        true => Cow::Owned(format!("'{value}")),
        false => Cow::Borrowed(value),
    }
}
