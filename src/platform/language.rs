//! Languages of texts, as tags of BCP 47 (RFC 5646).

use icu_locale::{LanguageIdentifier, LocaleDirectionality};
use language_tags::LanguageTag;
use serde::{Deserialize, Deserializer, Serialize};
use std::fmt;
use std::ops::Deref;
use utoipa::ToSchema;

/// The longest tag, in characters (RFC 5646, 4.4.1).
pub const MAX_LENGTH: usize = 35;

/// The language of a text, as a tag in its usual case: `en`, `cy`, `pt-BR`, `zh-Hant`. Those in documents are checked when the
/// document is ([`super::values::language`]).
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct Language(String);

impl Language {
    /// The language with this tag, in any case; `None` if it is not registered with IANA.
    pub fn registered(text: &str) -> Option<Self> {
        let tag = LanguageTag::parse(text).ok()?;
        // the library takes longer subtags after `x`, and every tag from `qaa` to `qtz` for a private one
        let is_short = text.split('-').all(|subtag| subtag.len() <= 8);
        let primary = tag.primary_language();
        let is_private = ("qaa"..="qtz").contains(&primary) && primary.len() != 3;
        let is_known = text.len() <= MAX_LENGTH && is_short && !is_private && tag.is_valid();
        is_known.then(|| Self(tag.into_string()))
    }
}

/// A tag, and shorter ones for texts that will do if there is none in it (RFC 4647, 3.4).
pub fn with_fallbacks(tag: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(tag), |tag| {
        let (shorter, _) = tag.rsplit_once('-')?;
        // no subtag of one letter stands at the end
        match shorter.rsplit_once('-') {
            Some((rest, last)) if last.len() == 1 => Some(rest),
            _ => Some(shorter),
        }
    })
}

/// The direction in which a text is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema, strum::IntoStaticStr)]
pub enum TextDirection {
    /// From left to right.
    #[serde(rename = "ltr")]
    #[strum(serialize = "ltr")]
    LeftToRight,
    /// From right to left.
    #[serde(rename = "rtl")]
    #[strum(serialize = "rtl")]
    RightToLeft,
}

impl TextDirection {
    /// The direction of a language, by its script: the one that the tag names, or else the usual one of the language in its
    /// region (Unicode CLDR). From left to right if it is not known.
    pub fn of(tag: &str) -> Self {
        let directions = LocaleDirectionality::new_extended();
        // a longer tag may have what Unicode does not know, such as a private part
        let mut tags = with_fallbacks(tag);
        let known = tags.find_map(|tag| LanguageIdentifier::try_from_str(tag).ok());
        match known.is_some_and(|language| directions.is_right_to_left(&language)) {
            true => Self::RightToLeft,
            false => Self::LeftToRight,
        }
    }
}

/// English, where none is stated.
impl Default for Language {
    fn default() -> Self {
        Self("en".to_owned())
    }
}

impl Deref for Language {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self)
    }
}

impl<'de> Deserialize<'de> for Language {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Ok(Self::registered(&text).unwrap_or(Self(text)))
    }
}
