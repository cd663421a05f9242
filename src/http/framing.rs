//! How an answer of unknown length ends, and the digest that may follow it.
//!
//! Such an answer comes in chunks (RFC 9112, 7.1), and its last chunk says that it is whole. Content that is made while it
//! is sent can have its digest only after that, in a trailer: `Content-Digest` (RFC 9530), RFC 9110, 6.5. The server knows
//! no trailers, so that the chunks of such an answer are written here, and it passes them on as they are. HTTP/1.0 has
//! neither: there the connection ends with the answer.

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

/// The digest of a content, which grows with it.
#[derive(Clone, Debug, Default)]
pub struct ContentDigest(Sha256);

impl ContentDigest {
    /// Takes in what comes next.
    pub fn add(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// The value of the field `Content-Digest` (RFC 9530, 2): SHA-256 in base64.
    pub fn value(self) -> String {
        format!("sha-256=:{}:", STANDARD.encode(self.0.finalize()))
    }
}

/// Marks an answer that a digest of its content is to follow.
pub struct DigestFollows;

/// Sees to it that a streamed answer ends as the client's HTTP wants it, with its digest if it is marked.
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

/// The body in chunks, and the digest in the trailer. A body that breaks off has neither a trailer nor an end.
fn chunks(mut body: BoxBody) -> impl Stream<Item = Result<Bytes, Box<dyn Error>>> {
    let content = stream::poll_fn(move |context| body.as_pin_mut().poll_next(context));
    // an empty chunk would be the end
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
