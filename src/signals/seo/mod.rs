//! The SEO signal: what the site needs found.
//!
//! It speaks of one article, not of a pair, so it never relates anything by itself: its value for a pair is the need of the
//! candidate times what the other signals think of the pair.

mod authority;
mod competition;
mod demand;
mod freshness;
mod reasons;

pub use authority::{AUTHORITY, authority};
pub use competition::competitors;
pub use demand::{Demand, demands};
pub use freshness::half_life;
pub use reasons::reasons;

use crate::model::Standing;

/// What the parts of a need count. A part that is not known counts nothing.
const AUTHORITY_PART: f64 = 0.3;
const RESCUE_PART: f64 = 0.2;
const OPPORTUNITY_PART: f64 = 0.3;
const FRESHNESS_PART: f64 = 0.2;

/// Parts of a need that are half of what there is to know.
const EVIDENCE: f64 = 0.05;

/// Links to an article at which it needs half as much help as one without any.
const FEW_LINKS: f64 = 2.0;

/// How much an article needs to be found, and how much is known of that; both 0 to 1.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Need {
    /// The need.
    pub value: f64,
    /// How much is known.
    pub evidence: f64,
}

impl Need {
    /// The same in the panel of a page that the article competes with: `overlap` of the queries of one are those of the
    /// other, and who has read the one is not sent to the other for them.
    #[must_use]
    pub fn beside_competitor(self, overlap: f64) -> Self {
        Self {
            value: self.value * (1.0 - overlap),
            // What is known of the pair is known of the need there.
            evidence: self.evidence.max(overlap),
        }
    }
}

/// The need of an article on day `today` (since 1970-01-01), in the panel of a host that links it or not: the link of the
/// host itself does not make the article less in need there.
#[inline]
pub fn need(standing: Standing, linked: bool, today: f32) -> Need {
    let (mut sum, mut parts) = (0.0, 0);
    if let Some(authority) = standing.authority {
        let others = standing.inbound.saturating_sub(u8::from(linked));
        sum += AUTHORITIES[usize::from(authority)] + RESCUES[usize::from(others)];
        parts |= BY_LINKS;
    }
    if let Some(opportunity) = standing.opportunity {
        sum += OPPORTUNITIES[usize::from(opportunity)];
        parts |= BY_SEARCHES;
    }
    if let Some(freshness) = freshness::freshness(standing, today) {
        sum += FRESHNESS_PART * freshness;
        parts |= BY_DATE;
    }
    if parts == 0 {
        return Need::default();
    }
    let (share, evidence) = KNOWN[parts];
    Need {
        value: sum * share,
        evidence,
    }
}

// A panel asks for the need of each of its candidates, so what is made of a byte is worked out beforehand.

/// Which parts of a need are known, as bits.
const BY_LINKS: usize = 1;
const BY_SEARCHES: usize = 2;
const BY_DATE: usize = 4;

/// One over what the known parts count together, and how much of all there is to know that is.
static KNOWN: [(f64, f64); 8] = {
    let mut all = [(0.0, 0.0); 8];
    let mut parts = 1;
    while parts < 8 {
        let mut known = 0.0;
        if parts & BY_LINKS != 0 {
            known += AUTHORITY_PART + RESCUE_PART;
        }
        if parts & BY_SEARCHES != 0 {
            known += OPPORTUNITY_PART;
        }
        if parts & BY_DATE != 0 {
            known += FRESHNESS_PART;
        }
        all[parts] = (1.0 / known, known / (known + EVIDENCE));
        parts += 1;
    }
    all
};

/// What a part counts, by the share of 255 that there is of it.
static AUTHORITIES: [f64; 256] = shares(AUTHORITY_PART);
static OPPORTUNITIES: [f64; 256] = shares(OPPORTUNITY_PART);

/// What the part of those that few pages link counts, by the links from others.
static RESCUES: [f64; 256] = {
    let mut all = [0.0; 256];
    let mut others = 0;
    while others < 256 {
        all[others] = RESCUE_PART * FEW_LINKS / (FEW_LINKS + others as f64);
        others += 1;
    }
    all
};

const fn shares(part: f64) -> [f64; 256] {
    let mut all = [0.0; 256];
    let mut share = 0;
    while share < 256 {
        all[share] = part * (share as f64 / 255.0);
        share += 1;
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_known_is_no_opinion_and_each_part_counts_by_itself() {
        assert_eq!(need(Standing::default(), false, 20_000.0), Need::default());
        let dated = Standing {
            changed: Some(20_000),
            half_life: 10,
            ..Standing::default()
        };
        assert_eq!(need(dated, false, 20_000.0).value, 1.0);
        assert_eq!(need(dated, false, 20_010.0).value, 0.5);
        let wanted = Standing {
            opportunity: Some(255),
            ..dated
        };
        assert!(need(wanted, false, 20_010.0).value > 0.5);
        assert!(need(wanted, false, 20_010.0).evidence > need(dated, false, 20_010.0).evidence);
    }

    #[test]
    fn the_link_of_the_host_itself_takes_nothing_from_its_target() {
        let standing = |inbound| Standing {
            authority: Some(100),
            inbound,
            ..Standing::default()
        };
        assert_eq!(need(standing(3), true, 0.0), need(standing(2), false, 0.0));
        assert!(need(standing(0), false, 0.0).value > need(standing(9), false, 0.0).value);
    }
}
