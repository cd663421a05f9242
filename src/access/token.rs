//! Access tokens: JSON Web Tokens of the type `at+jwt` (RFC 9068), signed with Ed25519.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::NaiveDateTime;
use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Algorithm, DecodingKey, Header, Validation};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::keys::KeySet;
use super::rights::Rights;
use crate::http::error::ApiError;

/// The lifetime of a token issued over HTTP, in seconds.
pub const LIFETIME: i64 = 600;
/// The maximum lifetime of a token made on the command line, in seconds.
pub const LONGEST_LIFETIME: i64 = 86_400;
/// The tolerated clock skew between issuer and verifier, in seconds.
const LEEWAY: i64 = 30;
/// The maximum length of a token.
const MAX_LENGTH: usize = 16_384;
/// The accepted signature algorithms: the first for our tokens, any of them for those of external issuers.
const ALGORITHMS: [&str; 3] = ["EdDSA", "ES256", "RS256"];
/// The type in a token's header (RFC 9068, 2.1).
const TYPE: &str = "at+jwt";

/// The claims of a token.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Claims {
    /// The issuer.
    pub iss: String,
    /// The audience: this API.
    pub aud: String,
    /// The client.
    pub sub: String,
    /// The client again (RFC 9068, 2.2).
    pub client_id: String,
    /// The id of the token.
    pub jti: String,
    /// When it was issued, in seconds since 1970.
    pub iat: i64,
    /// From when it is valid, in seconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nbf: Option<i64>,
    /// When it expires, in seconds since 1970.
    pub exp: i64,
    /// The scopes, for information.
    pub scope: String,
    /// The grants that are enforced: the organisations of each scope.
    pub grants: Rights,
}

/// Why a token is rejected. Shown to the client; reveals nothing about keys.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct TokenRefusal(pub &'static str);

impl From<TokenRefusal> for ApiError {
    fn from(refusal: TokenRefusal) -> Self {
        Self::bad_token(refusal.0)
    }
}

/// The header of a token, without any other members: a token whose header embeds a key or an unknown requirement is
/// rejected.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StrictHeader {
    alg: String,
    typ: String,
    /// The id of the key that the token claims to be signed with.
    pub kid: String,
}

/// Issues a token.
pub fn issue(
    keys: &KeySet,
    issuer: &str,
    client: &str,
    rights: Rights,
    now: NaiveDateTime,
    lifetime: i64,
) -> Result<String, TokenRefusal> {
    let (kid, key) = keys
        .signing_key()
        .ok_or(TokenRefusal("there is no signing key"))?;
    let iat = now.and_utc().timestamp();
    let claims = Claims {
        iss: issuer.to_owned(),
        aud: issuer.to_owned(),
        sub: client.to_owned(),
        client_id: client.to_owned(),
        jti: uuid::Uuid::now_v7().to_string(),
        iat,
        nbf: None,
        exp: iat + lifetime,
        scope: rights.scope_text(),
        grants: rights,
    };
    let header = Header {
        typ: Some(TYPE.to_owned()),
        kid: Some(kid),
        ..Header::new(Algorithm::EdDSA)
    };
    jsonwebtoken::encode(&header, &claims, &key)
        .map_err(|_| TokenRefusal("the token cannot be signed"))
}

/// Parses the header of a token; rejects what cannot be an acceptable token.
pub fn header(token: &str) -> Result<StrictHeader, TokenRefusal> {
    let encoded = token.split('.').next().unwrap_or_default();
    let bytes = URL_SAFE_NO_PAD.decode(encoded).ok();
    let bytes = bytes
        .filter(|_| token.len() <= MAX_LENGTH)
        .ok_or(TokenRefusal("the token is malformed"))?;
    let header: StrictHeader = serde_json::from_slice(&bytes)
        .map_err(|_| TokenRefusal("the token's header is not that of an access token"))?;
    // the key determines the algorithm; the header only has to agree
    if !ALGORITHMS.contains(&header.alg.as_str()) || header.typ != TYPE {
        return Err(TokenRefusal("the token is not a signed access token"));
    }
    Ok(header)
}

/// A cache of tokens with a verified signature: a client sends the same token many times, and verifying it takes longer
/// than most requests. Key and times are checked every time.
#[derive(Default)]
pub struct VerifiedTokens {
    claims: Mutex<HashMap<String, Claims>>,
}

/// The maximum number of cached tokens; at that point the cache is cleared.
const MAX_CACHED: usize = 1_000;

impl VerifiedTokens {
    /// Verifies a token and returns its claims.
    pub fn verify(
        &self,
        token: &str,
        key: &DecodingKey,
        issuer: &str,
        now: NaiveDateTime,
    ) -> Result<Claims, TokenRefusal> {
        let cached = self.lock().get(token).cloned();
        let claims = match cached {
            Some(claims) => claims,
            None => {
                let claims: Claims = decode(token, Algorithm::EdDSA, key, issuer, &[issuer])?;
                let mut cache = self.lock();
                if cache.len() >= MAX_CACHED {
                    cache.clear();
                }
                cache.insert(token.to_owned(), claims.clone());
                claims
            }
        };
        verify_times(claims.exp, claims.nbf.unwrap_or(claims.iat), now)?;
        Ok(claims)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Claims>> {
        self.claims.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The claims of a token that was signed with the key, by this issuer and for one of the audience. Its times are checked
/// separately, against the instance's clock.
pub(super) fn decode<T: DeserializeOwned>(
    token: &str,
    algorithm: Algorithm,
    key: &DecodingKey,
    issuer: &str,
    audience: &[&str],
) -> Result<T, TokenRefusal> {
    let mut rules = Validation::new(algorithm);
    rules.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
    rules.set_issuer(&[issuer]);
    rules.set_audience(audience);
    rules.validate_exp = false;
    rules.validate_nbf = false;
    jsonwebtoken::decode(token, key, &rules)
        .map(|data| data.claims)
        .map_err(|error| match error.kind() {
            ErrorKind::InvalidIssuer => TokenRefusal(
                "the token was issued for another server: get one from this server's /oauth/token",
            ),
            ErrorKind::InvalidAudience => TokenRefusal("the token is meant for another server"),
            ErrorKind::MissingRequiredClaim(_) => TokenRefusal("the token lacks a claim"),
            _ => TokenRefusal("the token's signature is not valid"),
        })
}

/// Whether a token is valid at this moment; its times are in seconds since 1970.
pub(super) fn verify_times(exp: i64, starts: i64, now: NaiveDateTime) -> Result<(), TokenRefusal> {
    let now = now.and_utc().timestamp();
    if exp.saturating_add(LEEWAY) <= now {
        return Err(TokenRefusal("the token has expired"));
    }
    if starts.saturating_sub(LEEWAY) > now {
        return Err(TokenRefusal("the token is not valid yet"));
    }
    Ok(())
}
