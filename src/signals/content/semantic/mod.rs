//! The semantic channel: articles that speak of the same without the same words.
//!
//! Latent semantic analysis (Deerwester et al. 1990) of the site itself. The weighted terms of its articles are a matrix A;
//! its leading singular vectors are directions in which terms go together. An article with the row x becomes `x V`, a row of `U S` of
//! `A = U S V'`, in 64 dimensions; the cosine of two such vectors says how near they are. Only the texts count, not
//! the subjects, and nothing is known here of which articles are compared.

mod jacobi;
mod matrix;
mod sample;
mod solver;
mod vectors;

pub(super) use self::vectors::{cosine, line_of};

use self::matrix::Dense;
use self::sample::Sample;
use self::solver::Factors;
use self::vectors::Vectors;
use super::rows::Rows;
use crate::model::{DocOrd, parallel};

/// Directions that are learned, at most.
const DIMENSIONS: usize = crate::index::DIMENSIONS;
/// Of fewer articles nothing is learned: where it was measured, it brought nothing to sites of 200.
const LEAST_ARTICLES: usize = 300;

/// Articles as short dense vectors: 64 bytes each, and one over their length as a float.
#[derive(Debug, PartialEq)]
pub struct Semantic {
    vectors: Vectors,
    /// The terms that are learned from, by number, and the direction of each.
    pub(super) terms: Vec<u32>,
    pub(super) directions: Vec<[f32; DIMENSIONS]>,
}

impl Semantic {
    /// Those of all articles of `rows`, by what is learned from up to 8,192 of them. None where there are too few to learn
    /// from. The same rows give the same bytes, whatever the number of threads.
    pub fn of(rows: &Rows) -> Option<Self> {
        if rows.len() < LEAST_ARTICLES {
            return None;
        }
        let sample = Sample::of(rows);
        let factors = Factors::leading(&sample.matrix, DIMENSIONS);
        let directions = padded(&factors.right);
        let vectors = Vectors::of(rows.len(), |article| {
            folded(&directions, sample.known(rows, DocOrd(article as u32)))
        });
        Some(Self {
            vectors,
            terms: sample.terms(),
            directions,
        })
    }

    /// The cosine of two articles, 0 to 1: what is below 0 is 0, and so is that of an article without known terms.
    #[inline]
    pub fn cosine(&self, a: DocOrd, b: DocOrd) -> f32 {
        self.vectors.cosine(a.index(), b.index()).clamp(0.0, 1.0)
    }

    /// The vectors of all articles, and one over the length of each.
    pub(super) fn parts(&self) -> Vec<([i8; DIMENSIONS], f32)> {
        self.vectors.parts()
    }
}

/// The directions by terms, with zeros where the articles gave fewer than there can be.
fn padded(right: &Dense) -> Vec<[f32; DIMENSIONS]> {
    parallel::map(right.len(), |row| {
        let row = right.row(row);
        let mut padded = [0.0; DIMENSIONS];
        padded[..row.len()].copy_from_slice(row);
        padded
    })
}

/// The weighted sum of the directions of an article's terms (Deerwester et al. 1990, "folding in").
fn folded(
    directions: &[[f32; DIMENSIONS]],
    terms: impl Iterator<Item = (usize, f32)>,
) -> [f32; DIMENSIONS] {
    let mut sums = [0.0; DIMENSIONS];
    for (term, weight) in terms {
        for (sum, part) in sums.iter_mut().zip(&directions[term]) {
            *sum += weight * part;
        }
    }
    sums
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use super::*;
    use crate::corpus::{Prose, Root, Rules, pieces};
    use crate::index::{Analyses, Analyst, Part, SourceId};
    use crate::text::Shingles;

    /// The rows of a site of texts, each under a title of its own; an article's ordinal is its place.
    fn rows(texts: &[String]) -> Rows {
        let mut lines = String::new();
        for (at, text) in texts.iter().enumerate() {
            let record = serde_json::json!({"url": format!("/{at:06}"), "title": format!("title{at}"), "body": text, "lang": "en"});
            writeln!(lines, "{record}").expect("written");
        }
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("site.jsonl");
        std::fs::write(&path, lines).expect("written");
        let mut analyst = Analyst::default();
        let mut articles = Vec::new();
        let root = Root::new(&path).expect("a file of articles");
        pieces(&root, |piece| {
            let read = piece.expect("readable").read(&Rules::default());
            let article = read.article.expect("an article");
            let prose = Prose::of(&article.body, article.format);
            let analysed = analyst.analyse(article, &prose, Shingles::default(), SourceId(0), 0);
            articles.push(analysed.1);
            Ok(())
        })
        .expect("readable");
        let vocabulary = analyst.into_vocabularies().remove(0);
        Rows::of_texts(&Analyses::of(vec![Part {
            vocabulary,
            articles,
        }]))
    }

    /// `articles` texts of eight words each. Article i speaks of subject i modulo `subjects`, which has 20 words of its own.
    fn texts(articles: usize, subjects: usize) -> Vec<String> {
        let text = |article: usize| {
            let words = (0..8).map(|at| {
                let word = (article / subjects * 7 + at * at * 3 + article) % 20;
                format!("subject{}word{word} ", article % subjects)
            });
            words.collect()
        };
        (0..articles).map(text).collect()
    }

    #[test]
    fn two_words_in_the_same_company_are_near_though_never_together() {
        const SUBJECTS: usize = 80;
        let mut texts = texts(12 * SUBJECTS, SUBJECTS);
        for (turn, text) in texts.iter_mut().step_by(SUBJECTS).enumerate() {
            *text += ["motorcar", "automobile"][turn % 2];
        }
        let alone = ["motorcar", "automobile", "subject1word3"];
        texts.extend(alone.map(str::to_owned));
        let semantic = Semantic::of(&rows(&texts)).expect("large enough");
        let [motorcar, automobile, other] = [0, 1, 2].map(|at| DocOrd(12 * SUBJECTS as u32 + at));
        let near = semantic.cosine(motorcar, automobile);
        assert!(near > 0.8, "{near}");
        let far = semantic.cosine(motorcar, other);
        assert!(far < 0.2, "{far}");
    }

    #[test]
    fn a_small_site_abstains() {
        let texts = texts(LEAST_ARTICLES, 12);
        assert!(Semantic::of(&rows(&texts)).is_some());
        assert!(Semantic::of(&rows(&texts[1..])).is_none());
        assert!(Semantic::of(&Rows::of_texts(&Analyses::default())).is_none());
    }

    #[test]
    fn an_article_without_known_terms_is_near_nothing() {
        let mut texts = texts(400, 12);
        texts.push("unheard-of".to_owned());
        texts.push(String::new());
        let rows = rows(&texts);
        let semantic = Semantic::of(&rows).expect("large enough");
        for alone in [400, 401].map(DocOrd) {
            for other in (0..402).map(DocOrd) {
                assert_eq!(semantic.cosine(alone, other), 0.0);
            }
        }
    }

    #[test]
    fn one_thread_and_four_give_the_same_bytes() {
        let rows = rows(&texts(700, 90));
        let with = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
            pool.expect("threads").install(|| Semantic::of(&rows))
        };
        assert!(with(1) == with(4));
    }
}
