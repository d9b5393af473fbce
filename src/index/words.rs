//! The words of an article that came after the search index was written: packed, so that thousands can be looked through for
//! those of a search, and weighed as the index would weigh them.

use std::cell::OnceCell;

use tantivy::fieldnorm::FieldNormReader;
use tantivy::query::{Bm25StatisticsProvider, Bm25Weight};
use tantivy::{Result, Searcher, Term};
use xxhash_rust::xxh3::xxh3_64;

use super::matching::{Fields, Match};
use super::search::FIELD_BOOSTS;
use crate::model::DocOrd;
use crate::text::{Field, FieldCounts, TermBag, TermId, Vocabulary};

/// The length that is taken for the average of a field which no article of the index has, in words.
const NO_AVERAGE: f32 = 1.0;

/// The words of an article. One of 300 terms takes 3 kB.
#[derive(Clone, Debug)]
pub struct Words {
    /// Its terms, by hash: 64 bits tell apart all that a site has.
    terms: Box<[u64]>,
    /// How often each stands in each field, in their order.
    counts: TermBag,
    /// Words in each field, in the order of [`Field::ALL`].
    lengths: [u32; Field::ALL.len()],
}

impl Words {
    /// The words of an article whose `terms` are numbered by `vocabulary`.
    pub fn of(terms: &TermBag, vocabulary: &Vocabulary) -> Self {
        let hashed = terms.iter().map(|(term, counts)| {
            let hash = xxh3_64(vocabulary.term(term).as_bytes());
            (hash, counts)
        });
        let mut hashed: Vec<(u64, FieldCounts)> = hashed.collect();
        hashed.sort_unstable_by_key(|&(hash, _)| hash);
        let length = |field: Field| {
            let counts = hashed
                .iter()
                .map(|(_, counts)| u32::from(counts.get(field)));
            counts.fold(0, u32::saturating_add)
        };
        let lengths = Field::ALL.map(length);
        let counts: Vec<_> = (0..).map(TermId).zip(&hashed).collect();
        let counts = counts
            .into_iter()
            .map(|(place, &(_, counts))| (place, counts));
        Self {
            counts: TermBag::of(counts),
            terms: hashed.iter().map(|&(hash, _)| hash).collect(),
            lengths,
        }
    }

    /// How often the term with this hash stands in each field, if it does.
    fn counts(&self, hash: u64) -> Option<FieldCounts> {
        let place = self.terms.binary_search(&hash).ok()?;
        self.counts.iter().nth(place).map(|(_, counts)| counts)
    }
}

/// The articles of `beside` that hold some of `words`, given as in [`matches`](super::matching::matches), scored as if they were in
/// the index that `searcher` reads.
pub(super) fn matches_beside<'a>(
    searcher: &Searcher,
    words: &[Vec<String>],
    beside: impl Iterator<Item = (DocOrd, &'a Words)>,
) -> Result<Vec<Match>> {
    let words: Vec<Vec<Sought<'_>>> = words
        .iter()
        .map(|terms| terms.iter().map(|term| Sought::of(term)).collect())
        .collect();
    let (mut found, mut held) = (Vec::new(), Vec::new());
    for (ord, article) in beside {
        let mut of_article = Match {
            ord,
            score: 0.0,
            words: 0,
        };
        for terms in &words {
            held.clear();
            held.extend(terms.iter().filter_map(|term| {
                let counts = article.counts(term.hash)?;
                Some((term, counts))
            }));
            if let Some(score) = score(searcher, article, &held)? {
                of_article.words += 1;
                of_article.score += score;
            }
        }
        if of_article.words > 0 {
            found.push(of_article);
        }
    }
    Ok(found)
}

