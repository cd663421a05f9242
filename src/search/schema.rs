//! What the index holds of a record. It holds no text that could be shown: hits are read from the database.

use sha2::{Digest, Sha256};
use tantivy::schema::{
    Field, IndexRecordOption, NumericOptions, Schema, TextFieldIndexing, TextOptions,
};
use tantivy::tokenizer::{RAW_TOKENIZER_NAME, TokenizerManager};

use super::words;

/// The number of the way in which documents are made. Another number makes every node build its index anew.
const VERSION: &str = "2";

const ENGLISH: &str = "english";
const PLAIN: &str = "plain";

/// The fields of the index.
#[derive(Clone, Debug)]
pub struct Fields {
    /// The record's id.
    pub id: Field,
    /// What it is, by the name of the resource.
    pub resource: Field,
    /// Ids of the organisations that published it, or whom it addresses; of an organisation its own.
    pub organisation: Field,
    /// Ids of its topics.
    pub topic: Field,
    /// The id of the report that it is about or belongs to; of a report its own.
    pub report: Field,
    /// Its language.
    pub language: Field,
    /// When it was published, in milliseconds since 1970.
    pub published_at: Field,
    /// From when the public may see it, in milliseconds since 1970.
    pub public_from: Field,
    /// The headline or title, stemmed.
    pub headline: Field,
    /// The same as it stands.
    pub headline_plain: Field,
    /// All names of an organisation, its acronym, and numbers.
    pub names: Field,
    /// All other text, stemmed.
    pub body: Field,
    /// The text of what is not English, as it stands.
    pub body_plain: Field,
}

/// The fields with their schema.
pub fn schema() -> (Schema, Fields) {
    let mut builder = Schema::builder();
    let key = || {
        let indexing = TextFieldIndexing::default()
            .set_tokenizer(RAW_TOKENIZER_NAME)
            .set_index_option(IndexRecordOption::Basic)
            .set_fieldnorms(false);
        TextOptions::default().set_indexing_options(indexing)
    };
    let counted = || key().set_fast(RAW_TOKENIZER_NAME);
    let text = |analyser: &str| {
        let indexing = TextFieldIndexing::default()
            .set_tokenizer(analyser)
            .set_index_option(IndexRecordOption::WithFreqsAndPositions);
        TextOptions::default().set_indexing_options(indexing)
    };
    let moment = || NumericOptions::default().set_fast().set_indexed();
    let fields = Fields {
        id: builder.add_text_field("id", key().set_stored()),
        resource: builder.add_text_field("type", counted()),
        organisation: builder.add_text_field("organisation", counted()),
        topic: builder.add_text_field("topic", counted()),
        report: builder.add_text_field("report", counted()),
        language: builder.add_text_field("language", counted()),
        published_at: builder.add_i64_field("published_at", moment()),
        public_from: builder.add_i64_field("public_from", moment()),
        headline: builder.add_text_field("headline", text(ENGLISH)),
        headline_plain: builder.add_text_field("headline_plain", text(PLAIN)),
        names: builder.add_text_field("names", text(PLAIN)),
        body: builder.add_text_field("body", text(ENGLISH)),
        body_plain: builder.add_text_field("body_plain", text(PLAIN)),
    };
    (builder.build(), fields)
}

/// The analysers that the schema names.
pub fn analysers() -> TokenizerManager {
    let analysers = TokenizerManager::default();
    analysers.register(ENGLISH, words::english());
    analysers.register(PLAIN, words::plain());
    analysers
}

/// A short text that differs where an index of one schema cannot be read with another.
pub fn fingerprint() -> String {
    let schema = serde_json::to_string(&schema().0).unwrap_or_default();
    let digest = Sha256::digest(format!("{VERSION} {schema}"));
    digest.iter().take(6).map(|b| format!("{b:02x}")).collect()
}
