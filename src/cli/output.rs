//! Text to stdout and progress to stderr.

use std::env;
use std::fmt;
use std::io::{self, IsTerminal, Write};
use std::path::Path;
use std::sync::Mutex;
use std::time::Duration;

use indicatif::{HumanCount, ProgressBar, ProgressState, ProgressStyle};

use crate::engine::Progress;
use crate::error::{Error, Result};

/// Writes `text` to stdout. A reader that went away (`| head`) is no error.
pub(super) fn print(text: &str) -> Result<()> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Error::io("write", Path::new("standard output"), &error))
        }
        _ => Ok(()),
    }
}

/// `1 panel`, `2 panels`.
pub(super) fn counted<N: Copy + fmt::Display + PartialEq + From<u8>>(
    count: N,
    what: &str,
) -> String {
    let ending = if count == N::from(1) { "" } else { "s" };
    format!("{count} {what}{ending}")
}

/// `text` in bold where stdout is a terminal and `NO_COLOR` is not set.
pub(super) fn bold(text: &str) -> String {
    styled(text, "1")
}

/// `text` dimmed where stdout is a terminal and `NO_COLOR` is not set.
pub(super) fn dim(text: &str) -> String {
    styled(text, "2")
}

fn styled(text: &str, code: &str) -> String {
    let plain = !io::stdout().is_terminal()
        || env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    if plain {
        text.to_owned()
    } else {
        format!("\u{1b}[{code}m{text}\u{1b}[0m")
    }
}

/// Bars on stderr for a reindex; nothing where stderr is no terminal.
#[derive(Debug, Default)]
pub(super) struct Bars {
    bar: Mutex<Option<(bool, ProgressBar)>>,
}

impl Bars {
    /// Shows how far the reindex is.
    pub(super) fn show(&self, progress: Progress) {
        let Ok(mut bar) = self.bar.lock() else { return };
        let (comparing, position, total) = match progress {
            Progress::Read { bytes, total, .. } => (false, bytes, total),
            Progress::Compared { done, total } => (true, done, total),
        };
        if bar.as_ref().is_none_or(|(before, _)| *before != comparing) {
            if let Some((_, done)) = bar.take() {
                done.finish_and_clear();
            }
            *bar = Some((comparing, new_bar(comparing, total)));
        }
        if let Some((_, bar)) = bar.as_ref() {
            if let Progress::Read { articles, .. } = progress {
                bar.set_message(HumanCount(articles).to_string());
            }
            bar.set_position(position);
        }
    }

    /// Removes the bar.
    pub(super) fn clear(&self) {
        if let Some((_, bar)) = self.bar.lock().ok().and_then(|mut bar| bar.take()) {
            bar.finish_and_clear();
        }
    }
}

fn new_bar(comparing: bool, total: u64) -> ProgressBar {
    let template = if comparing {
        "{bar:40} compared {human_pos}/{human_len} articles, {rate}, {eta} left"
    } else {
        "{bar:40} read {msg} articles, {binary_bytes_per_sec}, {eta} left"
    };
    let bar = ProgressBar::new(total);
    let style = ProgressStyle::with_template(template).expect("a valid template");
    bar.set_style(
        style.with_key("rate", |state: &ProgressState, out: &mut dyn fmt::Write| {
            let _ = write!(out, "{}/s", HumanCount(state.per_sec() as u64));
        }),
    );
    bar.enable_steady_tick(Duration::from_millis(120));
    bar
}
