//! The reindex: what changed since the last generation, and the next generation if anything did.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use super::assemble::Assembly;
use super::editors::EditorsFiles;
use super::gather::{Gathered, Place};
use super::loan::Borrowed;
use super::plan::{Plan, PlannedRoot, journal_stamps};
use super::pushed::{Incoming, Pushed};
use super::runs;
use super::search_data::SearchData;
use crate::config::{Config, Sources};
use crate::corpus::{EditorsFile, Piece};
use crate::error::{Error, Result};
use crate::index::{Analyses, BuildLock, Generation, Generations, Manifest, Part, SourceId};
use crate::journal::search_files;
use crate::model::{ArticleId, Problem, Severity};
use crate::store::Catalog;

/// Changes when analysis (reading, terms, shingles) gives other results for the same piece.
const ANALYSIS: u32 = 8;
/// Changes when a generation is built differently from the same analyses.
const BUILD: u32 = 11;

/// Share of the articles, in percent, that a run may remove unasked.
const LARGEST_SHRINK: usize = 30;

/// Where articles come from.
#[derive(Clone, Debug)]
pub enum Corpora {
    /// The given roots; those that a data folder remembers beside them keep their articles as they are. None given: all
    /// remembered roots, or `DATA/corpus`.
    Roots(Vec<PathBuf>),
    /// Pieces in memory.
    Pieces {
        /// What they are called together.
        name: &'static str,
        /// The pieces.
        pieces: Vec<Piece>,
        /// What their editors state of topics.
        topics: EditorsFile,
    },
}

/// A reindex to be run.
#[derive(Debug)]
pub struct Reindex<'a> {
    /// The data folder.
    pub data: &'a Path,
    /// The site's settings.
    pub config: &'a Config,
    /// Where articles come from.
    pub corpora: Corpora,
    /// Article records that are put into the journal first. Without roots given beside them, the remembered roots keep
    /// their articles as they are.
    pub incoming: Option<Incoming<'a>>,
    /// Remembered roots keep their articles as they are: only what the journal holds is looked at.
    pub journal_only: bool,
    /// Read and build everything, changed or not.
    pub full: bool,
    /// Go on where more than 30% of the articles would be removed.
    pub allow_shrink: bool,
    /// Compare every file of the generation before with what was written, which reads all of them. A run that looks for
    /// changes every second does so once.
    pub verify: bool,
}

/// How far a reindex has come.
#[derive(Clone, Copy, Debug)]
pub enum Progress {
    /// Articles read and analysed.
    Read {
        /// So far.
        articles: u64,
        /// The length of their texts in bytes.
        bytes: u64,
        /// That of all that is to be read.
        total: u64,
    },
    /// Articles whose neighbours are found.
    Compared {
        /// So far.
        done: u64,
        /// Of all.
        total: u64,
    },
}

/// What a reindex found and did.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// Ids that the generation before did not have.
    pub added: Vec<String>,
    /// Ids whose piece differs.
    pub changed: Vec<String>,
    /// Ids that are gone.
    pub removed: Vec<String>,
    /// How many articles are as they were.
    pub unchanged: usize,
    /// How many pieces were dropped or damaged; each has an error among the problems.
    pub rejected: usize,
    /// The generation that serves now.
    pub generation: u64,
    /// Whether this run built it.
    pub built: bool,
    /// Words that passed unstemmed because the stemmer failed on them.
    pub unstemmed: u64,
    /// What was found wrong.
    pub problems: Vec<Problem>,
}

