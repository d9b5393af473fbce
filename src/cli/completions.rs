//! `readnext completions`: what a shell needs to complete commands, flags and values.

use clap::{Args, CommandFactory};
use clap_complete::{Shell, generate};

use super::arguments::Cli;
use super::output::print;
use crate::error::{Error, Result};

/// Print the completions of commands and flags for a shell.
#[derive(Debug, Args)]
#[command(before_help = "Examples:
  readnext completions bash > /etc/bash_completion.d/readnext
  readnext completions zsh > /usr/local/share/zsh/site-functions/_readnext
  readnext completions fish > ~/.config/fish/completions/readnext.fish
")]
pub(super) struct Completions {
    /// Shell to write for
    #[arg(value_name = "SHELL")]
    shell: Shell,
}

pub(super) fn run(arguments: &Completions) -> Result<u8> {
    let mut script = Vec::new();
    generate(
        arguments.shell,
        &mut Cli::command(),
        "readnext",
        &mut script,
    );
    let script = String::from_utf8(script)
        .map_err(|_| Error::Failed("found a completion that is not UTF-8".to_owned()))?;
    print(&script)?;
    Ok(0)
}
