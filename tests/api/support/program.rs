//! The program, run as a command.

use std::path::Path;
use std::process::{Command, Output, Stdio};

/// The program in a folder, without settings from the environment.
pub fn program(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_answerable"));
    command
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::null());
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("ANSWERABLE_")) {
        command.env_remove(name);
    }
    command
}

/// Runs the program in a folder; returns its exit code, its output and its errors.
pub fn run(folder: &Path, arguments: &[&str]) -> (Option<i32>, String, String) {
    result(program(folder, arguments).output().unwrap())
}

/// Exit code, output and errors of a program that has ended.
pub fn result(output: Output) -> (Option<i32>, String, String) {
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    let (code, stdout) = (output.status.code(), text(output.stdout));
    (code, stdout, text(output.stderr))
}
