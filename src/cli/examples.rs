//! The examples of a command: help shows them first, manual pages repeat them, and each is a line that can be typed.

use clap::Command;

/// How the help of a command with examples begins.
const TITLE: &str = "Examples:";

/// The examples of `command`, as they are typed.
pub(super) fn examples(command: &Command) -> Vec<String> {
    let Some(text) = command.get_before_help().map(ToString::to_string) else {
        return Vec::new();
    };
    let lines = text.lines().skip_while(|line| line.trim() != TITLE).skip(1);
    let lines = lines.map(str::trim).filter(|line| !line.is_empty());
    lines.map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;
    use crate::cli::arguments::Cli;

    /// Characters of a line in a list of commands, at most.
    const LINE: usize = 80;

    /// Calls `each` with every command and the words that lead to it.
    fn every(each: &mut dyn FnMut(&str, &Command)) {
        fn below(words: &str, command: &Command, each: &mut dyn FnMut(&str, &Command)) {
            each(words, command);
            for inner in command.get_subcommands() {
                below(&format!("{words} {}", inner.get_name()), inner, each);
            }
        }
        below("readnext", &Cli::command(), each);
    }

    /// The words of a shell's line: quotes hold words together, pipes end a command, redirections are left out.
    fn commands(line: &str) -> Vec<Vec<String>> {
        let (mut commands, mut words, mut quote) = (vec![Vec::new()], String::new(), None);
        for c in line.chars().chain([' ']) {
            match quote {
                Some(open) if c == open => quote = None,
                Some(_) => words.push(c),
                None if c == '"' || c == '\'' => quote = Some(c),
                None if c == '|' => commands.push(Vec::new()),
                None if c.is_whitespace() => {
                    if !words.is_empty() {
                        let last = commands.last_mut().expect("one at least");
                        last.push(std::mem::take(&mut words));
                    }
                }
                None => words.push(c),
            }
        }
        for command in &mut commands {
            if let Some(at) = command.iter().position(|word| word == ">") {
                command.truncate(at);
            }
        }
        commands
    }

    #[test]
    fn every_command_has_an_example_of_itself() {
        every(&mut |words, command| {
            let own = examples(command);
            let of_itself = |line: &String| {
                commands(line)
                    .iter()
                    .any(|command| command.join(" ").starts_with(words))
            };
            assert!(own.iter().any(of_itself), "{words}: {own:?}");
        });
    }

    #[test]
    fn every_example_is_understood() {
        let mut understood = 0;
        every(&mut |words, command| {
            for line in examples(command) {
                // What stands behind the words of an example, in the list of all commands, explains it.
                let line = line.split("   ").next().unwrap_or_default();
                let is_ours =
                    |command: &Vec<String>| command.first().is_some_and(|c| c == "readnext");
                let ours: Vec<Vec<String>> = commands(line).into_iter().filter(is_ours).collect();
                assert!(!ours.is_empty(), "{words}: {line:?} is no example");
                for typed in ours {
                    let parsed = Cli::command().try_get_matches_from(&typed);
                    assert!(parsed.is_ok(), "{words}: {line}: {:?}", parsed.err());
                    understood += 1;
                }
            }
        });
        assert!(understood > 30, "{understood}");
    }

    #[test]
    fn every_command_is_told_in_a_line() {
        every(&mut |words, command| {
            let about = command.get_about().map(ToString::to_string);
            let about = about.unwrap_or_default();
            let length = about.chars().count();
            assert!((10..=LINE).contains(&length), "{words}: {about:?}");
            assert!(!about.ends_with('.'), "{words}: {about:?}");
            let begins = about.chars().next().is_some_and(char::is_uppercase);
            assert!(begins, "{words}: {about:?}");
            for flag in command.get_arguments() {
                let help = flag.get_help().map(ToString::to_string);
                let help = help.unwrap_or_default();
                assert!(help.len() > 3, "{words}: {}", flag.get_id());
                assert!(!help.ends_with('.'), "{words}: {help:?}");
            }
        });
    }

    #[test]
    fn the_definition_of_the_arguments_is_sound() {
        Cli::command().debug_assert();
    }
}
