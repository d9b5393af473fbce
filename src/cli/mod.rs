//! The command line: arguments to checked calls, answers to text. Data goes to stdout, talk to stderr.

mod allocator;
mod arguments;
mod backup;
mod check;
mod completions;
mod config;
mod demo;
mod doctor;
mod eval;
mod events;
mod examples;
mod export;
mod filters;
mod keys;
mod man;
mod output;
mod reindex;
mod related;
mod report;
mod search;
mod seo;
mod serve;
mod simulate;
mod suggest;
mod topics;
mod tune;
mod weights;

use std::env;
use std::process::ExitCode;

use clap::{ArgMatches, CommandFactory, FromArgMatches};

use arguments::{Cli, Command, Events};

use crate::config::meant_variable;
use crate::error::{Error, Result, say};

/// Exit code of a run that did its work but dropped some of its input.
const SOME_REJECTED: u8 = 3;

/// Runs the command that the process was started with.
pub fn run() -> ExitCode {
    let matches = Cli::command().get_matches();
    let cli = Cli::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
    warn_of_variables();
    match dispatch(cli, &matches) {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            say(format_args!("readnext: {error}"));
            ExitCode::from(error.exit_code())
        }
    }
}

/// Says which environment variables are read by nothing and look as if they were meant to be.
fn warn_of_variables() {
    let command = Cli::command();
    let of_flags = command.get_arguments().filter_map(|flag| flag.get_env());
    let of_flags: Vec<&str> = of_flags.filter_map(|name| name.to_str()).collect();
    for (name, _) in env::vars_os() {
        let name = name.to_string_lossy();
        if let Some(meant) = meant_variable(&name, &of_flags) {
            say(format_args!(
                "warning: found the environment variable {name}, which is none of readnext; did you mean {meant}?"
            ));
        }
    }
}

fn dispatch(cli: Cli, matches: &ArgMatches) -> Result<u8> {
    if let Some(threads) = cli.common.threads {
        rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build_global()
            .map_err(|error| Error::Failed(format!("cannot start {threads} threads: {error}")))?;
    }
    match cli.command {
        Command::Check(arguments) => check::run(&cli.common, &arguments),
        Command::Doctor(arguments) => doctor::run(&cli.common, &arguments),
        Command::Demo(arguments) => demo::run(&cli.common, &arguments),
        Command::Reindex(arguments) => reindex::run(&cli.common, &arguments),
        Command::Serve(arguments) => serve::run(&cli.common, &arguments),
        Command::Related(arguments) => related::run(&cli.common, &arguments),
        Command::Search(arguments) => search::run(&cli.common, &arguments),
        Command::Topics(arguments) => topics::run(&cli.common, &arguments),
        Command::Export(arguments) => export::run(&cli.common, &arguments),
        Command::Eval(arguments) => eval::run(&cli.common, &arguments),
        Command::Suggest(arguments) => suggest::run(&cli.common, &arguments),
        Command::Keys(arguments) => keys::run(&cli.common, &arguments),
        Command::Report(report) => report::run(&cli.common, &report),
        Command::Tune(arguments) => tune::run(&cli.common, &arguments),
        Command::Seo(seo::Seo::Import(arguments)) => seo::import(&cli.common, &arguments),
        Command::Events(Events::Import(arguments)) => events::import(&cli.common, &arguments),
        Command::Events(Events::Export(arguments)) => events::export(&cli.common, &arguments),
        Command::Events(Events::Erase(arguments)) => events::erase(&cli.common, &arguments),
        Command::Events(Events::Simulate(arguments)) => simulate::run(&cli.common, &arguments),
        Command::Config(config::Config::Show(arguments)) => {
            config::show(&cli.common, &arguments, matches)
        }
        Command::Backup(arguments) => backup::backup(&cli.common, &arguments),
        Command::Restore(arguments) => backup::restore(&cli.common, &arguments),
        Command::Completions(arguments) => completions::run(&arguments),
        Command::Man(arguments) => man::run(&arguments),
    }
}
