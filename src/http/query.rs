//! Strict parsing of query strings: an unknown, wrongly repeated, empty or malformed parameter is an error that names
//! it.

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::any::TypeId;
use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::future::{Ready, ready};
use std::sync::{PoisonError, RwLock};
use url::form_urlencoded;
use utoipa::IntoParams;

use super::error::ApiError;
use super::problem::Mistake;
use super::text_formats::{self, max_values};
use crate::platform::mistakes::MistakeCode;
use crate::platform::wording;

/// Parameters that also accept a comma-separated list.
const COMMA_LISTS: [&str; 3] = ["fields", "expand", "facet"];

/// Parameters that affect how a list is presented, not which records it contains.
const PRESENTATION: [&str; 6] = ["cursor", "limit", "count", "fields", "expand", "facet"];

/// The order in which parameters mean the same: all by name and value, but for `id`, whose values are listed in their order.
pub fn order(a: &(impl AsRef<str>, String), b: &(impl AsRef<str>, String)) -> Ordering {
    let by_name = a.0.as_ref().cmp(b.0.as_ref());
    by_name.then_with(|| match a.0.as_ref() == "id" {
        true => Ordering::Equal,
        false => a.1.cmp(&b.1),
    })
}

/// Whether the parameter accepts a comma-separated list.
pub fn is_comma_list(name: &str) -> bool {
    COMMA_LISTS.contains(&name)
}

/// The parsed parameters of a request. A list has two sets: its filters, and the parameters that all lists share
/// ([`crate::http::shape`]). Few have a third, with what no other list takes.
#[derive(Debug)]
pub struct Query<F, S = NoParameters, O = NoParameters> {
    /// The parameters; for a list, its filters.
    pub params: F,
    /// For a list: the parameters that all lists share.
    pub shape: S,
    /// For a list: its own parameters that are not filters.
    pub own: O,
    /// The request's path and query.
    pub address: Address,
}

/// The path and the decoded query of a request.
#[derive(Debug)]
pub struct Address {
    path: String,
    pairs: Vec<(String, String)>,
}

/// No parameters.
#[derive(Debug, serde::Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct NoParameters {}

impl Address {
    /// A hash of the path, the filters and the sort order, which a cursor is bound to.
    pub fn fingerprint(&self) -> u64 {
        let mut filters: Vec<_> = self
            .pairs
            .iter()
            .filter(|(name, _)| !PRESENTATION.contains(&name.as_str()))
            .collect();
        filters.sort();
        let mut text = self.path.clone();
        for (name, value) in filters {
            text.extend(["\0", name, "\0", value]);
        }
        twox_hash::XxHash3_64::oneshot(text.as_bytes())
    }

    /// The path.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The parameters that `keep` selects, as a query string with a leading `?`; empty if there are none.
    pub fn query_string(&self, keep: impl Fn(&str) -> bool) -> String {
        let mut pairs: Vec<_> = self.pairs.iter().filter(|(name, _)| keep(name)).collect();
        if pairs.is_empty() {
            return String::new();
        }
        // sorted, so that equivalent requests get identical responses
        pairs.sort_by(|a, b| order(a, b));
        let mut query = form_urlencoded::Serializer::new(String::new());
        for (name, value) in pairs {
            query.append_pair(name, value);
        }
        format!("?{}", query.finish())
    }

    /// The path and query with `cursor` replaced. Cursors need no percent-encoding.
    pub fn with_cursor(&self, cursor: &str) -> String {
        let others = self.query_string(|name| name != "cursor");
        let separator = if others.is_empty() { '?' } else { '&' };
        format!("{}{others}{separator}cursor={cursor}", self.path)
    }
}

impl<F, S, O> FromRequest for Query<F, S, O>
where
    F: DeserializeOwned + IntoParams + 'static,
    S: DeserializeOwned + IntoParams + 'static,
    O: DeserializeOwned + IntoParams + 'static,
{
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(read(request.path(), request.query_string()))
    }
}