impl Reindex<'_> {
    /// Runs it.
    ///
    /// # Errors
    /// [`Error::InUse`] while another run holds the data folder or its journal; [`Error::Usage`] or [`Error::Config`] if a
    /// root cannot be used; [`Error::Newer`] if a newer readnext built the index and this is not a full run, or wrote the
    /// journal; [`Error::Failed`] if the disk refuses. Whatever happens, the generation that served goes on serving.
    pub fn run(mut self, progress: &(dyn Fn(Progress) + Sync)) -> Result<Report> {
        let begun = Instant::now();
        let incoming = self.incoming.take();
        let mut sources = Sources::load(self.data)?;
        let streamed = incoming.is_some() || self.journal_only;
        let plan = Plan::of(self.data, &self.corpora, &sources.roots, streamed)?;
        let generations = Generations::under(self.data);
        let lock = generations.lock()?;
        let mut notes = Vec::new();
        let incoming = incoming
            .map(|incoming| {
                let mut borrowed = Borrowed::open(self.data)?;
                notes.append(&mut borrowed.problems);
                Ok((incoming, borrowed))
            })
            .transpose()?;
        let before = self.before(&generations, &lock, &mut notes)?;
        let mut catalog = Catalog::open(self.data);
        notes.extend(catalog.complaint().map(|what| noted(what.to_owned())));
        let names = plan.names();
        let (files, mut refused) = self.editors_files(&plan);
        let told = format!("{} {}", files.key(), searched(self.data)?);
        let settings = Settings::of(self.config, &names, &told);
        let usable = before
            .as_ref()
            .filter(|before| !self.full && before.manifest.analysis == settings.analysis);
        let mut stamps = plan.stamps(self.data);
        if let (Some(before), Some(stamps), None) = (usable, &stamps, &incoming)
            && before.manifest.settings == settings.whole
            && catalog.matches(&built_key(before, &plan), stamps)
        {
            return Ok(unchanged(before, notes));
        }
        let known = known(usable, &mut notes);
        // Where the generation before cannot be built upon, changes are told against what serves in its place.
        let served = match before {
            Some(_) => None,
            None => generations.readable().ok().flatten(),
        };
        let served = served.as_ref().map(|readable| &readable.generation);
        let had_records = before
            .as_ref()
            .or(served)
            .map_or(0, |had| had.manifest.pushed);
        let had = hashes(before.as_ref().or(served), &known);
        let taken = incoming.is_some();
        let gathered = self.gather(&plan, usable, known, progress)?;
        let (analyses, places, problems, pushed) =
            self.add_pushed(gathered, &plan, incoming, had_records, progress)?;
        if taken {
            // What was just written is of this generation; whoever writes from here on is seen by the next run.
            let written = journal_stamps(self.data);
            stamps = stamps.zip(written).map(|(mut stamps, written)| {
                stamps.extend(written);
                stamps
            });
        }
        let mut report = compared(&had, &analyses);
        let (editors, slips) = files.read();
        refused.extend(slips);
        let (search, damaged) = SearchData::load(self.data)?;
        notes.extend(damaged);
        // Like those of articles, warnings are repeated only where the file is another.
        let known = usable.is_some_and(|before| before.manifest.settings == settings.whole);
        refused.retain(|problem| !known || problem.severity == Severity::Error);
        report.tell(notes.into_iter().chain(refused).chain(problems).collect());
        let unstemmed = analyses.articles().iter().map(|article| article.unstemmed);
        report.unstemmed = unstemmed.sum();
        if !self.allow_shrink {
            // What was deleted over HTTP is meant to be gone.
            let unasked = |id: &&String| !pushed.is_deleted(id);
            let removed: Vec<&String> = report.removed.iter().filter(unasked).collect();
            let refused = refuse_to_shrink(had.len(), &removed);
            refused.map_err(|error| match pushed.lost_end() {
                Some(lost) => error.after(lost),
                None => error,
            })?;
        }
        let as_before =
            usable.filter(|before| report.is_empty() && before.manifest.settings == settings.whole);
        let built = match as_before {
            Some(before) => {
                report.generation = before.manifest.generation;
                built_key(before, &plan)
            }
            None => {
                let draft = generations.begin(&lock)?;
                let assembly = Assembly {
                    config: self.config,
                    editors: &editors,
                    search: &search,
                    places: &places,
                    now: (clock_nanos() / NANOS) as i64,
                };
                let contradictions = assembly.write(&analyses, &draft, progress)?;
                report.problems.extend(contradictions);
                let articles = analyses.articles().len();
                // All of it is written; what follows reads the files back, which takes as much memory.
                drop(analyses);
                let manifest = Manifest {
                    format: crate::index::FORMAT,
                    generation: draft.number,
                    articles,
                    analysis: settings.analysis,
                    settings: settings.whole,
                    sources: names,
                    pushed: pushed.end(),
                    files: Vec::new(),
                };
                let generation = draft.publish(&manifest)?;
                report.generation = generation.manifest.generation;
                report.built = true;
                generations.prune(&lock, report.generation)?;
                built_key(&generation, &plan)
            }
        };
        if let Some(stamps) = stamps.filter(|_| report.rejected == 0) {
            // The index is built; without the catalogue the next run only takes longer.
            if let Err(error) = catalog.remember(&built, &stamps, clock_nanos()) {
                report.problems.push(noted(error.to_string()));
            }
        }
        if let Corpora::Roots(_) = self.corpora {
            sources.save(plan.roots.iter().map(PlannedRoot::name).collect())?;
        }
        if report.built {
            let at = (clock_nanos() / NANOS) as i64;
            runs::keep(self.data, &report, at, begun.elapsed());
        }
        Ok(report)
    }

    /// The editors' files, and why others are not read.
    fn editors_files(&self, plan: &Plan) -> (EditorsFiles, Vec<Problem>) {
        let (mut files, problems) = plan.editors_files(self.data);
        if let Corpora::Pieces { topics, .. } = &self.corpora {
            files.topics.push(topics.clone());
        }
        (files, problems)
    }

    /// The generation before, if it can be built upon: whole, and of this format.
    fn before(
        &self,
        generations: &Generations,
        lock: &BuildLock,
        notes: &mut Vec<Problem>,
    ) -> Result<Option<Generation>> {
        let current = generations.current().and_then(|current| match current {
            Some(generation) if self.verify => generation.verify().map(|()| Some(generation)),
            other => Ok(other),
        });
        let before = match current {
            Ok(before) => before,
            Err(error @ Error::Newer(_)) if !self.full => return Err(error),
            Err(error) => {
                notes.push(rebuilding(&error));
                None
            }
        };
        let number = before.as_ref().map(|before| before.manifest.generation);
        for name in generations.clear_leftovers(lock, number)? {
            notes.push(noted(format!(
                "removed {name}: it was left by a run that did not finish, or is newer than the generation in CURRENT"
            )));
        }
        Ok(before)
    }

    /// The articles of the journal beside those of the corpus, the ones that come in among them. The generation before had
    /// the records before the number `had`.
    fn add_pushed(
        &self,
        mut gathered: Gathered,
        plan: &Plan,
        incoming: Option<(Incoming<'_>, Borrowed)>,
        had: u64,
        progress: &(dyn Fn(Progress) + Sync),
    ) -> Result<All> {
        let rules = &self.config.rules;
        let mut pushed = Pushed::load(self.data)?;
        pushed.expect(had);
        if let Some((incoming, mut borrowed)) = incoming {
            pushed.take(incoming.0, &mut borrowed.journal, &mut gathered, rules)?;
        }
        pushed.place(self.data, &mut gathered, plan.pushed(), rules, progress)?;
        let places = gathered.instructed_places();
        let (analyses, mut problems) = gathered.finish();
        problems.append(&mut pushed.problems);
        Ok((analyses, places, problems, pushed))
    }

    /// The articles of the corpus.
    fn gather(
        &self,
        plan: &Plan,
        before: Option<&Generation>,
        known: Part,
        progress: &(dyn Fn(Progress) + Sync),
    ) -> Result<Gathered> {
        let can_carry = before.is_some() && !known.articles.is_empty();
        let mut gathered = Gathered::reusing(known);
        let sources_before = before
            .map(|before| before.manifest.sources.as_slice())
            .unwrap_or_default();
        let read = plan
            .roots
            .iter()
            .filter(|planned| planned.given || !can_carry);
        gathered.expect(read.map(|planned| planned.root.size()).sum());
        for (number, planned) in plan.roots.iter().enumerate() {
            let source = SourceId(number as u16);
            if planned.given || !can_carry {
                gathered.read_root(&planned.root, source, &self.config.rules, progress)?;
            } else {
                let name = planned.name();
                gathered.carry_over(|from| {
                    let same = sources_before.get(usize::from(from.0)) == Some(&name);
                    same.then(|| (source, name.clone()))
                });
            }
        }
        if let Corpora::Pieces { pieces, .. } = &self.corpora {
            gathered.read_batch(pieces, SourceId(0), &self.config.rules, progress);
        }
        Ok(gathered)
    }
}

