//! House rules that a compiler does not hold.

use answerable::writing::past::tables;
use proc_macro2::{Delimiter, TokenStream, TokenTree};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::support::project;

/// The architecture: each layer uses only itself and those before it.
const LAYERS: [&str; 9] = [
    "platform",
    "log",
    "http",
    "access",
    "writing",
    "resources",
    "tracking",
    "publishing",
    "app",
];

/// The files of one folder: each uses only those before it.
const FILES: [&str; 10] = [
    "schema", "model", "params", "parts", "queries", "views", "present", "kind", "routes",
    "actions",
];

/// The tables that do not belong to the folder that they begin with, and the folder that writes them.
const ELSEWHERE: [(&str, &str); 11] = [
    ("changes", "log"),
    ("former_slugs", "log"),
    ("mergers", "log"),
    ("settings", "db"),
    ("idempotency_keys", "http"),
    ("clients", "access"),
    ("client_grants", "access"),
    ("used_assertions", "access"),
    ("signing_keys", "access"),
    ("ingested_", "ingestion"),
    ("replay", "past"),
];

/// The path of a module below the crate.
type Module = Vec<String>;

/// The Rust sources below a folder.
pub fn sources(folder: &str) -> Vec<(PathBuf, String)> {
    let mut files = Vec::new();
    let mut folders = vec![project(folder)];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            match path.extension() {
                _ if path.is_dir() => folders.push(path),
                Some(ending) if ending == "rs" => {
                    let text = std::fs::read_to_string(&path).unwrap();
                    files.push((path, text));
                }
                _ => {}
            }
        }
    }
    assert!(!files.is_empty());
    files.sort();
    files
}

/// The modules of the library, each with the modules that it names in `use` and in other paths.
fn imports() -> BTreeMap<Module, BTreeSet<Module>> {
    let sources: Vec<(Module, TokenStream)> = sources("src")
        .into_iter()
        .filter(|(path, _)| !path.ends_with("src/main.rs"))
        .map(|(path, text)| (module(&path), text.parse().unwrap()))
        .collect();
    let modules: BTreeSet<Module> = sources.iter().map(|(module, _)| module.clone()).collect();
    let of = |(module, tokens): (Module, TokenStream)| {
        let mut paths = Vec::new();
        collect(tokens, &[], &mut paths);
        let named = paths.iter().filter_map(|path| {
            let path = absolute(&module, path)?;
            let known = (1..=path.len()).rev().map(|length| path[..length].to_vec());
            known
                .into_iter()
                .find(|prefix| modules.contains(prefix))
                .filter(|found| *found != module)
        });
        let named = named.collect();
        (module, named)
    };
    sources.into_iter().map(of).collect()
}

fn module(path: &Path) -> Module {
    let path = path.strip_prefix(project("src")).unwrap();
    let mut parts: Module = path
        .with_extension("")
        .iter()
        .map(|part| part.to_str().unwrap().to_owned())
        .collect();
    if ["mod", "lib"].contains(&parts.last().unwrap().as_str()) {
        parts.pop();
    }
    parts
}

/// Every path with two colons in it, those of use trees with each of their leaves.
fn collect(tokens: TokenStream, prefix: &[String], paths: &mut Vec<Vec<String>>) {
    let mut path = prefix.to_vec();
    let mut colons = 2;
    for token in tokens {
        match token {
            TokenTree::Ident(word) if colons == 2 => {
                path.push(word.to_string());
                colons = 0;
                continue;
            }
            TokenTree::Punct(mark) if mark.as_char() == ':' && colons < 2 => {
                colons += 1;
                continue;
            }
            TokenTree::Group(group) if colons == 2 && group.delimiter() == Delimiter::Brace => {
                collect(group.stream(), &path, paths);
                path = prefix.to_vec();
                continue;
            }
            TokenTree::Group(group) => collect(group.stream(), &[], paths),
            TokenTree::Ident(word) => {
                paths.push(std::mem::replace(&mut path, prefix.to_vec()));
                path.push(word.to_string());
                colons = 0;
                continue;
            }
            _ => {}
        }
        paths.push(std::mem::replace(&mut path, prefix.to_vec()));
        colons = 2;
    }
    paths.push(path);
}

/// The path from the crate's root; none of one that leads out of the crate.
fn absolute(module: &Module, path: &[String]) -> Option<Module> {
    let ups = path.iter().take_while(|part| *part == "super").count();
    match path.first()?.as_str() {
        "crate" => Some(path[1..].to_vec()),
        "self" => Some([module.as_slice(), &path[1..]].concat()),
        // `pub(super)` names nothing
        "super" if path.len() > ups => {
            let base = module.get(..module.len().checked_sub(ups)?)?;
            Some([base, &path[ups..]].concat())
        }
        // a module declared here is named without `self::`; its declaration alone is no import
        _ if path.len() > 1 => Some([module.as_slice(), path].concat()),
        _ => None,
    }
}

