//! A write request, apart from what it writes: who sent it, and with which idempotency key.

use super::clients;
use super::rights::{Caller, Rights};
use crate::http::error::ApiError;
use crate::http::idempotency::{self, IdempotentRequest, StoredResponse};
use crate::http::problem::ProblemCode;
use crate::log::Writer;
use crate::platform::db::DbConnection;

/// Who sent a write, and with which idempotency key.
pub struct WriteRequest {
    /// Who sent it.
    pub(super) caller: Caller,
    /// Its key, if it has one.
    pub(super) idempotent: Option<IdempotentRequest>,
    /// Its id.
    pub(super) id: Option<String>,
}

impl WriteRequest {
    /// Its id.
    pub fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    /// Runs `work` and stores the response for the idempotency key; or returns the response stored before, which
    /// `may_replay` checks that the caller may see now.
    ///
    /// # Errors
    /// 401 if the client was revoked; 422 if its key was used for another request; those of `may_replay` and `work`.
    pub fn run(
        &self,
        writer: &mut Writer<'_>,
        may_replay: impl FnOnce(&mut Writer<'_>, &Rights, &StoredResponse) -> Result<(), ApiError>,
        work: impl FnOnce(&mut Writer<'_>, &Rights) -> Result<StoredResponse, ApiError>,
    ) -> Result<StoredResponse, ApiError> {
        require_active(writer.connection, &self.caller)?;
        let Some(idempotent) = &self.idempotent else {
            return work(writer, &self.caller.rights);
        };
        let now = writer.now();
        if let Some(stored) = idempotent.find(writer.connection, now)? {
            may_replay(writer, &self.caller.rights, &stored)?;
            return Ok(stored);
        }
        let response = work(writer, &self.caller.rights)?;
        idempotency::store(writer.connection, &[(idempotent, &response)], now)?;
        Ok(response)
    }

    /// [`WriteRequest::run`] for several requests of one client, none of which may have been sent before.
    ///
    /// # Errors
    /// 401 if the client was revoked; 409 if one was sent before or their rights differ; those of `work`.
    pub fn run_together(
        requests: &[&Self],
        writer: &mut Writer<'_>,
        work: impl FnOnce(&mut Writer<'_>, &Rights) -> Result<Vec<StoredResponse>, ApiError>,
    ) -> Result<Vec<StoredResponse>, ApiError> {
        let [first, ..] = requests else {
            return Ok(Vec::new());
        };
        require_active(writer.connection, &first.caller)?;
        let keys = requests.iter();
        let keys: Vec<&IdempotentRequest> =
            keys.filter_map(|one| one.idempotent.as_ref()).collect();
        let has_one_caller = requests.iter().all(|one| {
            one.caller.client == first.caller.client && one.caller.rights == first.caller.rights
        });
        if !has_one_caller || idempotency::is_any_used(writer.connection, &keys)? {
            let detail = "The requests cannot be carried out as one.";
            return Err(ApiError::new(ProblemCode::Conflict, detail));
        }
        let responses = work(writer, &first.caller.rights)?;
        let answered = requests.iter().zip(&responses);
        let answered =
            answered.filter_map(|(one, response)| Some((one.idempotent.as_ref()?, response)));
        let answered: Vec<(&IdempotentRequest, &StoredResponse)> = answered.collect();
        let now = writer.now();
        idempotency::store(writer.connection, &answered, now)?;
        Ok(responses)
    }
}

/// A revoked client is rejected at once, however long its token remains valid.
pub(super) fn require_active(
    connection: &mut DbConnection,
    caller: &Caller,
) -> Result<(), ApiError> {
    if clients::find(connection, &caller.client)?.is_some() {
        return Ok(());
    }
    Err(ApiError::bad_token("the client was revoked"))
}
