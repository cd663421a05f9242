//! Bounds how long HTML may take to sanitise, before it is sanitised.
//!
//! The parser follows the HTML standard, whose rules for misplaced and unclosed elements look through all open elements
//! again and again: 300 kB of nested `<div>` took 24 s. What a document would cost is counted here with the same
//! parser, which stops at the limit.

use html5ever::driver::ParseOpts;
use html5ever::tendril::{StrTendril, TendrilSink};
use html5ever::{QualName, local_name, ns, parse_fragment};

use super::attributes::most_attributes;
use super::effort::Effort;

/// The maximum nesting depth of elements.
pub const MAX_DEPTH: usize = 200;
/// The maximum number of attributes of an element: the parser compares each with all before it.
pub const MAX_ATTRIBUTES: usize = 100;
/// The maximum [`Effort`]. An element counts for 100 to 200, so that 50,000 ordinary ones are allowed; a million takes
/// about 10 ms.
const MAX_EFFORT: usize = 10_000_000;

/// How much is parsed before the effort is compared with the limits, in bytes.
const STEP: usize = 1_024;

/// Why HTML is not sanitised.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TooComplex {
    /// Elements are nested too deeply.
    #[error("The HTML is nested more than {MAX_DEPTH} elements deep.")]
    Depth,
    /// An element has too many attributes.
    #[error("An element of the HTML has more than {MAX_ATTRIBUTES} attributes.")]
    Attributes,
    /// It has too many elements or escaped characters, or too many elements are misplaced or not closed.
    #[error(
        "The HTML has too many elements or escaped characters, or too many elements are misplaced or not closed."
    )]
    Elements,
}

/// Checks that HTML can be sanitised in little time: at most 0.25 s of processor time for a megabyte, each time that it is cleaned.
///
/// # Errors
/// The limit that it exceeds.
pub fn check(html: &str) -> Result<(), TooComplex> {
    if most_attributes(html) > MAX_ATTRIBUTES {
        return Err(TooComplex::Attributes);
    }
    // most documents are so small that no arrangement of their tags takes long
    let tags = html.bytes().filter(|byte| *byte == b'<').count();
    if html.len() <= 16 * STEP && tags <= MAX_DEPTH {
        return Ok(());
    }
    let body = QualName::new(None, ns!(html), local_name!("body"));
    let options = ParseOpts::default();
    let mut parser = parse_fragment(Effort::default(), options, body, Vec::new(), false);
    let mut rest = html;
    while !rest.is_empty() {
        let (step, later) = rest.split_at(rest.ceil_char_boundary(STEP));
        parser.process(StrTendril::from(step));
        let effort = &parser.tokenizer.sink.sink;
        if effort.depth() > MAX_DEPTH {
            return Err(TooComplex::Depth);
        }
        if effort.total() > MAX_EFFORT {
            return Err(TooComplex::Elements);
        }
        rest = later;
    }
    Ok(())
}
