//! Secrets and signatures according to Standard Webhooks (symmetric, `v1`).

use aws_lc_rs::rand;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::http::error::ApiError;

/// The prefix of every secret, by which secret scanners recognise leaks.
pub const PREFIX: &str = "whsec_";
/// The number of random bytes in a secret.
pub const BYTES: usize = 32;

/// A new secret.
///
/// # Errors
/// When the system has no randomness.
pub fn new_secret() -> Result<String, ApiError> {
    let mut bytes = [0; BYTES];
    rand::fill(&mut bytes).map_err(|_| ApiError::internal(&"no randomness is available"))?;
    Ok(format!("{PREFIX}{}", STANDARD.encode(bytes)))
}

/// The header `webhook-signature`: one signature for each secret.
pub fn signatures<'a>(
    secrets: impl Iterator<Item = &'a str>,
    message_id: &str,
    timestamp: i64,
    body: &str,
) -> String {
    let signed = format!("{message_id}.{timestamp}.{body}");
    let signatures = secrets.filter_map(|secret| signature(secret, &signed));
    signatures.collect::<Vec<_>>().join(" ")
}

fn signature(secret: &str, signed: &str) -> Option<String> {
    let key = STANDARD.decode(secret.strip_prefix(PREFIX)?).ok()?;
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).ok()?;
    mac.update(signed.as_bytes());
    let code = STANDARD.encode(mac.finalize().into_bytes());
    Some(format!("v1,{code}"))
}
