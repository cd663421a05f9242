//! The rules by which HTML is sanitised: what stays, and what becomes of the rest.

use ammonia::{Builder, UrlRelative, UrlRelativeEvaluate};
use std::borrow::Cow;
use std::collections::HashSet;
use std::sync::LazyLock;
use url::Url;

use super::limits::{self, TooComplex};
use super::tags::{attributes, next_tag};

/// How often HTML is cleaned again at most, until nothing changes.
const MAX_ROUNDS: usize = 4;

/// Comes before ids, so that they are none of the page that shows the text.
const ID_PREFIX: &str = "content-";

/// Blocks whose tags are taken off: the words in them stay apart from those around them.
const BLOCKS: [&str; 24] = [
    "audio", "button", "canvas", "dialog", "dir", "fieldset", "form", "frameset", "iframe",
    "label", "legend", "main", "math", "menu", "noframes", "noscript", "object", "optgroup",
    "option", "search", "select", "svg", "textarea", "video",
];

/// Keeps text structure, lists, tables, quotations, images and links. No scripts, styles, forms, frames, classes or event
/// handlers. Relative links become absolute if there is a base.
fn builder(base: Option<Url>) -> Builder<'static> {
    let mut builder = Builder::default();
    let page = SourcePage(base.clone());
    builder
        .add_tags(["address", "section", "tfoot"])
        .add_generic_attributes(["dir", "id"])
        .add_tag_attributes("ol", ["reversed", "type"])
        .add_tag_attributes("li", ["value"])
        .add_tag_attributes("time", ["datetime"])
        .url_schemes(HashSet::from(["http", "https", "mailto", "tel"]))
        .link_rel(Some("noopener noreferrer nofollow"))
        .id_prefix(Some(ID_PREFIX))
        .attribute_filter(move |_, attribute, value| kept(attribute, value, &page))
        .url_relative(UrlRelative::Custom(Box::new(SourcePage(base))));
    builder
}

static WITHOUT_BASE: LazyLock<Builder<'static>> = LazyLock::new(|| builder(None));

/// The value of an attribute as it stays.
fn kept<'v>(attribute: &str, value: &'v str, page: &SourcePage) -> Option<Cow<'v, str>> {
    match attribute {
        "href" => Some(match value.strip_prefix('#') {
            Some(id) if !id.is_empty() && !id.starts_with(ID_PREFIX) => {
                Cow::Owned(format!("#{ID_PREFIX}{id}"))
            }
            _ => Cow::Borrowed(value),
        }),
        "src" if value.trim().is_empty() => None,
        // this is no address to the sanitiser everywhere
        "cite" if value.starts_with('#') => None,
        "cite" if Url::parse(value).is_err() => page.evaluate(value).filter(|_| is_web(value)),
        "cite" => is_web(value).then_some(Cow::Borrowed(value)),
        "dir" => {
            let direction = value.to_ascii_lowercase();
            let is_known = ["ltr", "rtl", "auto"].contains(&direction.as_str());
            is_known.then_some(Cow::Owned(direction))
        }
        "id" => (!value.contains(char::is_whitespace) && value != ID_PREFIX)
            .then_some(Cow::Borrowed(value)),
        _ => Some(Cow::Borrowed(value)),
    }
}

/// Whether an address is one of the web, or relative.
fn is_web(address: &str) -> bool {
    match Url::parse(address) {
        Ok(url) => matches!(url.scheme(), "http" | "https"),
        Err(error) => error == url::ParseError::RelativeUrlWithoutBase,
    }
}

/// The page that HTML is from, if it is known.
struct SourcePage(Option<Url>);

impl UrlRelativeEvaluate<'static> for SourcePage {
    /// A relative address as an absolute one. Links within the text, and all of a page that is not known, stay as they are.
    fn evaluate<'url>(&self, address: &'url str) -> Option<Cow<'url, str>> {
        let is_within = address.starts_with('#');
        let page = self.0.as_ref().filter(|_| !is_within);
        let joined = page.and_then(|page| page.join(address).ok());
        Some(joined.map_or(Cow::Borrowed(address), |url| Cow::Owned(url.into())))
    }
}

/// Removes everything from `html` that could do more than show text and images. Relative links become absolute, by the address of
/// the page that it is from, if that is known.
///
/// # Errors
/// If that would take too long.
pub fn clean<'a>(html: &'a str, base: Option<&Url>) -> Result<Cow<'a, str>, TooComplex> {
    if !html.contains(['<', '>', '&', '\0']) {
        return Ok(Cow::Borrowed(html)); // plain text is already safe HTML
    }
    limits::check(html)?;
    let once = |html: &str| {
        let clean = WITHOUT_BASE.clean(&with_separators(html)).to_string();
        with_first_lines(without_empty_images(clean))
    };
    let mut clean = once(html);
    // what is misplaced in tables moves, and may be misplaced again there; where an attribute is taken off, others change their order
    for _ in 0..MAX_ROUNDS {
        let again = once(&clean);
        if again == clean {
            break;
        }
        clean = again;
    }
    // rules for one page take longer to make than most texts to clean
    Ok(Cow::Owned(match base {
        Some(base) if has_relative_links(&clean) => {
            builder(Some(base.clone())).clean(&clean).to_string()
        }
        _ => clean,
    }))
}

