//! The guard of writes: an extractor that gives handlers access for a client.

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpMessage, HttpRequest, web};
use chrono::NaiveDateTime;
use futures_util::future::LocalBoxFuture;

use super::instance::{Instance, app_data};
use super::public::Public;
use super::rights::{Caller, Rights};
use super::write_request::WriteRequest;
use crate::http::envelope::RequestId;
use crate::http::error::ApiError;
use crate::http::idempotency::{IdempotentRequest, InFlightGuard, StoredResponse};
use crate::http::precondition::Precondition;
use crate::log::{Addition, Origin, Writer};

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
            pages: self.instance.pages.clone(),
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
