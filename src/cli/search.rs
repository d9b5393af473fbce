//! `readnext search`: the search box in the terminal.

use std::fmt::Write as _;

use super::arguments::{Common, Search as Arguments};
use super::output::{bold, dim, print};
use super::related::one_line;
use crate::error::{Result, say};
use crate::serve::search_json;

pub(super) fn run(common: &Common, arguments: &Arguments) -> Result<u8> {
    let words = arguments.words.join(" ");
    let snapshot = common.snapshot()?;
    let results = snapshot.search(&words, usize::from(arguments.limit))?;
    if arguments.json {
        print(&format!("{}\n", search_json(&words, &results)))?;
        return Ok(0);
    }
    let mut text = String::new();
    for result in &results {
        let _ = writeln!(
            text,
            "{}\n  {}",
            bold(&one_line(result.entry.title)),
            dim(&one_line(result.entry.url))
        );
    }
    if results.is_empty() {
        say(format_args!("nothing found for {words:?}"));
    }
    print(&text)?;
    Ok(0)
}
