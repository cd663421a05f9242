//! The guards: extractors that give handlers access to the database.

use actix_web::dev::Payload;
use actix_web::http::header::{self, HeaderMap};
use actix_web::{FromRequest, HttpMessage, HttpRequest, web};
use chrono::NaiveDateTime;
use futures_util::future::LocalBoxFuture;

use super::instance::Instance;
use super::rights::{Caller, ReadScope, Refusal, Rights, Scope};
use super::token;
use super::write_request::{WriteRequest, require_active};
use crate::http::answer::Freshness;
use crate::http::base_url;
use crate::http::cursor::{Cursors, PreviewPass};
use crate::http::envelope::RequestId;
use crate::http::error::ApiError;
use crate::http::idempotency::{IdempotentRequest, InFlightGuard, StoredResponse};
use crate::http::precondition::Precondition;
use crate::http::problem::ProblemCode;
use crate::log::validity::Validity;
use crate::log::{Addition, Dependencies, Lineage, Origin, Writer};
use crate::platform::clock::{start_of_uk_day, uk_day};
use crate::platform::db::{Database, DbConnection};

/// Read access to what is public at this moment. A token is optional, but an invalid one is rejected.
///
/// ```
/// use actix_web::{HttpResponse, get};
/// use answerable::access::Public;
/// use answerable::http::answer::{self, Item};
/// use answerable::http::error::ApiError;
/// use answerable::platform::db::{Sql, count};
///
/// #[get("/topics/count")]
/// async fn count_topics(public: Public) -> Result<HttpResponse, ApiError> {
///     let sql = Sql::new("SELECT count(*) AS count FROM topics WHERE state = 'published'");
///     let (data, freshness) = public.read(move |c| Ok(count(c, &sql)?)).await?;
///     answer::json(&Item { data }, freshness)
/// }
/// ```
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
    pub(crate) async fn require_active_caller(&self) -> Result<(), ApiError> {
        let Some(caller) = self.caller.clone() else {
            return Ok(());
        };
        let check = move |c: &mut DbConnection| require_active(c, &caller);
        self.instance.database.read(check).await
    }

    /// The state that all requests share.
    pub(crate) fn instance(&self) -> &Instance {
        &self.instance
    }

    /// Shared state of a layer above this one, by its type.
    pub(crate) fn app_data<T: 'static>(&self) -> Result<web::Data<T>, ApiError> {
        app_data(&self.request)
    }

    /// Runs `work` in a snapshot of the database, and returns how long the response stays valid.
    pub async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut DbConnection) -> Result<T, ApiError> + Send + 'static,
    ) -> Result<(T, Freshness), ApiError> {
        let mut freshness = Freshness {
            now: self.now,
            validity: None,
            dependencies: Dependencies::EVERYTHING,
            is_private: self.caller.is_some(),
        };
        if let Some((database, now)) = &self.past {
            freshness.now = *now;
            return Ok((database.read(work).await?, freshness));
        }
        let (instance, now, caller) = (self.instance.clone(), self.now, self.caller.clone());
        let tail = instance.log.tail();
        let end = (tail.epoch(), tail.position());
        let run = move |connection: &mut DbConnection| {
            if let Some(caller) = &caller {
                require_active(connection, caller)?;
            }
            let value = work(connection)?;
            let validity = instance.validity.moments(connection, end, now)?;
            Ok::<_, ApiError>((value, validity))
        };
        let (value, validity) = self.instance.database.read(run).await?;
        freshness.validity = Some(validity);
        Ok((value, freshness))
    }

    /// The freshness of a response that does not come from the database.
    pub fn static_freshness(&self) -> Freshness {
        Freshness {
            now: self.now,
            validity: Some(Validity {
                position: i64::MAX,
                since: start_of_uk_day(uk_day(self.now)),
                until: None,
            }),
            dependencies: Dependencies::NOTHING,
            is_private: self.caller.is_some(),
        }
    }

    /// The caller's rights; none without a token.
    pub fn rights(&self) -> Rights {
        let rights = self.caller.as_ref().map(|caller| caller.rights.clone());
        rights.unwrap_or_default()
    }

    /// The request's preview pass.
    pub fn preview_pass(&self, pass: Option<&str>) -> Result<Option<PreviewPass>, ApiError> {
        pass.map(|pass| self.instance.cursors.read_pass(pass, self.now))
            .transpose()
    }

    /// Who sent the request; an error without a token.
    pub fn caller(&self) -> Result<&Caller, ApiError> {
        self.caller.as_ref().ok_or_else(ApiError::unauthenticated)
    }

    /// Whose unpublished records the caller may list.
    pub fn read_scope(&self, write: Scope) -> Result<ReadScope, ApiError> {
        match self.caller()?.rights.read_scope(write) {
            ReadScope::Of(owners) if owners.is_empty() => Err(Refusal {
                scope: Scope::ArticlesReadDrafts,
                owners,
            }
            .into()),
            read_scope => Ok(read_scope),
        }
    }

    /// Records that the log no longer has what a client has read, if nobody has done so yet: the cursor that shows it was
    /// signed by this API.
    pub async fn report_fork(&self, lineage: Lineage) {
        if let Err(error) = self.instance.log.report(lineage, self.now).await {
            tracing::warn!(%error, "cannot record that the log was put back");
        }
    }

    /// Signs and verifies cursors.
    pub fn cursors(&self) -> &Cursors {
        &self.instance.cursors
    }
}

