//! The layer below the HTTP parser: a connection that replaces the parser's bare error responses with problem
//! documents.
//!
//! Requests that the parser itself rejects (a head that is too large, bytes that are not HTTP) never reach the
//! application: the parser writes a status line without a body and closes. Such a response is recognised when it is
//! written (a complete, empty 4xx response in a single write, which the application never sends) and replaced.

use actix_web::ResponseError;
use actix_web::rt::net::TcpStream;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Sleep;

use super::error::ApiError;
use super::problem::ProblemCode;

/// The longest request line that the parser accepts; it rejects longer ones without giving a reason.
const MAX_REQUEST_LINE: usize = u16::MAX as usize;
/// The longest bare response of the parser.
const MAX_BARE_RESPONSE: usize = 400;

/// A client's connection.
pub struct ClientConnection {
    stream: TcpStream,
    base: Arc<str>,
    /// Bytes of the current request line; kept until a response is written.
    line: usize,
    line_is_complete: bool,
    /// The replacement for a bare response, and how much of it has been written.
    replacement: Option<(Vec<u8>, usize)>,
    /// How long the client may read nothing of a response.
    write_timeout: Duration,
    /// Runs while the client reads nothing.
    stall_timer: Option<Pin<Box<Sleep>>>,
}

impl ClientConnection {
    /// Wraps a connection. `base` is the URL where clients reach this API, and `write_timeout` is how long a client may read
    /// nothing of a response.
    pub fn new(stream: TcpStream, base: Arc<str>, write_timeout: Duration) -> Self {
        Self {
            stream,
            base,
            line: 0,
            line_is_complete: false,
            replacement: None,
            write_timeout,
            stall_timer: None,
        }
    }

    /// Writes to the connection; an error if the client has read nothing for too long.
    fn write(&mut self, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let result = Pin::new(&mut self.stream).poll_write(context, bytes);
        if result.is_ready() {
            self.stall_timer = None;
            return result;
        }
        let write_timeout = self.write_timeout;
        let timer = self
            .stall_timer
            .get_or_insert_with(|| Box::pin(tokio::time::sleep(write_timeout)));
        timer
            .as_mut()
            .poll(context)
            .map(|()| Err(io::ErrorKind::TimedOut.into()))
    }

    fn count_request_line(&mut self, bytes: &[u8]) {
        if self.line_is_complete {
            return;
        }
        let end = bytes.iter().position(|byte| *byte == b'\n');
        self.line_is_complete = end.is_some();
        self.line += end.unwrap_or(bytes.len());
    }

    fn replacement_for(&self, response: &[u8]) -> Option<Vec<u8>> {
        let is_bare = response.len() <= MAX_BARE_RESPONSE
            && response.starts_with(b"HTTP/1.1 4")
            && response.ends_with(b"\r\n\r\n");
        let text = std::str::from_utf8(response).ok().filter(|_| is_bare)?;
        if !text.contains("\r\ncontent-length: 0\r\n") || text.contains("\r\nx-request-id: ") {
            return None;
        }
        let status: u16 = text.get(9..12)?.parse().ok()?;
        Some(self.problem_response(match status {
            400 if self.line > MAX_REQUEST_LINE => ProblemCode::UriTooLong,
            _ => ProblemCode::for_status(status),
        }))
    }

    fn problem_response(&self, code: ProblemCode) -> Vec<u8> {
        let id = uuid::Uuid::now_v7().to_string();
        let error = ApiError::new(code, code.help());
        let status = error.status_code();
        let document = error.into_document(&self.base, "/", &id); // the path was not parsed
        let body = serde_json::to_string(&document).unwrap_or_default();
        tracing::info!(
            status = code.status(),
            request_id = id,
            "request rejected by the parser"
        );
        format!(
            "HTTP/1.1 {status}\r\ncontent-type: application/problem+json\r\ncontent-length: {}\r\n\
             x-request-id: {id}\r\nx-content-type-options: nosniff\r\naccess-control-allow-origin: *\r\n\
             cache-control: no-store\r\nconnection: close\r\n\r\n{body}",
            body.len()
        )
        .into_bytes()
    }
}

impl AsyncRead for ClientConnection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let result = Pin::new(&mut self.stream).poll_read(context, buffer);
        let read = buffer.filled().get(before..).unwrap_or_default();
        self.count_request_line(read);
        result
    }
}

impl AsyncWrite for ClientConnection {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        if self.replacement.is_none() {
            self.replacement = self
                .replacement_for(bytes)
                .map(|replacement| (replacement, 0));
            (self.line, self.line_is_complete) = (0, false);
        }
        let Some((replacement, mut written)) = self.replacement.take() else {
            return self.write(context, bytes);
        };
        while let Some(rest) = replacement.get(written..).filter(|rest| !rest.is_empty()) {
            match self.write(context, rest) {
                Poll::Ready(Ok(count)) => written += count,
                Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
                Poll::Pending => {
                    self.replacement = Some((replacement, written));
                    return Poll::Pending;
                }
            }
        }
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
