//! How common words are in general, so that a site of five articles can tell a subject from a habit.
//!
//! Document frequencies of a small corpus say little: with three articles, `time` in two of them looks as telling as
//! `pandas` in two of them. A background of general prose is therefore counted in as if it were more articles of the site
//! (Bayesian smoothing with a Dirichlet prior; Zhai and Lafferty 2004, for language models). The larger the site, the
//! less it matters.

use std::collections::HashMap;
use std::sync::LazyLock;

/// How many articles of general prose are counted in beside the site's own.
const BACKGROUND_ARTICLES: f64 = 100.0;
/// The share of articles that hold a word which is not in the list of common words.
const RARE_SHARE: f64 = 0.0005;
/// A word that more articles of general prose hold says little about a subject.
const COMMON_SHARE: f64 = 0.005;

static ENGLISH: LazyLock<HashMap<&'static str, f64>> = LazyLock::new(|| {
    include_str!("data/common.en.tsv")
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_once('\t'))
        .filter_map(|(stem, share)| Some((stem, share.parse().ok()?)))
        .collect()
});

/// Document frequencies of general prose.
#[derive(Clone, Copy, Debug)]
pub struct Background;

impl Background {
    /// The share of articles that hold `term`, 0 to 1, when the site counts `df` among its `n` articles.
    ///
    /// `(df + B * p(term)) / (n + B)`, with `B` = `BACKGROUND_ARTICLES` and `p` the share in general prose.
    pub fn smoothed_share(term: &str, df: u32, n: usize) -> f64 {
        (f64::from(df) + BACKGROUND_ARTICLES * general_share(term))
            / (n as f64 + BACKGROUND_ARTICLES)
    }

    /// Whether `term` is common in general prose: two texts that share it need not share a subject.
    pub fn is_common(term: &str) -> bool {
        general_share(term) > COMMON_SHARE
    }

    /// How much `term` says about a subject by itself, 0 to 1: `ln(1 / p(term)) / ln(1 / p(unseen))`.
    pub fn specificity(term: &str) -> f64 {
        libm::log(general_share(term)) / libm::log(RARE_SHARE)
    }
}

/// The share of articles of general prose that hold `term`.
fn general_share(term: &str) -> f64 {
    ENGLISH.get(term).copied().unwrap_or(RARE_SHARE)
}
