//! The fields of the index. It stores no text: hits are read from the database.

use sha2::{Digest, Sha256};
use strum::VariantArray;
use tantivy::Term;
use tantivy::schema::{
    FieldEntry, IndexRecordOption, NumericOptions, Schema, TextFieldIndexing, TextOptions,
};
use tantivy::tokenizer::{RAW_TOKENIZER_NAME, TokenizerManager};

use super::words;

/// The version of the documents. Changing it makes every node rebuild its index.
const VERSION: &str = "6";

const ENGLISH: &str = "english";
const PLAIN: &str = "plain";

/// The fields of the index, in the order of its schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::IntoStaticStr, VariantArray)]
#[strum(serialize_all = "snake_case")]
pub enum Field {
    /// The record's id.
    Id,
    /// The kind of record.
    Type,
    /// Ids of the organisations that published it or that it addresses; for an organisation, its own.
    Organisation,
    /// Ids of its topics.
    Topic,
    /// The id of the report that it is about or belongs to; for a report, its own.
    Report,
    /// Ids of the recommendations that an article is about; for a recommendation, its own.
    Recommendation,
    /// Ids of the organisations that published it.
    Publisher,
    /// The id of the organisation whose complaint led to a report.
    ComplainantBody,
    /// Ids of the groups that a recommendation is addressed to.
    Group,
    /// The id of the organisation that an organisation is part of.
    Parent,
    /// The kind of recommendation, report or organisation.
    Kind,
    /// The themes of a recommendation.
    Theme,
    /// The kind of response that a recommendation requires.
    ResponseRequirement,
    /// The original link of an article, normalised for comparison.
    OriginalUrl,
    /// The reference numbers of a report, as `scheme:value`.
    Reference,
    /// The identifiers of an organisation, as `scheme:value`.
    Identifier,
    /// All names of an organisation without case and accents, and its acronym verbatim.
    Name,
    /// Names, acronyms, titles and reference numbers, each as a whole, without case and accents.
    Exact,
    /// Its language.
    Language,
    /// The year in which it was published, in the United Kingdom.
    Year,
    /// The month in which it was published, in the United Kingdom: `2026-11`.
    Month,
    /// When it was published, in milliseconds since 1970.
    PublishedAt,
    /// When it was updated, in milliseconds since 1970.
    UpdatedAt,
    /// The start of the day on which the response to a recommendation is due as stated, in milliseconds since 1970.
    DueOn,
    /// When it becomes visible to the public, in milliseconds since 1970.
    PublicFrom,
    /// The headline or title, stemmed.
    Headline,
    /// The headline or title, unstemmed.
    HeadlinePlain,
    /// All names of an organisation, its acronym, and reference numbers.
    Names,
    /// All other text, stemmed.
    Body,
    /// The text of records that are not in English, unstemmed.
    BodyPlain,
    /// All words of the text, unstemmed, for those that are not typed to their end.
    BodyWords,
    /// The headline and all text of Welsh records, unstemmed; searched for mutated forms too.
    Welsh,
}

impl From<Field> for tantivy::schema::Field {
    fn from(field: Field) -> Self {
        Self::from_field_id(field as u32)
    }
}

impl Field {
    /// The name. A parameter that filters by the field has the same.
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// A word or key in this field.
    pub fn text(self, text: &str) -> Term {
        Term::from_field_text(self.into(), text)
    }

    /// A time in this field, in milliseconds since 1970.
    pub fn time(self, milliseconds: i64) -> Term {
        Term::from_field_i64(self.into(), milliseconds)
    }

    /// How the field is indexed.
    fn entry(self) -> FieldEntry {
        let indexing = TextFieldIndexing::default();
        let text = |analyser| {
            let indexing = indexing.clone().set_tokenizer(analyser);
            let option = IndexRecordOption::WithFreqsAndPositions;
            TextOptions::default().set_indexing_options(indexing.set_index_option(option))
        };
        let raw = indexing.clone().set_tokenizer(RAW_TOKENIZER_NAME);
        let raw = raw.set_index_option(IndexRecordOption::Basic);
        let key = TextOptions::default().set_indexing_options(raw.set_fieldnorms(false));
        let options = match self {
            Self::PublishedAt | Self::UpdatedAt | Self::DueOn | Self::PublicFrom => {
                let time = NumericOptions::default().set_fast().set_indexed();
                return FieldEntry::new_i64(self.name().to_owned(), time);
            }
            Self::Headline | Self::Body => text(ENGLISH),
            Self::HeadlinePlain | Self::Names | Self::BodyPlain | Self::Welsh => text(PLAIN),
            Self::BodyWords => {
                let words = indexing.clone().set_tokenizer(PLAIN);
                let words = words.set_index_option(IndexRecordOption::Basic);
                TextOptions::default().set_indexing_options(words.set_fieldnorms(false))
            }
            Self::Id => key.set_stored(),
            Self::Recommendation | Self::ComplainantBody | Self::Parent | Self::OriginalUrl => key,
            Self::Reference | Self::Identifier | Self::Name | Self::Exact => key,
            // the facets
            _ => key.set_fast(RAW_TOKENIZER_NAME),
        };
        FieldEntry::new_text(self.name().to_owned(), options)
    }
}

/// The schema of the index.
pub fn schema() -> Schema {
    let mut builder = Schema::builder();
    for field in Field::VARIANTS {
        builder.add_field(field.entry());
    }
    builder.build()
}

/// The analysers named in the schema.
pub fn analysers() -> TokenizerManager {
    let analysers = TokenizerManager::default();
    analysers.register(ENGLISH, words::english());
    analysers.register(PLAIN, words::plain());
    analysers
}

/// A short hash that changes when an index with one schema cannot be read with another.
pub fn fingerprint() -> String {
    let schema = serde_json::to_string(&schema()).unwrap_or_default();
    let digest = Sha256::digest(format!("{VERSION} {schema}"));
    digest.iter().take(6).map(|b| format!("{b:02x}")).collect()
}
