//! The matrix as CSV (RFC 4180): a line for each cell.

use csv::{QuoteStyle, Terminator, WriterBuilder};
use std::borrow::Cow;

use super::views::{Cell, Column, Coverage, Row};

const HEADER: [&str; 20] = [
    "report",
    "recommendation",
    "number",
    "is_element",
    "organisation",
    "organisation_name",
    "organisation_name_as_published",
    "obligation",
    "response_requirement",
    "due_on",
    "response_state",
    "answered_on",
    "is_collectively_covered",
    "position",
    "implementation_status",
    "implementation_as_at",
    "assessment_status",
    "assessment_as_at",
    "checked_on",
    "as_at",
];

/// The lines, with a header.
pub fn write(coverage: &Coverage) -> csv::Result<Vec<u8>> {
    let mut writer = WriterBuilder::new()
        .terminator(Terminator::CRLF)
        .quote_style(QuoteStyle::Necessary)
        .from_writer(Vec::new());
    writer.write_record(HEADER)?;
    for row in &coverage.rows {
        for (column, cell) in coverage.columns.iter().zip(&row.cells) {
            if let Some(cell) = cell {
                let values = line(coverage, row, column, cell);
                writer.write_record(values.iter().map(|value| harmless(value).into_owned()))?;
            }
        }
    }
    writer
        .into_inner()
        .map_err(|error| error.into_error().into())
}

fn line(coverage: &Coverage, row: &Row, column: &Column, cell: &Cell) -> [String; 20] {
    let text = |text: &str| text.to_owned();
    let maybe = |text: &Option<String>| text.clone().unwrap_or_default();
    let day = |day: Option<chrono::NaiveDate>| day.map(|day| day.to_string()).unwrap_or_default();
    [
        text(&coverage.report.slug),
        text(&column.slug),
        text(&column.number),
        column.element_of.is_some().to_string(),
        text(&row.slug),
        text(&row.name),
        maybe(&row.name_as_published),
        text(&cell.obligation),
        text(cell.response_requirement.into()),
        day(cell.due_on),
        text(cell.response_state.into()),
        day(cell.answered_on),
        cell.is_collectively_covered.to_string(),
        cell.position
            .map(|word| text(word.into()))
            .unwrap_or_default(),
        text(cell.implementation_status.into()),
        maybe(&cell.implementation_as_at),
        text(cell.assessment_status.into()),
        maybe(&cell.assessment_as_at),
        day(cell.checked_on),
        coverage.as_at.format("%Y-%m-%dT%H:%M:%SZ").to_string(),
    ]
}

/// A value that no spreadsheet takes for a formula (OWASP, "CSV Injection").
fn harmless(value: &str) -> Cow<'_, str> {
    match value.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        true => Cow::Owned(format!("'{value}")),
        false => Cow::Borrowed(value),
    }
}
