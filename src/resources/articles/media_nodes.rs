//! Images and files as JSON-LD, in the schema.org vocabulary.

use serde::Serialize;
use utoipa::ToSchema;

use crate::resources::media::{Attachment, Image};

/// An image or a file of an article.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct MediaNode {
    /// `ImageObject` or `MediaObject`.
    #[serde(rename = "@type")]
    #[schema(max_length = 60, example = "ImageObject")]
    pub schema_type: &'static str,
    /// The address of the file.
    #[schema(max_length = 2000, format = "uri")]
    pub content_url: String,
    /// The title.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 500)]
    pub name: Option<String>,
    /// What an image shows.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 1000)]
    pub description: Option<String>,
    /// The caption.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 1000)]
    pub caption: Option<String>,
    /// Whose work it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 300)]
    pub credit_text: Option<String>,
    /// The licence.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 2000)]
    pub license: Option<String>,
    /// The language.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 35)]
    pub in_language: Option<String>,
    /// The media type.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 100, example = "image/jpeg")]
    pub encoding_format: Option<String>,
    /// The size in bytes, as text.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 20)]
    pub content_size: Option<String>,
    /// The width in pixels.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 100000)]
    pub width: Option<i32>,
    /// The height in pixels.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 100000)]
    pub height: Option<i32>,
    /// The SHA-256, in hexadecimal.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 64)]
    pub sha256: Option<String>,
}

impl MediaNode {
    /// The node of an image.
    pub fn image(image: Image) -> Self {
        Self {
            schema_type: "ImageObject",
            content_url: image.url,
            name: None,
            description: Some(image.alt).filter(|alt| !alt.is_empty()),
            caption: image.caption,
            credit_text: image.credit,
            license: image.licence,
            in_language: None,
            encoding_format: image.media_type,
            content_size: image.bytes.map(|bytes| bytes.to_string()),
            width: image.width,
            height: image.height,
            sha256: image.sha256,
        }
    }

    /// The node of a file.
    pub fn file(file: Attachment) -> Self {
        Self {
            schema_type: "MediaObject",
            content_url: file.url,
            name: Some(file.title),
            description: None,
            caption: None,
            credit_text: None,
            license: None,
            in_language: file.language.map(|language| language.to_string()),
            encoding_format: file.media_type,
            content_size: file.bytes.map(|bytes| bytes.to_string()),
            width: None,
            height: None,
            sha256: file.sha256,
        }
    }
}
