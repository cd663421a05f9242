//! Sanitises the HTML in documents, before they are stored. Requests do so before they wait for the write lock, because it
//! may take a while.

use actix_web::HttpResponse;
use actix_web::http::header::{HeaderName, HeaderValue};
use serde_json::{Map, Value};
use std::borrow::Cow;
use url::Url;

use super::kind::{Catalogue, Kind};
use super::parsed::Parsed;
use super::violation::Violation;
use crate::http::body;
use crate::http::error::ApiError;
use crate::http::problem::Mistake;
use crate::log::Resource;
use crate::platform::html::{self, TakenOff};
use crate::platform::mistakes::MistakeCode;
use crate::platform::wording;

/// The header that says what was taken off the HTML in a request.
pub const HEADER: HeaderName = HeaderName::from_static("sanitised");
/// How many members of a request the header names.
const MAX_TOLD: usize = 10;

/// The maximum length of HTML, in characters: longer texts are not sanitised, because validation refuses them.
pub const MAX_LENGTH: usize = 1_000_000;

/// What was taken off the members of a document, by their names.
type TakenOffMembers = Vec<(&'static str, TakenOff)>;

/// What was taken off the HTML in a request, by the pointer to it.
#[derive(Debug, Default)]
pub struct Sanitised(Vec<(String, TakenOff)>);

impl Sanitised {
    /// Says so in the response: a list of strings with parameters (RFC 9651).
    pub fn tell(&self, mut response: HttpResponse) -> HttpResponse {
        let parts = self.0.iter().filter(|(_, taken_off)| !taken_off.is_empty());
        let parts = parts.take(MAX_TOLD).map(|(pointer, taken_off)| {
            let [elements, attributes] = taken_off.names();
            format!("\"{pointer}\";elements=\"{elements}\";attributes=\"{attributes}\"")
        });
        let value = parts.collect::<Vec<_>>().join(", ");
        if let (false, Ok(value)) = (value.is_empty(), HeaderValue::from_str(&value)) {
            response.headers_mut().insert(HEADER, value);
        }
        response
    }
}

/// Sanitises the HTML in the body of a request: a document, or a merge patch. If the client leaves, nothing follows.
///
/// # Errors
/// 422 if the HTML is too complex.
pub async fn members(
    kind: &'static Kind,
    mut members: Map<String, Value>,
) -> Result<(Map<String, Value>, Sanitised), ApiError> {
    if !kind.html.iter().any(|name| members.contains_key(*name)) {
        return Ok((members, Sanitised::default()));
    }
    let sanitise = move || sanitise(kind, &mut members).map(|taken_off| (members, taken_off));
    let (members, taken_off) = blocking(sanitise).await?.map_err(|too_complex| {
        let mistakes = too_complex.iter().map(|violation| mistake("", violation));
        ApiError::validation(mistakes.collect())
    })?;
    let taken_off = taken_off.unwrap_or_default().into_iter();
    let taken_off = taken_off.map(|(name, taken_off)| (format!("/{name}"), taken_off));
    Ok((members, Sanitised(taken_off.collect())))
}

/// Sanitises the HTML in the documents of a batch, one after the other. If the client leaves, nothing follows.
///
/// # Errors
/// 422 if HTML is too complex.
pub async fn batch(
    catalogue: &'static Catalogue,
    lines: Vec<String>,
) -> Result<(Vec<String>, Sanitised), ApiError> {
    let (mut sanitised, mut mistakes) = (Vec::with_capacity(lines.len()), Vec::new());
    let mut all_taken_off = Sanitised::default();
    for (index, text) in lines.into_iter().enumerate() {
        let sanitise =
            move || line(catalogue, &text).map(|(text, taken_off)| (text.into_owned(), taken_off));
        match blocking(sanitise).await? {
            Ok((text, taken_off)) => {
                sanitised.push(text);
                let taken_off = taken_off.into_iter();
                let placed =
                    taken_off.map(|(name, taken_off)| (format!("/{index}/{name}"), taken_off));
                all_taken_off.0.extend(placed);
            }
            Err(too_complex) => {
                let place = format!("/{index}");
                mistakes.extend(
                    too_complex
                        .iter()
                        .map(|violation| mistake(&place, violation)),
                );
            }
        }
    }
    match mistakes.is_empty() {
        true => Ok((sanitised, all_taken_off)),
        false => Err(ApiError::validation(mistakes)),
    }
}

/// Parses a line with a document of this kind, whose HTML is sanitised first, unless that was done before.
///
/// # Errors
/// Every violation.
pub fn parse(
    catalogue: &Catalogue,
    resource: Resource,
    text: &str,
    is_sanitised: bool,
) -> Result<Parsed, Vec<Violation>> {
    let has_html = !(catalogue.kind)(resource).html.is_empty();
    if !has_html || is_sanitised {
        return Parsed::parse(catalogue, text);
    }
    let (text, taken_off) = line(catalogue, text)?;
    let mut parsed = Parsed::parse(catalogue, &text)?;
    for (_, taken_off) in taken_off {
        parsed.taken_off.add(taken_off);
    }
    Ok(parsed)
}

/// Sanitises the HTML in a document. One that is not valid is returned as it is: it will not be stored.
///
/// # Errors
/// If HTML is too complex, or the text could be read in two ways.
fn line<'a>(
    catalogue: &Catalogue,
    text: &'a str,
) -> Result<(Cow<'a, str>, TakenOffMembers), Vec<Violation>> {
    let as_it_is = || Ok((Cow::Borrowed(text), Vec::new()));
    let mut document = match body::unambiguous(text) {
        Ok(Value::Object(document)) => document,
        // a member of a member is duplicated, which the type of the document allows
        Err(error) if error.is_data() && Parsed::parse(catalogue, text).is_ok() => {
            let (code, detail) = wording::explain(&error.to_string(), None);
            return Err(vec![Violation::whole(code, detail)]);
        }
        _ => return as_it_is(),
    };
    let resource = document.get("type").and_then(Value::as_str);
    let Some(resource) = resource.and_then(Resource::named) else {
        return as_it_is();
    };
    match sanitise((catalogue.kind)(resource), &mut document)? {
        Some(taken_off) => Ok((Cow::Owned(Value::Object(document).to_string()), taken_off)),
        None => as_it_is(),
    }
}

