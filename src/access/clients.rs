//! Clients: the programs that may write, and their grants.

use aws_lc_rs::rand;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::NaiveDateTime;
use diesel::prelude::*;
use diesel::result::{Error as QueryError, QueryResult};
use sha2::{Digest, Sha256};

use super::rights::{ALL_ORGANISATIONS, Rights, Scope};
use super::schema::{client_grants, clients, used_assertions};
use crate::platform::db::schema::organisations;
use crate::platform::db::{Database, DbConnection, Error};

/// The prefix of secrets, by which secret scanners find leaked ones in published code.
const SECRET_PREFIX: &str = "answerable_secret_";

/// A row of `clients`.
#[derive(Clone, Debug, Default, Queryable, Selectable, Insertable)]
#[diesel(table_name = clients, treat_none_as_default_value = false)]
pub struct ClientRow {
    /// The id.
    pub id: String,
    /// The display name.
    pub name: String,
    /// SHA-256 of the secret. A secret has 256 random bits, so a slow hash is not needed.
    pub secret_digest: Option<String>,
    /// The public key that verifies its assertions, as a JWK.
    pub public_key: Option<String>,
    /// When it was created.
    pub created_at: NaiveDateTime,
    /// When it was revoked.
    pub revoked_at: Option<NaiveDateTime>,
    /// The external issuer of its tokens.
    pub issuer: Option<String>,
    /// Its subject at that issuer.
    pub subject: Option<String>,
    /// The URL of that issuer's public keys.
    pub jwks_url: Option<String>,
}

/// How a client authenticates.
#[derive(Clone, Debug)]
pub enum Credential {
    /// With a secret, generated here and shown once.
    Secret,
    /// With assertions signed with its private key; the public key as a JWK.
    PublicKey(String),
    /// With tokens from an external issuer.
    Issuer {
        /// The `iss` claim of the tokens.
        issuer: String,
        /// The `sub` claim of the tokens.
        subject: String,
        /// The URL of the issuer's public keys.
        jwks_url: String,
    },
}

/// Creates a client; returns its id and, if it has one, its secret.
pub fn add(
    database: &Database,
    name: &str,
    rights: &Rights,
    credential: Credential,
    now: NaiveDateTime,
) -> Result<(String, Option<String>), Error> {
    let mut row = ClientRow {
        id: uuid::Uuid::now_v7().to_string(),
        name: name.to_owned(),
        created_at: now,
        ..ClientRow::default()
    };
    let mut secret = None;
    match credential {
        Credential::Secret => {
            let generated = new_secret()?;
            row.secret_digest = Some(digest(&generated));
            secret = Some(generated);
        }
        Credential::PublicKey(key) => row.public_key = Some(key),
        Credential::Issuer {
            issuer,
            subject,
            jwks_url,
        } => {
            row.issuer = Some(issuer);
            row.subject = Some(subject);
            row.jwks_url = Some(jwks_url);
        }
    }
    database.maintain(|connection| {
        diesel::insert_into(clients::table)
            .values(&row)
            .execute(connection)?;
        for (scope, organisation) in rights.grants() {
            diesel::insert_into(client_grants::table)
                .values((
                    client_grants::client_id.eq(&row.id),
                    client_grants::scope.eq(<&str>::from(scope)),
                    client_grants::organisation_id.eq(organisation),
                ))
                .execute(connection)?;
        }
        Ok((row.id, secret))
    })
}

fn new_secret() -> Result<String, Error> {
    let mut bytes = [0; 32];
    rand::fill(&mut bytes)
        .map_err(|_| QueryError::SerializationError("no random bytes available".into()))?;
    Ok(format!("{SECRET_PREFIX}{}", URL_SAFE_NO_PAD.encode(bytes)))
}

fn digest(secret: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(secret.as_bytes()))
}

impl ClientRow {
    /// Whether this is the client's secret, compared in constant time.
    pub fn has_secret(&self, secret: &str) -> bool {
        let given = digest(secret);
        let expected = self.secret_digest.as_deref().unwrap_or_default();
        aws_lc_rs::constant_time::verify_slices_are_equal(given.as_bytes(), expected.as_bytes())
            .is_ok()
    }
}