/// Whether sanitised HTML has a relative link or image.
pub fn has_relative_links(html: &str) -> bool {
    let is_relative = |address: &str| {
        !address.starts_with('#')
            && Url::parse(address) == Err(url::ParseError::RelativeUrlWithoutBase)
    };
    let mut rest = html;
    while let Some((_, tag, after)) = next_tag(rest) {
        let mut attributes = attributes(tag);
        let is_address = |name: &str| ["href", "src", "cite"].contains(&name);
        if attributes.any(|(name, value)| is_address(name) && is_relative(value)) {
            return true;
        }
        rest = after;
    }
    false
}

/// Whether a text that may be plain is HTML: it has a tag that ends an element or is empty, or a reference, and only tags and
/// references that HTML knows. So `1 < 2` and `the <script> tag` are plain.
pub fn is_likely(text: &str) -> bool {
    let closes = text.contains("/>")
        || text
            .split("</")
            .skip(1)
            .any(|rest| !tag_name(rest).is_empty());
    (closes || has_reference(text)) && tag_names(text).all(|name| is_known(&name))
}

/// Whether a text has any tag that HTML knows, or a reference and no tag.
pub fn has_markup(text: &str) -> bool {
    let mut names = tag_names(text).peekable();
    match names.peek() {
        None => has_reference(text),
        Some(_) => names.any(|name| is_known(&name)),
    }
}

/// The names of what looks like tags.
fn tag_names(text: &str) -> impl Iterator<Item = String> {
    let pieces = text.split('<').skip(1);
    let names = pieces.map(|piece| tag_name(piece.trim_start_matches('/')));
    names.filter(|name| !name.is_empty())
}

fn tag_name(text: &str) -> String {
    let name = text.chars().take_while(char::is_ascii_alphanumeric);
    name.collect::<String>().to_ascii_lowercase()
}

fn is_known(name: &str) -> bool {
    static TAGS: LazyLock<HashSet<&str>> = LazyLock::new(|| WITHOUT_BASE.clone_tags());
    let others = [
        "body", "embed", "font", "head", "html", "input", "link", "meta",
    ];
    TAGS.contains(name) || BLOCKS.contains(&name) || others.contains(&name)
}

/// Whether a text has a character reference of HTML.
fn has_reference(text: &str) -> bool {
    let mut references = text
        .split('&')
        .skip(1)
        .filter_map(|piece| piece.split_once(';'));
    references.any(|(name, _)| {
        let number = name.strip_prefix('#');
        number.is_some_and(|number| !number.is_empty() && number.len() < 8)
            || quick_xml::escape::resolve_html5_entity(name).is_some()
    })
}

/// Puts a line break before each tag of a block that will be taken off.
fn with_separators(html: &str) -> Cow<'_, str> {
    let mut apart = String::new();
    let mut rest = html;
    let mut kept = 0;
    while let Some(at) = rest.find('<') {
        let start = html.len() - rest.len() + at;
        rest = &rest[at + 1..];
        let name = rest.trim_start_matches('/');
        let name = name.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-'));
        let name = name.take(1).collect::<String>().to_ascii_lowercase();
        // elements of somebody's own have a hyphen
        if BLOCKS.contains(&name.as_str()) || name.contains('-') {
            apart.push_str(&html[kept..start]);
            apart.push('\n');
            kept = start;
        }
    }
    match apart.is_empty() {
        true => Cow::Borrowed(html),
        false => Cow::Owned(apart + &html[kept..]),
    }
}

/// Doubles the line break at the beginning of preformatted text: the parser drops one.
fn with_first_lines(clean: String) -> String {
    if !clean.contains("<pre") {
        return clean;
    }
    let mut kept = String::with_capacity(clean.len());
    let mut rest = clean.as_str();
    while let Some((before, tag, after)) = next_tag(rest) {
        kept.extend([before, tag]);
        if tag.starts_with("<pre") && after.starts_with('\n') {
            kept.push('\n');
        }
        rest = after;
    }
    kept + rest
}

/// Takes images off that sanitised HTML leaves without a source.
fn without_empty_images(clean: String) -> String {
    if !clean.contains("<img") {
        return clean;
    }
    let mut kept = String::with_capacity(clean.len());
    let mut rest = clean.as_str();
    while let Some((before, tag, after)) = next_tag(rest) {
        kept.push_str(before);
        let is_image = tag.starts_with("<img ") || tag == "<img>";
        if !is_image || attributes(tag).any(|(name, value)| name == "src" && !value.is_empty()) {
            kept.push_str(tag);
        }
        rest = after;
    }
    kept + rest
}
