//! The guards: extractors that give handlers access to the database.

use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{FromRequest, HttpMessage, HttpRequest, web};
use chrono::NaiveDateTime;
use futures_util::future::LocalBoxFuture;

use super::caller::Caller;
use super::instance::Instance;
use super::rights::{ReadScope, Refusal, Rights, Scope};
use super::{clients, token};
use crate::http::answer::Freshness;
use crate::http::cursor::Cursors;
use crate::http::envelope::RequestId;
use crate::http::error::ApiError;
use crate::http::idempotency::{IdempotentRequest, StoredResponse};
use crate::http::precondition::Precondition;
use crate::http::{base_url, problem};
use crate::log::validity::Validity;
use crate::log::{Dependencies, Origin, Writer};
use crate::platform::clock::{start_of_uk_day, uk_day};
use crate::platform::db::{Database, DbConnection};

/// Read access to what is public at this moment. A token is optional, but an invalid one is rejected.
pub struct Public {
    request: HttpRequest,
    instance: web::Data<Instance>,
    caller: Option<Caller>,
    /// The snapshot to read, and the time of the request, if the request is about the past.
    past: Option<(Database, NaiveDateTime)>,
    /// The time of the request, or the moment that it is about.
    pub now: NaiveDateTime,
    /// The URL where clients reach this API.
    pub base: String,
}

impl Public {
    /// The same guard, but reading a snapshot of an earlier moment.
    pub(crate) fn at_moment(mut self, database: Database, moment: NaiveDateTime) -> Self {
        self.past = Some((database, self.now));
        self.now = moment;
        self
    }

    /// Rejects a client that has been revoked since it got its token. [`Public::read`] already does so.
    pub(crate) async fn require_known_caller(&self) -> Result<(), ApiError> {
        let Some(caller) = self.caller.clone() else {
            return Ok(());
        };
        let known = move |c: &mut DbConnection| still_known(c, &caller);
        self.instance.database.read(known).await
    }

    /// The state that all requests share.
    pub(crate) fn instance(&self) -> &Instance {
        &self.instance
    }

    /// Shared state of a layer above this one, by its type.
    pub(crate) fn part<T: 'static>(&self) -> Result<web::Data<T>, ApiError> {
        shared(&self.request)
    }

    /// Runs `work` in a snapshot of the database, and returns how long the response stays valid.
    pub async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut DbConnection) -> Result<T, ApiError> + Send + 'static,
    ) -> Result<(T, Freshness), ApiError> {
        let is_private = self.caller.is_some();
        if let Some((database, now)) = &self.past {
            let freshness = Freshness {
                now: *now,
                moments: None,
                basis: Dependencies::EVERYTHING,
                is_private,
            };
            return Ok((database.read(work).await?, freshness));
        }
        let (instance, now, caller) = (self.instance.clone(), self.now, self.caller.clone());
        let position = instance.log.tail().position();
        let (value, moments) = self
            .instance
            .database
            .read(move |connection| {
                if let Some(caller) = &caller {
                    still_known(connection, caller)?;
                }
                let value = work(connection)?;
                let moments = instance.validity.moments(connection, position, now)?;
                Ok::<_, ApiError>((value, moments))
            })
            .await?;
        let freshness = Freshness {
            now,
            moments: Some(moments),
            basis: Dependencies::EVERYTHING,
            is_private,
        };
        Ok((value, freshness))
    }

    /// The freshness of a response that does not come from the database.
    pub fn at_rest(&self) -> Freshness {
        Freshness {
            now: self.now,
            moments: Some(Validity {
                position: i64::MAX,
                since: start_of_uk_day(uk_day(self.now)),
                until: None,
            }),
            basis: Dependencies::NOTHING,
            is_private: self.caller.is_some(),
        }
    }

    /// The caller's rights; none without a token.
    pub fn rights(&self) -> Rights {
        let caller = self.caller.as_ref();
        caller
            .map(|caller| caller.rights.clone())
            .unwrap_or_default()
    }

    /// The id of the record that the request's preview pass is for.
    pub fn pass(&self, preview: Option<&str>) -> Result<Option<String>, ApiError> {
        preview
            .map(|pass| self.instance.cursors.read_pass(pass, self.now))
            .transpose()
    }

    /// Who sent the request; an error without a token.
    pub fn caller(&self) -> Result<&Caller, ApiError> {
        self.caller.as_ref().ok_or_else(ApiError::unauthenticated)
    }

    /// Whose unpublished records the caller may list.
    pub fn sight(&self, write: Scope) -> Result<ReadScope, ApiError> {
        let caller = self.caller.as_ref().ok_or_else(ApiError::unauthenticated)?;
        match caller.rights.sight(write) {
            ReadScope::Of(owners) if owners.is_empty() => Err(Refusal {
                scope: Scope::ArticlesReadDrafts,
                owners,
            }
            .into()),
            sight => Ok(sight),
        }
    }

    /// Signs and verifies cursors.
    pub fn cursors(&self) -> &Cursors {
        &self.instance.cursors
    }
}

/// Write access for a client, within its grants.
pub struct Client {
    request: HttpRequest,
    instance: web::Data<Instance>,
    caller: Caller,
    /// The time of the request.
    pub now: NaiveDateTime,
    /// The URL where clients reach this API.
    pub base: String,
    /// The precondition that the request sets for the record.
    pub precondition: Precondition,
    request_id: Option<String>,
    path: String,
    method: String,
    key: Option<String>,
}

