//! Tokens from an external issuer, such as an organisation's own identity provider, for clients created with one. Such
//! a token allows what its client was granted here; its own scopes are ignored.
//!
//! The issuer's keys are fetched on first use, cached, and fetched again for an unknown key, but at most once per
//! `PAUSE`: tokens with made-up keys must not put load on the issuer. Without keys, no token is valid.

use anyhow::Context;
use chrono::{NaiveDateTime, TimeDelta};
use serde::Deserialize;
use serde_json::Value;
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::rights::Caller;
use super::token::{self, StrictHeader};
use super::{clients, proof};
use crate::http::error::ApiError;
use crate::platform::db::{Database, DbConnection, Error};

/// How long cached keys are used before they are fetched again.
const REFRESH: TimeDelta = TimeDelta::minutes(10);
/// How long cached keys are used when fetching them again fails.
const MAX_AGE: TimeDelta = TimeDelta::hours(1);
/// The minimum time between two attempts to fetch.
const PAUSE: TimeDelta = TimeDelta::seconds(30);
/// The timeout for fetching an issuer's keys.
const TIMEOUT: Duration = Duration::from_secs(5);
/// The maximum size of a key set, in bytes.
const MAX_BYTES: usize = 262_144;

/// The claims of an external token that we use.
#[derive(Deserialize)]
struct ExternalClaims {
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
struct CachedKeys {
    tried_at: Option<NaiveDateTime>,
    fetched_at: Option<NaiveDateTime>,
    /// JWKs by key id.
    keys: HashMap<String, String>,
}

/// A node's cached keys of external issuers, by the URL that they were fetched from.
#[derive(Default)]
pub struct IssuerKeys {
    keys: Mutex<HashMap<String, CachedKeys>>,
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
        let key_is_unknown = || ApiError::bad_token("the token's key is unknown");
        let claimed: ExternalClaims =
            jsonwebtoken::dangerous::insecure_decode_claims(token).map_err(|_| key_is_unknown())?;
        let is_ours = claimed.iss == audience;
        // of others it says the same whether or not the issuer is registered
        let unknown = move || match is_ours {
            true => key_is_unknown(),
            false => ApiError::bad_token(
                "the token is from another server, and its key is not known here",
            ),
        };
        let find = move |c: &mut DbConnection| {
            let client = clients::of_issuer(c, &claimed.iss, &claimed.sub)?;
            let rights = client.as_ref().map(|client| clients::rights(c, &client.id));
            Ok::<_, Error>(client.zip(rights.transpose()?))
        };
        let (client, rights) = database.read(find).await?.ok_or_else(unknown)?;
        let jwks_url = client.jwks_url.as_deref().unwrap_or_default();
        let key = self.key(jwks_url, &header.kid, now).await;
        let key = key.as_deref().and_then(proof::public_key);
        let (algorithm, key) = key.ok_or_else(unknown)?;
        let issuer = client.issuer.unwrap_or_default();
        let claims: ExternalClaims = token::decode(token, algorithm, &key, &issuer, &[audience])?;
        token::verify_times(claims.exp, claims.nbf.unwrap_or(claims.iat), now)?;
        Ok(Caller {
            client: client.id,
            rights,
            key: None,
        })
    }

    /// The key with this id, as a JWK.
    async fn key(&self, url: &str, kid: &str, now: NaiveDateTime) -> Option<String> {
        let younger = |at: Option<NaiveDateTime>, than: TimeDelta| {
            at.is_some_and(|at| at <= now && now - at < than)
        };
        let cached = self.lock().get(url).cloned().unwrap_or_default();
        let key = cached.keys.get(kid).cloned();
        if key.is_some() && younger(cached.fetched_at, REFRESH) {
            return key;
        }
        if !younger(cached.tried_at, PAUSE) {
            // set before the attempt, so that only one of many concurrent requests makes it
            self.lock().entry(url.to_owned()).or_default().tried_at = Some(now);
            match fetch(url).await {
                Ok(keys) => {
                    let key = keys.get(kid).cloned();
                    let fetched = CachedKeys {
                        tried_at: Some(now),
                        fetched_at: Some(now),
                        keys,
                    };
                    self.lock().insert(url.to_owned(), fetched);
                    return key;
                }
                Err(error) => tracing::warn!(url, %error, "cannot fetch an issuer's keys"),
            }
        }
        key.filter(|_| younger(cached.fetched_at, MAX_AGE))
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, CachedKeys>> {
        self.keys.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Fetches a key set (RFC 7517, 5), without the keys that have no id.
async fn fetch(url: &str) -> Result<HashMap<String, String>, anyhow::Error> {
    let client = reqwest::Client::builder()
        .timeout(TIMEOUT)
        .redirect(reqwest::redirect::Policy::none())
        .build()?;
    let mut response = client.get(url).send().await?.error_for_status()?;
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        bytes.extend_from_slice(&chunk);
        anyhow::ensure!(bytes.len() <= MAX_BYTES, "more than {MAX_BYTES} bytes");
    }
    let set: Value = serde_json::from_slice(&bytes)?;
    let keys = set["keys"].as_array().context("no `keys` array")?.iter();
    let named = keys.filter_map(|key| Some((key["kid"].as_str()?.to_owned(), key.to_string())));
    Ok(named.collect())
}

/// Whether keys may be fetched from this URL: over https, or from this machine.
pub fn is_trustworthy(url: &str) -> bool {
    url::Url::parse(url).is_ok_and(|url| match url.scheme() {
        "https" => true,
        "http" => matches!(url.host_str(), Some("127.0.0.1" | "[::1]" | "localhost")),
        _ => false,
    })
}
