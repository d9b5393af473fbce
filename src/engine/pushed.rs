//! Pushed articles: the journal keeps every record that came in, and the last one of each id is one more source beside
//! the corpus roots.
//!
//! Of a pushed record, or a deletion, and a corpus file with one id the one written later wins. A record knows the digest of the piece it
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
pub(super) const JOURNAL: &str = "journal";

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
    /// The number behind the last record.
    end: u64,
    /// That there were more records once.
    lost_end: Option<String>,
    /// What is damaged in the journal.
    pub(super) problems: Vec<Problem>,
}

/// The last record of an id.
#[derive(Clone, Copy, Debug)]
pub(super) struct Last {
    sequence: u64,
    pub(super) over: Option<u128>,
    /// The digest of the piece; `None` where the article was deleted.
    pub(super) digest: Option<u128>,
}

impl Pushed {
    /// Reads which records the journal of `data` holds.
    pub(super) fn load(data: &Path) -> Result<Self> {
        let mut pushed = Self::default();
        let mut problems = journal::read(data, 0, |sequence, payload| {
            pushed.read(sequence, payload);
            Ok(())
        })?;
        problems.append(&mut pushed.problems);
        Ok(Self { problems, ..pushed })
    }

    /// Takes note of a record; what it says, if that is known.
    pub(super) fn read(&mut self, sequence: u64, payload: &[u8]) -> Option<Written> {
        self.end = sequence + 1;
        let Some(written) = Written::from_payload(sequence, payload) else {
            let newer = Problem::new(
                Severity::Error,
                JOURNAL,
                "is a record that this readnext does not know; use the newer readnext that wrote it",
            );
            self.problems.push(newer.at(sequence, 1));
            return None;
        };
        let last = Last {
            sequence,
            over: written.over,
            digest: written.piece.as_ref().map(Piece::hash),
        };
        self.last.insert(written.id.clone(), last);
        Some(written)
    }

    /// The last record of `id`.
    pub(super) fn last(&self, id: &ArticleId) -> Option<Last> {
        self.last.get(id).copied()
    }

    /// Takes note of it if there were records before the number `built` that are gone from the end of the journal.
    pub(super) fn expect(&mut self, built: u64) {
        self.lost_end = (built > self.end.max(1)).then(|| {
            format!(
                "{}; what only its last records said cannot be indexed: restore a backup that has them, or send the articles again",
                ahead(built, self.end)
            )
        });
        let lost = self.lost_end.iter();
        let told = lost.map(|told| Problem::new(Severity::Error, JOURNAL, told));
        self.problems.extend(told);
    }

    /// What [`Pushed::expect`] found.
    pub(super) fn lost_end(&self) -> Option<&str> {
        self.lost_end.as_deref()
    }

    /// The number behind the last record.
    pub(super) fn end(&self) -> u64 {
        self.end
    }

    /// Whether the last record of `id` deletes it.
    pub(super) fn is_deleted(&self, id: &str) -> bool {
        let last = ArticleId::new(id).and_then(|id| self.last(&id));
        last.is_some_and(|last| last.digest.is_none())
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
            let digest = Some(digest_of(&record));
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
            self.end = last.sequence + 1;
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
            let Some(Written { id, piece, over }) = Written::from_payload(sequence, payload) else {
                return Ok(());
            };
            let last = self.last.get(&id);
            let digest = gathered.digest(&id);
            let is_later = digest.is_none() || digest == over;
            match piece {
                _ if !is_later || last.is_none_or(|last| last.sequence != sequence) => {}
                Some(piece) => {
                    bytes += piece.size();
                    batch.push(piece);
                }
                None => {
                    gathered.remove(&id);
                }
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

/// Says that the records before the number `built` were indexed, and the journal has only those before `end`.
pub(super) fn ahead(built: u64, end: u64) -> String {
    format!(
        "article records up to {} were indexed, but the journal ends at {}: its end was lost, or it is another journal",
        built - 1,
        end.saturating_sub(1)
    )
}

/// What a record says.
#[derive(Clone, Debug)]
pub(super) struct Written {
    pub(super) id: ArticleId,
    /// The article; `None` where there is none from now on.
    pub(super) piece: Option<Piece>,
    /// The digest of the corpus piece that it stands in for.
    pub(super) over: Option<u128>,
}

impl Written {
    fn from_payload(sequence: u64, payload: &[u8]) -> Option<Self> {
        let (id, piece, over) = match Change::from_bytes(payload)? {
            Change::Put { id, record, over } => {
                let piece = Piece::record(JOURNAL, sequence, record.as_bytes().to_vec());
                (id, Some(piece), over)
            }
            Change::Delete { id, over } => (id, None, over),
        };
        Some(Self {
            id: ArticleId::new(id)?,
            piece,
            over,
        })
    }
}

/// The digest of the piece that the journal keeps of `record`.
pub(super) fn digest_of(record: &str) -> u128 {
    Piece::record(JOURNAL, 1, record.as_bytes().to_vec()).hash()
}
