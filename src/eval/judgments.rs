//! What is known to be relevant, which articles are asked for, and what other systems answered: files with tabs.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use super::measures::distinct;
use crate::error::{Error, Result};
use crate::model::order;

/// Articles of a run that are looked at, a query.
const DEPTH: usize = 50;

/// What is relevant to each query: grades above 0, by article.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Judgments(BTreeMap<String, BTreeMap<String, f64>>);

impl Judgments {
    /// Reads lines `query`, `article`, `grade`; a grade of 0 or less is no judgment, and the later of two lines counts.
    ///
    /// # Errors
    /// [`Error::Usage`] if a line is another one, [`Error::Failed`] if the file cannot be read.
    pub fn read(path: &Path) -> Result<Self> {
        let mut judgments = Self::default();
        each_line(path, |line| {
            let mut parts = line.split('\t');
            let (query, article, grade) = (parts.next()?, parts.next()?, parts.next()?);
            let grade: f64 = grade
                .trim()
                .parse()
                .ok()
                .filter(|grade: &f64| grade.is_finite())?;
            if grade > 0.0 {
                judgments.add(query, article, |_| grade);
            }
            Some(())
        })?;
        Ok(judgments)
    }

    /// Sets the grade of an article to what `grade` makes of the one before, 0 for none.
    pub(super) fn add(&mut self, query: &str, article: &str, grade: impl FnOnce(f64) -> f64) {
        let of_query = self.0.entry(query.to_owned()).or_default();
        let place = of_query.entry(article.to_owned()).or_default();
        *place = grade(*place);
    }

    /// The queries that have a relevant article, in byte order.
    pub fn queries(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// What is relevant to `query`, if anything is.
    pub fn of(&self, query: &str) -> Option<&BTreeMap<String, f64>> {
        self.0.get(query)
    }
}

/// The queries of a file, one a line, in its order.
///
/// # Errors
/// [`Error::Failed`] if the file cannot be read.
pub fn read_queries(path: &Path) -> Result<Vec<String>> {
    let mut queries = Vec::new();
    each_line(path, |line| {
        queries.push(line.to_owned());
        Some(())
    })?;
    Ok(queries)
}

/// What another system answered: articles by query, best first.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Run(BTreeMap<String, Vec<String>>);

impl Run {
    /// Reads lines `query`, `article`, `score`, as `readnext export --format run` writes them, in any order: the highest score
    /// of a query is first, ties stay in the file's order. More columns are passed over.
    ///
    /// # Errors
    /// [`Error::Usage`] if a line is another one, [`Error::Failed`] if the file cannot be read.
    pub fn read(path: &Path) -> Result<Self> {
        let mut scored: BTreeMap<String, Vec<(f64, String)>> = BTreeMap::new();
        each_line(path, |line| {
            let mut parts = line.split('\t');
            let (query, article, score) = (parts.next()?, parts.next()?, parts.next()?);
            let score: f64 = score
                .trim()
                .parse()
                .ok()
                .filter(|score: &f64| !score.is_nan())?;
            let of_query = scored.entry(query.to_owned()).or_default();
            of_query.push((score, article.to_owned()));
            Some(())
        })?;
        let runs = scored.into_iter().map(|(query, mut articles)| {
            order::sort_by(&mut articles, |a, b| b.0.total_cmp(&a.0));
            let ids = articles.iter().map(|(_, id)| id.as_str());
            let ids = distinct(&query, ids, DEPTH).into_iter().map(str::to_owned);
            let ids = ids.collect();
            (query, ids)
        });
        Ok(Self(runs.collect()))
    }

    /// The articles of `query`, best first.
    pub fn of(&self, query: &str) -> Vec<&str> {
        let ids = self.0.get(query).into_iter().flatten();
        ids.map(String::as_str).collect()
    }
}

/// Hands the lines of a file that are not empty to `each`, which returns `None` for one that it cannot read.
fn each_line(path: &Path, mut each: impl FnMut(&str) -> Option<()>) -> Result<()> {
    let text = fs::read_to_string(path).map_err(|error| Error::io("read", path, &error))?;
    for (line, number) in text.lines().zip(1..) {
        if !line.is_empty() && each(line).is_none() {
            return Err(Error::Usage(format!(
                "{}:{number}: found {line:?}, expected two names and a number, separated by tabs",
                path.display()
            )));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(text: &str) -> tempfile::NamedTempFile {
        let file = tempfile::NamedTempFile::new().expect("a file");
        fs::write(file.path(), text).expect("written");
        file
    }

    #[test]
    fn a_run_is_ordered_by_score_with_ties_as_they_stand() {
        let run = file("q\tq\t9\nq\tlow\t1\nq\ttie1\t5\nq\ttie2\t5\nq\ttie1\t4\textra\n");
        let run = Run::read(run.path()).expect("read");
        assert_eq!(run.of("q"), ["tie1", "tie2", "low"]);
        assert!(run.of("other").is_empty());
    }

    #[test]
    fn judgments_without_a_grade_are_none_and_a_wrong_line_is_named() {
        let judged = file("q\ta\t1\r\nq\tb\t0\n\nr\tc\t-1\nq\tc\t2.5\n");
        let judged = Judgments::read(judged.path()).expect("read");
        assert_eq!(judged.queries().collect::<Vec<_>>(), ["q"]);
        let grades: Vec<f64> = judged.of("q").expect("some").values().copied().collect();
        assert_eq!(grades, [1.0, 2.5]);
        for wrong in ["q\ta\n", "q\ta\tmuch\n", "q\ta\tinf\n"] {
            let wrong = file(&format!("q\ta\t1\n{wrong}"));
            let error = Judgments::read(wrong.path()).expect_err("wrong");
            assert!(error.to_string().contains(":2: found"), "{error}");
        }
    }
}
