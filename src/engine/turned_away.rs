//! What a server turned away unread: by day, page and article, and why. Kept in a small file beside the journal, as nothing
//! else tells of it.
//!
//! A line each with tabs between, and a checksum in the last one; whoever writes it holds the journal.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use xxhash_rust::xxh3::xxh3_64;

use super::abuse::Why;
use crate::error::{Error, Result};
use crate::model::order;

/// Days that are kept.
const DAYS: i64 = 30;
/// Lines of one day, at most.
const LINES: usize = 1024;
/// What the last line begins with.
const SUM: &str = "xxh3-64\t";
/// Why events are turned away.
const REASONS: [Why; 2] = [Why::Rate, Why::Repeated];

/// What an event was about: the page it named, if it is one of the site's, and the article. Both are empty for all that are
/// not told apart.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct About {
    pub(super) from: String,
    pub(super) article: String,
}

/// Events that were turned away.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TurnedAway(BTreeMap<i64, BTreeMap<(About, Why), u64>>);

impl TurnedAway {
    /// Takes note of `events` of `day` (days since 1970).
    pub(super) fn add(&mut self, day: i64, about: About, why: Why, events: u64) {
        let lines = self.0.entry(day).or_default();
        *lines.entry((about, why)).or_default() += events;
        if lines.len() >= 2 * LINES {
            let mut all: Vec<_> = std::mem::take(lines).into_iter().collect();
            order::sort_by(&mut all, |a, b| {
                Reverse(a.1).cmp(&Reverse(b.1)).then_with(|| a.0.cmp(&b.0))
            });
            for (place, ((about, why), events)) in all.into_iter().enumerate() {
                let about = if place < LINES {
                    about
                } else {
                    About::default()
                };
                *lines.entry((about, why)).or_default() += events;
            }
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Day, what about, why and how many.
    pub(super) fn lines(&self) -> impl Iterator<Item = (i64, &About, Why, u64)> {
        let days = self.0.iter();
        days.flat_map(|(day, lines)| {
            let lines = lines.iter();
            lines.map(|((about, why), events)| (*day, about, *why, *events))
        })
    }

    /// Adds these to what the file of `data` has. The caller holds the journal.
    ///
    /// # Errors
    /// [`Error::Failed`] if the file cannot be read or written.
    pub fn keep(&self, data: &Path) -> Result<()> {
        // What is damaged is begun anew: it is a report, and says so itself when it is read.
        let mut all = Self::load(data)?.unwrap_or_default();
        for (day, about, why, events) in self.lines() {
            all.add(day, about.clone(), why, events);
        }
        if let Some(last) = all.0.keys().next_back().copied() {
            all.0.retain(|day, _| *day > last - DAYS);
        }
        let path = path(data);
        let beside = path.with_extension("new");
        let write = || {
            let mut file = File::create(&beside)?;
            file.write_all(all.to_text().as_bytes())?;
            file.sync_all()?;
            fs::rename(&beside, &path)
        };
        write().map_err(|error| Error::io("write", &path, &error))
    }

    /// What the file of `data` has: nothing where there is no file, `None` where it is damaged.
    ///
    /// # Errors
    /// [`Error::Failed`] if it is there and cannot be read.
    pub(super) fn load(data: &Path) -> Result<Option<Self>> {
        let path = path(data);
        match fs::read(&path) {
            Ok(bytes) => Ok(str::from_utf8(&bytes).ok().and_then(Self::from_text)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Some(Self::default())),
            Err(error) => Err(Error::io("read", &path, &error)),
        }
    }

    fn to_text(&self) -> String {
        let mut text = String::new();
        for (day, About { from, article }, why, events) in self.lines() {
            text.push_str(&format!(
                "{day}\t{}\t{events}\t{from}\t{article}\n",
                why.name()
            ));
        }
        let sum = xxh3_64(text.as_bytes());
        text.push_str(&format!("{SUM}{sum:016x}\n"));
        text
    }

    fn from_text(text: &str) -> Option<Self> {
        let (lines, sum) = text.split_at(text.rfind(SUM)?);
        if sum != format!("{SUM}{:016x}\n", xxh3_64(lines.as_bytes())) {
            return None;
        }
        let mut all = Self::default();
        for line in lines.lines() {
            let mut fields = line.splitn(5, '\t');
            let day = fields.next()?.parse().ok()?;
            let why = fields.next()?;
            let why = REASONS.into_iter().find(|known| known.name() == why)?;
            let events = fields.next()?.parse().ok()?;
            let about = About {
                from: fields.next()?.to_owned(),
                article: fields.next()?.to_owned(),
            };
            all.add(day, about, why, events);
        }
        Some(all)
    }
}

pub(super) fn path(data: &Path) -> PathBuf {
    data.join("journal").join("turned-away.tsv")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn about(from: &str, article: &str) -> About {
        About {
            from: from.to_owned(),
            article: article.to_owned(),
        }
    }

    #[test]
    fn what_is_kept_is_read_again_added_up_and_bounded() {
        let folder = tempfile::tempdir().expect("a folder");
        let data = folder.path();
        fs::create_dir(data.join("journal")).expect("made");
        let mut some = TurnedAway::default();
        some.add(5, about("", "/a"), Why::Rate, 3);
        some.add(6, about("/ä b", "/c"), Why::Repeated, 1);
        some.keep(data).expect("kept");
        some.keep(data).expect("kept");
        let read = TurnedAway::load(data).expect("read").expect("whole");
        let found: Vec<_> = read.lines().map(|line| (line.0, line.2, line.3)).collect();
        assert_eq!(found, [(5, Why::Rate, 6), (6, Why::Repeated, 2)]);
        let mut many = TurnedAway::default();
        for number in 0..5000u64 {
            many.add(
                5 + DAYS,
                about("", &format!("/{number}")),
                Why::Rate,
                1 + number % 2,
            );
        }
        many.keep(data).expect("kept");
        let read = TurnedAway::load(data).expect("read").expect("whole");
        assert!(read.lines().count() < 2 * LINES + 2);
        // The first day is too old by now.
        assert_eq!(read.lines().map(|line| line.3).sum::<u64>(), 2 + 7500);
        let mut bytes = fs::read(path(data)).expect("read");
        bytes[0] ^= 1;
        fs::write(path(data), bytes).expect("written");
        assert_eq!(TurnedAway::load(data).expect("read"), None);
    }
}