impl Report {
    /// Whether no article differs from the generation before.
    fn is_empty(&self) -> bool {
        self.added.is_empty() && self.changed.is_empty() && self.removed.is_empty()
    }

    /// Takes over what was found wrong.
    fn tell(&mut self, problems: Vec<Problem>) {
        let errors = problems
            .iter()
            .filter(|problem| problem.severity == Severity::Error);
        self.rejected = errors.count();
        self.problems = problems;
    }
}

/// The analyses of the generation before; none where they cannot be read, which is noted.
fn known(before: Option<&Generation>, notes: &mut Vec<Problem>) -> Part {
    match before.map(Generation::analyses) {
        Some(Ok(analyses)) => analyses,
        Some(Err(error)) => {
            notes.push(rebuilding(&error));
            Part::default()
        }
        None => Part::default(),
    }
}

/// Nanoseconds of a second.
const NANOS: i128 = 1_000_000_000;

/// The articles of a run, where those with instructions were read, what is wrong with any, and what the journal holds.
type All = (Analyses, HashMap<ArticleId, Place>, Vec<Problem>, Pushed);

/// The clock, in nanoseconds since 1970.
fn clock_nanos() -> i128 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| since.as_nanos().cast_signed())
}

/// What a generation depends on beside its articles.
struct Settings {
    analysis: String,
    whole: String,
}

