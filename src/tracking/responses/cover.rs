//! What a response covers, as it is written.

use garde::Validate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::platform::identity::Key;
use crate::platform::mistakes::{MistakeCode, broken};
use crate::platform::values;
use crate::tracking::obligations::model::Position;

/// A recommendation that a response covers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Cover {
    /// The number of the recommendation or element in the report.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(custom(values::text(60))), custom(values::number_xor_id(&self.recommendation)))]
    #[schema(min_length = 1, max_length = 60, example = "7.1")]
    pub number: Option<String>,
    /// The recommendation, by id or slug, instead of the number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(skip)]
    pub recommendation: Option<Key>,
    /// The position, as one of the values of this API.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(skip)]
    pub position: Option<Position>,
    /// The position in the response's own words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(custom(values::text(1000))))]
    #[schema(min_length = 1, max_length = 1000)]
    pub position_verbatim: Option<String>,
    /// Who mapped those words to the position: a person, a rule or a program.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(custom(values::text(200))))]
    #[schema(min_length = 1, max_length = 200)]
    pub mapped_by: Option<String>,
    /// What the response says, in its own words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(custom(values::text(50_000))))]
    #[schema(min_length = 1, max_length = 50000)]
    pub text: Option<String>,
    /// The page of the response.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(custom(values::text(60))))]
    #[schema(min_length = 1, max_length = 60, example = "p. 12")]
    pub page: Option<String>,
}

/// Rejects content of a withheld response, which must not be stored.
pub(super) fn no_text_if(is_withheld: bool) -> impl FnOnce(&Vec<Cover>, &()) -> garde::Result {
    move |covers, _| {
        let has_text = |cover: &Cover| {
            cover.text.is_some() || cover.position_verbatim.is_some() || cover.page.is_some()
        };
        match is_withheld && covers.iter().any(has_text) {
            true => Err(broken(
                MistakeCode::Inconsistent,
                "A withheld response must not have text, position_verbatim or page.",
            )),
            false => Ok(()),
        }
    }
}
