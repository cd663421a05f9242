//! Who may do what. A handler gets its database handle from a guard here and nowhere else, so that one
//! without an access rule does not compile.
//!
//! For now there is one rule, [`Public`]: anyone may read what is published. Tokens, scopes and the
//! guards for writing will stand beside it.

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, web};
use chrono::NaiveDateTime;
use std::future::{Ready, ready};

use crate::app::App;
use crate::db::DbConnection;
use crate::http::answer::Freshness;
use crate::http::base_url;
use crate::http::cursor::Cursors;
use crate::http::error::ApiError;
use crate::http::problem;

/// Anyone: reads what is public at this moment.
pub struct Public {
    app: web::Data<App>,
    /// The moment of the request.
    pub now: NaiveDateTime,
    /// Where clients reach this API.
    pub base: String,
}

impl Public {
    /// Runs `work` on one moment of the database, and says until when the answer holds.
    pub async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut DbConnection) -> Result<T, ApiError> + Send + 'static,
    ) -> Result<(T, Freshness), ApiError> {
        let now = self.now;
        let (value, until) = self
            .app
            .database
            .read(move |connection| {
                let value = work(connection)?;
                let until = crate::visibility::next_moment(connection, now)?;
                Ok::<_, ApiError>((value, until))
            })
            .await?;
        Ok((value, Freshness { now, until }))
    }

    /// Makes and checks cursors.
    pub fn cursors(&self) -> &Cursors {
        &self.app.cursors
    }
}

impl FromRequest for Public {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let Some(app) = request.app_data::<web::Data<App>>().cloned() else {
            return ready(Err(ApiError::internal(&"the application state is missing")));
        };
        if let Some(detail) = app.not_ready() {
            let error = ApiError::new(&problem::UNAVAILABLE, detail);
            return ready(Err(ApiError {
                retry_after: Some(10),
                ..error
            }));
        }
        let base = base_url::of(app.config.public_url.as_deref(), request.headers());
        ready(Ok(Self {
            now: app.clock.now(),
            base,
            app,
        }))
    }
}
