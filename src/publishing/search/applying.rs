//! Which filters apply to which kinds of records. One that cannot match what is asked for is an error, not an empty result.

use super::params::SearchParams;
use super::params::SearchableKind::{
    self, Article, Organisation, Recommendation, Report, Response,
};
use crate::http::error::ApiError;
use crate::http::problem::Mistake;
use crate::platform::mistakes::MistakeCode;

/// A filter: its name, whether the request has it, and the kinds of records that it applies to.
type Filter = (&'static str, bool, &'static [SearchableKind]);

/// Checks that each filter of a request applies to each kind that it asks for.
///
/// # Errors
/// 400 that names the filters that do not.
pub fn check(params: &SearchParams) -> Result<(), ApiError> {
    let used = filters(params).into_iter().filter(|(_, used, _)| *used);
    let mistakes = used.filter_map(|(name, _, kinds)| {
        let mut asked = params.resource.iter();
        let other = <&str>::from(asked.find(|kind| !kinds.contains(kind))?);
        let kinds: Vec<&str> = kinds.iter().map(<&str>::from).collect();
        let detail = format!(
            "It does not apply to the type '{other}', only to {}.",
            kinds.join(", ")
        );
        Some(Mistake::parameter(MistakeCode::DoesNotApply, name, detail))
    });
    let mistakes: Vec<Mistake> = mistakes.collect();
    match mistakes.is_empty() {
        true => Ok(()),
        false => Err(ApiError::query(mistakes)),
    }
}

fn filters(params: &SearchParams) -> [Filter; 25] {
    const DATED: &[SearchableKind] = &[Article, Recommendation, Report, Response];
    const ALL: &[SearchableKind] = &[Article, Recommendation, Report, Organisation, Response];
    const IN_A_LANGUAGE: &[SearchableKind] = &[Article, Report, Organisation];
    let p = params;
    [
        ("organisation", !p.organisation.is_empty(), ALL),
        ("topic", !p.topic.is_empty(), &[Article]),
        ("every_topic", !p.every_topic.is_empty(), &[Article]),
        ("report", !p.report.is_empty(), DATED),
        (
            "recommendation",
            !p.recommendation.is_empty(),
            &[Article, Recommendation, Response],
        ),
        ("publisher", !p.publisher.is_empty(), &[Article, Report]),
        (
            "complainant_body",
            !p.complainant_body.is_empty(),
            &[Report],
        ),
        ("group", !p.group.is_empty(), &[Recommendation]),
        ("parent", !p.parent.is_empty(), &[Organisation]),
        (
            "kind",
            !p.kind.is_empty(),
            &[Recommendation, Report, Organisation, Response],
        ),
        ("theme", !p.theme.is_empty(), &[Recommendation]),
        (
            "response_requirement",
            !p.response_requirement.is_empty(),
            &[Recommendation],
        ),
        ("language", !p.language.is_empty(), IN_A_LANGUAGE),
        ("original_url", p.original_url.is_some(), &[Article]),
        ("reference", p.reference.is_some(), &[Report]),
        ("identifier", p.identifier.is_some(), &[Organisation]),
        ("name", p.name.is_some(), &[Organisation]),
        ("year", !p.year.is_empty(), DATED),
        ("month", !p.month.is_empty(), DATED),
        ("published_from", p.published_from.is_some(), DATED),
        ("published_before", p.published_before.is_some(), DATED),
        ("updated_from", p.updated_from.is_some(), ALL),
        ("updated_before", p.updated_before.is_some(), ALL),
        ("due_from", p.due_from.is_some(), &[Recommendation]),
        ("due_before", p.due_before.is_some(), &[Recommendation]),
    ]
}
