//! What records say in other languages than their own: names, titles and descriptions.

use garde::Validate;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use utoipa::ToSchema;

use crate::platform::language::Language;
use crate::platform::mistakes::{MistakeCode, broken};
use crate::platform::values;

/// An organisation in another language.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OrganisationTexts {
    /// The language, as a BCP 47 tag.
    #[garde(custom(values::language))]
    #[schema(value_type = String, min_length = 2, max_length = 35, example = "cy")]
    pub language: Language,
    /// The current name.
    #[garde(custom(values::text(300)))]
    #[schema(min_length = 1, max_length = 300, example = "Heddlu Gwent")]
    pub name: String,
    /// The acronym.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(custom(values::text(60))))]
    #[schema(min_length = 1, max_length = 60)]
    pub acronym: Option<String>,
    /// What it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(length(chars, max = 5000))]
    #[schema(max_length = 5000)]
    pub description: Option<String>,
}

/// A topic in another language.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TopicTexts {
    /// The language, as a BCP 47 tag.
    #[garde(custom(values::language))]
    #[schema(value_type = String, min_length = 2, max_length = 35, example = "cy")]
    pub language: Language,
    /// The name.
    #[garde(custom(values::text(300)))]
    #[schema(min_length = 1, max_length = 300, example = "Stelcian")]
    pub name: String,
    /// What it covers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(length(chars, max = 5000))]
    #[schema(max_length = 5000)]
    pub description: Option<String>,
}

/// A group in another language.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GroupTexts {
    /// The language, as a BCP 47 tag.
    #[garde(custom(values::language))]
    #[schema(value_type = String, min_length = 2, max_length = 35, example = "cy")]
    pub language: Language,
    /// The name.
    #[garde(custom(values::text(300)))]
    #[schema(min_length = 1, max_length = 300)]
    pub name: String,
    /// A description of who belongs to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(length(chars, max = 5000))]
    #[schema(max_length = 5000)]
    pub definition: Option<String>,
}

/// A report in another language.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReportTexts {
    /// The language, as a BCP 47 tag.
    #[garde(custom(values::language))]
    #[schema(value_type = String, min_length = 2, max_length = 35, example = "cy")]
    pub language: Language,
    /// The title.
    #[garde(custom(values::text(500)))]
    #[schema(min_length = 1, max_length = 500)]
    pub title: String,
    /// The summary. Left out when withdrawn.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(length(chars, max = 10_000))]
    #[schema(max_length = 10000)]
    pub summary: Option<String>,
}

/// Texts in one language.
pub trait InLanguage {
    /// The language.
    fn language(&self) -> &Language;
}

impl InLanguage for OrganisationTexts {
    fn language(&self) -> &Language {
        &self.language
    }
}

impl InLanguage for TopicTexts {
    fn language(&self) -> &Language {
        &self.language
    }
}

impl InLanguage for GroupTexts {
    fn language(&self) -> &Language {
        &self.language
    }
}

impl InLanguage for ReportTexts {
    fn language(&self) -> &Language {
        &self.language
    }
}

/// Validates that no language occurs twice, nor that of the record itself.
pub fn distinct<T: InLanguage>(
    own: Option<&Language>,
) -> impl FnOnce(&[T], &()) -> garde::Result + use<T> {
    let own = own.cloned().unwrap_or_default();
    move |texts, (): &()| {
        let mut known = BTreeSet::from([&*own]);
        match texts.iter().all(|one| known.insert(one.language())) {
            true => Ok(()),
            false => Err(broken(
                MistakeCode::ListedTwice,
                "Each language may occur once, and the record's own is in its other members.",
            )),
        }
    }
}
