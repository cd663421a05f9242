//! Images and attachments of records. The files stay where they are published: this API keeps references and digests.

use garde::Validate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::platform::language::Language;
use crate::platform::mistakes::{MistakeCode, broken};
use crate::platform::values;

/// What an image is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ImageRole {
    /// The image that stands for the record, in lists and previews. There is one at most.
    Lead,
    /// Any other.
    #[default]
    Other,
}

/// An image.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Image {
    /// What it is for.
    #[serde(default)]
    #[garde(skip)]
    pub role: ImageRole,
    /// The address of the file.
    #[garde(custom(values::web_url))]
    #[schema(
        max_length = 2000,
        format = "uri",
        example = "https://oversight.example/images/custody.jpg"
    )]
    pub url: String,
    /// What it shows, for those who do not see it; empty if it is only decoration.
    #[garde(length(chars, max = 1000))]
    #[schema(max_length = 1000, example = "The entrance of a police station.")]
    pub alt: String,
    /// The caption.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(custom(values::text(1000))))]
    #[schema(min_length = 1, max_length = 1000)]
    pub caption: Option<String>,
    /// Whose work it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(custom(values::text(300))))]
    #[schema(min_length = 1, max_length = 300)]
    pub credit: Option<String>,
    /// The licence of the image: an SPDX name or a URL. If absent, all rights are reserved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(custom(values::text(2000))))]
    #[schema(min_length = 1, max_length = 2000, example = "OGL-UK-3.0")]
    pub licence: Option<String>,
    /// The width in pixels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(range(min = 1, max = 100_000)))]
    #[schema(minimum = 1, maximum = 100000)]
    pub width: Option<i32>,
    /// The height in pixels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(range(min = 1, max = 100_000)))]
    #[schema(minimum = 1, maximum = 100000)]
    pub height: Option<i32>,
    /// The media type of the file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(custom(values::media_type)))]
    #[schema(
        min_length = 3,
        max_length = 100,
        pattern = "^[a-z0-9.+-]+/[a-z0-9.+-]+$",
        example = "image/jpeg"
    )]
    pub media_type: Option<String>,
    /// The size of the file in bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(range(min = 0, max = MAX_BYTES)))]
    #[schema(minimum = 0, maximum = 9007199254740991_i64)]
    pub bytes: Option<i64>,
    /// The SHA-256 of the file, in hexadecimal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(custom(values::sha256_hex)))]
    #[schema(min_length = 64, max_length = 64, pattern = "^[0-9a-f]{64}$")]
    pub sha256: Option<String>,
}

/// A file that is published with a record: the PDF of a report, an annex.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Attachment {
    /// The address of the file.
    #[garde(custom(values::web_url))]
    #[schema(
        max_length = 2000,
        format = "uri",
        example = "https://oversight.example/reports/custody.pdf"
    )]
    pub url: String,
    /// The title.
    #[garde(custom(values::text(500)))]
    #[schema(
        min_length = 1,
        max_length = 500,
        example = "Inspection of custody in Exampleshire"
    )]
    pub title: String,
    /// The language, as a BCP 47 tag.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(custom(values::language)))]
    #[schema(value_type = Option<String>, min_length = 2, max_length = 35, example = "en")]
    pub language: Option<Language>,
    /// The media type of the file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(custom(values::media_type)))]
    #[schema(
        min_length = 3,
        max_length = 100,
        pattern = "^[a-z0-9.+-]+/[a-z0-9.+-]+$",
        example = "application/pdf"
    )]
    pub media_type: Option<String>,
    /// The number of pages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(range(min = 1, max = 1_000_000)))]
    #[schema(minimum = 1, maximum = 1000000)]
    pub pages: Option<i32>,
    /// The size of the file in bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(range(min = 0, max = MAX_BYTES)))]
    #[schema(minimum = 0, maximum = 9007199254740991_i64)]
    pub bytes: Option<i64>,
    /// The SHA-256 of the file, in hexadecimal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(custom(values::sha256_hex)))]
    #[schema(min_length = 64, max_length = 64, pattern = "^[0-9a-f]{64}$")]
    pub sha256: Option<String>,
}

/// The largest size that JSON numbers express exactly (RFC 8259, 6).
const MAX_BYTES: i64 = 9_007_199_254_740_991;

/// The images and attachments of a record, as they are stored.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Media {
    /// The images.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub images: Vec<Image>,
    /// The attachments.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<Attachment>,
}

impl Media {
    /// Those of a document.
    pub fn of(images: &[Image], attachments: &[Attachment]) -> Self {
        Self {
            images: images.to_vec(),
            attachments: attachments.to_vec(),
        }
    }

    /// Those, or none of a record that is withdrawn.
    pub fn if_shown(self, is_shown: bool) -> Self {
        match is_shown {
            true => self,
            false => Self::default(),
        }
    }

    /// The addresses of all files.
    pub fn urls(self) -> impl Iterator<Item = String> {
        let images = self.images.into_iter().map(|image| image.url);
        images.chain(self.attachments.into_iter().map(|file| file.url))
    }
}

/// The image that stands for a record.
pub fn lead(images: &[Image]) -> Option<&Image> {
    images.iter().find(|image| image.role == ImageRole::Lead)
}

/// Validates that at most one image stands for the record.
pub fn one_lead(images: &[Image], _: &()) -> garde::Result {
    let leads = images.iter().filter(|image| image.role == ImageRole::Lead);
    match leads.count() {
        0 | 1 => Ok(()),
        _ => Err(broken(
            MistakeCode::ListedTwice,
            "Only one image has the role 'lead'.",
        )),
    }
}
