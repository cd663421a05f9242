//! The guards: extractors that hand out the database.

use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{FromRequest, HttpMessage, HttpRequest, web};
use chrono::NaiveDateTime;
use futures_util::future::LocalBoxFuture;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::OwnedSemaphorePermit;

use super::rights::{Refusal, Rights, Scope, Sight};
use super::{clients, token};
use crate::app::App;
use crate::changes::feed::Extent;
use crate::changes::{Basis, Origin, Writer};
use crate::clock::{start_of_uk_day, uk_day};
use crate::db::{Database, DbConnection};
use crate::http::answer::Freshness;
use crate::http::base_url;
use crate::http::cursor::Cursors;
use crate::http::envelope::RequestId;
use crate::http::error::ApiError;
use crate::http::problem;
use crate::past::AsOf;
use crate::search::Search;
use crate::visibility::Moments;
use crate::writing::idempotency::{Asked, Finished};
use crate::writing::precondition::Precondition;

/// After how many seconds to ask again for an export.
const RETRY_EXPORT: u32 = 30;

/// Who sent a request, proved by a token.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The client's id, or `cli` for a token made on the command line.
    pub client: String,
    /// What it may do.
    pub rights: Rights,
}

/// Anyone: reads what is public at this moment. A token is not needed, but a bad one is refused.
pub struct Public {
    app: web::Data<App>,
    caller: Option<Caller>,
    /// The database as it was, and when the request came.
    past: Option<(Database, NaiveDateTime)>,
    /// The moment of the request, or the one that it asks about.
    pub now: NaiveDateTime,
    /// Where clients reach this API.
    pub base: String,
}

impl Public {
    /// The same as of an earlier moment: reads are answered as they would have been then, from the change log.
    /// `extent` says what the answer has to do with.
    pub async fn as_of(mut self, as_of: Option<AsOf>, extent: Extent) -> Result<Self, ApiError> {
        let Some(moment) = as_of.map(AsOf::moment).filter(|moment| *moment < self.now) else {
            return Ok(self);
        };
        let (app, now, caller) = (&self.app, self.now, self.caller.clone());
        if let Some(caller) = caller {
            let known = move |c: &mut DbConnection| still_known(c, &caller);
            app.database.read(known).await?;
        }
        let past = &app.past;
        let then = past.at(&app.database, &app.config, moment, now, extent);
        let database = then.await?.unwrap_or_else(|| app.database.clone());
        self.past = Some((database, now));
        self.now = moment;
        Ok(self)
    }

    /// Runs `work` on one moment of the database, and says until when the answer holds.
    pub async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut DbConnection) -> Result<T, ApiError> + Send + 'static,
    ) -> Result<(T, Freshness), ApiError> {
        let is_private = self.caller.is_some();
        if let Some((database, now)) = &self.past {
            let freshness = Freshness {
                now: *now,
                moments: None,
                basis: Basis::EVERYTHING,
                is_private,
            };
            return Ok((database.read(work).await?, freshness));
        }
        let (app, now, caller) = (self.app.clone(), self.now, self.caller.clone());
        let position = app.database.tail().position();
        let (value, moments) = self
            .app
            .database
            .read(move |connection| {
                if let Some(caller) = &caller {
                    still_known(connection, caller)?;
                }
                let value = work(connection)?;
                let moments = app.present.moments(connection, position, now)?;
                Ok::<_, ApiError>((value, moments))
            })
            .await?;
        let freshness = Freshness {
            now,
            moments: Some(moments),
            basis: Basis::EVERYTHING,
            is_private,
        };
        Ok((value, freshness))
    }

    /// How fresh an answer is that does not come from the database.
    pub fn at_rest(&self) -> Freshness {
        Freshness {
            now: self.now,
            moments: Some(Moments {
                position: i64::MAX,
                since: start_of_uk_day(uk_day(self.now)),
                until: None,
            }),
            basis: Basis::NOTHING,
            is_private: self.caller.is_some(),
        }
    }

    /// What the caller may do; nothing without a token.
    pub fn rights(&self) -> Rights {
        let caller = self.caller.as_ref();
        caller
            .map(|caller| caller.rights.clone())
            .unwrap_or_default()
    }

    /// The id that a pass is for which the request carries.
    pub fn pass(&self, preview: Option<&str>) -> Result<Option<String>, ApiError> {
        preview
            .map(|pass| self.app.cursors.read_pass(pass, self.now))
            .transpose()
    }

    /// Who sent the request; an error when nobody says so.
    pub fn caller(&self) -> Result<&Caller, ApiError> {
        self.caller.as_ref().ok_or_else(ApiError::unauthenticated)
    }

    /// Whose records the caller may see in a list of what is not public.
    pub fn sight(&self, write: Scope) -> Result<Sight, ApiError> {
        let caller = self.caller.as_ref().ok_or_else(ApiError::unauthenticated)?;
        match caller.rights.sight(write) {
            Sight::Of(owners) if owners.is_empty() => Err(Refusal {
                scope: Scope::ArticlesReadDrafts,
                owners,
            }
            .into()),
            sight => Ok(sight),
        }
    }

    /// Makes and checks cursors.
    pub fn cursors(&self) -> &Cursors {
        &self.app.cursors
    }

    /// The search index.
    pub fn search(&self) -> &Search {
        &self.app.search
    }

    /// A place among the exports that run at once.
    pub fn place_for_export(&self) -> Result<OwnedSemaphorePermit, ApiError> {
        let places = Arc::clone(&self.app.exports);
        places.try_acquire_owned().map_err(|_| ApiError {
            retry_after: Some(RETRY_EXPORT),
            ..ApiError::new(
                &problem::UNAVAILABLE,
                "As many exports are under way as may run at once.",
            )
        })
    }

    /// How long the client of an export may leave what is there.
    pub fn patience_for_exports(&self) -> Duration {
        Duration::from_millis(self.app.config.export_wait_ms)
    }
}

