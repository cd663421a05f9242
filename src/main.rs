//! The `answerable` command; all of it is in the library, see `cli`.

/// Faster than that of the C library when many threads allocate.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    answerable::app::cli::run()
}
