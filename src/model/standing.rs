//! Where an article stands in its site and in search engines, apart from any host: what the SEO signal weighs.

/// Why a page could have more readers from search engines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opportunity {
    /// It stands on the first page of results and is opened seldom.
    SeldomOpened = 1,
    /// It stands on the second page of results.
    SecondPage = 2,
}

/// What is known of one article. Shares are parts of 255, so that it takes eight bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// Internal-link authority as a share: the part of the articles that have less of it; `None` on a site without links.
    pub authority: Option<u8>,
    /// Articles that link it; stops at 255.
    pub inbound: u8,
    /// How much more readers it could have from search engines, as a share; `None` where nothing is known of that.
    pub opportunity: Option<u8>,
    /// Why it could have many more, if it could.
    pub why: Option<Opportunity>,
    /// The day of its last change, in days since 1970-01-01; `None` where no date is known.
    pub changed: Option<u16>,
    /// Days after which a page of its kind is half as fresh.
    pub half_life: u16,
}

/// Bytes of a standing.
pub const STANDING: usize = 8;

impl Standing {
    /// The eight bytes.
    pub fn to_bytes(self) -> [u8; STANDING] {
        let [c0, c1] = self.changed.unwrap_or_default().to_le_bytes();
        let [h0, h1] = self.half_life.to_le_bytes();
        let share = |share: Option<u8>| share.map_or(0, |share| share.max(1));
        [
            share(self.authority),
            self.inbound,
            share(self.opportunity),
            self.why.map_or(0, |why| why as u8),
            c0,
            c1,
            h0,
            h1,
        ]
    }

    /// What [`Standing::to_bytes`] made. A share of 0 is written as one of 1, since 0 says that nothing is known.
    #[inline]
    pub fn from_bytes(
        [authority, inbound, opportunity, why, c0, c1, h0, h1]: [u8; STANDING],
    ) -> Self {
        let known = |share: u8| (share > 0).then_some(share);
        let changed = u16::from_le_bytes([c0, c1]);
        Self {
            authority: known(authority),
            inbound,
            opportunity: known(opportunity),
            why: match why {
                1 => Some(Opportunity::SeldomOpened),
                2 => Some(Opportunity::SecondPage),
                _ => None,
            },
            changed: (changed > 0).then_some(changed),
            half_life: u16::from_le_bytes([h0, h1]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_is_read() {
        for standing in [
            Standing::default(),
            Standing {
                authority: Some(1),
                inbound: 255,
                opportunity: Some(255),
                why: Some(Opportunity::SecondPage),
                changed: Some(20_000),
                half_life: 730,
            },
        ] {
            assert_eq!(Standing::from_bytes(standing.to_bytes()), standing);
        }
    }
}