/// Sanitises the members that are HTML. Returns what that took off them; `None` if it changed none.
fn sanitise(
    kind: &Kind,
    members: &mut Map<String, Value>,
) -> Result<Option<TakenOffMembers>, Vec<Violation>> {
    let (mut is_changed, mut all_taken_off, mut too_complex) = (false, Vec::new(), Vec::new());
    let base = page_of(members);
    for name in kind.html {
        let Some(Value::String(text)) = members.get_mut(*name) else {
            continue;
        };
        if text.chars().nth(MAX_LENGTH).is_some() {
            continue;
        }
        match html::clean(text, base.as_ref()) {
            Ok(Cow::Owned(clean)) => {
                all_taken_off.push((*name, TakenOff::between(text, &clean)));
                (*text, is_changed) = (clean, true);
            }
            Ok(Cow::Borrowed(_)) => {}
            Err(error) => too_complex.push(Violation::new(
                MistakeCode::TooMuch,
                format!("/{name}"),
                error.to_string(),
            )),
        }
    }
    match too_complex.is_empty() {
        true => Ok(is_changed.then_some(all_taken_off)),
        false => Err(too_complex),
    }
}

/// The address of the page that a document is from: that of its relative links.
fn page_of(members: &Map<String, Value>) -> Option<Url> {
    Url::parse(members.get("original_url")?.as_str()?).ok()
}

/// Makes relative links absolute in a document whose HTML or page was changed: the change may have one of them only.
pub fn complete_links(kind: &Kind, document: &mut Map<String, Value>, patch: &Map<String, Value>) {
    let is_changed = patch.contains_key("original_url")
        || kind.html.iter().any(|name| patch.contains_key(*name));
    let Some(base) = page_of(document).filter(|_| is_changed) else {
        return;
    };
    for name in kind.html {
        if let Some(Value::String(text)) = document.get_mut(*name)
            && html::has_relative_links(text)
            && let Ok(Cow::Owned(clean)) = html::clean(text, Some(&base))
        {
            *text = clean;
        }
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, ApiError> {
    let done = actix_web::web::block(work).await;
    done.map_err(|error| ApiError::internal(&error))
}

fn mistake(place: &str, violation: &Violation) -> Mistake {
    let pointer = format!("{place}{}", violation.pointer);
    Mistake::pointer(violation.code, &pointer, &violation.detail)
}
