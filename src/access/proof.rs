//! Client authentication: with a secret, or with a signed assertion (RFC 7523).

use chrono::{DateTime, NaiveDateTime};
use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk};
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde::Deserialize;

use super::clients::{self, ClientRow};
use super::rights::Rights;
use crate::http::error::ApiError;
use crate::platform::db::DbConnection;

/// The assertion type for client authentication (RFC 7523, 2.2).
const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// The maximum lifetime of an assertion, in seconds.
const ASSERTION_LIFETIME: i64 = 300;

/// The credentials in a token request.
#[derive(Clone, Debug, Default)]
pub struct Credentials {
    /// The client id.
    pub client: Option<String>,
    /// The secret.
    pub secret: Option<String>,
    /// The assertion type.
    pub assertion_type: Option<String>,
    /// The assertion.
    pub assertion: Option<String>,
}

/// Authenticates a client; returns it with its grants, or `None` if that fails.
pub fn prove(
    connection: &mut DbConnection,
    shown: &Credentials,
    issuer: &str,
    now: NaiveDateTime,
) -> Result<Option<(ClientRow, Rights)>, ApiError> {
    let assertion = shown.assertion.as_deref();
    let claimed = match assertion {
        Some(assertion) => claimed_client(assertion),
        None => shown.client.clone(),
    };
    let Some(id) = claimed else {
        return Ok(None);
    };
    let Some(client) = clients::find(connection, &id)? else {
        return Ok(None);
    };
    let is_proved = match assertion {
        Some(assertion) => {
            shown.assertion_type.as_deref() == Some(ASSERTION_TYPE)
                && shown.client.as_ref().is_none_or(|named| *named == id)
                && asserted(connection, &client, assertion, issuer, now)?
        }
        None => client.has_secret(shown.secret.as_deref().unwrap_or_default()),
    };
    if !is_proved {
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
fn asserted(
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
    let mut rules = Validation::new(algorithm);
    rules.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
    rules.set_audience(&[issuer.to_owned(), format!("{issuer}/oauth/token")]);
    rules.validate_exp = false; // checked below
    let Ok(data) = jsonwebtoken::decode::<Assertion>(assertion, &key, &rules) else {
        return Ok(false);
    };
    let claims = data.claims;
    let left = claims.exp.saturating_sub(now.and_utc().timestamp());
    let expires_at = DateTime::from_timestamp(claims.exp, 0);
    let Some(expires_at) = expires_at.filter(|_| (1..=ASSERTION_LIFETIME).contains(&left)) else {
        return Ok(false);
    };
    if claims.jti.is_empty() || claims.jti.len() > 200 {
        return Ok(false);
    }
    let expires_at = expires_at.naive_utc();
    Ok(clients::use_assertion(
        connection,
        &client.id,
        &claims.jti,
        expires_at,
        now,
    )?)
}

/// The key in a JWK, and the only algorithm that it may be used with.
pub fn public_key(jwk: &str) -> Option<(Algorithm, DecodingKey)> {
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
