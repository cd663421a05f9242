//! The `answerable` command; all of it is in the library, see `cli`.

fn main() -> std::process::ExitCode {
    answerable::app::cli::run()
}
