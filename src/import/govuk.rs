//! Being written.
use crate::changes::Resource;
use std::path::Path;
/// .
pub struct Converted {
    /** . */
    pub documents: tempfile::NamedTempFile,
    /** . */
    pub labels: Vec<String>,
    /** . */
    pub skipped: Vec<Skipped>,
}
/// .
pub struct Skipped {
    /** . */
    pub label: String,
    /** . */
    pub reason: String,
}
/// .
pub fn convert(
    _: &Path,
    _: Option<&str>,
    _: &mut dyn FnMut(Resource, &str) -> Result<bool, super::Error>,
) -> Result<Converted, super::Error> {
    Err(std::io::Error::other("not written yet").into())
}
