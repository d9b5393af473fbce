//! Whether a program that asked for a page is a robot, by what it calls itself.
//!
//! The signs are a list of our own (`data/robots.txt`), looked for in one pass. Robots that call themselves browsers are not
//! found here.

use std::cell::RefCell;
use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, MatchKind};
use xxhash_rust::xxh3::xxh3_64;

/// All signs and exceptions in one automaton; of those that begin at one place the longest is found, so that an exception
/// hides the sign that it holds.
struct Signs {
    words: AhoCorasick,
    /// Whether the word of each number is an exception.
    innocent: Vec<bool>,
}

static SIGNS: LazyLock<Signs> = LazyLock::new(|| {
    let lines = include_str!("data/robots.txt").lines();
    let lines = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
    let (words, innocent): (Vec<&str>, Vec<bool>) = lines
        .map(|line| {
            (
                line.strip_prefix('!').unwrap_or(line),
                line.starts_with('!'),
            )
        })
        .unzip();
    let words = AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .match_kind(MatchKind::LeftmostLongest)
        .build(words)
        .expect("the list is short");
    Signs { words, innocent }
});

/// Agents that a thread remembers; nearly all requests come by a few dozen.
const REMEMBERED: usize = 64;
/// Bytes of an agent that is remembered, at most.
const LONGEST: usize = 512;

thread_local! {
    /// What agents were found to be, each at the place that its hash leads to.
    static FOUND: RefCell<Vec<(Box<str>, bool)>> =
        RefCell::new(vec![(Box::default(), true); REMEMBERED]);
}

/// Whether `agent`, the user agent of a request, is that of a robot. One that tells nothing is.
pub fn is_robot(agent: &str) -> bool {
    if agent.len() > LONGEST {
        return is_of_robot(agent);
    }
    let place = xxh3_64(agent.as_bytes()) as usize % REMEMBERED;
    FOUND.with_borrow_mut(|found| {
        let (known, robot) = &mut found[place];
        if **known != *agent {
            (*known, *robot) = (agent.into(), is_of_robot(agent));
        }
        *robot
    })
}

/// The same, looked at for the first time.
fn is_of_robot(agent: &str) -> bool {
    let signs = &*SIGNS;
    agent.trim().is_empty()
        || signs
            .words
            .find_iter(agent)
            .any(|found| !signs.innocent[found.pattern()])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn robots_are_found_by_what_they_call_themselves() {
        for agent in include_str!("data/agents_of_robots.txt").lines() {
            assert!(is_robot(agent), "{agent}");
        }
        for agent in ["", "  ", "BOT", "x Cubot bot"] {
            assert!(is_robot(agent), "{agent}");
        }
    }

    #[test]
    fn browsers_are_no_robots() {
        for agent in include_str!("data/agents_of_browsers.txt").lines() {
            assert!(!is_robot(agent), "{agent}");
        }
    }

    #[test]
    fn what_is_remembered_is_what_was_found() {
        let robots = include_str!("data/agents_of_robots.txt").lines();
        let agents = robots.chain(include_str!("data/agents_of_browsers.txt").lines());
        let agents: Vec<&str> = agents.collect();
        assert!(agents.len() > REMEMBERED, "some share a place");
        for agent in agents.iter().chain(&agents).chain(agents.iter().rev()) {
            assert_eq!(is_robot(agent), is_of_robot(agent), "{agent}");
        }
    }

    #[test]
    fn every_word_is_needed_and_plain() {
        let lines = include_str!("data/robots.txt").lines();
        let words: Vec<&str> = lines
            .filter(|line| !line.is_empty() && !line.starts_with('#'))
            .collect();
        let (exceptions, signs): (Vec<&str>, Vec<&str>) =
            words.iter().partition(|word| word.starts_with('!'));
        for sign in &signs {
            assert_eq!(*sign, sign.trim().to_ascii_lowercase());
            let holders = signs.iter().filter(|other| other.contains(sign));
            assert_eq!(holders.count(), 1, "{sign} is part of another sign");
        }
        for exception in exceptions {
            let word = exception.trim_start_matches('!');
            let hides = signs.iter().any(|sign| word.contains(sign));
            assert!(hides && !is_robot(word), "{exception}");
        }
    }
}
