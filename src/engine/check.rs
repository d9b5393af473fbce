//! What is wrong with a corpus: all that its author would want to know before readers do.
//!
//! Reads every article anew, changes nothing and needs no index.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use super::assemble::clusters;
use super::candidates::lang_numbers;
use super::dead_links::{Dead, dead};
use super::editors::Editors;
use super::findings::{Concern, Finding, Findings};
use super::gather::{Gathered, Place};
use super::instructions::Settling;
use super::names::{Linked, Names};
use super::panel_check::{PanelCheck, Truth};
use super::plan::Plan;
use super::pushed::{JOURNAL, Pushed};
use super::reindex::{Corpora, Progress};
use super::structure::Structure;
use crate::config::{Config, Sources};
use crate::error::Result;
use crate::index::{Analysed, Analyses, Part, Rules as RulesOfPanels, SourceId};
use crate::model::{DocOrd, Entry, Lang, Problem, Severity, order};
use crate::signals::content::{Rows, Search, near_duplicates, neighbours};

/// Neighbours among which near-duplicates are looked for.
const NEIGHBOURS: usize = 100;
/// A check to be run.
#[derive(Debug)]
pub struct Check<'a> {
    /// The data folder.
    pub data: &'a Path,
    /// The site's settings.
    pub config: &'a Config,
    /// The corpus roots; none: those that the data folder remembers, or `DATA/corpus`.
    pub roots: Vec<PathBuf>,
    /// The panels to hold against the articles, if any.
    pub panels: Option<PanelCheck<'a>>,
    /// Unix seconds; what has expired by then is told.
    pub now: i64,
}

impl Check<'_> {
    /// Runs it.
    ///
    /// # Errors
    /// [`Error::Usage`](crate::error::Error::Usage) or [`Error::Config`](crate::error::Error::Config) if a root cannot be
    /// used, [`Error::Newer`](crate::error::Error::Newer) or [`Error::Failed`](crate::error::Error::Failed) if the journal
    /// cannot be read; [`Error::Damaged`](crate::error::Error::Damaged) if a panel cannot be made.
    pub fn run(self, progress: &(dyn Fn(Progress) + Sync)) -> Result<Findings> {
        let remembered = if self.roots.is_empty() {
            Sources::load(self.data)?.roots
        } else {
            Vec::new()
        };
        let plan = Plan::of(self.data, &Corpora::Roots(self.roots), &remembered, false)?;
        let mut gathered = Gathered::reusing(Part::default());
        gathered.expect(plan.roots.iter().map(|planned| planned.root.size()).sum());
        for (number, planned) in plan.roots.iter().enumerate() {
            let source = SourceId(number as u16);
            gathered.read_root(&planned.root, source, &self.config.rules, progress)?;
        }
        let pushed = Pushed::load(self.data)?;
        let mut findings = overrides(&pushed, &gathered);
        pushed.place(
            self.data,
            &mut gathered,
            plan.pushed(),
            &self.config.rules,
            progress,
        )?;
        findings.extend(pushed.problems.into_iter().map(reading));
        let (files, refused) = plan.editors_files(self.data);
        let (editors, slips) = files.read();
        findings.extend(refused.into_iter().chain(slips).map(reading));
        let examined = Examined {
            config: self.config,
            editors: &editors,
            panels: self.panels.as_ref(),
            now: self.now,
        };
        examined.look_at(gathered, findings)
    }
}

fn reading(problem: Problem) -> Finding {
    Finding::new(Concern::Reading, problem)
}

/// The files of the corpus that do not show.
fn overrides(pushed: &Pushed, gathered: &Gathered) -> Vec<Finding> {
    let places = gathered.article_places();
    let hidden = pushed.overrides(gathered).into_iter();
    hidden
        .map(|id| {
            let Place { path, line } = &places[&id];
            let message = format!(
                "does not show: {id} was written or deleted later, on standard input or over HTTP; the file shows again once its content changes"
            );
            let problem = Problem::new(Severity::Warning, path, message).at(*line, 1);
            Finding::new(Concern::Override, problem).about(&id)
        })
        .collect()
}

/// What articles are held against.
struct Examined<'a> {
    config: &'a Config,
    editors: &'a Editors,
    panels: Option<&'a PanelCheck<'a>>,
    now: i64,
}

