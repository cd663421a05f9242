//! The keys that sign tokens: Ed25519, stored in the database so that every node has them.

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{NaiveDateTime, TimeDelta};
use diesel::prelude::*;
use diesel::result::{Error as QueryError, QueryResult};
use jsonwebtoken::{DecodingKey, EncodingKey};
use serde::Serialize;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use utoipa::ToSchema;

use super::schema::signing_keys;
use crate::platform::db::{Database, DbConnection, Error};

/// How long a retired key still verifies tokens: longer than the lifetime of any token.
pub const OVERLAP: TimeDelta = TimeDelta::hours(25);
/// The maximum age of a node's copy of the keys: a key that was removed at once is no longer used after that.
const REFRESH: Duration = Duration::from_secs(1);

#[derive(Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = signing_keys, treat_none_as_default_value = false)]
struct KeyRow {
    kid: String,
    private_key: String,
    public_key: String,
    created_at: NaiveDateTime,
    retired_at: Option<NaiveDateTime>,
}

/// A key, as listed on the command line.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = signing_keys)]
pub struct KeyStatus {
    /// The key id.
    pub kid: String,
    /// When it was created.
    pub created_at: NaiveDateTime,
    /// When a newer key replaced it.
    pub retired_at: Option<NaiveDateTime>,
}

/// A public key (RFC 7517, RFC 8037).
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PublicKey {
    /// The key type.
    #[schema(max_length = 3, example = "OKP")]
    kty: &'static str,
    /// The curve.
    #[schema(max_length = 7, example = "Ed25519")]
    crv: &'static str,
    /// The use: signatures.
    #[serde(rename = "use")]
    #[schema(max_length = 3, example = "sig")]
    purpose: &'static str,
    /// The algorithm.
    #[schema(max_length = 5, example = "EdDSA")]
    alg: &'static str,
    /// The key id that tokens carry in their header.
    #[schema(max_length = 36)]
    kid: String,
    /// The public key, base64url.
    #[schema(max_length = 43)]
    x: String,
}

/// The public keys that verify tokens (RFC 7517, 5).
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PublicKeys {
    /// The keys, newest first.
    #[schema(max_items = 100)]
    pub keys: Vec<PublicKey>,
}

/// The keys that are valid at a moment.
pub struct KeySet {
    rows: Vec<KeyRow>,
}

impl KeySet {
    /// The signing key and its id.
    pub fn signing_key(&self) -> Option<(String, EncodingKey)> {
        let row = self.rows.iter().find(|row| row.retired_at.is_none())?;
        let der = URL_SAFE_NO_PAD.decode(&row.private_key).ok()?;
        Some((row.kid.clone(), EncodingKey::from_ed_der(&der)))
    }

    /// The key that verifies signatures of the key with this id.
    pub fn verification_key(&self, kid: &str) -> Option<DecodingKey> {
        let row = self.rows.iter().find(|row| row.kid == kid)?;
        DecodingKey::from_ed_components(&row.public_key).ok()
    }

    /// The ids of the keys.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.rows.iter().map(|row| row.kid.as_str())
    }

    /// The public keys, for publication.
    pub fn public(&self) -> PublicKeys {
        let public = |row: &KeyRow| PublicKey {
            kty: "OKP",
            crv: "Ed25519",
            purpose: "sig",
            alg: "EdDSA",
            kid: row.kid.clone(),
            x: row.public_key.clone(),
        };
        PublicKeys {
            keys: self.rows.iter().map(public).collect(),
        }
    }
}

/// A node's cached copy of the keys.
#[derive(Default)]
pub struct KeyCache {
    cached: Mutex<Option<(Instant, Arc<KeySet>)>>,
}

impl KeyCache {
    /// The keys; read again if the copy is a second old.
    pub async fn get(&self, database: &Database, now: NaiveDateTime) -> Result<Arc<KeySet>, Error> {
        let cached = self.lock().clone();
        if let Some((read_at, keys)) = cached
            && read_at.elapsed() < REFRESH
        {
            return Ok(keys);
        }
        let load = move |c: &mut DbConnection| Ok::<_, Error>(Arc::new(load(c, now)?));
        let keys = database.read(load).await?;
        *self.lock() = Some((Instant::now(), keys.clone()));
        Ok(keys)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<(Instant, Arc<KeySet>)>> {
        self.cached.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The keys that verify tokens at this moment, newest first.
pub fn load(connection: &mut DbConnection, now: NaiveDateTime) -> QueryResult<KeySet> {
    let mut rows: Vec<KeyRow> = signing_keys::table
        .order((signing_keys::created_at.desc(), signing_keys::kid.desc()))
        .select(KeyRow::as_select())
        .load(connection)?;
    rows.retain(|row| row.retired_at.is_none_or(|at| now < at + OVERLAP));
    Ok(KeySet { rows })
}

/// Every stored key, newest first.
pub fn list(database: &Database) -> Result<Vec<KeyStatus>, Error> {
    database.read_now(|connection| {
        Ok(signing_keys::table
            .order((signing_keys::created_at.desc(), signing_keys::kid.desc()))
            .select(KeyStatus::as_select())
            .load(connection)?)
    })
}

/// Creates a signing key if there is none.
pub fn ensure(database: &Database, now: NaiveDateTime) -> Result<(), Error> {
    let has_key = |c: &mut DbConnection| Ok::<_, Error>(load(c, now)?.signing_key().is_some());
    if database.read_now(has_key)? {
        return Ok(());
    }
    rotate(database, now, false).map(|_| ())
}

/// Creates a new key and retires the previous ones. `at_once` removes them instead: every token that they signed is
/// then rejected, as required after a key was stolen.
pub fn rotate(database: &Database, now: NaiveDateTime, at_once: bool) -> Result<String, Error> {
    let failed = |_| QueryError::SerializationError("cannot generate a key".into());
    let pair = Ed25519KeyPair::generate().map_err(failed)?;
    let der = pair.to_pkcs8v1().map_err(failed)?;
    let row = KeyRow {
        kid: uuid::Uuid::now_v7().to_string(),
        private_key: URL_SAFE_NO_PAD.encode(der.as_ref()),
        public_key: URL_SAFE_NO_PAD.encode(pair.public_key().as_ref()),
        created_at: now,
        retired_at: None,
    };
    database.maintain(|connection| {
        if at_once {
            diesel::delete(signing_keys::table).execute(connection)?;
        }
        diesel::insert_into(signing_keys::table)
            .values(&row)
            .execute(connection)?;
        let others = signing_keys::table
            .filter(signing_keys::kid.ne(&row.kid))
            .filter(signing_keys::retired_at.is_null());
        diesel::update(others)
            .set(signing_keys::retired_at.eq(now))
            .execute(connection)?;
        let over = signing_keys::table.filter(signing_keys::retired_at.lt(now - OVERLAP));
        diesel::delete(over).execute(connection)?;
        Ok(row.kid)
    })
}
