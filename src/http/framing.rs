//! Framing of responses of unknown length, and the digest trailer.
//!
//! Such a response uses the chunked transfer coding (RFC 9112, 7.1), whose last chunk marks it as complete. The digest
//! of content that is generated while it is sent is known only at the end and therefore sent as a trailer field:
//! `Content-Digest` (RFC 9530; RFC 9110, 6.5). The HTTP server does not support trailers, so this module writes the
//! chunks itself and the server passes them through. HTTP/1.0 has neither chunks nor trailers: there, the end of the
//! connection ends the response.

use actix_web::HttpResponse;
use actix_web::body::{BodySize, BodyStream, BoxBody, MessageBody};
use actix_web::http::header::{self, HeaderValue};
use actix_web::http::{ConnectionType, StatusCode, Version};
use actix_web::web::Bytes;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use futures_util::{Stream, StreamExt, stream};
use sha2::{Digest, Sha256};
use std::error::Error;
use std::future::ready;

/// An incremental digest of response content.
#[derive(Clone, Debug, Default)]
pub struct ContentDigest(Sha256);

impl ContentDigest {
    /// Adds the next bytes.
    pub fn add(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// The value of the `Content-Digest` field (RFC 9530, 2): SHA-256 in Base64.
    pub fn value(self) -> String {
        format!("sha-256=:{}:", STANDARD.encode(self.0.finalize()))
    }
}

/// Marks a response whose digest is to be sent as a trailer.
pub struct DigestFollows;

/// Frames a streamed response for the client's HTTP version, with the digest trailer if it is marked with
/// [`DigestFollows`].
pub fn frame(version: Version, mut response: HttpResponse) -> HttpResponse {
    if response.body().size() != BodySize::Stream {
        return response;
    }
    if version < Version::HTTP_11 {
        let head = response.head_mut();
        head.no_chunking(true);
        head.set_connection_type(ConnectionType::Close);
        return response;
    }
    let is_marked = response.extensions().get::<DigestFollows>().is_some();
    if !is_marked || response.status() != StatusCode::OK {
        return response;
    }
    response.head_mut().no_chunking(true);
    let headers = response.headers_mut();
    let chunked = HeaderValue::from_static("chunked");
    headers.insert(header::TRANSFER_ENCODING, chunked);
    headers.insert(header::TRAILER, HeaderValue::from_static("Content-Digest"));
    response.map_body(|_, body| BoxBody::new(BodyStream::new(chunks(body))))
}

/// The chunked body, with the digest in the trailer. If the body fails, neither the last chunk nor the trailer is sent.
fn chunks(mut body: BoxBody) -> impl Stream<Item = Result<Bytes, Box<dyn Error>>> {
    let content = stream::poll_fn(move |context| body.as_pin_mut().poll_next(context));
    // an empty chunk would end the body
    let content = content.filter(|piece| ready(!matches!(piece, Ok(bytes) if bytes.is_empty())));
    let start = Some((content, ContentDigest::default()));
    stream::unfold(start, |state| async move {
        let (mut content, mut digest) = state?;
        match content.next().await {
            Some(Ok(bytes)) => {
                digest.add(&bytes);
                Some((Ok(chunk(&bytes)), Some((content, digest))))
            }
            Some(Err(error)) => Some((Err(error), None)),
            None => {
                let end = format!("0\r\nContent-Digest: {}\r\n\r\n", digest.value());
                Some((Ok(end.into()), None))
            }
        }
    })
}

fn chunk(bytes: &[u8]) -> Bytes {
    let size = format!("{:X}\r\n", bytes.len());
    [size.as_bytes(), bytes, b"\r\n"].concat().into()
}