impl Examined<'_> {
    /// Looks at the articles that `gathered` holds; `findings` are there already.
    fn look_at(&self, gathered: Gathered, mut findings: Vec<Finding>) -> Result<Findings> {
        let places = gathered.article_places();
        let (analyses, problems) = gathered.finish();
        let articles = analyses.articles();
        let entries: Vec<&Entry> = articles.iter().map(|article| &article.entry).collect();
        let site = Site {
            articles,
            names: Names::of(&entries, &self.config.own),
            places: entries.iter().map(|entry| &places[&entry.id]).collect(),
            entries,
        };
        findings.extend(problems.into_iter().map(reading));
        findings.extend(site.dead_links());
        findings.extend(site.dead_canonicals());
        findings.extend(site.duplicate_titles());
        findings.extend(site.near_duplicates(&analyses));
        findings.extend(site.unfitting_language(&self.config.rules.lang));
        findings.extend(site.missing_summaries());
        let cards = site.names.cards(&site.entries);
        let settling = Settling {
            entries: &site.entries,
            names: &site.names,
            cards: &cards,
            places: &places,
        };
        let (rules, contradictions) = settling.settle(&self.editors.instructed, self.now);
        let editorial = |problem| Finding::new(Concern::Editorial, problem);
        findings.extend(contradictions.into_iter().map(editorial));
        let mut looked_at = None;
        if let Some(panels) = self.panels {
            let (found, count) = panels.run(&site.truth(&analyses, &cards, rules, self.config))?;
            looked_at = Some(count);
            findings.extend(
                found
                    .into_iter()
                    .map(|(ord, what)| site.violation(ord, &what)),
            );
        }
        order::sort_by(&mut findings, Ord::cmp);
        Ok(Findings {
            articles: articles.len(),
            panels: looked_at,
            findings,
        })
    }
}

/// The articles of a check, all lists by ordinal.
struct Site<'a> {
    articles: &'a [Analysed],
    entries: Vec<&'a Entry>,
    names: Names<'a>,
    /// Where each article was read.
    places: Vec<&'a Place>,
}

