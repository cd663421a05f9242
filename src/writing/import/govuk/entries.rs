//! Reads content items from archives, folders and files. Archives are not unpacked to disk.

use flate2::read::GzDecoder;
use serde_json::Value;
use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;

use crate::writing::import::Source;

/// The maximum size of an entry, in bytes.
const MAX_ENTRY_BYTES: u64 = 16 * 1024 * 1024;

/// Called for every entry, with its label and its JSON or the reason why it has none.
pub(super) type Each<'a> = dyn FnMut(&str, Result<Value, String>) + 'a;

/// Reads every entry of an archive, a folder or a file.
pub(super) fn each(path: &Path, each: &mut Each<'_>) -> io::Result<()> {
    let label = path.display().to_string();
    read(path, &label, each)
        .map_err(|error| io::Error::new(error.kind(), format!("{label}: {error}")))
}

fn read(path: &Path, label: &str, each: &mut Each<'_>) -> io::Result<()> {
    if path.is_dir() {
        return folder(path, each);
    }
    let file = BufReader::new(File::open(path)?);
    if label.ends_with(".tar.gz") || label.ends_with(".tgz") {
        archive(GzDecoder::new(file), each)
    } else if label.ends_with(".tar") {
        archive(file, each)
    } else if label.ends_with(".json") {
        json_file(label, file, each)
    } else {
        lines(label, path, each)
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
            json_file(&path.display().to_string(), File::open(&path)?, each)?;
        }
    }
    Ok(())
}

fn archive(source: impl Read, each: &mut Each<'_>) -> io::Result<()> {
    for entry in tar::Archive::new(source).entries()? {
        let entry = entry?;
        let name = entry.path()?.display().to_string();
        if entry.header().entry_type().is_file() && name.ends_with(".json") {
            json_file(&name, entry, each)?;
        }
    }
    Ok(())
}

fn json_file(label: &str, source: impl Read, each: &mut Each<'_>) -> io::Result<()> {
    let mut bytes = Vec::new();
    source.take(MAX_ENTRY_BYTES + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_ENTRY_BYTES {
        each(label, Err("it is larger than 16 MiB".to_owned()));
        return Ok(());
    }
    match serde_json::from_slice(&bytes) {
        Ok(Value::Array(items)) => items.into_iter().for_each(|item| each(label, Ok(item))),
        parsed => each(label, parsed.map_err(not_json)),
    }
    Ok(())
}

fn lines(label: &str, path: &Path, each: &mut Each<'_>) -> io::Result<()> {
    Source::File(path.to_owned()).lines(|number, text| {
        let text = text.map_err(str::to_owned);
        let parsed = text.and_then(|text| serde_json::from_str(text).map_err(not_json));
        each(&format!("{label}:{number}"), parsed);
        Ok(())
    })
}

fn not_json(error: serde_json::Error) -> String {
    format!("it is not valid JSON: {error}")
}
