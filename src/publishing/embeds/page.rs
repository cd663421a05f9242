//! The page to frame: HTML without scripts, whose only style is allowed by its hash.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};
use std::sync::LazyLock;

use crate::platform::clock::uk_day;
use crate::platform::html::escape;
use crate::platform::language::TextDirection;
use crate::publishing::feeds::item::JsonFeedItem;
use crate::publishing::feeds::words::{self, FeedWords};

/// Colours are the browser's own, for light and dark.
const STYLE: &str = "\
:root{color-scheme:light dark;color:CanvasText;background:Canvas;font:100%/1.5 system-ui,sans-serif}\
body{margin:0;padding:.75rem}\
h1{font-size:1.25rem;line-height:1.25;margin:0 0 .75rem}\
ul{margin:0;padding-inline-start:1.25rem}\
li+li{margin-block-start:.75rem}\
h1,a,p{overflow-wrap:anywhere}\
p{margin:0;font-size:.875rem}";

/// Allows the style, and nothing else. It does not say who may frame the page: everybody may.
pub static POLICY: LazyLock<String> = LazyLock::new(|| {
    let hash = STANDARD.encode(Sha256::digest(STYLE));
    format!("default-src 'none'; style-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'")
});

/// The page. Its words are in a language, if there are words in it, and each item is in its own.
pub fn write(title: &str, items: &[JsonFeedItem], language: &str) -> String {
    let words = FeedWords::of(language);
    let title = escape(title);
    let news = match items {
        [] => format!("<p>{}</p>", escape(words.nothing)),
        items => {
            let items: String = items.iter().map(item).collect();
            format!("<ul>\n{items}</ul>")
        }
    };
    let attributes = attributes(words.language);
    format!(
        "<!DOCTYPE html>\n<html{attributes}>\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <title>{title}</title>\n<style>{STYLE}</style>\n</head>\n\
         <body>\n<main>\n<h1>{title}</h1>\n{news}\n</main>\n</body>\n</html>\n"
    )
}

fn item(item: &JsonFeedItem) -> String {
    let language = item.language.as_deref().unwrap_or("en");
    let attributes = attributes(language);
    let (url, title) = (escape(&item.url), escape(&item.title));
    let day = uk_day(item.date_published.naive_utc());
    let written = escape(&words::day(language, day));
    let date = format!("<time datetime=\"{day}\">{written}</time>");
    let authors = item.authors.iter().map(|author| escape(&author.name));
    let source = authors.chain([date]).collect::<Vec<_>>().join(", ");
    let rights = item.answerable.attribution.as_deref().map(escape);
    let rights = rights.map_or(String::new(), |rights| format!("<p>{rights}</p>"));
    format!(
        "<li{attributes}><a href=\"{url}\" target=\"_blank\" rel=\"noopener noreferrer\">{title}</a>\
         <p>{source}</p>{rights}</li>\n"
    )
}

/// The language, and its direction.
fn attributes(language: &str) -> String {
    let direction: &str = TextDirection::of(language).into();
    format!(" lang=\"{}\" dir=\"{direction}\"", escape(language))
}
