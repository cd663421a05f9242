//! Reads content items from archives, folders and files. Archives are not unpacked to disk.

use flate2::read::GzDecoder;
use serde_json::Value;
use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;

use super::item::NotAPage;

/// The maximum size of an entry, in bytes.
const MAX_ENTRY_BYTES: u64 = 16 * 1024 * 1024;

/// Called for every entry, with its label and its JSON or the reason why it has none.
pub(super) type Each<'a> = dyn FnMut(&str, Result<Value, NotAPage>) + 'a;

/// Reads every entry of an archive, a folder or a file.
pub(super) fn each(path: &Path, each: &mut Each<'_>) -> io::Result<()> {
    let named =
        |error: io::Error| io::Error::new(error.kind(), format!("{}: {error}", path.display()));
    read(path, each).map_err(named)
}

fn read(path: &Path, each: &mut Each<'_>) -> io::Result<()> {
    let name = path
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    let ends = |endings: &[&str]| endings.iter().any(|ending| name.ends_with(ending));
    if path.is_dir() {
        return folder(path, each);
    }
    let file = BufReader::new(File::open(path)?);
    if ends(&[".tar.gz", ".tgz"]) {
        archive(GzDecoder::new(file), each)
    } else if ends(&[".tar"]) {
        archive(file, each)
    } else if ends(&[".json"]) {
        one(&path.display().to_string(), file, each)
    } else {
        lines(&path.display().to_string(), path, each)
    }
}

fn folder(path: &Path, each: &mut Each<'_>) -> io::Result<()> {
    let mut entries = std::fs::read_dir(path)?.collect::<io::Result<Vec<_>>>()?;
    entries.sort_by_key(std::fs::DirEntry::file_name);
    for entry in entries {
        let path = entry.path();
        if path.is_dir() {
            folder(&path, each)?;
        } else if path.extension().is_some_and(|ending| ending == "json") {
            one(&path.display().to_string(), File::open(&path)?, each)?;
        }
    }
    Ok(())
}

fn archive(source: impl Read, each: &mut Each<'_>) -> io::Result<()> {
    for entry in tar::Archive::new(source).entries()? {
        let entry = entry?;
        let name = entry.path()?.display().to_string();
        if entry.header().entry_type().is_file() && name.ends_with(".json") {
            one(&name, entry, each)?;
        }
    }
    Ok(())
}

fn one(label: &str, source: impl Read, each: &mut Each<'_>) -> io::Result<()> {
    let mut bytes = Vec::new();
    source.take(MAX_ENTRY_BYTES + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_ENTRY_BYTES {
        each(label, Err(NotAPage::because("it is larger than 16 MiB")));
        return Ok(());
    }
    match serde_json::from_slice(&bytes) {
        Ok(Value::Array(items)) => items.into_iter().for_each(|item| each(label, Ok(item))),
        Ok(item) => each(label, Ok(item)),
        Err(error) => each(
            label,
            Err(NotAPage(format!("it is not valid JSON: {error}"))),
        ),
    }
    Ok(())
}

fn lines(label: &str, path: &Path, each: &mut Each<'_>) -> io::Result<()> {
    super::super::Source::file(path).lines(|number, text| {
        let parsed = match text {
            Ok(text) => serde_json::from_str(text)
                .map_err(|error| NotAPage(format!("it is not valid JSON: {error}"))),
            Err(reason) => Err(NotAPage::because(reason)),
        };
        each(&format!("{label}:{number}"), parsed);
        Ok(())
    })
}
