//! The uniqueness key of an article's original link: two spellings of the same link count as one.

use url::Url;

/// Parameters that track how a reader came to a page and do not identify it.
const TRACKING: [&str; 8] = [
    "fbclid", "gclid", "dclid", "msclkid", "mc_cid", "mc_eid", "igshid", "yclid",
];

/// Hosts that are aliases of another, with the canonical name.
const ALIASES: [(&str, &str); 1] = [("ipcc.gov.uk", "policeconduct.gov.uk")];

/// Hosts with case-insensitive paths.
const CASE_INSENSITIVE: [&str; 1] = ["wired-gov.net"];

/// Normalises a web address for comparison: `https`, host in lower case and without `www.`, no default port, no
/// fragment, no tracking parameters, no trailing slash. The path keeps its case unless the host is known to ignore it.
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
    let kept = url
        .query_pairs()
        .filter(|(name, _)| !name.starts_with("utm_") && !TRACKING.contains(&name.as_ref()));
    let mut query = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(kept)
        .finish();
    if !query.is_empty() {
        query.insert(0, '?');
    }
    let mut path = url.path().trim_end_matches('/').to_owned();
    if CASE_INSENSITIVE.contains(&host.as_str()) {
        path = path.to_lowercase();
    }
    Some(format!("https://{host}{ports}{path}{query}"))
}