/// From how many bytes on a write is committed by itself.
const LARGE: usize = 65_536;

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
    idempotency_key: Option<String>,
}

impl Client {
    /// Who sent the request.
    pub fn caller(&self) -> &Caller {
        &self.caller
    }

    /// Shared state of a layer above this one, by its type.
    pub(crate) fn app_data<T: 'static>(&self) -> Result<web::Data<T>, ApiError> {
        app_data(&self.request)
    }

    /// Runs `work` in one transaction that holds the write lock. If the request carries an `Idempotency-Key`, the
    /// response is stored in the same transaction, and a repeated request gets that response.
    pub async fn write(
        &self,
        body: &[u8],
        work: impl FnOnce(&mut Writer<'_>, &Rights) -> Result<StoredResponse, ApiError> + Send + 'static,
    ) -> Result<StoredResponse, ApiError> {
        self.write_or_replay(body, |_, _, _| Ok(()), work).await
    }

    /// [`Client::write`], where `may_replay` checks that the caller may see a stored response now.
    pub async fn write_or_replay(
        &self,
        body: &[u8],
        may_replay: impl FnOnce(&mut Writer<'_>, &Rights, &StoredResponse) -> Result<(), ApiError>
        + Send
        + 'static,
        work: impl FnOnce(&mut Writer<'_>, &Rights) -> Result<StoredResponse, ApiError> + Send + 'static,
    ) -> Result<StoredResponse, ApiError> {
        let (origin, request, _in_flight) = self.begin(body)?;
        let run = move |writer: &mut Writer<'_>| request.run(writer, may_replay, work);
        self.instance.log.write(origin, run).await
    }

    /// Adds records, together with those of other requests of this client that wait.
    pub async fn add<A>(
        &self,
        body: &[u8],
        addition: impl FnOnce(WriteRequest) -> A,
    ) -> Result<StoredResponse, ApiError>
    where
        A: Addition<Value = StoredResponse, Failure = ApiError>,
    {
        let (origin, request, _in_flight) = self.begin(body)?;
        self.instance.log.add(origin, addition(request)).await
    }

    fn begin(
        &self,
        body: &[u8],
    ) -> Result<(Origin, WriteRequest, Option<InFlightGuard>), ApiError> {
        let id = self.request.extensions().get::<RequestId>().cloned();
        let id = id.map(|id| id.0);
        let client = &self.caller.client;
        let origin = Origin {
            actor: client.clone(),
            request_id: id.clone(),
            now: self.now,
            is_large: body.len() > LARGE,
        };
        let key = self.idempotency_key.as_deref();
        let idempotent = key.map(|key| IdempotentRequest::new(&self.request, body, client, key));
        let in_flight = idempotent
            .as_ref()
            .map(|request| self.instance.in_flight.start(request));
        let in_flight = in_flight.transpose()?;
        let request = WriteRequest {
            caller: self.caller.clone(),
            idempotent,
            id,
        };
        Ok((origin, request, in_flight))
    }
}

impl FromRequest for Public {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let instance: web::Data<Instance> = app_data(&request)?;
            if let Some(detail) = instance.not_ready() {
                return Err(ApiError::new(ProblemCode::Unavailable, detail).with_retry_after(10));
            }
            let now = instance.clock.now();
            Ok(Self {
                caller: caller(&instance, request.headers(), now).await?,
                past: None,
                now,
                base: base_url::of(instance.config.public_url.as_deref(), request.headers()),
                request,
                instance,
            })
        })
    }
}

impl FromRequest for Client {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let public = Public::from_request(request, payload);
        Box::pin(async move {
            let public = public.await?;
            let headers = public.request.headers();
            Ok(Self {
                caller: public.caller.ok_or_else(ApiError::unauthenticated)?,
                precondition: Precondition::read(headers)?,
                idempotency_key: IdempotentRequest::key(headers)?,
                now: public.now,
                base: public.base,
                instance: public.instance,
                request: public.request,
            })
        })
    }
}

/// State that all handlers share, by its type.
fn app_data<T: 'static>(request: &HttpRequest) -> Result<web::Data<T>, ApiError> {
    let data = request.app_data::<web::Data<T>>().cloned();
    data.ok_or_else(|| {
        let name = std::any::type_name::<T>();
        ApiError::internal(&format!("no {name} in the application data"))
    })
}

/// Who sent the request: `None` without a token. An invalid token is rejected.
async fn caller(
    instance: &Instance,
    headers: &HeaderMap,
    now: NaiveDateTime,
) -> Result<Option<Caller>, ApiError> {
    let mut values = headers.get_all(header::AUTHORIZATION);
    let Some(value) = values.next() else {
        return Ok(None);
    };
    let value = value.to_str().ok().filter(|_| values.next().is_none());
    let token = match value.and_then(|value| value.split_once(' ')) {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => token.trim(),
        _ => return Err(ApiError::bad_token("expected one bearer token")),
    };
    let header = token::header(token)?;
    let keys = instance.keys.get(&instance.database, now);
    let issuer = instance.config.issuer();
    let Some(key) = keys.await?.verification_key(&header.kid) else {
        let external = instance
            .issuers
            .caller(&instance.database, token, &header, &issuer, now);
        return external.await.map(Some);
    };
    let claims = instance.verified_tokens.verify(token, &key, &issuer, now)?;
    Ok(Some(Caller {
        client: claims.sub,
        rights: claims.grants,
        key: Some(header.kid),
    }))
}