/// Every client, oldest first, with its grants.
pub fn list(database: &Database) -> Result<Vec<(ClientRow, Rights)>, Error> {
    database.read_now(|connection| {
        let rows: Vec<ClientRow> = clients::table
            .order(clients::id)
            .select(ClientRow::as_select())
            .load(connection)?;
        let mut listed = Vec::with_capacity(rows.len());
        for row in rows {
            let rights = rights(connection, &row.id)?;
            listed.push((row, rights));
        }
        Ok(listed)
    })
}

/// Revokes a client; false if there is none with this id or it was already revoked.
pub fn revoke(database: &Database, id: &str, now: NaiveDateTime) -> Result<bool, Error> {
    database.maintain(|connection| {
        let client = clients::table
            .filter(clients::id.eq(id))
            .filter(clients::revoked_at.is_null());
        let revoked = diesel::update(client)
            .set(clients::revoked_at.eq(now))
            .execute(connection)?;
        Ok(revoked > 0)
    })
}

/// The client with this id, unless it was revoked.
pub fn find(connection: &mut DbConnection, id: &str) -> QueryResult<Option<ClientRow>> {
    clients::table
        .find(id)
        .filter(clients::revoked_at.is_null())
        .select(ClientRow::as_select())
        .first(connection)
        .optional()
}

/// Those of these clients that were not revoked.
///
/// # Errors
/// When the query fails.
pub fn active(connection: &mut DbConnection, ids: &[String]) -> QueryResult<Vec<String>> {
    clients::table
        .filter(clients::id.eq_any(ids))
        .filter(clients::revoked_at.is_null())
        .select(clients::id)
        .load(connection)
}

/// The client with this subject at an external issuer, unless it was revoked.
pub fn of_issuer(
    connection: &mut DbConnection,
    issuer: &str,
    subject: &str,
) -> QueryResult<Option<ClientRow>> {
    clients::table
        .filter(clients::issuer.eq(issuer))
        .filter(clients::subject.eq(subject))
        .filter(clients::revoked_at.is_null())
        .select(ClientRow::as_select())
        .first(connection)
        .optional()
}

/// The grants of a client.
pub fn rights(connection: &mut DbConnection, id: &str) -> QueryResult<Rights> {
    let granted: Vec<(String, String)> = client_grants::table
        .filter(client_grants::client_id.eq(id))
        .order((client_grants::scope, client_grants::organisation_id))
        .select((client_grants::scope, client_grants::organisation_id))
        .load(connection)?;
    let mut rights = Rights::default();
    for (scope, organisation) in granted {
        if let Ok(scope) = Scope::parse(&scope) {
            rights.grant(scope, organisation);
        }
    }
    Ok(rights)
}

/// Grants each scope for each organisation, given by id, slug or `*`; or an error message.
pub fn named_rights(
    connection: &mut DbConnection,
    scopes: &[String],
    named: &[String],
) -> QueryResult<Result<Rights, String>> {
    let mut ids = Vec::new();
    for name in named {
        if name == ALL_ORGANISATIONS {
            ids.push(name.clone());
            continue;
        }
        let has_name = organisations::id.eq(name).or(organisations::slug.eq(name));
        let id = organisations::table
            .filter(has_name)
            .select(organisations::id)
            .first(connection);
        match id.optional()? {
            Some(id) => ids.push(id),
            None => return Ok(Err(format!("there is no organisation '{name}'"))),
        }
    }
    let mut rights = Rights::default();
    for scope in scopes {
        match Scope::parse(scope) {
            Ok(scope) => ids.iter().for_each(|id| rights.grant(scope, id)),
            Err(sentence) => return Ok(Err(sentence)),
        }
    }
    Ok(Ok(rights))
}

/// Records an assertion as used; false if it was used before.
pub fn use_assertion(
    connection: &mut DbConnection,
    client: &str,
    jti: &str,
    expires_at: NaiveDateTime,
    now: NaiveDateTime,
) -> QueryResult<bool> {
    diesel::delete(used_assertions::table.filter(used_assertions::expires_at.lt(now)))
        .execute(connection)?;
    let is_used = used_assertions::table.find((client, jti));
    if is_used.count().get_result::<i64>(connection)? > 0 {
        return Ok(false);
    }
    diesel::insert_into(used_assertions::table)
        .values((
            used_assertions::client_id.eq(client),
            used_assertions::jti.eq(jti),
            used_assertions::expires_at.eq(expires_at),
        ))
        .execute(connection)?;
    Ok(true)
}
