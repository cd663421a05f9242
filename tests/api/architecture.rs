//! The rules of ARCHITECTURE.md that a machine can check.

use std::path::{Path, PathBuf};

use crate::support::project;

fn sources(folder: &str) -> Vec<(PathBuf, String)> {
    fn walk(folder: &Path, found: &mut Vec<(PathBuf, String)>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, found);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                found.push((path.clone(), std::fs::read_to_string(path).unwrap()));
            }
        }
    }
    let mut found = Vec::new();
    walk(&project(folder), &mut found);
    assert!(!found.is_empty());
    found
}

#[test]
fn files_are_under_400_lines_and_functions_under_60() {
    for (path, text) in sources("src") {
        let lines: Vec<&str> = text.lines().collect();
        assert!(
            lines.len() < 400,
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

#[test]
fn a_resource_s_tables_are_written_in_its_own_folder_only() {
    let folders = [
        "articles",
        "organisations",
        "groups",
        "topics",
        "reports",
        "recommendations",
        "obligations",
        "responses",
        "action_plans",
        "progress_updates",
        "assessments",
    ];
    for (path, text) in sources("src") {
        let own = path
            .parent()
            .unwrap()
            .file_name()
            .unwrap()
            .to_str()
            .unwrap()
            .to_owned();
        for statement in text.split("diesel::").skip(1) {
            let writes = ["insert_into(", "update(", "delete("]
                .iter()
                .any(|word| statement.starts_with(word));
            if writes && folders.contains(&own.as_str()) {
                let target: String = statement.chars().take(120).collect();
                let others = folders.iter().filter(|folder| **folder != own);
                for other in others {
                    assert!(
                        !target.contains(&format!("({other}::")),
                        "{} writes {other}: {target}",
                        path.display()
                    );
                }
            }
        }
    }
}

#[test]
fn every_resource_has_the_same_files() {
    for folder in [
        "articles",
        "organisations",
        "groups",
        "topics",
        "reports",
        "recommendations",
        "obligations",
        "responses",
        "progress_updates",
        "assessments",
    ] {
        for file in ["mod.rs", "model.rs", "queries.rs", "routes.rs", "views.rs"] {
            assert!(
                project(&format!("src/{folder}/{file}")).exists(),
                "{folder}/{file}"
            );
        }
    }
}
