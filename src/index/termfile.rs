//! The term file: the weighted terms, links and names of every article, for explaining a card; and where each came from.

use std::path::Path;

use super::analysis::SourceId;
use super::sections::{Sections, SectionsWriter};
use crate::error::{Error, Result};
use crate::model::{DocOrd, Graph};
use crate::text::TermId;

const TERMS: u32 = 1;
const INFORMATIVE: u32 = 3;
const ROW_STARTS: u32 = 4;
const ROW_TERMS: u32 = 5;
const ROW_WEIGHTS: u32 = 6;
const LINK_STARTS: u32 = 7;
const LINK_TARGETS: u32 = 8;
const NAME_STARTS: u32 = 9;
const NAME_TARGETS: u32 = 10;
const ORIGINS: u32 = 11;

/// Terms and weights that are asked for before a row is read.
const BEGINNING: usize = 32;
/// Bytes of an origin.
const ORIGIN: usize = 18;

/// What goes into a term file.
#[derive(Debug)]
pub struct TermFileDraft<'a, S> {
    /// The terms by number, as they are shown to a reader.
    pub terms: Vec<&'a str>,
    /// Whether a term is informative, by number.
    pub informative: &'a [bool],
    /// Where each article's row starts in the two lists below; one more at the end.
    pub starts: &'a [usize],
    /// Terms of all rows, by number.
    pub row_terms: S,
    /// Their weights.
    pub row_weights: &'a [f32],
    /// Which article links which.
    pub links: &'a Graph,
    /// Which article names the title of which.
    pub names: &'a Graph,
    /// Where each article came from, and the digest of the piece it was read from.
    pub origins: Vec<(SourceId, u128)>,
}

impl<S: Iterator<Item = u32> + Clone> TermFileDraft<'_, S> {
    /// Writes the file.
    ///
    /// # Errors
    /// [`Error::Failed`](crate::error::Error::Failed) if it cannot be written.
    pub fn write(&self, path: &Path) -> Result<()> {
        let mut file = SectionsWriter::create(path)?;
        file.put_strings(TERMS, &self.terms)?;
        let informative = self.informative.iter();
        file.put_chunks(
            INFORMATIVE,
            informative.map(|&informative| [u8::from(informative)]),
        )?;
        file.put_u64s(ROW_STARTS, self.starts.iter().map(|&start| start as u64))?;
        file.put_u32s(ROW_TERMS, self.row_terms.clone())?;
        file.put_f32s(ROW_WEIGHTS, self.row_weights.iter().copied())?;
        for (graph, starts_tag, targets_tag) in [
            (self.links, LINK_STARTS, LINK_TARGETS),
            (self.names, NAME_STARTS, NAME_TARGETS),
        ] {
            let (starts, targets) = graph.parts();
            file.put_u32s(starts_tag, starts.iter().copied())?;
            file.put_u32s(targets_tag, targets.iter().map(|target| target.0))?;
        }
        let origins = self.origins.iter().map(|(source, digest)| {
            let mut bytes = [0; ORIGIN];
            bytes[..2].copy_from_slice(&source.0.to_le_bytes());
            bytes[2..].copy_from_slice(&digest.to_le_bytes());
            bytes
        });
        file.put_chunks(ORIGINS, origins)?;
        file.finish()
    }
}

/// An open term file.
#[derive(Debug)]
pub struct TermFile(Sections);

impl TermFile {
    /// Opens and checks the file.
    ///
    /// # Errors
    /// [`Error::Damaged`](crate::error::Error::Damaged) if it is not what was written.
    pub fn open(path: &Path) -> Result<Self> {
        let sections = Sections::open(path)?;
        sections.release();
        Ok(Self(sections))
    }

    /// Lets go of the memory behind the file, once what it tells of all articles was read.
    pub fn release(&self) {
        self.0.release();
    }

