//! What was found at the addresses that plans, responses, updates and assessments name: whether the page is there, and
//! whether it is the same as before.
//!
//! `answerable check-links` visits them. What it finds stands beside the records, in a table of its own, as importing
//! a record again must not take it away. When something else is found than before, the records that name the page are
//! logged once more, so that those who follow the log learn of it; that a page was found as before is not logged.

pub mod checking;
pub mod queries;
pub mod views;
pub mod visiting;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What came of a visit.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, strum::IntoStaticStr,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum PageOutcome {
    /// The page is there.
    Found,
    /// The server says that there is no such page: 404 or 410.
    Gone,
    /// The server does not give it to us: 401, 403 and the like.
    Refused,
    /// The server has an error.
    Failing,
    /// There is no such server, it does not answer in time, or not as one should.
    Unreachable,
    /// It is there, but too large to look at.
    TooLarge,
    /// The site asks programs not to look: its `robots.txt`.
    Disallowed,
    /// The address leads to a network that is not public.
    NotPublic,
}

/// What was found, when it was something else than before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Sighting {
    /// When.
    #[schema(value_type = String, format = "date-time", max_length = 30)]
    pub seen_at: chrono::DateTime<chrono::Utc>,
    /// What came of the visit.
    pub outcome: PageOutcome,
    /// The HTTP status.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 100, maximum = 599)]
    pub http_status: Option<u16>,
    /// Where the server sent us.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 2000, format = "uri")]
    pub redirected_to: Option<String>,
    /// The SHA-256 of the bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 64, max_length = 64)]
    pub sha256: Option<String>,
    /// The SHA-256 of the text of an HTML page, without markup and scripts, which differ with each visit on many
    /// sites: by this such a page is the same or not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 64, max_length = 64)]
    pub text_sha256: Option<String>,
    /// The size in bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 0, maximum = 9007199254740991_i64)]
    pub bytes: Option<u64>,
}

impl Sighting {
    /// Whether both found a page, and not the same one.
    pub fn has_other_content(&self, before: &Self) -> bool {
        let by_text = self.text_sha256.is_some() && before.text_sha256.is_some();
        match by_text {
            true => self.text_sha256 != before.text_sha256,
            false => {
                self.sha256.is_some() && before.sha256.is_some() && self.sha256 != before.sha256
            }
        }
    }

    /// Whether it is something else than what was found before.
    pub fn differs_from(&self, before: &Self) -> bool {
        let standing = |one: &Self| (one.outcome, one.http_status, one.redirected_to.clone());
        standing(self) != standing(before) || self.has_other_content(before)
    }
}