/// What `article` scores with a word, of whose terms it holds those of `held`.
fn score(
    searcher: &Searcher,
    article: &Words,
    held: &[(&Sought<'_>, FieldCounts)],
) -> Result<Option<f32>> {
    let mut fields = Fields::default();
    for (place, (field, ..)) in FIELD_BOOSTS.into_iter().enumerate() {
        let length = FieldNormReader::fieldnorm_to_id(article.lengths[field as usize]);
        for (term, counts) in held {
            let count = counts.get(field);
            if count > 0 {
                let weights = term.weights(searcher)?;
                fields.add(weights[place].score(length, u32::from(count)));
            }
        }
    }
    Ok(fields.score())
}

/// A term of a search.
struct Sought<'a> {
    term: &'a str,
    hash: u64,
    /// What it weighs in the fields of [`FIELD_BOOSTS`]; asked for once an article holds it.
    weights: OnceCell<Vec<Bm25Weight>>,
}

impl<'a> Sought<'a> {
    fn of(term: &'a str) -> Self {
        Self {
            term,
            hash: xxh3_64(term.as_bytes()),
            weights: OnceCell::new(),
        }
    }

    fn weights(&self, searcher: &Searcher) -> Result<&[Bm25Weight]> {
        if let Some(weights) = self.weights.get() {
            return Ok(weights);
        }
        let weights = FIELD_BOOSTS.into_iter().map(|(_, name, boost)| {
            let weight = weight(searcher, name, self.term)?;
            Ok(weight.boost_by(boost))
        });
        let weights = weights.collect::<Result<_>>()?;
        Ok(self.weights.get_or_init(|| weights))
    }
}

/// What `term` weighs in the field `name`, whether an article of the index has it there or not.
fn weight(searcher: &Searcher, name: &str, term: &str) -> Result<Bm25Weight> {
    let field = searcher.schema().get_field(name)?;
    let articles = searcher.total_num_docs()?;
    let average = match searcher.total_num_tokens(field)? {
        0 => NO_AVERAGE,
        words => words as f32 / articles as f32,
    };
    let holding = searcher.doc_freq(&Term::from_field_text(field, term))?;
    Ok(Bm25Weight::for_one_term(holding, articles, average))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::corpus::{Piece, Prose, Rules};
    use crate::index::{Analyses, Analyst, Hit, Part, SearchIndex, SourceId, write_search_index};
    use crate::text::Shingles;

    const TEXTS: [&str; 4] = [
        "---\ntitle: Grinders for coffee\ntags: [coffee, grinder]\nsummary: Coffee ground.\n---\n# Coffee\nCoffee and more coffee.\n",
        "---\ntitle: Kettles\n---\nWater for coffee, water for tea, and a longer text on water, steam and heat.\n",
        "---\ntitle: Tea\n---\n## Leaves\nNo such beans here.\n",
        "---\ntitle: A scale\n---\nIt weighs.\n",
    ];

    fn analyses(texts: &[&str]) -> Analyses {
        let (mut analyst, mut articles) = (Analyst::default(), Vec::new());
        for (number, text) in texts.iter().enumerate() {
            let piece = Piece::markdown(&format!("{number}.md"), text.as_bytes());
            let article = piece.read(&Rules::default()).article.expect("an article");
            let prose = Prose::of(&article.body, article.format);
            let (_, analysed) = analyst.analyse(article, &prose, Shingles::of(&[]), SourceId(0), 0);
            articles.push(analysed);
        }
        let vocabularies = analyst.into_vocabularies().into_iter();
        let parts = vocabularies.map(|vocabulary| Part {
            vocabulary,
            articles: std::mem::take(&mut articles),
        });
        Analyses::of(parts.collect())
    }

    /// What a search for `words` finds among articles of an index of `indexed`, and among those of `beside`.
    fn both(indexed: &[&str], beside: &[&str], words: &[Vec<String>]) -> [Vec<Hit>; 2] {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("search");
        write_search_index(&analyses(indexed), &path).expect("written");
        let index = SearchIndex::open(&path).expect("opened");
        let beside = analyses(beside);
        let articles = beside.articles().iter();
        let packed: Vec<Words> = articles
            .map(|article| Words::of(&article.terms, beside.vocabulary()))
            .collect();
        let laid = || (0..).map(DocOrd).zip(&packed);
        let in_index = index.found(words, |_| true, std::iter::empty());
        let beside = index.found(words, |_| false, laid());
        [in_index, beside].map(|found| found.expect("searched").best(usize::MAX))
    }

    fn words(all: &[&str]) -> Vec<Vec<String>> {
        let all = all.iter();
        all.map(|terms| terms.split('|').map(str::to_owned).collect())
            .collect()
    }

    #[test]
    fn an_article_scores_beside_the_index_what_it_scores_in_it() {
        for sought in [
            &["coffe"][..],
            &["water", "coffe|tea"],
            &["weigh"],
            &["none"],
        ] {
            let [in_index, beside] = both(&TEXTS, &TEXTS, &words(sought));
            assert_eq!(in_index, beside, "{sought:?}");
            assert_eq!(in_index.is_empty(), sought == ["none"]);
        }
    }

    #[test]
    fn words_that_the_index_has_not_and_an_index_of_nothing_are_no_reason_to_find_nothing() {
        for indexed in [&TEXTS[3..], &[]] {
            let [in_index, beside] = both(indexed, &TEXTS[..2], &words(&["coffe"]));
            assert!(in_index.is_empty());
            let found: Vec<u32> = beside.iter().map(|hit| hit.ord.0).collect();
            assert_eq!(found, [0, 1], "{beside:?}");
            assert!(
                beside
                    .iter()
                    .all(|hit| hit.score.is_finite() && hit.score > 0.0)
            );
        }
    }
}
