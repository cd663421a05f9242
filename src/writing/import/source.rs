//! Sources of lines that can be read several times: files, plain or gzipped, and memory.

use flate2::read::MultiGzDecoder;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};

/// The maximum length of a line, in bytes; enough for a document with the longest allowed body.
pub const MAX_LINE_BYTES: u64 = 16 * 1024 * 1024;

/// A source of lines.
#[derive(Debug)]
pub struct Source {
    path: PathBuf,
    /// Keeps the temporary file of a spooled input until the source is dropped.
    _spool: Option<tempfile::NamedTempFile>,
    /// The lines of an in-memory source.
    memory: Option<Vec<String>>,
}

impl Source {
    /// A file. A `.gz` file is decompressed while it is read.
    pub fn file(path: &Path) -> Self {
        Self {
            path: path.to_owned(),
            _spool: None,
            memory: None,
        }
    }

    /// Lines in memory, such as those of a request.
    pub fn memory(lines: Vec<String>) -> Self {
        Self {
            path: PathBuf::new(),
            _spool: None,
            memory: Some(lines),
        }
    }

    /// Copies an input that can be read only once, such as standard input, to a temporary file.
    ///
    /// # Errors
    /// When the input cannot be copied.
    pub fn spool(mut input: impl Read) -> io::Result<Self> {
        let mut file = tempfile::NamedTempFile::new()?;
        io::copy(&mut input, &mut file)?;
        file.flush()?;
        Ok(Self::spooled(file))
    }

    /// A temporary file, deleted when the source is dropped.
    pub fn spooled(file: tempfile::NamedTempFile) -> Self {
        Self {
            path: file.path().to_owned(),
            _spool: Some(file),
            memory: None,
        }
    }

    fn named(&self, error: io::Error) -> io::Error {
        io::Error::new(error.kind(), format!("{}: {error}", self.path.display()))
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
        if let Some(lines) = &self.memory {
            return (1..)
                .zip(lines)
                .try_for_each(|(number, line)| each(number, Ok(line)));
        }
        let file = File::open(&self.path).map_err(|error| self.named(error))?;
        let zipped = self.path.extension().is_some_and(|ending| ending == "gz");
        let mut reader: Box<dyn BufRead> = match zipped {
            true => Box::new(BufReader::with_capacity(1 << 16, MultiGzDecoder::new(file))),
            false => Box::new(BufReader::with_capacity(1 << 16, file)),
        };
        let mut buffer = Vec::new();
        for number in 1.. {
            buffer.clear();
            if reader
                .by_ref()
                .take(MAX_LINE_BYTES + 1)
                .read_until(b'\n', &mut buffer)?
                == 0
            {
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
