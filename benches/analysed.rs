//! The articles of a file, analysed by one thread: what benches start from.

use std::path::Path;

use readnext::corpus::{Prose, Root, Rules, pieces};
use readnext::index::{Analyses, Analyst, Part, SourceId};
use readnext::text::Shingles;

/// The articles of `path`, without their 3-grams.
pub(crate) fn analysed(path: &Path) -> Analyses {
    let rules = Rules::default();
    let mut analyst = Analyst::default();
    let mut found: Vec<(usize, _)> = Vec::new();
    let root = Root::new(path).expect("a file of articles");
    pieces(&root, |piece| {
        if let Some(article) = piece.ok().and_then(|piece| piece.read(&rules).article) {
            let prose = Prose::of(&article.body, article.format);
            found.push(analyst.analyse(article, &prose, Shingles::default(), SourceId(0), 0));
        }
        Ok(())
    })
    .expect("readable");
    let vocabularies = analyst.into_vocabularies();
    let mut parts: Vec<Part> = vocabularies
        .into_iter()
        .map(|vocabulary| Part {
            vocabulary,
            articles: Vec::new(),
        })
        .collect();
    for (part, article) in found {
        parts[part].articles.push(article);
    }
    Analyses::of(parts)
}
