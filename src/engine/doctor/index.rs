//! The views: every file is compared with what was written. Whatever is wrong here, `reindex` builds it again.

use std::path::Path;

use super::journal::unread;
use super::repair::Repair;
use super::{Doctor, Health, Part};
use crate::error::{Error, Result};
use crate::index::{Generation, Generations, ReadFile};
use crate::store::Catalog;

impl Doctor<'_> {
    /// Looks at the index; the bytes that the next generation takes, by those of this one.
    pub(super) fn index(&self, parts: &mut Vec<Part>) -> u64 {
        let path = self.path("index");
        let generations = Generations::under(self.data);
        let current = generations.current();
        let serving = current.as_ref().ok().and_then(Option::as_ref);
        let number = serving.map(|current| current.manifest.generation);
        match &current {
            Ok(Some(current)) => self.generation(current, parts),
            Ok(None) => parts.push(
                Part::new("index", &path, Health::Note, "none")
                    .means("nothing serves")
                    .run("`readnext reindex --corpus PATH`"),
            ),
            Err(error) => parts.push(self.no_current(&generations, error)),
        }
        if let Err(error) = self.others(&generations, number, parts) {
            parts.push(unread("index", &path, &error));
        }
        self.reads(parts);
        if let Some((path, found)) = Catalog::doubt(self.data) {
            parts.push(
                Part::new("index", &path, Health::Warning, found)
                    .means("the next `reindex` removes it and reads every file; or a reindex is running now")
                    .run("`readnext reindex`"),
            );
        }
        serving.map_or(0, Generation::bytes)
    }

    fn generation(&self, current: &Generation, parts: &mut Vec<Part>) {
        let manifest = &current.manifest;
        let found = format!(
            "generation {} of {} articles, {} files",
            manifest.generation,
            manifest.articles,
            manifest.files.len()
        );
        parts.push(Part::new("index", current.folder(), Health::Fine, found));
        for error in current.differing() {
            parts.push(damaged_view(current.folder(), &error));
        }
    }

    /// The index has no generation that is whole and current.
    fn no_current(&self, generations: &Generations, error: &Error) -> Part {
        let path = self.path("index");
        let part = Part::new("index", &path, Health::Damaged, bare(error));
        if matches!(error, Error::Newer(_)) {
            return part
                .means("this readnext does not serve it")
                .run("the newer readnext, or `readnext reindex --full`");
        }
        let means = match generations.readable() {
            Ok(Some(other)) => format!(
                "generation {} serves in its place",
                other.generation.manifest.generation
            ),
            _ => "nothing serves; a running server goes on with what it has in memory".to_owned(),
        };
        part.means(&means)
            .run("`readnext reindex`, or `readnext doctor --repair`")
            .mended_by(Repair::Reindex)
    }

    /// Generations that do not serve: the one to go back to, and what builds left behind.
    fn others(
        &self,
        generations: &Generations,
        current: Option<u64>,
        parts: &mut Vec<Part>,
    ) -> Result<()> {
        for (number, folder, opened) in generations.all()? {
            if Some(number) == current {
                continue;
            }
            let wrong = match &opened {
                Err(_) if !generations.is_sealed(number) => {
                    parts.push(
                        Part::new(
                            "index",
                            &folder,
                            Health::Note,
                            "a build that did not finish, or is still running",
                        )
                        .means("it takes room")
                        .run("`readnext reindex` removes it with the next generation"),
                    );
                    continue;
                }
                Err(error) => Some(bare(error)),
                Ok(other) => other.differing().first().map(bare),
            };
            parts.push(match wrong {
                None => Part::new("index", &folder, Health::Fine, "whole, to go back to"),
                Some(found) => Part::new("index", &folder, Health::Warning, found)
                    .means("it does not serve, and you cannot go back to it")
                    .run("nothing: the next generation takes its place"),
            });
        }
        Ok(())
    }

    fn reads(&self, parts: &mut Vec<Part>) {
        let path = ReadFile::path(self.data);
        match ReadFile::open(self.data) {
            Ok(None) => {}
            Ok(Some(file)) => {
                let found = format!("counts of events before {}", file.place().next);
                parts.push(Part::new("index", &path, Health::Fine, found));
            }
            Err(Error::Damaged(found)) => parts.push(
                Part::new("index", &path, Health::Damaged, found)
                    .means(
                        "nothing is lost: events are counted again from the journal at every start",
                    )
                    .run("`readnext doctor --repair` removes it; a server writes another one")
                    .mended_by(Repair::Remove(path)),
            ),
            Err(error) => parts.push(unread("index", &path, &error)),
        }
    }
}

/// A file of the generation that serves.
fn damaged_view(folder: &Path, error: &Error) -> Part {
    Part::new("index", folder, Health::Damaged, bare(error))
        .means("panels are never made of it: what needs the file is refused, or the generation before serves")
        .run("`readnext reindex`, or `readnext doctor --repair`")
        .mended_by(Repair::Reindex)
}

/// What `error` says without what to run, which stands beside it.
fn bare(error: &Error) -> String {
    match error {
        Error::Damaged(found) => found.clone(),
        error => error.to_string(),
    }
}
