//! Client authentication: with a secret, or with a signed assertion (RFC 7523).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, NaiveDateTime};
use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk};
use jsonwebtoken::{Algorithm, DecodingKey};
use serde::Deserialize;
use utoipa::ToSchema;

use super::clients::{self, ClientRow};
use super::rights::Rights;
use super::token;
use crate::http::error::ApiError;
use crate::platform::db::DbConnection;

/// The assertion type for client authentication (RFC 7523, 2.2).
const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// The maximum lifetime of an assertion, in seconds.
const ASSERTION_LIFETIME: i64 = 300;

/// A token request (RFC 6749, 4.4).
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
pub struct TokenRequest {
    /// Always `client_credentials`.
    #[schema(max_length = 60, example = "client_credentials")]
    #[serde(default)]
    pub grant_type: String,
    /// The requested scopes, separated by spaces; when absent, all scopes that were granted.
    #[schema(max_length = 1000, example = "articles:write")]
    pub scope: Option<String>,
    /// The client's id, unless it is in the `Authorization` header.
    #[schema(max_length = 100)]
    pub client_id: Option<String>,
    /// The client's secret, unless it is in the `Authorization` header.
    #[schema(max_length = 200)]
    pub client_secret: Option<String>,
    /// `urn:ietf:params:oauth:client-assertion-type:jwt-bearer`, if there is an assertion.
    #[schema(max_length = 100)]
    pub client_assertion_type: Option<String>,
    /// A JWT signed with the client's own key, instead of a secret.
    #[schema(max_length = 10000)]
    pub client_assertion: Option<String>,
}

/// Authenticates a client; returns it with its grants, or `None` if that fails.
pub fn authenticate(
    connection: &mut DbConnection,
    request: &TokenRequest,
    issuer: &str,
    now: NaiveDateTime,
) -> Result<Option<(ClientRow, Rights)>, ApiError> {
    let assertion = request.client_assertion.as_deref();
    let claimed = match assertion {
        Some(assertion) => claimed_client(assertion),
        None => request.client_id.clone(),
    };
    let Some(id) = claimed else {
        return Ok(None);
    };
    let Some(client) = clients::find(connection, &id)? else {
        return Ok(None);
    };
    let is_authentic = match assertion {
        Some(assertion) => {
            request.client_assertion_type.as_deref() == Some(ASSERTION_TYPE)
                && request.client_id.as_ref().is_none_or(|named| *named == id)
                && is_valid(connection, &client, assertion, issuer, now)?
        }
        None => client.has_secret(request.client_secret.as_deref().unwrap_or_default()),
    };
    if !is_authentic {
        return Ok(None);
    }
    let rights = clients::rights(connection, &client.id)?;
    Ok(Some((client, rights)))
}

#[derive(Deserialize)]
struct Assertion {
    iss: String,
    sub: String,
    exp: i64,
    jti: String,
}

/// The client that an assertion claims to be from, not verified.
fn claimed_client(assertion: &str) -> Option<String> {
    let claims: Assertion = jsonwebtoken::dangerous::insecure_decode_claims(assertion).ok()?;
    (claims.iss == claims.sub).then_some(claims.sub)
}

/// Whether an assertion was signed with the client's key, is meant for us, is current, and is used for the first time.
fn is_valid(
    connection: &mut DbConnection,
    client: &ClientRow,
    assertion: &str,
    issuer: &str,
    now: NaiveDateTime,
) -> Result<bool, ApiError> {
    let key = client.public_key.as_deref().and_then(public_key);
    let Some((algorithm, key)) = key else {
        return Ok(false);
    };
    let audience = [issuer, &format!("{issuer}/oauth/token")];
    let claims = token::decode(assertion, algorithm, &key, &client.id, &audience);
    let Ok(Assertion { exp, jti, .. }) = claims else {
        return Ok(false);
    };
    let left = exp.saturating_sub(now.and_utc().timestamp());
    match DateTime::from_timestamp(exp, 0) {
        Some(expires_at)
            if (1..=ASSERTION_LIFETIME).contains(&left) && (1..=200).contains(&jti.len()) =>
        {
            let expires_at = expires_at.naive_utc();
            Ok(clients::use_assertion(
                connection, &client.id, &jti, expires_at, now,
            )?)
        }
        _ => Ok(false),
    }
}

/// The key in a JWK (RFC 7517) or a PEM (RFC 7468, 13), and the only algorithm that it may be used with.
pub fn public_key(text: &str) -> Option<(Algorithm, DecodingKey)> {
    match text.trim_start().starts_with("-----BEGIN PUBLIC KEY-----") {
        true => key_of_pem(text.trim()),
        false => key_of_jwk(text),
    }
}

/// The object identifier of P-256 (RFC 5480, 2.1.1.1), in DER: the library takes keys of other curves, too.
const P256: [u8; 8] = [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07];

fn key_of_pem(pem: &str) -> Option<(Algorithm, DecodingKey)> {
    let lines = pem.lines().filter(|line| !line.starts_with("-----"));
    let der = STANDARD.decode(lines.collect::<String>()).ok()?;
    let is_p256 = der.windows(P256.len()).any(|part| part == P256);
    let ed25519 = DecodingKey::from_ed_pem(pem.as_bytes()).map(|key| (Algorithm::EdDSA, key));
    let p256 = || match is_p256 {
        true => DecodingKey::from_ec_pem(pem.as_bytes()).ok(),
        false => None,
    };
    let rsa = || DecodingKey::from_rsa_pem(pem.as_bytes()).map(|key| (Algorithm::RS256, key));
    let elliptic = || p256().map(|key| (Algorithm::ES256, key));
    ed25519.ok().or_else(elliptic).or_else(|| rsa().ok())
}

fn key_of_jwk(jwk: &str) -> Option<(Algorithm, DecodingKey)> {
    let jwk: Jwk = serde_json::from_str(jwk).ok()?;
    let algorithm = match &jwk.algorithm {
        AlgorithmParameters::OctetKeyPair(pair) if pair.curve == EllipticCurve::Ed25519 => {
            Algorithm::EdDSA
        }
        AlgorithmParameters::EllipticCurve(key) if key.curve == EllipticCurve::P256 => {
            Algorithm::ES256
        }
        AlgorithmParameters::RSA(_) => Algorithm::RS256,
        _ => return None,
    };
    Some((algorithm, DecodingKey::from_jwk(&jwk).ok()?))
}
