//! The readnext command.

use std::process::ExitCode;

fn main() -> ExitCode {
    readnext::cli::run()
}
