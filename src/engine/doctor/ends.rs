//! Where the journal ends, and where the views say that it ended: both count its records, so they know of an end that was lost,
//! or flipped, which the journal itself cannot tell from one that was never written.

use super::repair::Repair;
use super::{Doctor, Health, Part};
use crate::engine::{counted, pushed};
use crate::error::Result;
use crate::index::{Generations, ReadFile};
use crate::journal::{self, Standing};

/// The numbers behind the last article record and behind the last event.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Ends {
    pub(super) articles: u64,
    pub(super) events: u64,
}

impl Ends {
    /// Up to where the views of the folder have counted; nothing where there are none that are whole.
    pub(super) fn counted(doctor: &Doctor<'_>) -> Self {
        let served = Generations::under(doctor.data).readable().ok().flatten();
        let reads = ReadFile::open(doctor.data).ok().flatten();
        Self {
            articles: served.map_or(0, |served| served.generation.manifest.pushed),
            events: reads.map_or(0, |file| file.place().next),
        }
    }

    /// Up to where the journal has whole records.
    pub(super) fn standing(doctor: &Doctor<'_>, standing: &Standing) -> Result<Self> {
        Ok(Self {
            articles: standing.articles + 1,
            events: journal::events_end(doctor.data)?,
        })
    }

    /// What of `counted` the journal that ends here does not have.
    pub(super) fn lost(self, counted: Self) -> Lost {
        Lost {
            articles: counted.articles > self.articles,
            events: counted.events > self.events,
        }
    }
}

/// Of what the end was lost.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Lost {
    pub(super) articles: bool,
    pub(super) events: bool,
}

impl Doctor<'_> {
    /// Compares the journal's end with what the views have counted. These are to be read before the journal, which grows.
    pub(super) fn ends(&self, counted: Ends, standing: Ends, parts: &mut Vec<Part>) -> Lost {
        let lost = standing.lost(counted);
        let path = self.path("journal");
        let part = |found: String| Part::new("journal", &path, Health::Damaged, found);
        if lost.articles {
            parts.push(
                part(pushed::ahead(counted.articles, standing.articles))
                    .means("the index still has their articles; the next generation does not, and nothing here can rebuild the records")
                    .run("before any `readnext reindex`: `readnext restore FILE --force` with a backup that has them, or send them again"),
            );
        }
        if lost.events {
            parts.push(
                part(counted::ahead(counted.events, standing.events))
                    .means("the events behind its end do not count any more; nothing here can rebuild them")
                    .run("`readnext restore FILE --force` with a backup that has them, or import them again"),
            );
        }
        lost
    }

    /// What of the journal's end is lost.
    pub(super) fn lost(&self) -> Result<Lost> {
        let counted = Ends::counted(self);
        let standing = Standing::of(self.data)?;
        Ok(Ends::standing(self, &standing)?.lost(counted))
    }

    /// Those of `repairs` that lose nothing: with an end that was lost no writer opens the journal, as it would cut off what is
    /// there of it, and the index that has the articles stays.
    pub(super) fn harmless(&self, mut repairs: Vec<Repair>) -> Result<Vec<Repair>> {
        let lost = self.lost()?;
        repairs.retain(|repair| match repair {
            Repair::OwnersAlone(_) => true,
            Repair::Reindex => !lost.articles,
            Repair::CutTail | Repair::Remove(_) => !lost.articles && !lost.events,
        });
        Ok(repairs)
    }
}
