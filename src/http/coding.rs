//! Content codings: negotiation and compression.

use actix_http::HttpMessage;
use actix_web::http::header::{self, AcceptEncoding, Encoding, Header, Preference, Quality};
use std::cell::RefCell;
use std::collections::HashMap;
use std::io::{self, Write};

/// Compression levels. A response is compressed once and sent many times.
const GZIP_LEVEL: u32 = 6;
const BROTLI_LEVEL: u32 = 5;
const ZSTD_LEVEL: i32 = 6;
const BROTLI_WINDOW: u32 = 22;
const BROTLI_BUFFER: usize = 8_192;

/// How many different `Accept-Encoding` headers are cached: there are few, and they are slow to parse.
const MAX_CACHED_HEADERS: usize = 64;

/// A content coding (RFC 9110, 8.4.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Coding {
    /// No compression.
    Identity,
    /// RFC 7932.
    #[strum(serialize = "br")]
    Brotli,
    /// RFC 1952.
    Gzip,
    /// RFC 8878.
    Zstd,
}

thread_local! {
    /// What was negotiated for the values of `Accept-Encoding` that came before.
    static NEGOTIATED: RefCell<HashMap<Vec<u8>, Option<Coding>>> = RefCell::default();
}

impl Coding {
    /// The name in headers.
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// The coding that the client prefers and, among equals, the one that compresses best; `None` if it accepts none of
    /// these, not even `identity`.
    pub fn accepted(request: &impl HttpMessage) -> Option<Self> {
        let mut given = request.headers().get_all(header::ACCEPT_ENCODING);
        let Some(value) = given.next() else {
            return Some(Self::Identity);
        };
        if given.next().is_some() {
            return Self::negotiate(request);
        }
        NEGOTIATED.with_borrow_mut(|negotiated| {
            if let Some(coding) = negotiated.get(value.as_bytes()) {
                return *coding;
            }
            if negotiated.len() == MAX_CACHED_HEADERS {
                negotiated.clear();
            }
            let coding = Self::negotiate(request);
            negotiated.insert(value.as_bytes().to_vec(), coding);
            coding
        })
    }

    fn negotiate(request: &impl HttpMessage) -> Option<Self> {
        let Ok(accepted) = AcceptEncoding::parse(request) else {
            return Some(Self::Identity);
        };
        let rank = |coding: Self| {
            let is_it = |item: &Preference<Encoding>| item.to_string() == coding.name();
            let found = accepted.iter().find(|item| is_it(&item.item));
            found.map_or(Quality::ZERO, |item| item.quality)
        };
        let mut best = (Quality::ZERO, None);
        for coding in [Self::Brotli, Self::Zstd, Self::Gzip] {
            if rank(coding) > best.0 {
                best = (rank(coding), Some(coding));
            }
        }
        let identity = Encoding::identity();
        let takes_identity = || accepted.negotiate([&identity].into_iter()).is_some();
        best.1
            .filter(|_| best.0 >= rank(Self::Identity))
            .or_else(|| takes_identity().then_some(Self::Identity))
    }

    /// Encodes the bytes.
    pub fn encode(self, bytes: &[u8]) -> io::Result<Vec<u8>> {
        match self {
            Self::Identity => Ok(bytes.to_vec()),
            Self::Gzip => {
                let level = flate2::Compression::new(GZIP_LEVEL);
                let mut encoder = flate2::write::GzEncoder::new(Vec::new(), level);
                encoder.write_all(bytes)?;
                encoder.finish()
            }
            Self::Brotli => {
                let mut encoded = Vec::new();
                let mut encoder = brotli::CompressorWriter::new(
                    &mut encoded,
                    BROTLI_BUFFER,
                    BROTLI_LEVEL,
                    BROTLI_WINDOW,
                );
                encoder.write_all(bytes)?;
                drop(encoder);
                Ok(encoded)
            }
            Self::Zstd => zstd::stream::encode_all(bytes, ZSTD_LEVEL),
        }
    }
}
