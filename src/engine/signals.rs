//! From what is kept of a pair of articles to the value and the evidence of each signal.

use super::readers::{ReadBeside, VISITORS};
use crate::index::{CandidateRow, Facts};
use crate::model::{PerSignal, SignalKind};
use crate::ranking::{Weights, calibrate, opinion};
use crate::signals::behavior::HostReads;
use crate::signals::seo::Need;
use crate::signals::{content, research};

/// What the signals know of one article, apart from any pair.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Known {
    /// Informative terms of its text.
    pub(super) informative_terms: u32,
    /// Links of the site to it and from it.
    pub(super) links: u32,
    /// How often other articles are read beside it.
    pub(super) reads: f64,
}

impl Known {
    /// What is kept of it in the serving file, and `reads` beside it.
    pub(super) fn of(facts: &Facts, reads: f64) -> Self {
        Self {
            informative_terms: facts.informative_terms,
            links: facts.links,
            reads,
        }
    }
}

/// What the signals know of the host of a panel: what is the same for all of its candidates, so that it is divided once.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Host {
    reads: HostReads,
    /// Evidence of the content signal that is the host's.
    content: f64,
    /// Evidence of the research signal beside a candidate that the host has no link in common with, one, and two.
    links: [f64; 3],
}

impl From<Known> for Host {
    fn from(known: Known) -> Self {
        let other_links = |direct: u32| f64::from(known.links.saturating_sub(direct));
        Self {
            reads: HostReads::of(known.reads),
            content: calibrate(f64::from(known.informative_terms), content::EVIDENCE),
            links: [0, 1, 2].map(|direct| calibrate(other_links(direct), research::EVIDENCE)),
        }
    }
}

/// The calibrated value of each signal for a pair, and how much each knows of it.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Opinions {
    pub(super) values: PerSignal<f64>,
    pub(super) evidence: PerSignal<f64>,
}

impl Opinions {
    /// What the signals say of `host` and the candidate of `row`, which are read beside one another as `read` says.
    ///
    /// Of links the host's alone are evidence: a page that nothing links and that links nothing is like any page that the
    /// host does not link, and taking the other signals' word for it ranked worse (`docs/ranking.md`).
    #[inline]
    pub(super) fn of(row: &CandidateRow, read: &ReadBeside, host: &Host, candidate: Known) -> Self {
        let mut opinions = Self::default();
        opinions.values[SignalKind::Behavior] =
            (host.reads).value(candidate.reads, read.reads, read.site, &read.pair);
        opinions.evidence[SignalKind::Behavior] = host.reads.evidence(candidate.reads, read.reads);
        opinions.values[SignalKind::Content] = f64::from(row.content);
        opinions.evidence[SignalKind::Content] =
            host.content * calibrate(f64::from(candidate.informative_terms), content::EVIDENCE);
        let strength = f64::from(row.research);
        opinions.values[SignalKind::Research] = calibrate(strength, research::CALIBRATION);
        opinions.evidence[SignalKind::Research] = host.links[row.direct_links() as usize];
        opinions
    }

    /// Adds what the SEO signal says: the need of the candidate counts as far as the others, switched on or not, think the
    /// two related.
    #[inline]
    pub(super) fn with_need(mut self, need: Need) -> Self {
        let related = opinion(
            &Weights::default(),
            &self.values,
            &self.evidence,
            SignalKind::Seo,
        );
        self.values[SignalKind::Seo] = need.value * related;
        self.evidence[SignalKind::Seo] = need.evidence;
        self
    }
}

/// Whether a pair has what it takes to be called related, whatever its score: two shared informative terms, a link, related
/// topics, or so many visitors. What a signal knows that is switched off does not count, unless the SEO signal asks for it.
pub(super) fn is_evident(row: &CandidateRow, read: &ReadBeside, weights: &Weights) -> bool {
    let asked = |signal| weights.of(signal) > 0.0;
    let counts = |signal| asked(signal) || asked(SignalKind::Seo);
    let by_text = row.shared_terms >= content::LEAST_SHARED_TERMS;
    let by_relation = row.direct_links() > 0 || row.related_topics;
    let by_readers = read.visitors() >= VISITORS;
    by_text && counts(SignalKind::Content)
        || by_relation && counts(SignalKind::Research)
        || by_readers && counts(SignalKind::Behavior)
}
