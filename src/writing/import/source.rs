//! Sources of lines that can be read several times: files, plain or gzipped, and memory.

use flate2::read::MultiGzDecoder;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::PathBuf;
use tempfile::NamedTempFile;

/// The maximum length of a line, in bytes; enough for a document with the longest allowed body.
pub const MAX_LINE_BYTES: u64 = 16 * 1024 * 1024;

/// A source of lines.
#[derive(Debug)]
pub enum Source {
    /// A file. A `.gz` file is decompressed while it is read.
    File(PathBuf),
    /// A temporary file, deleted when the source is dropped.
    Spooled(NamedTempFile),
    /// Lines in memory, such as those of a request, with sanitised HTML.
    Memory(Vec<String>),
}

impl Source {
    /// Copies an input that can be read only once, such as standard input, to a temporary file.
    ///
    /// # Errors
    /// When the input cannot be copied.
    pub fn spool(mut input: impl Read) -> io::Result<Self> {
        let mut file = NamedTempFile::new()?;
        io::copy(&mut input, &mut file)?;
        file.flush()?;
        Ok(Self::Spooled(file))
    }

    /// Whether HTML in the lines was sanitised.
    pub(super) fn is_sanitised(&self) -> bool {
        matches!(self, Self::Memory(_))
    }

    /// Calls `each` with the number (from 1) and the text of every line that is not blank, or with an error text if the
    /// line is too long or not UTF-8.
    ///
    /// # Errors
    /// When the source cannot be read, or `each` fails.
    pub fn lines<E: From<io::Error>>(
        &self,
        mut each: impl FnMut(usize, Result<&str, &str>) -> Result<(), E>,
    ) -> Result<(), E> {
        let path = match self {
            Self::File(path) => path.as_path(),
            Self::Spooled(file) => file.path(),
            Self::Memory(lines) => {
                let mut lines = (1..).zip(lines);
                return lines.try_for_each(|(number, line)| each(number, Ok(line)));
            }
        };
        let with_path =
            |error: io::Error| io::Error::new(error.kind(), format!("{}: {error}", path.display()));
        let file = File::open(path).map_err(with_path)?;
        let bytes: Box<dyn Read> = match path.extension().is_some_and(|ending| ending == "gz") {
            true => Box::new(MultiGzDecoder::new(file)),
            false => Box::new(file),
        };
        let mut reader = BufReader::with_capacity(1 << 16, bytes);
        let mut buffer = Vec::new();
        for number in 1.. {
            buffer.clear();
            let mut limited = reader.by_ref().take(MAX_LINE_BYTES + 1);
            if limited.read_until(b'\n', &mut buffer)? == 0 {
                break;
            }
            if buffer.len() as u64 > MAX_LINE_BYTES {
                reader.skip_until(b'\n')?;
                each(number, Err("the line is longer than 16 MiB"))?;
                continue;
            }
            match std::str::from_utf8(&buffer) {
                Ok(text) => {
                    let text = text.trim_start_matches('\u{feff}').trim();
                    if !text.is_empty() {
                        each(number, Ok(text))?;
                    }
                }
                Err(_) => each(number, Err("the line is not valid UTF-8"))?,
            }
        }
        Ok(())
    }
}