impl Site<'_> {
    fn found(&self, concern: Concern, ord: usize, message: String) -> Finding {
        let Place { path, line } = self.places[ord];
        let id = &self.entries[ord].id;
        // The number of a record of the journal tells nobody which article it is.
        let message = match path == JOURNAL {
            true => format!("{id}: {message}"),
            false => message,
        };
        let problem = Problem::new(Severity::Warning, path, message).at(*line, 1);
        Finding::new(concern, problem).about(id)
    }

    fn violation(&self, ord: usize, what: &str) -> Finding {
        let id = &self.entries[ord].id;
        let message = format!(
            "the panel of {id} {what}; run `readnext reindex` if files have changed since the last run, and report it otherwise"
        );
        let mut finding = self.found(Concern::Panel, ord, message);
        finding.problem.severity = Severity::Error;
        finding
    }

    /// What panels are held against.
    fn truth<'t>(
        &'t self,
        analyses: &Analyses,
        cards: &'t [bool],
        mut rules: RulesOfPanels,
        config: &Config,
    ) -> Truth<'t> {
        let structure = Structure::of(&self.entries, &self.names, config);
        let langs = lang_numbers(&self.entries);
        let rows = Rows::of_texts(analyses);
        let may_meet = |host: DocOrd, other: DocOrd| {
            cards[other.index()]
                && langs[host.index()] == langs[other.index()]
                && structure.versions.may_meet(host, other)
        };
        let search = Search::of_site(rows.len());
        let near = neighbours(&rows, &search, NEIGHBOURS, may_meet, |_| {});
        structure.add_to(&mut rules);
        rules.settle();
        Truth {
            entries: &self.entries,
            cards,
            clusters: clusters(analyses, &self.names, &structure, &near, config.keep_out),
            rules,
        }
    }

    fn published(&self) -> impl Iterator<Item = (usize, &Analysed)> {
        let articles = self.articles.iter().enumerate();
        articles.filter(|(_, article)| !article.entry.draft)
    }

    fn dead_links(&self) -> Vec<Finding> {
        let mut findings = Vec::new();
        for (ord, article) in self.published() {
            let links = article.links.lines().filter_map(|link| {
                let what = self.what_is_wrong_with(link, &article.entry)?;
                Some((link, what))
            });
            let dead: Vec<(&str, String)> = links.collect();
            if dead.is_empty() {
                continue;
            }
            let Place { path, line } = self.places[ord];
            let text = fs::read_to_string(path).unwrap_or_default();
            for (link, message) in dead {
                let mut finding = self.found(Concern::DeadLink, ord, message);
                if let Some((found, column)) = place_of(link, &text, *line) {
                    finding.problem = finding.problem.at(found, column);
                }
                findings.push(finding);
            }
        }
        findings
    }

    fn what_is_wrong_with(&self, link: &str, from: &Entry) -> Option<String> {
        let dead = dead(link, from, &self.names, &self.entries)?;
        Some(match dead {
            Dead::Draft => {
                format!("links to {link:?}, which is a draft; publish it or remove the link")
            }
            Dead::Nothing(path) => format!(
                "links to {link:?}, but no article is at {path}; correct the link or remove it"
            ),
        })
    }

    fn dead_canonicals(&self) -> Vec<Finding> {
        let dead = self.published().filter_map(|(ord, article)| {
            let canonical = article.entry.canonical.as_deref()?;
            let Linked::Nothing(path) = self.names.linked(canonical, &article.entry) else {
                return None;
            };
            let found = self.names.canonical(&article.entry).is_some();
            (!found).then(|| {
                self.found(
                    Concern::DeadCanonical,
                    ord,
                    format!("its canonical address is {canonical:?}, but no article is at {path}, so no panel shows either; correct the address or remove it"),
                )
            })
        });
        dead.collect()
    }

    /// Articles of one language with one title. Translations and pages that another stands for may have it.
    fn duplicate_titles(&self) -> Vec<Finding> {
        let mut titled: BTreeMap<(String, &str), Vec<usize>> = BTreeMap::new();
        for (ord, article) in self.published() {
            let entry = &article.entry;
            if self.names.canonical(entry).is_none_or(|other| other == ord) {
                let title = entry.title.trim().to_lowercase();
                titled
                    .entry((title, entry.lang.as_str()))
                    .or_default()
                    .push(ord);
            }
        }
        let several = titled.into_values().filter(|ords| ords.len() > 1);
        several
            .map(|ords| {
                let others: Vec<String> = ords[1..]
                    .iter()
                    .map(|&ord| self.entries[ord].id.to_string())
                    .collect();
                let title = &self.entries[ords[0]].title;
                self.found(
                    Concern::DuplicateTitle,
                    ords[0],
                    format!(
                        "its title {title:?} is also that of {}; give each its own",
                        others.join(", ")
                    ),
                )
            })
            .collect()
    }

    fn near_duplicates(&self, analyses: &Analyses) -> Vec<Finding> {
        let rows = Rows::of_texts(analyses);
        let langs = lang_numbers(&self.entries);
        let one_language = |a: DocOrd, b: DocOrd| langs[a.index()] == langs[b.index()];
        let near = neighbours(
            &rows,
            &Search::of_site(rows.len()),
            NEIGHBOURS,
            one_language,
            |_| {},
        );
        let shingles: Vec<_> = self
            .articles
            .iter()
            .map(|article| &article.shingles)
            .collect();
        let pairs = near_duplicates(&shingles, &near);
        let unsaid = pairs.into_iter().filter(|pair| {
            let (first, second) = (self.entries[pair.first], self.entries[pair.second]);
            let stands_for = |a, b| self.names.canonical(a) == Some(b);
            !first.draft
                && !second.draft
                && !stands_for(first, pair.second)
                && !stands_for(second, pair.first)
        });
        unsaid
            .map(|pair| {
                let other = &self.entries[pair.second].id;
                let percent = (100.0 * pair.jaccard).floor();
                self.found(
                    Concern::NearDuplicate,
                    pair.first,
                    format!("{percent}% of its word triples and those of {other} are the same, so panels show one of the two; merge them, or name one as the other's canonical"),
                )
            })
            .collect()
    }

    /// Articles whose text does not tell its language are taken for the site's, and alone there if that is the wrong one.
    fn unfitting_language(&self, site: &Lang) -> Option<Finding> {
        let mut counted: BTreeMap<&Lang, usize> = BTreeMap::new();
        for (_, article) in self.published() {
            *counted.entry(&article.entry.lang).or_default() += 1;
        }
        let (most, count) = counted.into_iter().max_by_key(|&(_, count)| count)?;
        (most != site && 2 * count > self.articles.len()).then(|| {
            let message = format!(
                "{count} of {} articles are in {code:?}, but articles whose language is unclear are taken for {:?}; set `language = {code:?}` in readnext.toml",
                self.articles.len(),
                site.as_str(),
                code = most.as_str(),
            );
            let problem = Problem::new(Severity::Warning, "readnext.toml", message);
            Finding::new(Concern::SiteLanguage, problem)
        })
    }

    fn missing_summaries(&self) -> Vec<Finding> {
        let missing = self.published().filter(|(_, article)| !article.summarised);
        missing
            .map(|(ord, _)| {
                self.found(
                    Concern::MissingSummary,
                    ord,
                    "has no summary, so its card shows the beginning of the text; add one"
                        .to_owned(),
                )
            })
            .collect()
    }
}

/// 1-based line and column (in characters) of `link` in `text`; in JSON Lines only the article's own `line` is looked at.
fn place_of(link: &str, text: &str, line: u64) -> Option<(u64, u64)> {
    let lines = (1..)
        .zip(text.lines())
        .skip(line.saturating_sub(1) as usize);
    let limit = if line > 1 { 1 } else { usize::MAX };
    lines.take(limit).find_map(|(number, text)| {
        let at = text.find(link)?;
        Some((number, text[..at].chars().count() as u64 + 1))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_has_its_line_and_column() {
        let text = "# Ä\n\nsee [x](/tool/x)\n";
        assert_eq!(place_of("/tool/x", text, 1), Some((3, 9)));
        assert_eq!(place_of("/tool/y", text, 1), None);
        assert_eq!(place_of("/tool/x", text, 2), None);
    }
}