impl Client {
    /// Who sent the request.
    pub fn caller(&self) -> &Caller {
        &self.caller
    }

    /// Shared state of a layer above this one, by its type.
    pub(crate) fn part<T: 'static>(&self) -> Result<web::Data<T>, ApiError> {
        shared(&self.request)
    }

    /// Runs `work` in one transaction that holds the write lock. If the request carries an `Idempotency-Key`, the
    /// response is stored in the same transaction, and a repeated request gets that response.
    pub async fn write(
        &self,
        body: &[u8],
        work: impl FnOnce(&mut Writer<'_>, &Rights) -> Result<StoredResponse, ApiError> + Send + 'static,
    ) -> Result<StoredResponse, ApiError> {
        let caller = self.caller.clone();
        let origin = Origin {
            actor: caller.client.clone(),
            request_id: self.request_id.clone(),
            now: self.now,
        };
        let asked = self.key.as_ref().map(|key| IdempotentRequest {
            client: caller.client.clone(),
            key: key.clone(),
            fingerprint: IdempotentRequest::fingerprint(&self.method, &self.path, body),
        });
        let _running = match &asked {
            Some(asked) => Some(self.instance.running.enter(asked)?),
            None => None,
        };
        let run = move |writer: &mut Writer<'_>| {
            still_known(writer.connection, &caller)?;
            let now = writer.now();
            if let Some(asked) = &asked
                && let Some(finished) = asked.find(writer.connection, now)?
            {
                return Ok(finished);
            }
            let finished = work(writer, &caller.rights)?;
            if let Some(asked) = &asked {
                asked.store(writer.connection, &finished, now)?;
            }
            Ok(finished)
        };
        self.instance.log.write(origin, run).await
    }
}

/// A revoked client is rejected at once, however long its token remains valid.
fn still_known(connection: &mut DbConnection, caller: &Caller) -> Result<(), ApiError> {
    // a token made on the command line belongs to no client: it is valid until it expires or its key is removed
    if caller.client == "cli" || clients::find(connection, &caller.client)?.is_some() {
        return Ok(());
    }
    Err(ApiError::bad_token("the client was revoked"))
}

impl FromRequest for Public {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let instance = ready(&request)?;
            let now = instance.clock.now();
            let caller = caller(&instance, &request, now).await?;
            let base = base_url::of(instance.config.public_url.as_deref(), request.headers());
            Ok(Self {
                request,
                instance,
                caller,
                past: None,
                now,
                base,
            })
        })
    }
}

impl FromRequest for Client {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let instance = ready(&request)?;
            let now = instance.clock.now();
            let caller = caller(&instance, &request, now)
                .await?
                .ok_or_else(ApiError::unauthenticated)?;
            let request_id = request.extensions().get::<RequestId>().cloned();
            Ok(Self {
                now,
                base: base_url::of(instance.config.public_url.as_deref(), request.headers()),
                precondition: Precondition::read(request.headers())?,
                request_id: request_id.map(|id| id.0),
                path: request.uri().to_string(),
                method: request.method().to_string(),
                key: IdempotentRequest::key(request.headers())?,
                request,
                instance,
                caller,
            })
        })
    }
}

/// State that all handlers share, by its type.
fn shared<T: 'static>(request: &HttpRequest) -> Result<web::Data<T>, ApiError> {
    let shared = request.app_data::<web::Data<T>>().cloned();
    shared.ok_or_else(|| {
        let name = std::any::type_name::<T>();
        ApiError::internal(&format!("no {name} in the application data"))
    })
}

fn ready(request: &HttpRequest) -> Result<web::Data<Instance>, ApiError> {
    let instance: web::Data<Instance> = shared(request)?;
    if let Some(detail) = instance.not_ready() {
        let error = ApiError::new(&problem::UNAVAILABLE, detail);
        return Err(ApiError {
            retry_after: Some(10),
            ..error
        });
    }
    Ok(instance)
}

/// Who sent the request: `None` without a token. An invalid token is rejected.
async fn caller(
    instance: &Instance,
    request: &HttpRequest,
    now: NaiveDateTime,
) -> Result<Option<Caller>, ApiError> {
    let mut given = request.headers().get_all(header::AUTHORIZATION);
    let Some(value) = given.next() else {
        return Ok(None);
    };
    let refused = |reason: token::TokenRefusal| ApiError::bad_token(reason.0);
    let token = value
        .to_str()
        .ok()
        .filter(|_| given.next().is_none())
        .and_then(|value| value.split_once(' '))
        .filter(|(kind, _)| kind.eq_ignore_ascii_case("bearer"))
        .map(|(_, token)| token.trim())
        .ok_or_else(|| ApiError::bad_token("expected one bearer token"))?;
    let header = token::header(token).map_err(refused)?;
    let keys = instance
        .keys
        .get(&instance.database, now, Some(&header.kid))
        .await?;
    let issuer = instance.config.issuer();
    let Some(key) = keys.proving(&header.kid) else {
        let outside = instance
            .issuers
            .caller(&instance.database, token, &header, &issuer, now);
        return outside.await.map(Some);
    };
    let claims = instance
        .verified
        .verify(token, &key, &issuer, now)
        .map_err(refused)?;
    Ok(Some(Caller {
        client: claims.sub,
        rights: claims.grants,
    }))
}
