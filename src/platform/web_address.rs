//! The uniqueness key of an article's original link: two spellings of the same link count as one.

use percent_encoding::percent_decode_str;
use std::sync::OnceLock;
use url::Url;

/// The rules, so that keys by older ones are computed again.
const RULES: &str = "3";

/// The beginnings of the names of parameters that track how a reader came to a page.
const TRACKING_PREFIXES: [&str; 3] = ["hsa_", "mtm_", "utm_"];

/// Parameters that track how a reader came to a page and do not identify it, in lower case.
const TRACKING: [&str; 29] = [
    "_ga",
    "_gl",
    "_hsenc",
    "_hsmi",
    "cmpid",
    "dclid",
    "fbclid",
    "gbraid",
    "gclid",
    "gclsrc",
    "hsctatracking",
    "igsh",
    "igshid",
    "li_fat_id",
    "mc_cid",
    "mc_eid",
    "mkt_tok",
    "msclkid",
    "oly_anon_id",
    "oly_enc_id",
    "pk_campaign",
    "pk_kwd",
    "pk_source",
    "ref_src",
    "ttclid",
    "twclid",
    "vero_id",
    "wbraid",
    "yclid",
];

/// Further parameters, which the operator has named.
static FURTHER: OnceLock<Vec<String>> = OnceLock::new();

/// Takes further parameters for tracking ones. Counts once in a process, before the first key is computed.
pub fn also_ignore(parameters: &[String]) {
    let lower = parameters.iter().map(|name| name.to_ascii_lowercase());
    let mut names: Vec<String> = lower.collect();
    names.sort_unstable();
    FURTHER.get_or_init(|| names);
}

/// What the keys of this process follow from: the rules and the operator's list.
pub fn rules() -> String {
    let further = FURTHER.get().map(|names| names.join(" "));
    format!("{RULES} {}", further.unwrap_or_default())
}

fn is_tracking(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let further = FURTHER.get().is_some_and(|names| names.contains(&name));
    further
        || TRACKING.contains(&name.as_str())
        || TRACKING_PREFIXES
            .iter()
            .any(|prefix| name.starts_with(prefix))
}

/// A part of an address in which only those characters are encoded that need it, with digits in upper case (RFC 3986, 6.2.2).
fn normal(part: &str) -> String {
    let mut normal = String::with_capacity(part.len());
    let mut rest = part;
    while let Some((before, after)) = rest.split_once('%') {
        normal.push_str(before);
        let digits = after
            .get(..2)
            .filter(|digits| u8::from_str_radix(digits, 16).is_ok());
        let Some(digits) = digits else {
            normal.push('%');
            rest = after;
            continue;
        };
        let encoded = format!("%{}", digits.to_ascii_uppercase());
        let decoded = percent_decode_str(&encoded).next().map(char::from);
        let is_unreserved = |c: &char| c.is_ascii_alphanumeric() || "-._~".contains(*c);
        match decoded.filter(is_unreserved) {
            Some(character) => normal.push(character),
            None => normal.push_str(&encoded),
        }
        rest = &after[2..];
    }
    normal + rest
}

/// Hosts that are aliases of another, with the canonical name.
const ALIASES: [(&str, &str); 1] = [("ipcc.gov.uk", "policeconduct.gov.uk")];

/// Hosts with case-insensitive paths.
const CASE_INSENSITIVE: [&str; 1] = ["wired-gov.net"];

/// Normalises a web address for comparison: `https`, host in lower case and without `www.`, no default port, no
/// fragment (unless it is a route such as `#/news` or `#!news`), no tracking parameters, no trailing slash, and percent-encoding only where it is needed. The path keeps its case unless the host is known to ignore it.
/// `None` if it is not a web address. Never shown: readers get the address as given.
pub fn duplicate_key(address: &str) -> Option<String> {
    let url = Url::parse(address.trim()).ok()?;
    let host = url.host_str()?;
    let host = host.strip_suffix('.').unwrap_or(host);
    let host = host.trim_start_matches("www.").to_owned();
    if host.is_empty() || host.split('.').any(str::is_empty) {
        return None;
    }
    let host = ALIASES
        .iter()
        .find(|(alias, _)| *alias == host)
        .map_or(host, |(_, name)| (*name).to_owned());
    let ports = match (url.scheme(), url.port()) {
        ("http" | "https", None | Some(80 | 443)) => String::new(),
        ("http" | "https", Some(port)) => format!(":{port}"),
        _ => return None,
    };
    let pairs = url.query().unwrap_or_default().split('&');
    let kept = pairs.filter_map(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let name = normal(&name.replace('+', "%20"));
        let value = normal(&value.replace('+', "%20"));
        (!pair.is_empty() && !is_tracking(&name)).then(|| format!("{name}={value}"))
    });
    let query: Vec<String> = kept.collect();
    let query = match query.is_empty() {
        true => String::new(),
        false => format!("?{}", query.join("&")),
    };
    // pages that scripts show have their addresses in the fragment
    let route = url
        .fragment()
        .filter(|fragment| fragment.starts_with(['/', '!']));
    let route = route.map_or(String::new(), |route| format!("#{}", normal(route)));
    let mut path = normal(url.path().trim_end_matches('/'));
    if CASE_INSENSITIVE.contains(&host.as_str()) {
        path = path.to_lowercase();
    }
    Some(format!("https://{host}{ports}{path}{query}{route}"))
}
