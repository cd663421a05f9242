//! The editorial desk: publishing, scheduling, withdrawing and correcting, each as one action. What an action does is a
//! change of the document like any other, with the same preconditions and rights.

use actix_web::{HttpResponse, post, web};
use chrono::{DateTime, NaiveDateTime, SecondsFormat, Utc};
use garde::Validate;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use super::body::Body;
use crate::articles;
use crate::articles::views::Article;
use crate::auth::Client;
use crate::changes::Resource;
use crate::clock::uk_day;
use crate::http::answer::Item;
use crate::http::error::ApiError;
use crate::http::problem::Mistake;
use crate::import::reading;
use crate::reports;
use crate::reports::views::Report;

/// Nothing more is to be said.
#[derive(Clone, Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PublishRequest {}

/// When.
#[derive(Clone, Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ScheduleRequest {
    /// The moment from which the public sees it.
    #[garde(skip)]
    pub at: DateTime<Utc>,
}

/// Why.
#[derive(Clone, Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WithdrawRequest {
    /// The reason given to the public.
    #[garde(length(chars, min = 1, max = 2000))]
    #[schema(
        min_length = 1,
        max_length = 2000,
        example = "Replaced by a corrected version."
    )]
    pub reason: String,
}

/// What was wrong.
#[derive(Clone, Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CorrectRequest {
    /// What was wrong and what is right, for the public.
    #[garde(length(chars, min = 1, max = 5000))]
    #[schema(
        min_length = 1,
        max_length = 5000,
        example = "The number of forces was given as 44."
    )]
    pub note: String,
    /// The words before.
    #[serde(default)]
    #[garde(length(chars, max = 5000))]
    #[schema(max_length = 5000, example = "all 44 forces")]
    pub before: Option<String>,
    /// The words after.
    #[serde(default)]
    #[garde(length(chars, max = 5000))]
    #[schema(max_length = 5000, example = "all 43 forces")]
    pub after: Option<String>,
}

/// Publish an article
///
/// The public sees it from now on. Takes `articles:publish` besides `articles:write`.
#[utoipa::path(tag = "Articles", params(("id" = String, Path, description = "The id or slug", max_length = 150)), request_body = PublishRequest, responses((status = 200, description = "The article, as it is now", body = Item<Article>)))]
#[post("/articles/{id}/publish")]
pub async fn publish_article(
    client: Client,
    key: web::Path<String>,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    read::<PublishRequest>(&body)?;
    let publish = |document: &mut Map<String, Value>, now: NaiveDateTime| {
        let member = |name: &str| document.get(name).and_then(Value::as_str);
        let planned = member("published_at").and_then(|at| at.parse::<DateTime<Utc>>().ok());
        let is_out = planned.is_some_and(|at| at.naive_utc() <= now);
        // what is published, or was until it was withdrawn, keeps its time
        if member("state") == Some("draft") || !is_out {
            set(document, "published_at", json!(text(now)));
        }
        set(document, "state", json!("published"));
        document.shift_remove("embargoed_until");
        document.shift_remove("withdrawal");
    };
    super::act(
        client,
        Resource::Article,
        key.into_inner(),
        body,
        publish,
        articles::routes::show,
    )
    .await
}

/// Schedule an article
///
/// The public sees it from the moment on that is given, without anybody doing more. Takes `articles:publish` besides
/// `articles:write`. What has been public already cannot be scheduled.
#[utoipa::path(tag = "Articles", params(("id" = String, Path, description = "The id or slug", max_length = 150)), request_body = ScheduleRequest, responses((status = 200, description = "The article, as it is now", body = Item<Article>)))]
#[post("/articles/{id}/schedule")]
pub async fn schedule_article(
    client: Client,
    key: web::Path<String>,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    let asked: ScheduleRequest = read(&body)?;
    let schedule = move |document: &mut Map<String, Value>, _: NaiveDateTime| {
        set(document, "state", json!("published"));
        set(document, "published_at", json!(text(asked.at.naive_utc())));
        document.shift_remove("embargoed_until");
    };
    super::act(
        client,
        Resource::Article,
        key.into_inner(),
        body,
        schedule,
        articles::routes::show,
    )
    .await
}

