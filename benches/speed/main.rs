//! How fast: `cargo bench`. Ratios within one run, on this machine; see `benches/README.md`.
// the databases of a measurement are no settings
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    clippy::disallowed_methods
)]

mod bare;
mod corpus;
mod export;
mod handlers;
mod load;
mod matrix;
mod past;
mod plain;
mod process;
mod reads;
mod search;
mod stock;
mod table;
mod writes;

use stock::Stock;
use table::Table;

const SMALL: usize = 10_000;
const USUAL: usize = 100_000;
const LARGE: usize = 1_000_000;
/// Reports of 1,247 obligations each: about 40,000.
const REPORTS: usize = 32;

fn main() {
    writes::serve_if_asked();
    bare::serve_if_asked();
    if load::run_if_asked() {
        return;
    }
    let arguments: Vec<String> = std::env::args()
        .skip(1)
        .filter(|a| a != "--bench")
        .collect();
    let asked =
        |name: &str| arguments.is_empty() || arguments.iter().any(|a| a == name || a == "all");
    let size = arguments
        .iter()
        .find_map(|a| a.parse().ok())
        .unwrap_or(USUAL);
    let folder = tempfile::tempdir().unwrap();
    let mut table = Table::default();
    if asked("hot") || asked("cold") {
        let stock = Stock::sqlite(folder.path(), size, REPORTS);
        if asked("hot") {
            reads::hot(&stock, &mut table);
            reads::writing(&stock, &mut table);
        }
        let other = asked("cold").then(|| Stock::postgresql(size, REPORTS));
        for stock in [Some(&stock), other.iter().flatten().next()]
            .into_iter()
            .flatten()
        {
            if asked("cold") {
                reads::cold(stock, &mut table);
                reads::overloaded(stock, &mut table);
            }
        }
    }
    // takes some minutes and 6 GB: only when it is asked for
    if arguments.iter().any(|a| a == "scale" || a == "all") {
        let small = Stock::sqlite(folder.path(), SMALL, 0);
        let large = Stock::sqlite(folder.path(), LARGE, 0);
        reads::scale(&small, &large, &mut table);
    }
    if asked("search") {
        search::measure(folder.path(), size);
    }
    // the larger it is, the longer it takes: only when it is asked for
    if arguments.iter().any(|a| a == "export" || a == "all") {
        export::run(&Stock::sqlite(folder.path(), size, 0), &mut table);
    }
    // takes some minutes: only when it is asked for
    if arguments.iter().any(|a| a == "past" || a == "all") {
        past::measure(folder.path(), size, &mut table);
    }
    if asked("writes") {
        writes::compare();
    }
    if asked("matrix") {
        matrix::compare();
    }
    table.print();
}
