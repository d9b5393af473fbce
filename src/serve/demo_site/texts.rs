//! The texts of the demo's articles. An article is served from one piece, of the corpus or of the journal, and a page shows the
//! text of that piece, by its digest, or none: what is served came over HTTP a moment ago, or is behind the file by a rebuild.

use std::collections::HashMap;
use std::fmt;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use crate::corpus::{Piece, Rules};
use crate::error::{Result, say};
use crate::journal::{ArticleReader, Change};
use crate::model::Article;

/// How messages name the journal, whose records they count.
const JOURNAL: &str = "journal";

/// Reads the pieces of the corpus as they are now.
pub type Corpus = Box<dyn Fn() -> Result<Vec<Piece>> + Send + Sync>;

/// The texts, as far as they were read.
pub(super) struct Texts {
    corpus: Corpus,
    rules: Rules,
    known: Mutex<Known>,
}

struct Known {
    /// The articles of the corpus, by the digests of their pieces, and the last generation for which it was read again.
    corpus: HashMap<u128, Arc<Article>>,
    read_for: Option<u64>,
    journal: ArticleReader,
    /// The last article of each id in the journal, and the digest of its piece.
    pushed: HashMap<String, (u128, Arc<Article>)>,
}

impl fmt::Debug for Texts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Texts").finish_non_exhaustive()
    }
}

impl Texts {
    /// Those of `corpus`, which is read now, and of the journal of `data`, which is read when one is asked for; both by `rules`.
    pub(super) fn of(corpus: Corpus, data: &Path, rules: &Rules) -> Self {
        let mut known = Known {
            corpus: HashMap::new(),
            read_for: None,
            journal: ArticleReader::open(data),
            pushed: HashMap::new(),
        };
        known.read_corpus(&corpus, rules);
        Self {
            corpus,
            rules: rules.clone(),
            known: Mutex::new(known),
        }
    }

    /// The article `id`, which the generation `generation` or a later record serves from the piece with the digest `origin`;
    /// `None` where that is nowhere any more.
    pub(super) fn find(&self, id: &str, origin: u128, generation: u64) -> Option<Arc<Article>> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(article) = known.get(id, origin) {
            return Some(article);
        }
        if let Err(error) = known.read_journal(&self.rules) {
            say(error);
        }
        if let Some(article) = known.get(id, origin) {
            return Some(article);
        }
        // Files that changed are served from the next generation on.
        if known.read_for != Some(generation) {
            known.read_for = Some(generation);
            known.read_corpus(&self.corpus, &self.rules);
        }
        known.get(id, origin)
    }
}

impl Known {
    fn get(&self, id: &str, origin: u128) -> Option<Arc<Article>> {
        let pushed = self.pushed.get(id);
        let pushed = pushed.filter(|(digest, _)| *digest == origin);
        let article = pushed.map(|(_, article)| article);
        article.or_else(|| self.corpus.get(&origin)).cloned()
    }

    /// Reads the corpus as it is now; texts that were in it before may be served yet.
    fn read_corpus(&mut self, corpus: &Corpus, rules: &Rules) {
        match corpus() {
            Ok(pieces) => self.corpus.extend(pieces.iter().filter_map(|piece| {
                let article = piece.read(rules).article?;
                Some((piece.hash(), Arc::new(article)))
            })),
            Err(error) => say(error),
        }
    }

    /// Reads what came to the journal; what of it is damaged the engine says.
    fn read_journal(&mut self, rules: &Rules) -> Result<()> {
        let pushed = &mut self.pushed;
        self.journal.poll(|sequence, payload| {
            match Change::from_bytes(payload) {
                Some(Change::Put { id, record, .. }) => {
                    let piece = Piece::record(JOURNAL, sequence, record.as_bytes().to_vec());
                    if let Some(article) = piece.read(rules).article {
                        pushed.insert(id.to_owned(), (piece.hash(), Arc::new(article)));
                    }
                }
                Some(Change::Delete { id, .. }) => {
                    pushed.remove(id);
                }
                None => {}
            }
            Ok(())
        })?;
        Ok(())
    }
}
