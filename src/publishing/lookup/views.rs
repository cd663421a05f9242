//! What a lookup shows.

use serde::Serialize;
use utoipa::ToSchema;

use crate::log::Resource;
use crate::platform::identity::{RecordId, Slug};

/// The record at an address.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct LocatedRecord {
    /// The kind of record.
    #[serde(rename = "type")]
    pub resource: Resource,
    /// The id.
    #[schema(value_type = String, min_length = 36, max_length = 36)]
    pub id: RecordId,
    /// The slug.
    #[schema(value_type = String, min_length = 1, max_length = 150, example = "iopc")]
    pub slug: Slug,
    /// The record in this API.
    #[schema(
        max_length = 2000,
        format = "uri",
        example = "http://127.0.0.1:8080/v1/organisations/iopc"
    )]
    pub url: String,
    /// Its page on the public site. Present if the setting `page_urls` says where.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(
        max_length = 2000,
        format = "uri",
        example = "https://site.example/organisations/iopc"
    )]
    pub page_url: Option<String>,
    /// Where to redirect who asked for the address: the page, if it is at another address.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 2000, format = "uri")]
    pub redirect_to: Option<String>,
}
