//! Parses what a user types into a search box. Parsing is lenient: no input is an error.
//!
//! Words must all occur, in any order; `"words in quotation marks"` in exactly that order; a `-word` must not occur.
//! The last word may be a prefix. A word that occurs in no record is matched fuzzily, with one or two letters changed.

use tantivy::query::{
    BooleanQuery, BoostQuery, DisjunctionMaxQuery, FuzzyTermQuery, Occur, PhraseQuery, Query,
    TermQuery,
};
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{Searcher, Term};

use super::schema::Fields;
use super::{welsh, words};

/// The most words and phrases of a query; the rest are ignored.
pub const MOST: usize = 24;
/// The boosts of these fields, relative to the body.
const NAMES: f32 = 12.0;
const HEADLINE: f32 = 4.0;
/// How much the scores of a word's other fields add to that of its best.
const TIE: f32 = 0.2;
/// The boost of a mutated form of a word in Welsh text, lower than that of the word itself in any text.
const OTHER_FORM: f32 = 0.5;
/// The shortest prefix, in characters; a shorter one would match too many words.
const SHORTEST_BEGINNING: usize = 2;
/// The same in the body, which has more words.
const SHORTEST_BEGINNING_IN_BODY: usize = 4;
/// The shortest words that are matched with one letter changed, and with two, in characters.
const ONE_LETTER: usize = 4;
const TWO_LETTERS: usize = 8;

/// A word or a phrase.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// The text.
    pub text: String,
    /// Whether it is in quotation marks.
    pub is_phrase: bool,
    /// Whether it must not occur.
    pub is_excluded: bool,
    /// Whether it may be the prefix of a word.
    pub is_beginning: bool,
}

/// Splits a query into words and phrases.
pub fn parts(typed: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    let marks = ['"', '\u{201c}', '\u{201d}', '\u{201e}', '\u{ab}', '\u{bb}'];
    for (index, piece) in typed.split(marks).enumerate() {
        if index % 2 == 1 {
            parts.push(Part {
                text: piece.to_owned(),
                is_phrase: true,
                is_excluded: false,
                is_beginning: false,
            });
            continue;
        }
        for word in piece.split_whitespace() {
            let bare = word.trim_start_matches('-');
            parts.push(Part {
                text: bare.to_owned(),
                is_phrase: false,
                is_excluded: bare.len() < word.len(),
                is_beginning: false,
            });
        }
    }
    parts.retain(|part| part.text.chars().any(char::is_alphanumeric));
    parts.truncate(MOST);
    let is_open = typed.chars().next_back().is_some_and(char::is_alphanumeric);
    if let Some(last) = parts.last_mut().filter(|_| is_open) {
        last.is_beginning = !last.is_phrase && !last.is_excluded;
    }
    parts
}

/// Builds queries against an index.
pub struct Asking<'a> {
    /// The index to query.
    pub searcher: &'a Searcher,
    /// Its fields.
    pub fields: &'a Fields,
}

