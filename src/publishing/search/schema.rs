//! The fields of the index. It stores no text: hits are read from the database.

use sha2::{Digest, Sha256};
use tantivy::schema::{
    Field, IndexRecordOption, NumericOptions, Schema, TextFieldIndexing, TextOptions,
};
use tantivy::tokenizer::{RAW_TOKENIZER_NAME, TokenizerManager};

use super::words;

/// The version of the documents. Changing it makes every node rebuild its index.
const VERSION: &str = "4";

const ENGLISH: &str = "english";
const PLAIN: &str = "plain";

/// The fields of the index.
#[derive(Clone, Debug)]
pub struct Fields {
    /// The record's id.
    pub id: Field,
    /// The kind of record.
    pub resource: Field,
    /// Ids of the organisations that published it or that it addresses; for an organisation, its own.
    pub organisation: Field,
    /// Ids of its topics.
    pub topic: Field,
    /// The id of the report that it is about or belongs to; for a report, its own.
    pub report: Field,
    /// Ids of the recommendations that an article is about; for a recommendation, its own.
    pub recommendation: Field,
    /// Ids of the organisations that published it.
    pub publisher: Field,
    /// The id of the organisation whose complaint led to a report.
    pub complainant_body: Field,
    /// Ids of the groups that a recommendation is addressed to.
    pub group: Field,
    /// The id of the organisation that an organisation is part of.
    pub parent: Field,
    /// The kind of recommendation, report or organisation.
    pub kind: Field,
    /// The themes of a recommendation.
    pub theme: Field,
    /// The kind of response that a recommendation requires.
    pub response_requirement: Field,
    /// The original link of an article, normalised for comparison.
    pub original_url: Field,
    /// The reference numbers of a report, as `scheme:value`.
    pub reference: Field,
    /// The identifiers of an organisation, as `scheme:value`.
    pub identifier: Field,
    /// All names of an organisation and its acronym, verbatim.
    pub name: Field,
    /// Its language.
    pub language: Field,
    /// When it was published, in milliseconds since 1970.
    pub published_at: Field,
    /// When it was updated, in milliseconds since 1970.
    pub updated_at: Field,
    /// The start of the day on which the response to a recommendation is due as stated, in milliseconds since 1970.
    pub due_on: Field,
    /// When it becomes visible to the public, in milliseconds since 1970.
    pub public_from: Field,
    /// The headline or title, stemmed.
    pub headline: Field,
    /// The headline or title, unstemmed.
    pub headline_plain: Field,
    /// All names of an organisation, its acronym, and reference numbers.
    pub names: Field,
    /// All other text, stemmed.
    pub body: Field,
    /// The text of records that are not in English, unstemmed.
    pub body_plain: Field,
    /// The headline and all text of Welsh records, unstemmed; searched for mutated forms too.
    pub welsh: Field,
}

/// The schema and its fields.
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
        recommendation: builder.add_text_field("recommendation", key()),
        publisher: builder.add_text_field("publisher", counted()),
        complainant_body: builder.add_text_field("complainant_body", key()),
        group: builder.add_text_field("group", counted()),
        parent: builder.add_text_field("parent", key()),
        kind: builder.add_text_field("kind", counted()),
        theme: builder.add_text_field("theme", counted()),
        response_requirement: builder.add_text_field("response_requirement", counted()),
        original_url: builder.add_text_field("original_url", key()),
        reference: builder.add_text_field("reference", key()),
        identifier: builder.add_text_field("identifier", key()),
        name: builder.add_text_field("name", key()),
        language: builder.add_text_field("language", counted()),
        published_at: builder.add_i64_field("published_at", moment()),
        updated_at: builder.add_i64_field("updated_at", moment()),
        due_on: builder.add_i64_field("due_on", moment()),
        public_from: builder.add_i64_field("public_from", moment()),
        headline: builder.add_text_field("headline", text(ENGLISH)),
        headline_plain: builder.add_text_field("headline_plain", text(PLAIN)),
        names: builder.add_text_field("names", text(PLAIN)),
        body: builder.add_text_field("body", text(ENGLISH)),
        body_plain: builder.add_text_field("body_plain", text(PLAIN)),
        welsh: builder.add_text_field("welsh", text(PLAIN)),
    };
    (builder.build(), fields)
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
    let schema = serde_json::to_string(&schema().0).unwrap_or_default();
    let digest = Sha256::digest(format!("{VERSION} {schema}"));
    digest.iter().take(6).map(|b| format!("{b:02x}")).collect()
}
