//! What was measured, as a table for people and as a plot.

use std::fmt::Write;

use crate::load::Outcome;
use crate::stock::Stock;

/// Rows as they come, and remarks.
#[derive(Default)]
pub struct Table {
    rows: Vec<Row>,
    notes: Vec<String>,
}

struct Row {
    what: String,
    against: &'static str,
    ratio: f64,
    line: String,
}

impl Table {
    /// A comparison of one side against another.
    pub fn compare(
        &mut self,
        what: &str,
        stock: &Stock,
        against: &'static str,
        one: &Outcome,
        other: &Outcome,
    ) {
        let what = format!("{what} ({}, {} articles)", stock.kind, stock.articles);
        let ratio = one.rate / other.rate;
        let line = format!(
            "| {what} | {against} | {:.0} / {:.0} | **{ratio:.2}** | {:.1} / {:.1} | {:.3} / {:.3} | {:.3} / {:.3} | {:.2} |",
            one.rate,
            other.rate,
            one.micros,
            other.micros,
            one.p50,
            other.p50,
            one.p99,
            other.p99,
            one.p99 / other.p99
        );
        println!("{line}");
        self.rows.push(Row {
            what,
            against,
            ratio,
            line,
        });
    }

    /// A remark.
    pub fn note(&mut self, text: String) {
        println!("{text}");
        self.notes.push(text);
    }

    /// All of it in Markdown, and the plot into the file that `BENCH_PLOT` names.
    pub fn print(&self) {
        if self.rows.is_empty() {
            return;
        }
        println!(
            "\n| What | Baseline | Responses per second | Ratio | CPU, µs per response | p50, ms | p99, ms | Ratio of p99 |"
        );
        println!("|---|---|---|---|---|---|---|---|");
        self.rows.iter().for_each(|row| println!("{}", row.line));
        println!();
        self.notes.iter().for_each(|note| println!("- {note}"));
        if let Ok(file) = std::env::var("BENCH_PLOT") {
            std::fs::write(file, self.plot()).unwrap();
        }
    }

    /// A bar for each ratio of rates, as SVG.
    fn plot(&self) -> String {
        const LABEL: f64 = 430.0;
        const SCALE: f64 = 260.0;
        const ROW: usize = 22;
        let height = self.rows.len() * ROW + 40;
        let mut svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"900\" height=\"{height}\" font-family=\"sans-serif\" font-size=\"12\">\n\
             <rect width=\"900\" height=\"{height}\" fill=\"white\"/>\n<text x=\"10\" y=\"18\">Rate, as a part of what it is measured against</text>\n"
        );
        for (index, row) in self.rows.iter().enumerate() {
            let (y, width) = (30 + index * ROW, row.ratio.min(1.5) * SCALE);
            let text = y + 13;
            let _ = writeln!(
                svg,
                "<text x=\"{:.0}\" y=\"{text}\" text-anchor=\"end\">{}</text><rect x=\"{LABEL:.0}\" y=\"{y}\" width=\"{width:.0}\" height=\"16\" fill=\"#3b6ea5\"/>\
                 <text x=\"{:.0}\" y=\"{text}\">{:.2} of {}</text>",
                LABEL - 8.0,
                row.what,
                LABEL + width + 6.0,
                row.ratio,
                row.against
            );
        }
        let one = LABEL + SCALE;
        let _ = writeln!(
            svg,
            "<line x1=\"{one:.0}\" x2=\"{one:.0}\" y1=\"26\" y2=\"{height}\" stroke=\"#888\" stroke-dasharray=\"3 3\"/>\n</svg>"
        );
        svg
    }
}
