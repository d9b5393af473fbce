//! `readnext man`: a manual page of every command, made of its help.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use clap::{Args, Command, CommandFactory};
use clap_mangen::roff::{Roff, roman};

use super::arguments::Cli;
use super::examples::examples;
use super::output::print;
use crate::error::{Error, Result, say};

/// Write manual pages: of readnext to stdout, or of every command to a folder.
#[derive(Debug, Args)]
#[command(before_help = "Examples:
  readnext man | man -l -
  readnext man --out /usr/local/share/man/man1
")]
pub(super) struct Man {
    /// Folder for the pages of all commands [default: the page of readnext on stdout]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

pub(super) fn run(arguments: &Man) -> Result<u8> {
    let mut root = Cli::command();
    root.build();
    let Some(folder) = &arguments.out else {
        print(&String::from_utf8_lossy(&page("readnext", &root)))?;
        return Ok(0);
    };
    fs::create_dir_all(folder).map_err(|error| Error::io("create", folder, &error))?;
    let written = write(folder, "readnext", &root)?;
    say(format_args!(
        "{written} manual pages are in {}",
        folder.display()
    ));
    Ok(0)
}

/// Writes the pages of `command` and of all below it; how many there are.
fn write(folder: &Path, name: &str, command: &Command) -> Result<usize> {
    let path = folder.join(format!("{name}.1"));
    fs::write(&path, page(name, command)).map_err(|error| Error::io("write", &path, &error))?;
    let mut written = 1;
    for below in command.get_subcommands() {
        if below.get_name() != "help" {
            written += write(folder, &format!("{name}-{}", below.get_name()), below)?;
        }
    }
    Ok(written)
}

/// The page of `command`, whose words joined are `name`.
fn page(name: &str, command: &Command) -> Vec<u8> {
    // Options that have a heading come in a section of their own, which the page would repeat at every level.
    let man = clap_mangen::Man::new(command.clone())
        .title(name.to_uppercase())
        .source(format!("readnext {}", env!("CARGO_PKG_VERSION")))
        .manual("readnext");
    let mut page = Vec::new();
    let written = man
        .render_title(&mut page)
        .and_then(|()| man.render_name_section(&mut page))
        .and_then(|()| man.render_synopsis_section(&mut page))
        .and_then(|()| man.render_description_section(&mut page))
        .and_then(|()| shown(command).to_writer(&mut page))
        .and_then(|()| man.render_options_section(&mut page))
        .and_then(|()| subcommands(&man, command, &mut page));
    written.expect("memory can be written");
    page
}

fn subcommands(man: &clap_mangen::Man, command: &Command, page: &mut Vec<u8>) -> io::Result<()> {
    if command.has_subcommands() {
        man.render_subcommands_section(page)?;
    }
    Ok(())
}

/// The examples, each a line as it is typed.
fn shown(command: &Command) -> Roff {
    let mut section = Roff::new();
    section.control("SH", ["EXAMPLES"]).control("nf", []);
    for example in examples(command) {
        section.text([roman(example)]);
    }
    section.control("fi", []);
    section
}
