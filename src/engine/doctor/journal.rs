//! The journal, which nothing can make again: every record of it is read.

use std::path::Path;

use super::ends::Ends;
use super::repair::Repair;
use super::{Doctor, Health, Part};
use crate::engine::loan::is_lent;
use crate::engine::turned_away::{self, TurnedAway};
use crate::error::{Error, Result};
use crate::index::ReadFile;
use crate::journal::{self, Damage, Standing, What, checkpoint, doubtful_ids, search_tables};

impl Doctor<'_> {
    /// Looks at the journal.
    pub(super) fn journal(&self, parts: &mut Vec<Part>) {
        let path = self.path("journal");
        // Before the journal is read, which grows meanwhile.
        let counted = Ends::counted(self);
        if !path.exists() {
            let none = Ends {
                articles: 1,
                events: 1,
            };
            let lost = self.ends(counted, none, parts);
            if lost.articles || lost.events {
                return;
            }
            parts.push(
                Part::new("journal", &path, Health::Note, "none")
                    .means(
                        "there are no events and no articles over HTTP yet; or the folder was lost",
                    )
                    .run("if there was one: `readnext restore FILE` with a backup"),
            );
            return;
        }
        for looked in [
            self.segments(counted, parts),
            self.checkpoint(parts),
            self.ids(parts),
            self.exports(parts),
            self.report(parts),
        ] {
            if let Err(error) = looked {
                parts.push(unread("journal", &path, &error));
            }
        }
    }

    fn segments(&self, counted: Ends, parts: &mut Vec<Part>) -> Result<()> {
        let path = self.path("journal");
        let served = is_lent(self.data);
        let standing = Standing::of(self.data)?;
        let found = format!(
            "articles up to record {}, events up to {}{}",
            standing.articles,
            standing.events,
            if served { "; a server writes it" } else { "" }
        );
        parts.push(Part::new("journal", &path, Health::Fine, found));
        let lost = self.ends(counted, Ends::standing(self, &standing)?, parts);
        let damage = journal::damage(self.data)?;
        parts.extend(damage.iter().filter_map(|damage| {
            let was_counted = match damage.is_of_articles() {
                true => lost.articles,
                false => lost.events,
            };
            told(damage, served, was_counted)
        }));
        Ok(())
    }

    fn checkpoint(&self, parts: &mut Vec<Part>) -> Result<()> {
        let Some(checkpoint) = checkpoint(self.data)? else {
            return Ok(());
        };
        parts.push(match ReadFile::open_at(&checkpoint.path) {
            Ok(_) => {
                let found = format!("the counts of the events before {}", checkpoint.next);
                Part::new("journal", &checkpoint.path, Health::Fine, found)
            }
            Err(Error::Damaged(found)) => Part::new(
                "journal",
                &checkpoint.path,
                Health::Damaged,
                found,
            )
            .means(
                "events that were removed by age no longer count, because nothing else holds them",
            )
            .run("put the file back from a backup"),
            Err(error) => unread("journal", &checkpoint.path, &error),
        });
        Ok(())
    }

    fn ids(&self, parts: &mut Vec<Part>) -> Result<()> {
        for doubtful in doubtful_ids(self.data)? {
            let part = Part::new(
                "journal",
                &doubtful.path,
                Health::Warning,
                "is not what was written",
            );
            parts.push(match doubtful.of_trimmed {
                true => part
                    .means("events that were removed by age count again if they are imported again")
                    .run("put the file back from a backup"),
                false => part
                    .means("it is made again when it is needed, which takes a while")
                    .run("`readnext doctor --repair`")
                    .mended_by(Repair::Remove(doubtful.path)),
            });
        }
        Ok(())
    }

    fn exports(&self, parts: &mut Vec<Part>) -> Result<()> {
        let (tables, problems) = search_tables(self.data)?;
        let path = self.path("journal/search");
        if !tables.is_empty() {
            let found = format!("{} tables of Search Console", tables.len());
            parts.push(Part::new("journal", &path, Health::Fine, found));
        }
        for problem in problems {
            let path = Path::new(&problem.path);
            parts.push(
                Part::new("journal", path, Health::Damaged, "is not what was written")
                    .means("its search data does not count")
                    .run("import that export again, then remove this file"),
            );
        }
        Ok(())
    }

    fn report(&self, parts: &mut Vec<Part>) -> Result<()> {
        let path = turned_away::path(self.data);
        if TurnedAway::load(self.data)?.is_none() {
            parts.push(
                Part::new("journal", &path, Health::Warning, "is not what was written")
                    .means("`report abuse` does not show what was turned away so far")
                    .run("`readnext doctor --repair` removes it; a server begins another one")
                    .mended_by(Repair::Remove(path)),
            );
        }
        Ok(())
    }
}

/// What is to be said of `damage`; of an event that a server is writing nothing. Where more records were counted than there are,
/// the end is damaged and no write that did not end.
fn told(damage: &Damage, served: bool, was_counted: bool) -> Option<Part> {
    let found = damage.problem().message;
    let part = |health| Part::new("journal", &damage.file, health, found.clone());
    Some(match damage.what {
        What::Torn if was_counted => part(Health::Damaged)
            .means("these bytes are of records that were counted, so they were whole once; whoever writes next removes them")
            .run("copy the file before anything writes to the journal, then put the records back as above"),
        What::Torn if served => return None,
        What::Torn => part(Health::Warning)
            .means("it was never acknowledged, unless the disk lost a part of it")
            .run("`readnext doctor --repair` cuts it off, as the next writer would")
            .mended_by(Repair::CutTail),
        What::Header => part(Health::Warning).means("no record is lost"),
        What::Bytes | What::Missing | What::Unnamed { .. } => part(Health::Damaged)
            .means("all other records count; nothing here can rebuild these")
            .run("`readnext restore FILE --force` with a backup that has them, or send them again"),
    })
}

/// What cannot be read, or was written by a later readnext.
pub(super) fn unread(part: &'static str, path: &Path, error: &Error) -> Part {
    let health = match error {
        Error::Damaged(_) | Error::Broken(_) | Error::Newer(_) => Health::Damaged,
        _ => Health::Warning,
    };
    Part::new(part, path, health, error.to_string()).means("nothing more can be told of it")
}