/// Parses a query string. `path` is used in the links to other pages.
///
/// # Errors
/// 400 with every parameter that is unknown, wrongly repeated, empty or malformed.
pub fn read<F, S, O>(path: &str, query: &str) -> Result<Query<F, S, O>, ApiError>
where
    F: DeserializeOwned + IntoParams + 'static,
    S: DeserializeOwned + IntoParams + 'static,
    O: DeserializeOwned + IntoParams + 'static,
{
    let pairs = decode(query)?;
    let (shape_names, own_names) = (names::<S>(), names::<O>());
    let known = [names::<F>(), shape_names, own_names].concat();
    let are_known = pairs.iter().all(|(name, _)| known.contains(&name.as_str()));
    let params = parse::<F>(&pairs, names::<F>());
    let shape = parse::<S>(&pairs, shape_names);
    let own = parse::<O>(&pairs, own_names);
    match (params, shape, own) {
        (Ok(params), Ok(shape), Ok(own)) if are_known => Ok(Query {
            params,
            shape,
            own,
            address: Address {
                path: path.to_owned(),
                pairs,
            },
        }),
        (params, shape, own) => {
            let mut mistakes = Vec::new();
            for (index, (name, _)) in pairs.iter().enumerate() {
                let pair = &pairs[index..=index];
                let is_repeated = pairs[..index].iter().any(|(other, _)| other == name);
                let name = name.as_str();
                mistakes.extend(if !known.contains(&name) {
                    Some(unknown(name, &known))
                } else if shape_names.contains(&name) {
                    explain::<S>(pair, is_repeated)
                } else if own_names.contains(&name) {
                    explain::<O>(pair, is_repeated)
                } else {
                    explain::<F>(pair, is_repeated)
                });
            }
            if mistakes.is_empty() {
                let reasons = [params.err(), shape.err(), own.err()].into_iter().flatten();
                mistakes.extend(reasons.map(|reason| {
                    let (code, detail) = wording::explain(&reason, None);
                    Mistake::parameter(code, "", detail)
                }));
            }
            Err(ApiError::query(mistakes))
        }
    }
}

/// The names of a set of parameters. They are collected once per set, since `IntoParams` builds whole schemas.
fn names<T: IntoParams + 'static>() -> &'static [&'static str] {
    static NAMES: NamesByType = NamesByType::new(BTreeMap::new());
    names_of::<T>(&NAMES, || {
        let params = T::into_params(|| None).into_iter();
        params.map(|parameter| parameter.name).collect()
    })
}

/// Lists of names that follow from a type, each made once and kept for the life of the process.
pub type NamesByType = RwLock<BTreeMap<TypeId, &'static [&'static str]>>;

/// The list of a type, made by `make` the first time.
pub fn names_of<T: 'static>(
    lists: &NamesByType,
    make: impl FnOnce() -> Vec<String>,
) -> &'static [&'static str] {
    let known = lists.read().unwrap_or_else(PoisonError::into_inner);
    if let Some(names) = known.get(&TypeId::of::<T>()) {
        return names;
    }
    drop(known);
    let names = make().into_iter().map(|name| &*name.leak());
    let names: Vec<&'static str> = names.collect();
    let mut known = lists.write().unwrap_or_else(PoisonError::into_inner);
    known.entry(TypeId::of::<T>()).or_insert(names.leak())
}

/// Reads the parameters of a set.
fn parse<T: DeserializeOwned>(pairs: &[(String, String)], set: &[&str]) -> Result<T, String> {
    let of_set = pairs
        .iter()
        .filter(|(name, _)| set.contains(&name.as_str()));
    let encoded = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(of_set)
        .finish();
    serde_html_form::from_str(&encoded).map_err(|error| error.to_string())
}

