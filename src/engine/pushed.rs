//! Pushed articles: the journal keeps every record that came in, and the last one of each id is one more source beside
//! the corpus roots.
//!
//! Of a pushed record and a corpus file with one id the one written later wins. A record knows the digest of the piece it
//! was written over: as long as the piece has it, the record is the later one; once it differs, the file is.

use std::collections::HashMap;
use std::fmt;
use std::io::BufRead;
use std::path::Path;

use super::gather::{BATCH, BATCH_BYTES, Gathered};
use super::reindex::Progress;
use crate::corpus::{Piece, Rules, records};
use crate::error::Result;
use crate::index::SourceId;
use crate::journal::{self, Change, Journal};
use crate::model::{ArticleId, Problem, Severity};

/// Records that are written and synced together, at most, and their bytes: few enough to be kept soon after they came.
const TOGETHER: usize = 512;
const TOGETHER_BYTES: usize = 4 << 20;
/// How messages name standard input.
const INPUT: &str = "-";
/// How messages name the journal, whose records they count.
const JOURNAL: &str = "journal";

/// Article records that come in, as JSON Lines.
pub struct Incoming<'a>(pub &'a mut dyn BufRead);

impl fmt::Debug for Incoming<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Incoming")
    }
}

/// What the journal holds: of each id the last record.
#[derive(Debug, Default)]
pub(super) struct Pushed {
    last: HashMap<ArticleId, Last>,
    /// What is damaged in the journal.
    pub(super) problems: Vec<Problem>,
}

/// The last record of an id.
#[derive(Clone, Copy, Debug)]
struct Last {
    sequence: u64,
    over: Option<u128>,
    digest: u128,
}

impl Pushed {
    /// Reads which records the journal of `data` holds.
    pub(super) fn load(data: &Path) -> Result<Self> {
        let mut last = HashMap::new();
        let mut unknown = Vec::new();
        let mut problems = journal::read(data, 0, |sequence, payload| {
            match put(sequence, payload) {
                Some((id, piece, over)) => {
                    let digest = piece.hash();
                    last.insert(
                        id,
                        Last {
                            sequence,
                            over,
                            digest,
                        },
                    );
                }
                None => unknown.push(
                    Problem::new(
                        Severity::Error,
                        JOURNAL,
                        "says nothing that this readnext knows; use the newer readnext that wrote it",
                    )
                    .at(sequence, 1),
                ),
            }
            Ok(())
        })?;
        problems.append(&mut unknown);
        Ok(Self { last, problems })
    }

    /// Appends to `journal` the articles of `incoming`, JSON Lines, that it does not hold already; what is wrong with them
    /// goes to `gathered`, which has the corpus.
    pub(super) fn take(
        &mut self,
        incoming: &mut dyn BufRead,
        journal: &mut Journal,
        gathered: &mut Gathered,
        rules: &Rules,
    ) -> Result<()> {
        let mut batch: Vec<Vec<u8>> = Vec::new();
        let mut bytes = 0;
        records(INPUT, incoming, &mut |piece| {
            let Some((id, record)) = gathered.checked(piece, rules) else {
                return Ok(());
            };
            let digest = Piece::record(JOURNAL, 1, record.clone().into_bytes()).hash();
            let before = self.last.get(&id).copied();
            let over = gathered
                .digest(&id)
                .or_else(|| before.and_then(|before| before.over));
            if before.is_some_and(|before| (before.digest, before.over) == (digest, over)) {
                return Ok(());
            }
            let change = Change::Put {
                id: id.as_str(),
                record: &record,
                over,
            };
            let payload = change.to_bytes();
            bytes += payload.len();
            let last = Last {
                sequence: journal.next_sequence() + batch.len() as u64,
                over,
                digest,
            };
            batch.push(payload);
            self.last.insert(id, last);
            if batch.len() == TOGETHER || bytes >= TOGETHER_BYTES {
                journal.append(&std::mem::take(&mut batch))?;
                bytes = 0;
            }
            Ok(())
        })?;
        journal.append(&batch)?;
        Ok(())
    }

    /// The ids of the corpus articles that pushed ones stand in for; `gathered` has the corpus and nothing else yet.
    pub(super) fn overrides(&self, gathered: &Gathered) -> Vec<ArticleId> {
        let appearance = self
            .last
            .iter()
            .filter(|(id, last)| last.over.is_some() && last.over == gathered.digest(id));
        appearance.map(|(id, _)| id.clone()).collect()
    }

    /// Places the articles of the journal of `data` among what was `gathered` from the corpus.
    pub(super) fn place(
        &self,
        data: &Path,
        gathered: &mut Gathered,
        source: SourceId,
        rules: &Rules,
        progress: &(dyn Fn(Progress) + Sync),
    ) -> Result<()> {
        let mut batch = Vec::new();
        let mut bytes = 0;
        journal::read(data, 0, |sequence, payload| {
            let Some((id, piece, over)) = put(sequence, payload) else {
                return Ok(());
            };
            let stands = self
                .last
                .get(&id)
                .is_some_and(|last| last.sequence == sequence);
            let digest = gathered.digest(&id);
            if stands && (digest.is_none() || digest == over) {
                bytes += piece.size();
                batch.push(piece);
            }
            if batch.len() == BATCH || bytes >= BATCH_BYTES {
                bytes = 0;
                gathered.read_pushed(&std::mem::take(&mut batch), source, rules, progress);
            }
            Ok(())
        })?;
        gathered.read_pushed(&batch, source, rules, progress);
        Ok(())
    }
}

/// What a payload puts where, and over what.
fn put(sequence: u64, payload: &[u8]) -> Option<(ArticleId, Piece, Option<u128>)> {
    let Change::Put { id, record, over } = Change::from_bytes(payload)?;
    let piece = Piece::record(JOURNAL, sequence, record.as_bytes().to_vec());
    Some((ArticleId::new(id)?, piece, over))
}