/// Withdraw an article
///
/// What stays is a notice, with the reason. Takes `articles:publish` besides `articles:write`.
#[utoipa::path(tag = "Articles", params(("id" = String, Path, description = "The id or slug", max_length = 150)), request_body = WithdrawRequest, responses((status = 200, description = "The article, as it is now", body = Item<Article>)))]
#[post("/articles/{id}/withdraw")]
pub async fn withdraw_article(
    client: Client,
    key: web::Path<String>,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    let withdraw = withdrawal(read(&body)?);
    super::act(
        client,
        Resource::Article,
        key.into_inner(),
        body,
        withdraw,
        articles::routes::show,
    )
    .await
}

/// Correct an article
///
/// Adds a correction that the public sees, with the words before and after. The body of the article is changed by
/// `PATCH`. Takes `articles:publish` besides `articles:write`.
#[utoipa::path(tag = "Articles", params(("id" = String, Path, description = "The id or slug", max_length = 150)), request_body = CorrectRequest, responses((status = 200, description = "The article, as it is now", body = Item<Article>)))]
#[post("/articles/{id}/corrections")]
pub async fn correct_article(
    client: Client,
    key: web::Path<String>,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    let asked: CorrectRequest = read(&body)?;
    let correct = move |document: &mut Map<String, Value>, now: NaiveDateTime| {
        let mut correction = json!({ "at": text(now), "note": asked.note });
        for (name, words) in [("before", asked.before), ("after", asked.after)] {
            if let Some(words) = words {
                correction[name] = Value::from(words);
            }
        }
        let corrections = document
            .entry("corrections")
            .or_insert_with(|| Value::Array(Vec::new()));
        if let Value::Array(corrections) = corrections {
            corrections.push(correction);
        }
    };
    super::act(
        client,
        Resource::Article,
        key.into_inner(),
        body,
        correct,
        articles::routes::show,
    )
    .await
}

/// Publish a report
///
/// The public sees it, and its recommendations, from today on. Takes `articles:publish` besides
/// `recommendations:write`.
#[utoipa::path(tag = "Reports", params(("id" = String, Path, description = "The id or slug", max_length = 150)), request_body = PublishRequest, responses((status = 200, description = "The report, as it is now", body = Item<Report>)))]
#[post("/reports/{id}/publish")]
pub async fn publish_report(
    client: Client,
    key: web::Path<String>,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    read::<PublishRequest>(&body)?;
    let publish = |document: &mut Map<String, Value>, now: NaiveDateTime| {
        let today = uk_day(now).to_string();
        let member = |name: &str| document.get(name).and_then(Value::as_str);
        if member("state") == Some("draft") || member("published_on") > Some(today.as_str()) {
            set(document, "published_on", json!(today));
        }
        set(document, "state", json!("published"));
        document.shift_remove("embargoed_until");
        document.shift_remove("withdrawal");
    };
    super::act(
        client,
        Resource::Report,
        key.into_inner(),
        body,
        publish,
        reports::routes::show,
    )
    .await
}

/// Withdraw a report
///
/// What stays is a notice, with the reason. Takes `articles:publish` besides `recommendations:write`.
#[utoipa::path(tag = "Reports", params(("id" = String, Path, description = "The id or slug", max_length = 150)), request_body = WithdrawRequest, responses((status = 200, description = "The report, as it is now", body = Item<Report>)))]
#[post("/reports/{id}/withdraw")]
pub async fn withdraw_report(
    client: Client,
    key: web::Path<String>,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    let withdraw = withdrawal(read(&body)?);
    super::act(
        client,
        Resource::Report,
        key.into_inner(),
        body,
        withdraw,
        reports::routes::show,
    )
    .await
}

fn withdrawal(asked: WithdrawRequest) -> impl FnOnce(&mut Map<String, Value>, NaiveDateTime) {
    move |document, now| {
        set(document, "state", json!("withdrawn"));
        set(
            document,
            "withdrawal",
            json!({ "at": text(now), "reason": asked.reason }),
        );
    }
}

fn set(document: &mut Map<String, Value>, name: &str, value: Value) {
    document.insert(name.to_owned(), value);
}

fn text(at: NaiveDateTime) -> String {
    at.and_utc().to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// The body of an action.
pub(crate) fn read<T: DeserializeOwned + Validate<Context = ()>>(
    body: &Body,
) -> Result<T, ApiError> {
    let value = Value::Object(body.members.clone());
    reading::read_value(&value).map_err(|mistakes| {
        let told = mistakes
            .iter()
            .map(|(place, detail)| Mistake::pointer("invalid_value", place, detail));
        ApiError::validation(told.collect())
    })
}
