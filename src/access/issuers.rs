//! Tokens from an external issuer, such as an organisation's own identity provider, for clients created with one. Such
//! a token allows what its client was granted here; its own scopes are ignored.
//!
//! The issuer's keys are fetched on first use, cached, and fetched again for an unknown key, but at most once per
//! `PAUSE`: tokens with made-up keys must not put load on the issuer. Without keys, no token is valid.

use chrono::{NaiveDateTime, TimeDelta};
use jsonwebtoken::{DecodingKey, Validation};
use serde::Deserialize;
use serde_json::Value;
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::caller::Caller;
use super::token::{StrictHeader, TokenRefusal, verify_times};
use super::{clients, proof};
use crate::http::error::ApiError;
use crate::platform::db::{Database, Error};

/// How long cached keys are used before they are fetched again.
const REFRESH: TimeDelta = TimeDelta::minutes(10);
/// How long cached keys are used when fetching them again fails.
const MAX_AGE: TimeDelta = TimeDelta::hours(1);
/// The minimum time between two attempts to fetch.
const PAUSE: TimeDelta = TimeDelta::seconds(30);
/// The timeout for fetching an issuer's keys.
const WAIT: Duration = Duration::from_secs(5);
/// The maximum size of a key set, in bytes.
const MAX_BYTES: usize = 262_144;

/// The claims of an external token that we use.
#[derive(Deserialize)]
struct OutsideClaims {
    iss: String,
    sub: String,
    exp: i64,
    #[serde(default)]
    nbf: Option<i64>,
    #[serde(default)]
    iat: i64,
}

/// The cached keys of one issuer.
#[derive(Clone, Default)]
struct Keys {
    tried_at: Option<NaiveDateTime>,
    fetched_at: Option<NaiveDateTime>,
    /// JWKs by key id.
    keys: HashMap<String, String>,
}

/// A node's cached keys of external issuers, by the URL that they were fetched from.
#[derive(Default)]
pub struct IssuerKeys {
    copies: Mutex<HashMap<String, Keys>>,
}

impl IssuerKeys {
    /// Authenticates the caller by a token from an external issuer.
    pub async fn caller(
        &self,
        database: &Database,
        token: &str,
        header: &StrictHeader,
        audience: &str,
        now: NaiveDateTime,
    ) -> Result<Caller, ApiError> {
        let unknown = || ApiError::bad_token("the token's key is unknown");
        let claimed: OutsideClaims =
            jsonwebtoken::dangerous::insecure_decode_claims(token).map_err(|_| unknown())?;
        let (issuer, subject) = (claimed.iss, claimed.sub);
        let found = database
            .read(move |c| {
                let Some(client) = clients::of_issuer(c, &issuer, &subject)? else {
                    return Ok::<_, Error>(None);
                };
                let rights = clients::rights(c, &client.id)?;
                Ok(Some((client, rights)))
            })
            .await?;
        let (client, rights) = found.ok_or_else(unknown)?;
        let jwks_url = client.jwks_url.as_deref().unwrap_or_default();
        let key = self.key(jwks_url, &header.kid, now).await;
        let (algorithm, key) = key
            .as_deref()
            .and_then(proof::public_key)
            .ok_or_else(unknown)?;
        let mut rules = Validation::new(algorithm);
        rules.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        rules.set_issuer(&[client.issuer.unwrap_or_default()]);
        rules.set_audience(&[audience]);
        (rules.validate_exp, rules.validate_nbf) = (false, false); // checked below
        let claims = verified(token, &key, &rules).map_err(|r| ApiError::bad_token(r.0))?;
        verify_times(claims.exp, claims.nbf.unwrap_or(claims.iat), now)
            .map_err(|refused| ApiError::bad_token(refused.0))?;
        Ok(Caller {
            client: client.id,
            rights,
        })
    }

    /// The key with this id, as a JWK.
    async fn key(&self, url: &str, kid: &str, now: NaiveDateTime) -> Option<String> {
        let younger = |at: Option<NaiveDateTime>, than: TimeDelta| {
            at.is_some_and(|at| at <= now && now - at < than)
        };
        let copy = self.lock().get(url).cloned().unwrap_or_default();
        let known = copy.keys.get(kid).cloned();
        if known.is_some() && younger(copy.fetched_at, REFRESH) {
            return known;
        }
        if !younger(copy.tried_at, PAUSE) {
            // set before the attempt, so that only one of many concurrent requests makes it
            self.lock().entry(url.to_owned()).or_default().tried_at = Some(now);
            match fetch(url).await {
                Ok(keys) => {
                    let found = keys.get(kid).cloned();
                    let fresh = Keys {
                        tried_at: Some(now),
                        fetched_at: Some(now),
                        keys,
                    };
                    self.lock().insert(url.to_owned(), fresh);
                    return found;
                }
                Err(error) => tracing::warn!(url, error, "cannot fetch an issuer's keys"),
            }
        }
        known.filter(|_| younger(copy.fetched_at, MAX_AGE))
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Keys>> {
        self.copies.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn verified(
    token: &str,
    key: &DecodingKey,
    rules: &Validation,
) -> Result<OutsideClaims, TokenRefusal> {
    jsonwebtoken::decode(token, key, rules)
        .map(|data| data.claims)
        .map_err(|_| TokenRefusal("the token is invalid"))
}

/// Fetches a key set (RFC 7517, 5), without the keys that have no id.
async fn fetch(url: &str) -> Result<HashMap<String, String>, String> {
    let client = reqwest::Client::builder()
        .timeout(WAIT)
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .map_err(|error| error.to_string())?;
    let answer = client.get(url).send().await;
    let mut answer = answer
        .and_then(reqwest::Response::error_for_status)
        .map_err(|error| error.to_string())?;
    let mut bytes = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(|error| error.to_string())? {
        bytes.extend_from_slice(&chunk);
        if bytes.len() > MAX_BYTES {
            return Err(format!("more than {MAX_BYTES} bytes"));
        }
    }
    let set: Value = serde_json::from_slice(&bytes).map_err(|error| error.to_string())?;
    let keys = set["keys"].as_array().ok_or("no `keys` array")?.iter();
    let named = keys.filter_map(|key| Some((key["kid"].as_str()?.to_owned(), key.to_string())));
    Ok(named.collect())
}

/// Whether keys may be fetched from this URL: over https, or from this machine.
pub fn is_trustworthy(url: &str) -> bool {
    let Ok(url) = url::Url::parse(url) else {
        return false;
    };
    let is_local = url
        .host_str()
        .is_some_and(|host| ["127.0.0.1", "[::1]", "localhost"].contains(&host));
    url.scheme() == "https" || (url.scheme() == "http" && is_local)
}