#[test]
fn each_layer_uses_only_itself_and_those_below() {
    let layer = |module: &Module| LAYERS.iter().position(|name| *name == module[0]);
    let mut checked = 0;
    for (module, named) in imports().iter().filter(|(module, _)| !module.is_empty()) {
        let own = layer(module).unwrap_or_else(|| panic!("{} is no layer", module[0]));
        for other in named {
            let (other_layer, from) = (layer(other).unwrap(), module.join("::"));
            assert!(other_layer <= own, "{from} uses {}", other.join("::"));
            checked += 1;
        }
    }
    assert!(checked > 1_000, "{checked}");
}

#[test]
fn files_import_each_other_in_no_circle() {
    let mut left = imports();
    loop {
        let free: Vec<Module> = left
            .iter()
            .filter(|(_, named)| named.iter().all(|other| !left.contains_key(other)))
            .map(|(module, _)| module.clone())
            .collect();
        if free.is_empty() {
            break;
        }
        free.iter().for_each(|module| drop(left.remove(module)));
    }
    // what only stands above a circle is not in it
    loop {
        let named: BTreeSet<Module> = left.values().flatten().cloned().collect();
        let count = left.len();
        left.retain(|module, _| named.contains(module));
        if left.len() == count {
            break;
        }
    }
    let left: Vec<String> = left.keys().map(|module| module.join("::")).collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn within_a_folder_model_queries_present_and_routes_build_on_each_other() {
    let place = |module: &Module| {
        let name = module.last()?;
        FILES.iter().position(|file| file == name)
    };
    let mut checked = 0;
    for (module, named) in imports() {
        for other in named {
            let is_beside = module[..module.len().max(1) - 1] == other[..other.len().max(1) - 1];
            if let (true, Some(own), Some(others)) = (is_beside, place(&module), place(&other)) {
                let (from, to) = (module.join("::"), other.join("::"));
                assert!(others <= own, "{from} uses {to}");
                checked += 1;
            }
        }
    }
    assert!(checked > 50, "{checked}");
}

#[test]
fn there_are_few_entries_below_src() {
    let entries = std::fs::read_dir(project("src")).unwrap().count();
    assert!(entries <= 12, "{entries}");
}

#[test]
fn files_are_under_350_lines_and_functions_under_60() {
    for (path, text) in sources("src") {
        let lines: Vec<&str> = text.lines().collect();
        assert!(
            lines.len() < 350,
            "{} has {} lines",
            path.display(),
            lines.len()
        );
        let mut start = None;
        for (number, line) in lines.iter().enumerate() {
            let code = line.trim_start();
            let indent = line.len() - code.len();
            let opens = [
                "fn ",
                "pub fn ",
                "pub(crate) fn ",
                "pub(super) fn ",
                "async fn ",
                "pub async fn ",
            ];
            if start.is_none() && opens.iter().any(|word| code.starts_with(word)) {
                start = Some((number, indent));
            } else if let Some((first, depth)) = start
                && code == "}"
                && indent == depth
            {
                assert!(
                    number - first < 60,
                    "{}:{} has {} lines",
                    path.display(),
                    first + 1,
                    number - first + 1
                );
                start = None;
            }
        }
    }
}

#[test]
fn views_know_no_database_and_queries_no_http() {
    for (path, text) in sources("src") {
        let name = path.file_name().unwrap().to_str().unwrap();
        let forbidden: &[&str] = match name {
            "views.rs" | "params.rs" => &["diesel::", "DbConnection"],
            "queries.rs" => &["actix", "ApiError"],
            _ => &[],
        };
        for word in forbidden {
            assert!(!text.contains(word), "{} uses {word}", path.display());
        }
    }
}

/// What follows the path of a table.
fn without_path(text: &str) -> &str {
    let text = text.trim_start();
    let mut paths = ["dsl::", "t::"].into_iter();
    paths
        .find_map(|path| text.strip_prefix(path))
        .unwrap_or(text)
}

/// The tables that a file writes: by Diesel, or as text.
fn written(text: &str, tables: &[String]) -> Vec<String> {
    let word = |text: &str| -> String {
        let is_of_a_name = |c: &char| c.is_ascii_alphanumeric() || *c == '_';
        text.chars().take_while(is_of_a_name).collect()
    };
    let mut found = Vec::new();
    for call in ["insert_into(", "replace_into(", "update(", "delete("] {
        for path in ["diesel::", "dsl::"] {
            for rest in text.split(&format!("{path}{call}")).skip(1) {
                found.push(word(without_path(rest)));
            }
        }
        let imported = format!("use diesel::{}", call.trim_end_matches('('));
        assert!(!text.contains(&imported), "call diesel::{call} by its path");
    }
    for arguments in text.split("insert_all(").skip(1) {
        let (_connection, table) = arguments.split_once(',').unwrap();
        found.push(word(without_path(table.trim_start())));
    }
    // wherever in a literal a statement begins: SQL is in capitals, and prose is not
    for statement in ["INSERT INTO ", "UPDATE ", "DELETE FROM "] {
        let rests = text.split(statement).skip(1).map(word);
        found.extend(rests.filter(|name| name != "SET")); // `DO UPDATE SET`
    }
    // the name of a statement's target may stand for a table
    let renamed = |name: &String| {
        let alias = format!(" as {name}");
        let bound = format!("let {name} = ");
        let before = text.split_once(&alias).map(|(before, _)| before);
        let last_word =
            |text: &str| text[text.rfind([' ', ':']).map_or(0, |at| at + 1)..].to_owned();
        match (before, text.split_once(&bound)) {
            (Some(before), _) => last_word(before),
            (None, Some((_, value))) => word(without_path(value)),
            _ => name.clone(),
        }
    };
    let found: Vec<String> = found.iter().map(renamed).collect();
    for name in &found {
        assert!(
            tables.contains(name),
            "a statement that writes must name its table, not '{name}'"
        );
    }
    found
}

#[test]
fn a_folder_s_tables_are_written_in_that_folder_only() {
    let schema = sources("src");
    let schema = schema
        .iter()
        .flat_map(|(_, text)| text.split("diesel::table! {").skip(1));
    let tables: Vec<String> = schema
        .map(|table| table.trim_start().lines().next().unwrap())
        .map(|line| line.split([' ', '(']).next().unwrap().to_owned())
        .collect();
    assert!(tables.len() > 30, "{tables:?}");
    let mut checked = 0;
    for (path, text) in sources("src") {
        let folder = path.parent().unwrap().file_name().unwrap();
        let folder = folder.to_str().unwrap();
        let for_all_tables = [
            "history.rs",
            "history_bounds.rs",
            "inserting.rs",
            "sort_names.rs",
        ];
        let for_all_tables = for_all_tables.map(|file| format!("platform/db/{file}"));
        if for_all_tables.iter().any(|file| path.ends_with(file)) {
            continue; // defines triggers that write what the tables were, or inserts into the table of the caller
        }
        for table in written(&text, &tables) {
            let elsewhere = ELSEWHERE.iter().find(|(name, _)| table.starts_with(name));
            let is_own = match elsewhere {
                Some((_, owner)) => *owner == folder,
                // `article_topics` belongs to `articles`
                None => table.starts_with(folder.trim_end_matches('s')),
            };
            assert!(is_own, "{} writes {table}", path.display());
            checked += 1;
        }
    }
    assert!(checked > 60, "{checked}");
}

#[test]
fn every_table_of_records_has_a_history() {
    let of_records = |path: &std::path::Path| {
        let path = path.to_str().unwrap();
        [
            "src/resources/",
            "src/tracking/",
            "src/platform/db/schema.rs",
        ]
        .iter()
        .any(|part| path.contains(part))
    };
    let sources = sources("src");
    let schemas = sources.iter().filter(|(path, _)| of_records(path));
    let tables = schemas.flat_map(|(_, text)| text.split("diesel::table! {").skip(1));
    let names = tables.map(|table| table.trim_start().split([' ', '(']).next().unwrap());
    // the log itself, and what stands beside it
    let others = [
        "changes",
        "settings",
        "linked_pages",
        "ingested_feeds",
        "ingested_items",
        "obligations", // a view
    ];
    let mut names: Vec<&str> = names.filter(|name| !others.contains(name)).collect();
    let mut kept: Vec<&str> = tables::all().map(|(table, _)| table).collect();
    names.sort_unstable();
    kept.sort_unstable();
    assert_eq!(kept, names);
}

#[test]
fn every_kind_of_record_has_the_same_files() {
    for resource in answerable::log::Resource::ALL {
        let folder = resource.table();
        let layer = ["resources", "tracking"]
            .into_iter()
            .find(|layer| project(&format!("src/{layer}/{folder}")).exists())
            .unwrap_or_else(|| panic!("{folder} has no folder"));
        for file in [
            "mod", "kind", "model", "present", "queries", "routes", "views",
        ] {
            let path = format!("src/{layer}/{folder}/{file}.rs");
            assert!(project(&path).exists(), "{path}");
        }
    }
}

#[test]
fn resources_are_listed_in_the_order_of_their_variants() {
    for (index, resource) in answerable::log::Resource::ALL.into_iter().enumerate() {
        assert_eq!(resource as usize, index, "{resource}");
        assert_eq!(resource.only(), [resource]);
    }
}

/// The names of the types and traits.
fn types(tokens: TokenStream, names: &mut Vec<String>) {
    let mut follows_keyword = false;
    for token in tokens {
        match token {
            TokenTree::Ident(word) if follows_keyword => {
                names.push(word.to_string());
                follows_keyword = false;
            }
            TokenTree::Ident(word) => {
                follows_keyword = ["struct", "enum", "trait"].iter().any(|kind| word == kind);
            }
            TokenTree::Group(group) => types(group.stream(), names),
            _ => {}
        }
    }
}

#[test]
fn no_two_types_share_a_name() {
    let mut names = Vec::new();
    for (path, text) in sources("src") {
        // utoipa names a schema after its type
        assert!(!text.contains("schema(as"), "{}", path.display());
        types(text.parse().unwrap(), &mut names);
    }
    names.sort();
    let pairs = names.windows(2).filter(|pair| pair[0] == pair[1]);
    let shared: Vec<&String> = pairs.map(|pair| &pair[0]).collect();
    assert!(shared.is_empty(), "two types share a name: {shared:?}");
    assert!(names.len() > 400, "{}", names.len());
}