/// Percent-decodes a query string into pairs. Comma-separated lists become repeated names.
fn decode(query: &str) -> Result<Vec<(String, String)>, ApiError> {
    let mut pairs = Vec::new();
    let mut mistakes = Vec::new();
    for part in query.split('&').filter(|part| !part.is_empty()) {
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        let (Some(name), Some(value)) = (percent_decode(name), percent_decode(value)) else {
            let name = percent_encoding::percent_decode_str(name).collect::<Vec<_>>();
            let (name, detail) = (
                String::from_utf8_lossy(&name),
                "The parameter is not valid UTF-8.",
            );
            mistakes.push(Mistake::parameter(MistakeCode::NotUtf8, &name, detail));
            continue;
        };
        if name.chars().chain(value.chars()).any(char::is_control) {
            let detail = "Control characters are not allowed.";
            mistakes.push(Mistake::parameter(
                MistakeCode::ControlCharacter,
                &name,
                detail,
            ));
        } else if value.is_empty() {
            let detail = "The parameter has no value.";
            mistakes.push(Mistake::parameter(MistakeCode::Empty, &name, detail));
        } else if is_comma_list(&name) {
            let values = value.split(',');
            pairs.extend(values.map(|value| (name.clone(), value.to_owned())));
        } else {
            mistakes.extend(text_formats::mistake(&name, &value));
            pairs.push((name, value));
        }
    }
    mistakes.extend(too_many(&pairs));
    match mistakes.is_empty() {
        true => Ok(pairs),
        false => Err(ApiError::query(mistakes)),
    }
}

/// The first parameter with too many values.
fn too_many(pairs: &[(String, String)]) -> Option<Mistake> {
    if pairs.len() <= max_values("") {
        return None;
    }
    let times = |name: &str| pairs.iter().filter(|(other, _)| other == name).count();
    let (name, _) = pairs
        .iter()
        .find(|(name, _)| times(name) > max_values(name))?;
    let detail = format!("At most {} values are allowed.", max_values(name));
    Some(Mistake::parameter(MistakeCode::TooMany, name, detail))
}

fn percent_decode(text: &str) -> Option<String> {
    let spaced = text.replace('+', " ");
    let decoded = percent_encoding::percent_decode_str(&spaced).decode_utf8();
    Some(decoded.ok()?.into_owned())
}

/// Explains what is wrong with one parameter. Called only for invalid requests.
fn explain<T: DeserializeOwned>(pair: &[(String, String)], is_repeated: bool) -> Option<Mistake> {
    let (name, value) = pair.first()?;
    if let Err(error) = parse::<T>(pair, &[name]) {
        let (code, detail) = wording::explain(&error, Some(&Value::from(value.as_str())));
        return Some(Mistake::parameter(code, name, detail));
    }
    let is_twice = is_repeated && parse::<T>(&[pair, pair].concat(), &[name]).is_err();
    let detail = "The parameter takes only one value.";
    is_twice.then(|| Mistake::parameter(MistakeCode::Repeated, name, detail))
}

fn unknown(name: &str, known: &[&str]) -> Mistake {
    let detail = wording::not_among("Unknown parameter", name, known);
    Mistake::parameter(MistakeCode::UnknownParameter, name, detail)
}

/// Splits a parameter of the form `scheme:value`.
///
/// # Errors
/// 400 if the parameter does not have that form.
pub fn scheme_and_value(
    parameter: &str,
    text: Option<&str>,
) -> Result<Option<(String, String)>, ApiError> {
    let Some(text) = text else { return Ok(None) };
    match text.split_once(':') {
        Some((scheme, value)) if !scheme.is_empty() && !value.is_empty() => {
            Ok(Some((scheme.to_owned(), value.to_owned())))
        }
        _ => {
            let detail = "Expected scheme:value, e.g. iopc:2018/123456.";
            Err(ApiError::parameter(
                MistakeCode::InvalidValue,
                parameter,
                detail,
            ))
        }
    }
}
