//! The coverage matrix as CSV (RFC 4180), with one line per cell.

use super::views::{Cell, Column, Coverage, Row};
use crate::platform::csv;

const HEADER: [&str; 23] = [
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
    "claims",
    "transferred_to",
    "transferred_on",
    "as_at",
];

/// Writes the CSV, with a header line.
///
/// # Errors
/// When a line cannot be written.
pub fn write(coverage: &Coverage) -> ::csv::Result<Vec<u8>> {
    let lines = coverage.rows.iter().flat_map(|row| {
        let cells = coverage.columns.iter().zip(&row.cells);
        cells.filter_map(|(column, cell)| Some(line(coverage, row, column, cell.as_ref()?)))
    });
    csv::write(Some(&HEADER), lines)
}

fn line(coverage: &Coverage, row: &Row, column: &Column, cell: &Cell) -> [String; 23] {
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
        text(cell.position.map_or("", Into::into)),
        text(cell.implementation_status.into()),
        maybe(&cell.implementation_as_at),
        text(cell.assessment_status.into()),
        maybe(&cell.assessment_as_at),
        day(cell.checked_on),
        cell.claims.len().to_string(),
        cell.transferred_to
            .as_ref()
            .map(|to| to.slug.to_string())
            .unwrap_or_default(),
        day(cell.transferred_on),
        coverage.as_at.format("%Y-%m-%dT%H:%M:%SZ").to_string(),
    ]
}