/// A client: writes what it was granted.
pub struct Client {
    app: web::Data<App>,
    caller: Caller,
    /// The moment of the request.
    pub now: NaiveDateTime,
    /// Where clients reach this API.
    pub base: String,
    /// What the request demands of the record that it is about.
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

    /// Runs `work` as one transaction that holds the writer's place. The answer is stored in it when the
    /// request carries an `Idempotency-Key`, and a repeated request gets that answer.
    pub async fn write(
        &self,
        body: &[u8],
        work: impl FnOnce(&mut Writer<'_>, &Rights) -> Result<Finished, ApiError> + Send + 'static,
    ) -> Result<Finished, ApiError> {
        let caller = self.caller.clone();
        let origin = Origin {
            actor: caller.client.clone(),
            request_id: self.request_id.clone(),
            now: self.now,
        };
        let asked = self.key.as_ref().map(|key| Asked {
            client: caller.client.clone(),
            key: key.clone(),
            fingerprint: Asked::fingerprint(&self.method, &self.path, body),
        });
        let _running = match &asked {
            Some(asked) => Some(self.app.running.enter(asked)?),
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
        self.app.database.write(origin, run).await
    }
}

/// A client that was revoked is refused at once, however long its token would live.
fn still_known(connection: &mut DbConnection, caller: &Caller) -> Result<(), ApiError> {
    // a token of the command line belongs to no client: it ends by itself, or with its key
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
            let app = ready_app(&request)?;
            let now = app.clock.now();
            let caller = caller(&app, &request, now).await?;
            let base = base_url::of(app.config.public_url.as_deref(), request.headers());
            Ok(Self {
                app,
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
            let app = ready_app(&request)?;
            let now = app.clock.now();
            let caller = caller(&app, &request, now)
                .await?
                .ok_or_else(ApiError::unauthenticated)?;
            let request_id = request.extensions().get::<RequestId>().cloned();
            Ok(Self {
                now,
                base: base_url::of(app.config.public_url.as_deref(), request.headers()),
                precondition: Precondition::read(request.headers())?,
                request_id: request_id.map(|id| id.0),
                path: request.uri().to_string(),
                method: request.method().to_string(),
                key: Asked::key(request.headers())?,
                app,
                caller,
            })
        })
    }
}

fn ready_app(request: &HttpRequest) -> Result<web::Data<App>, ApiError> {
    let app = request.app_data::<web::Data<App>>().cloned();
    let app = app.ok_or_else(|| ApiError::internal(&"the application state is missing"))?;
    if let Some(detail) = app.not_ready() {
        let error = ApiError::new(&problem::UNAVAILABLE, detail);
        return Err(ApiError {
            retry_after: Some(10),
            ..error
        });
    }
    Ok(app)
}

/// Who sent the request: nobody in particular without a token; a token that does not hold is refused.
async fn caller(
    app: &App,
    request: &HttpRequest,
    now: NaiveDateTime,
) -> Result<Option<Caller>, ApiError> {
    let mut given = request.headers().get_all(header::AUTHORIZATION);
    let Some(value) = given.next() else {
        return Ok(None);
    };
    let refused = |reason: token::Refused| ApiError::bad_token(reason.0);
    let token = value
        .to_str()
        .ok()
        .filter(|_| given.next().is_none())
        .and_then(|value| value.split_once(' '))
        .filter(|(kind, _)| kind.eq_ignore_ascii_case("bearer"))
        .map(|(_, token)| token.trim())
        .ok_or_else(|| ApiError::bad_token("expected one bearer token"))?;
    let header = token::header(token).map_err(refused)?;
    let keys = app.keys.get(&app.database, now, Some(&header.kid)).await?;
    let issuer = app.config.issuer();
    let Some(key) = keys.proving(&header.kid) else {
        let outside = app
            .issuers
            .caller(&app.database, token, &header, &issuer, now);
        return outside.await.map(Some);
    };
    let claims = app
        .verified
        .verify(token, &key, &issuer, now)
        .map_err(refused)?;
    Ok(Some(Caller {
        client: claims.sub,
        rights: claims.grants,
    }))
}