    /// The terms and weights of an article, by ascending term.
    pub fn row(&self, ord: DocOrd) -> Vec<(TermId, f32)> {
        let start = self.0.u64(ROW_STARTS, ord.index()) as usize;
        let end = self.0.u64(ROW_STARTS, ord.index() + 1) as usize;
        let terms = (start..end).map(|at| {
            let term = TermId(self.0.u32(ROW_TERMS, at));
            (term, self.0.f32(ROW_WEIGHTS, at))
        });
        let mut row: Vec<(TermId, f32)> = terms.collect();
        row.sort_unstable_by_key(|&(term, _)| term);
        row
    }

    /// The terms and weights of an article, in the order in which the terms first stand.
    pub fn each(&self, ord: DocOrd) -> impl Iterator<Item = (u32, f32)> + '_ {
        let start = self.0.u64(ROW_STARTS, ord.index()) as usize;
        let end = self.0.u64(ROW_STARTS, ord.index() + 1) as usize;
        let terms = &self.0.records::<4>(ROW_TERMS)[start..end];
        let weights = &self.0.records::<4>(ROW_WEIGHTS)[start..end];
        let pairs = terms.iter().zip(weights);
        pairs.map(|(term, weight)| (u32::from_le_bytes(*term), f32::from_le_bytes(*weight)))
    }

    /// Has the beginning of what [`TermFile::each`] tells brought near; the rest follows by itself.
    pub fn prefetch(&self, ord: DocOrd) {
        let start = self.0.u64(ROW_STARTS, ord.index()) as usize;
        for tag in [ROW_TERMS, ROW_WEIGHTS] {
            let first = self.0.records::<4>(tag).get(start..start + BEGINNING);
            self.0.prefetch(first.unwrap_or_default().as_flattened());
        }
    }

    /// Where an article came from, and the digest of the piece it was read from.
    pub fn origin(&self, ord: DocOrd) -> (SourceId, u128) {
        let bytes: &[u8; ORIGIN] = &self.0.records(ORIGINS)[ord.index()];
        let (source, digest) = bytes.split_at(2);
        (
            SourceId(u16::from_le_bytes(source.try_into().expect("two bytes"))),
            u128::from_le_bytes(digest.try_into().expect("sixteen bytes")),
        )
    }

    /// Which article links which.
    ///
    /// # Errors
    /// [`Error::Damaged`] if the lists do not fit together.
    pub fn links(&self) -> Result<Graph> {
        self.graph(LINK_STARTS, LINK_TARGETS)
    }

    /// Which article names the title of which.
    ///
    /// # Errors
    /// [`Error::Damaged`] if the lists do not fit together.
    pub fn names(&self) -> Result<Graph> {
        self.graph(NAME_STARTS, NAME_TARGETS)
    }

    /// Whether the article `from` names the title of `to`; neither does where it is newer than the file.
    pub fn is_named(&self, from: DocOrd, to: DocOrd) -> bool {
        let starts = self.0.records::<4>(NAME_STARTS);
        let place = |at: usize| Some(u32::from_le_bytes(*starts.get(at)?) as usize);
        let range = place(from.index()).zip(place(from.index() + 1));
        let targets = range.and_then(|(start, end)| self.0.records(NAME_TARGETS).get(start..end));
        let found = targets.map(|targets: &[[u8; 4]]| {
            targets.binary_search_by_key(&to.0, |target| u32::from_le_bytes(*target))
        });
        found.is_some_and(|found| found.is_ok())
    }

    fn graph(&self, starts: u32, targets: u32) -> Result<Graph> {
        let all = |tag| (0..self.0.bytes(tag).len() / 4).map(move |at| self.0.u32(tag, at));
        let targets = all(targets).map(DocOrd).collect();
        Graph::from_parts(all(starts).collect(), targets).ok_or_else(|| {
            Error::Damaged("links or names of the term file do not fit together".to_owned())
        })
    }

    /// How many terms there are.
    pub fn len(&self) -> usize {
        self.0.strings(TERMS)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The word to show for the term numbered `id`.
    pub fn term(&self, id: TermId) -> &str {
        std::str::from_utf8(self.0.string(TERMS, id.index())).expect("terms are written as UTF-8")
    }

    /// Whether the term tells articles apart.
    pub fn is_informative(&self, id: TermId) -> bool {
        self.0.bytes(INFORMATIVE)[id.index()] != 0
    }
}
