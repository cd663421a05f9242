//! What somebody typed into a search box, understood leniently: nothing that is typed is an error.
//!
//! Words must all occur, in any order; `"words in quotation marks"` in that order; `-word` must not. The last word may be
//! the beginning of one. A word that no record has is looked for with a letter or two different.

use tantivy::query::{
    BooleanQuery, BoostQuery, DisjunctionMaxQuery, FuzzyTermQuery, Occur, PhraseQuery, Query,
    TermQuery,
};
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{Searcher, Term};

use super::schema::Fields;
use super::{welsh, words};

/// The most words and phrases that are looked at.
pub const MOST: usize = 24;
/// How much the fields weigh against the body.
const NAMES: f32 = 12.0;
const HEADLINE: f32 = 4.0;
/// What the second best field of a word adds.
const TIE: f32 = 0.2;
/// How much a word with other first letters weighs in Welsh: less than the word itself in any text.
const OTHER_FORM: f32 = 0.5;
/// How long a word must be to be taken for the beginning of one, in characters; a shorter one begins too many.
const SHORTEST_BEGINNING: usize = 2;
/// The same in the body, where there are more words.
const SHORTEST_BEGINNING_IN_BODY: usize = 4;
/// How long a word must be to be looked for with one letter different, and with two.
const ONE_LETTER: usize = 4;
const TWO_LETTERS: usize = 8;

/// A word or a phrase.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// The text.
    pub text: String,
    /// Whether it stands in quotation marks.
    pub is_phrase: bool,
    /// Whether it must not occur.
    pub is_excluded: bool,
    /// Whether it may be the beginning of a word.
    pub is_beginning: bool,
}

/// The parts of what was typed.
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

/// What makes the question to an index.
pub struct Asking<'a> {
    /// The index.
    pub searcher: &'a Searcher,
    /// Its fields.
    pub fields: &'a Fields,
}

impl Asking<'_> {
    /// The question: all parts, or with `leniently` at least half of them. Nothing when there is no word in it.
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

    /// The question for names and headlines that have all words, the last of which may go on.
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

    /// A part in whichever field has it.
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

    /// Whether one of these ways finds anything.
    fn finds_any(&self, ways: &[Box<dyn Query>]) -> tantivy::Result<bool> {
        let ways: Vec<Box<dyn Query>> = ways.iter().map(|way| way.box_clone()).collect();
        let any = DisjunctionMaxQuery::new(ways);
        let found = self.searcher.search(
            &any,
            &tantivy::collector::TopDocs::with_limit(1).order_by_score(),
        )?;
        Ok(!found.is_empty())
    }

    /// The word as the beginning of one.
    fn beginnings(&self, word: &str) -> Vec<Box<dyn Query>> {
        let fields = self.fields;
        let length = word.chars().count();
        let mut ways = Vec::new();
        for (field, weight, shortest) in [
            (fields.names, NAMES, SHORTEST_BEGINNING),
            (fields.headline_plain, HEADLINE, SHORTEST_BEGINNING),
            // a stem begins as its words do
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

    /// The word with the first letters that it has elsewhere in Welsh texts, as far as there are such words.
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

    /// The word with a letter or two different, in names and headlines.
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

/// The words one after the other.
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