impl Asking<'_> {
    /// The query for all parts, or with `leniently` for at least half of them. `None` when there are no words.
    pub fn question(
        &self,
        parts: &[Part],
        leniently: bool,
    ) -> tantivy::Result<Option<Box<dyn Query>>> {
        let mut wanted = Vec::new();
        let mut clauses: Vec<(Occur, Box<dyn Query>)> = Vec::new();
        for part in parts {
            let query = self.part(part)?;
            match (query, part.is_excluded) {
                (Some(query), true) => clauses.push((Occur::MustNot, query)),
                (Some(query), false) => wanted.push(query),
                (None, _) => {}
            }
        }
        if wanted.is_empty() {
            return Ok(None);
        }
        let half = wanted.len().div_ceil(2);
        let wanted = match leniently {
            true => BooleanQuery::union_with_minimum_required_clauses(wanted, half),
            false => BooleanQuery::intersection(wanted),
        };
        clauses.push((Occur::Must, Box::new(wanted)));
        Ok(Some(Box::new(BooleanQuery::new(clauses))))
    }

    /// The query for names and headlines that contain all words, the last of which may be a prefix.
    pub fn beginning(&self, parts: &[Part]) -> Option<Box<dyn Query>> {
        let words = parts
            .iter()
            .flat_map(|part| words::of(&mut words::plain(), &part.text));
        let mut words: Vec<String> = words.collect();
        let last = words.pop()?;
        let fields = [
            (self.fields.names, NAMES),
            (self.fields.headline_plain, HEADLINE),
        ];
        let in_either = |way: &dyn Fn(Term) -> Box<dyn Query>, word: &str| {
            let ways = fields
                .map(|(field, weight)| weighted(way(Term::from_field_text(field, word)), weight));
            Box::new(DisjunctionMaxQuery::new(ways.into_iter().collect())) as Box<dyn Query>
        };
        let whole =
            |term| Box::new(TermQuery::new(term, IndexRecordOption::WithFreqs)) as Box<dyn Query>;
        let begun = |term| Box::new(FuzzyTermQuery::new_prefix(term, 0, false)) as Box<dyn Query>;
        let mut clauses: Vec<(Occur, Box<dyn Query>)> = Vec::new();
        clauses.extend(
            words
                .iter()
                .map(|word| (Occur::Must, in_either(&whole, word))),
        );
        clauses.push((Occur::Must, in_either(&begun, &last)));
        clauses.push((Occur::Should, in_either(&whole, &last)));
        Some(Box::new(BooleanQuery::new(clauses)))
    }

    /// The query for a part, in any field.
    fn part(&self, part: &Part) -> tantivy::Result<Option<Box<dyn Query>>> {
        let english = words::of(&mut words::english(), &part.text);
        let plain = words::of(&mut words::plain(), &part.text);
        if plain.is_empty() {
            return Ok(None);
        }
        let fields = self.fields;
        let mut ways: Vec<Box<dyn Query>> = Vec::new();
        let mut is_known = false;
        for (field, words, weight) in [
            (fields.names, &plain, NAMES),
            (fields.headline_plain, &plain, HEADLINE),
            (fields.headline, &english, HEADLINE),
            (fields.body, &english, 1.0),
            (fields.body_plain, &plain, 1.0),
        ] {
            is_known |= self.is_known(field, words)?;
            ways.push(weighted(in_order(field, words), weight));
        }
        if let [word] = plain.as_slice() {
            if !part.is_phrase {
                let forms = self.other_forms(word)?;
                is_known |= !forms.is_empty();
                ways.extend(forms);
            }
            if part.is_beginning {
                ways.extend(self.beginnings(word));
            }
            let is_begun = part.is_beginning && !is_known && self.finds_any(&ways)?;
            if !(is_known || is_begun || part.is_phrase) {
                ways.extend(self.nearly(word));
            }
        }
        Ok(Some(Box::new(DisjunctionMaxQuery::with_tie_breaker(
            ways, TIE,
        ))))
    }

    fn is_known(&self, field: Field, words: &[String]) -> tantivy::Result<bool> {
        for word in words {
            if self
                .searcher
                .doc_freq(&Term::from_field_text(field, word))?
                > 0
            {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Whether any of these queries matches a record.
    fn finds_any(&self, ways: &[Box<dyn Query>]) -> tantivy::Result<bool> {
        let ways: Vec<Box<dyn Query>> = ways.iter().map(|way| way.box_clone()).collect();
        let any = DisjunctionMaxQuery::new(ways);
        let found = self.searcher.search(
            &any,
            &tantivy::collector::TopDocs::with_limit(1).order_by_score(),
        )?;
        Ok(!found.is_empty())
    }

    /// Queries for words that start with `word`.
    fn beginnings(&self, word: &str) -> Vec<Box<dyn Query>> {
        let fields = self.fields;
        let length = word.chars().count();
        let mut ways = Vec::new();
        for (field, weight, shortest) in [
            (fields.names, NAMES, SHORTEST_BEGINNING),
            (fields.headline_plain, HEADLINE, SHORTEST_BEGINNING),
            // a stem starts like its words
            (fields.body, 1.0, SHORTEST_BEGINNING_IN_BODY),
            (fields.body_plain, 1.0, SHORTEST_BEGINNING_IN_BODY),
        ] {
            if length >= shortest {
                let term = Term::from_field_text(field, word);
                let query = FuzzyTermQuery::new_prefix(term, 0, false);
                ways.push(weighted(Box::new(query), weight));
            }
        }
        let forms = match self.is_anything_in(fields.welsh) {
            true => welsh::other_forms(word),
            false => Vec::new(),
        };
        for form in forms {
            if form.chars().count() >= SHORTEST_BEGINNING_IN_BODY {
                let term = Term::from_field_text(fields.welsh, &form);
                let query = FuzzyTermQuery::new_prefix(term, 0, false);
                ways.push(weighted(Box::new(query), OTHER_FORM));
            }
        }
        ways
    }

    /// Whether any record has this field.
    fn is_anything_in(&self, field: Field) -> bool {
        let mut segments = self.searcher.segment_readers().iter();
        segments.any(|segment| {
            let index = segment.inverted_index(field);
            index.is_ok_and(|index| index.terms().num_terms() > 0)
        })
    }

    /// Queries for the mutations of a word that occur in Welsh texts.
    fn other_forms(&self, word: &str) -> tantivy::Result<Vec<Box<dyn Query>>> {
        let field = self.fields.welsh;
        let mut ways = Vec::new();
        for form in welsh::other_forms(word) {
            if self.is_known(field, std::slice::from_ref(&form))? {
                ways.push(weighted(in_order(field, &[form]), OTHER_FORM));
            }
        }
        Ok(ways)
    }

    /// Queries for words that differ by a letter or two, in names and headlines.
    fn nearly(&self, word: &str) -> Vec<Box<dyn Query>> {
        let distance = match word.chars().count() {
            length if length >= TWO_LETTERS => 2,
            length if length >= ONE_LETTER => 1,
            _ => return Vec::new(),
        };
        let fields = [
            (self.fields.names, NAMES),
            (self.fields.headline_plain, HEADLINE),
        ];
        let nearly = fields.map(|(field, weight)| {
            let term = Term::from_field_text(field, word);
            let query = FuzzyTermQuery::new(term, distance, true);
            weighted(Box::new(query), weight / 2.0)
        });
        nearly.into_iter().collect()
    }
}

/// A query for the words in this order.
fn in_order(field: Field, words: &[String]) -> Box<dyn Query> {
    let mut terms: Vec<Term> = words
        .iter()
        .map(|word| Term::from_field_text(field, word))
        .collect();
    match (terms.len(), terms.pop()) {
        (1, Some(term)) => Box::new(TermQuery::new(term, IndexRecordOption::WithFreqs)),
        (_, Some(last)) => {
            terms.push(last);
            Box::new(PhraseQuery::new(terms))
        }
        (_, None) => Box::new(tantivy::query::EmptyQuery),
    }
}

fn weighted(query: Box<dyn Query>, weight: f32) -> Box<dyn Query> {
    Box::new(BoostQuery::new(query, weight))
}