impl Settings {
    fn of(config: &Config, sources: &[String], editors: &str) -> Self {
        let analysis = format!(
            "{ANALYSIS} {} {} {}",
            config.rules.lang.as_str(),
            config.rules.kinds.join(","),
            config.rules.own.0.join(",")
        );
        let whole = format!(
            "{BUILD} {} {} {} {analysis} {editors} {}",
            config.keep_out.key(),
            config.exposure,
            config.linked_cards,
            sources.join("\n")
        );
        Self { analysis, whole }
    }
}

/// Tells the imports of search data from others.
fn searched(data: &Path) -> Result<String> {
    let files = search_files(data)?;
    let names = files.iter().filter_map(|file| file.file_name()?.to_str());
    Ok(names.collect::<Vec<_>>().join(","))
}

/// Stops a run that would remove more than 30% of the `had` articles, and more than one: a folder that is not mounted, a
/// checkout gone wrong.
fn refuse_to_shrink(had: usize, removed: &[&String]) -> Result<()> {
    if removed.len() <= 1 || removed.len() * 100 <= had * LARGEST_SHRINK {
        return Ok(());
    }
    let first: Vec<&str> = removed.iter().take(3).map(|id| id.as_str()).collect();
    Err(Error::Failed(format!(
        "this run would remove {} of {had} articles ({}, ...), more than {LARGEST_SHRINK}%; the index stays as it is; if this is intended, run it again with --allow-shrink",
        removed.len(),
        first.join(", ")
    )))
}

/// Something about the index that the person who runs this should know.
fn noted(what: String) -> Problem {
    Problem::new(Severity::Warning, "index", what)
}

fn rebuilding(error: &Error) -> Problem {
    let found = match error {
        Error::Damaged(found) => found.clone(),
        other => other.to_string(),
    };
    noted(format!("{found}; this run builds everything again"))
}

/// Tells whether the catalogue is of this very generation and of these roots, built by this code.
fn built_key(generation: &Generation, plan: &Plan) -> String {
    format!(
        "{} build {BUILD} analysis {ANALYSIS}{}",
        generation.current_line().trim(),
        plan.key()
    )
}

fn unchanged(before: &Generation, notes: Vec<Problem>) -> Report {
    Report {
        unchanged: before.manifest.articles,
        generation: before.manifest.generation,
        problems: notes,
        ..Report::default()
    }
}

/// The digests of the articles of the generation before, by id.
fn hashes(before: Option<&Generation>, known: &Part) -> HashMap<String, u128> {
    let of = |part: &Part| {
        let articles = part.articles.iter();
        articles
            .map(|article| (article.entry.id.as_str().to_owned(), article.hash))
            .collect()
    };
    match before {
        Some(before) if known.articles.is_empty() => {
            before.analyses().map(|part| of(&part)).unwrap_or_default()
        }
        _ => of(known),
    }
}

fn compared(had: &HashMap<String, u128>, analyses: &Analyses) -> Report {
    let mut report = Report::default();
    let mut gone: BTreeMap<&str, ()> = had.keys().map(|id| (id.as_str(), ())).collect();
    for article in analyses.articles() {
        let id = article.entry.id.as_str();
        gone.remove(id);
        match had.get(id) {
            None => report.added.push(id.to_owned()),
            Some(&hash) if hash != article.hash => report.changed.push(id.to_owned()),
            Some(_) => report.unchanged += 1,
        }
    }
    report.removed = gone.into_keys().map(str::to_owned).collect();
    report
}
