//! The guard of reads: an extractor that gives handlers access to what is public.

use actix_web::dev::Payload;
use actix_web::http::header::{self, HeaderMap};
use actix_web::{FromRequest, HttpRequest, web};
use chrono::NaiveDateTime;
use futures_util::future::LocalBoxFuture;

use super::instance::{Instance, app_data};
use super::remembered::NameReader;
use super::rights::{Caller, ReadScope, Refusal, Rights, Scope};
use super::token;
use super::write_request::require_active;
use crate::http::addresses::Addresses;
use crate::http::answer::Freshness;
use crate::http::as_of::AsOf;
use crate::http::base_url;
use crate::http::cursor::{Cursors, PreviewPass};
use crate::http::error::ApiError;
use crate::http::problem::ProblemCode;
use crate::log::validity::Validity;
use crate::log::{Dependencies, Lineage};
use crate::platform::clock::{start_of_uk_day, uk_day};
use crate::platform::db::{Database, DbConnection, Reading, history};
use crate::platform::mistakes::MistakeCode;
use crate::platform::page_urls::PageUrls;

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
    pub(super) request: HttpRequest,
    pub(super) instance: web::Data<Instance>,
    pub(super) caller: Option<Caller>,
    /// What to read, if the request is about the past.
    past: Option<PastRead>,
    /// The pass of the preview link that was followed, if one was.
    pass: Option<PreviewPass>,
    /// The time of the request, or the moment that it is about.
    pub now: NaiveDateTime,
    /// The URL where clients reach this API.
    pub base: String,
}

/// What was known at a moment.
struct PastRead {
    /// The database that keeps histories.
    database: Database,
    /// The moment.
    moment: NaiveDateTime,
    /// The time of the request.
    now: NaiveDateTime,
}

impl Public {
    /// The same guard, but reading what was known at an earlier moment, from a database that keeps histories.
    pub(crate) fn at_moment(mut self, database: Database, moment: NaiveDateTime) -> Self {
        self.past = Some(PastRead {
            database,
            moment,
            now: self.now,
        });
        self.now = moment;
        self
    }

    /// Where records are read.
    pub fn addresses(&self) -> Addresses {
        Addresses {
            base: self.base.clone(),
            pages: self.pages(),
        }
    }

    /// The pages of the public site.
    pub fn pages(&self) -> PageUrls {
        self.instance.pages.clone()
    }

    /// Whether the request is about the past.
    pub fn is_past(&self) -> bool {
        self.past.is_some()
    }

    /// Goes on reading the past from this database.
    pub(crate) fn continue_from(&mut self, database: Database) {
        if let Some(past) = &mut self.past {
            past.database = database;
        }
    }

    /// The time of the request, if it is about the past.
    pub(crate) fn asked_at(&self) -> Option<NaiveDateTime> {
        self.past.as_ref().map(|past| past.now)
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
        let mut work = Some(work);
        let once = move |c: &mut DbConnection, _| match work.take() {
            Some(work) => work(c),
            None => Err(ApiError::internal(&"a read ran twice")),
        };
        self.read_page(Reading::Snapshot, once).await
    }

    /// [`Public::read`] for pages that name other records: `work` gets their names from the reader. It may be run a second
    /// time.
    pub async fn read_page<T: Send + 'static>(
        &self,
        reading: Reading,
        mut work: impl FnMut(&mut DbConnection, NameReader) -> Result<T, ApiError> + Send + 'static,
    ) -> Result<(T, Freshness), ApiError> {
        let mut freshness = Freshness {
            now: self.now,
            validity: None,
            dependencies: Dependencies::EVERYTHING,
            is_private: self.caller.is_some() || self.pass.is_some(),
        };
        if let Some(past) = &self.past {
            freshness.now = past.now;
            let moment = past.moment;
            let value = past.database.read(move |c| {
                history::show(c, moment)?;
                work(c, NameReader::default())
            });
            return Ok((value.await?, freshness));
        }
        let (instance, now, caller) = (self.instance.clone(), self.now, self.caller.clone());
        let tail = instance.log.tail();
        let end = (tail.epoch(), tail.position());
        // whether the caller is active takes a statement
        let reading = match caller.is_none() {
            true => reading,
            false => Reading::Snapshot,
        };
        let run = move |connection: &mut DbConnection, in_transaction: bool| {
            if let Some(caller) = &caller {
                require_active(connection, caller)?;
            }
            let names = NameReader::new(&instance.names, in_transaction);
            let value = work(connection, names)?;
            let validity = instance.validity.moments(connection, end, now)?;
            Ok::<_, ApiError>((value, validity))
        };
        let (value, validity) = self.instance.database.read_as(reading, run).await?;
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

    /// The same guard, with the pass of a preview link, if the request has one: it shows a record as it is now.
    ///
    /// # Errors
    /// 400 if the pass cannot be used, or if the request is about the past.
    pub fn with_preview(
        mut self,
        pass: Option<&str>,
        as_of: Option<AsOf>,
    ) -> Result<Self, ApiError> {
        let pass = pass.map(|pass| self.instance.cursors.read_pass(pass, self.now));
        self.pass = pass.transpose()?;
        if self.pass.is_none() || as_of.is_none() {
            return Ok(self);
        }
        let detail = "A preview shows a record as it is now.";
        Err(ApiError::parameter(
            MistakeCode::DoesNotApply,
            "as_of",
            detail,
        ))
    }

    /// The pass of the preview link that was followed.
    pub fn pass(&self) -> Option<PreviewPass> {
        self.pass.clone()
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
                pass: None,
                now,
                base: base_url::of(instance.config.public_url.as_deref(), request.head()),
                request,
                instance,
            })
        })
    }
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
