//! Panel tokens: what a panel carries so that a click on one of its cards can be told from an invented one.
//!
//! A token names the day, the panel's article and its cards, and is signed. Everyone who reads a cached page has the same
//! one, so it says nothing of whoever clicks.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use xxhash_rust::xxh3::xxh3_64;

use super::{Mac, SiteKey};

/// Days that a token is good for.
const DAYS: u16 = 30;
/// Bytes of the token of a panel of twenty cards.
const USUAL: usize = 2 + 2 * 20 + SIGNATURE;
/// Bytes of the signature.
const SIGNATURE: usize = 16;
/// The day of a token that stands in a file: good until the secret is another one.
const NO_DAY: u16 = 0;

impl SiteKey {
    /// The token of the panel of `host` with `cards` in their order, made on `day` (days since 1970-01-01 UTC); without a
    /// day it is good as long as the secret.
    pub fn panel_token(
        &self,
        host: impl AsRef<[u8]>,
        cards: impl IntoIterator<Item = impl AsRef<[u8]>>,
        day: Option<i64>,
    ) -> String {
        let day = day.map_or(NO_DAY, |day| u16::try_from(day).unwrap_or(u16::MAX));
        let mut bytes = Vec::with_capacity(USUAL);
        bytes.extend_from_slice(&day.to_le_bytes());
        for card in cards {
            bytes.extend_from_slice(&mark(card.as_ref()));
        }
        let signature = self.panel_signature(host.as_ref(), &bytes);
        bytes.extend_from_slice(&signature);
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// The 1-based place that `card` had in the panel of `host` whose token this is, if the token is ours, names both and
    /// is good on `day`.
    pub fn place_in_panel(&self, token: &str, host: &str, card: &str, day: i64) -> Option<u32> {
        let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
        let (named, signature) = bytes.split_at_checked(bytes.len().checked_sub(SIGNATURE)?)?;
        let mut mac = self.panels.clone();
        update(&mut mac, host.as_bytes(), named);
        mac.verify_truncated_left(signature).ok()?;
        let (made, marks) = named.split_first_chunk::<2>()?;
        let made = u16::from_le_bytes(*made);
        // A clock may be a little ahead of another one.
        let age = day - i64::from(made);
        if made != NO_DAY && !(-1..=i64::from(DAYS)).contains(&age) {
            return None;
        }
        let marks = marks.as_chunks::<2>().0;
        let place = marks
            .iter()
            .position(|other| *other == mark(card.as_bytes()))?;
        u32::try_from(place + 1).ok()
    }

    fn panel_signature(&self, host: &[u8], named: &[u8]) -> [u8; SIGNATURE] {
        let mut mac = self.panels.clone();
        update(&mut mac, host, named);
        let whole = mac.finalize().into_bytes();
        std::array::from_fn(|at| whole[at])
    }
}

fn update(mac: &mut impl Mac, host: &[u8], named: &[u8]) {
    // With its length in front, what is named never runs into the host.
    mac.update(&(named.len() as u64).to_le_bytes());
    mac.update(named);
    mac.update(host);
}

/// Sixteen bits that stand for a card among the cards of one panel.
fn mark(card: &[u8]) -> [u8; 2] {
    (xxh3_64(card) as u16).to_le_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_tells_the_places_of_its_cards_for_thirty_days() {
        let key = SiteKey::from_bytes([1; 32]);
        let token = key.panel_token("/a", ["/b", "/c"], Some(20_000));
        let place = |card, day| key.place_in_panel(&token, "/a", card, day);
        assert_eq!(place("/b", 20_000), Some(1));
        assert_eq!(place("/c", 20_030), Some(2));
        assert_eq!(place("/c", 20_031), None);
        assert_eq!(place("/c", 19_998), None);
        assert_eq!(place("/d", 20_000), None);
        assert_eq!(key.place_in_panel(&token, "/x", "/b", 20_000), None);
        let filed = key.panel_token("/a", ["/b"], None);
        assert_eq!(key.place_in_panel(&filed, "/a", "/b", 60_000), Some(1));
    }

    #[test]
    fn no_other_text_is_a_token() {
        let key = SiteKey::from_bytes([1; 32]);
        let token = key.panel_token("/a", ["/b", "/c"], Some(20_000));
        for at in 0..token.len() {
            let mut other = token.clone().into_bytes();
            other[at] = if other[at] == b'A' { b'B' } else { b'A' };
            let other = String::from_utf8(other).expect("ASCII");
            assert_eq!(
                key.place_in_panel(&other, "/a", "/b", 20_000),
                None,
                "{other}"
            );
        }
        let others = SiteKey::from_bytes([2; 32]).panel_token("/a", ["/b"], Some(20_000));
        for other in ["", "AA", "%%", others.as_str()] {
            assert_eq!(key.place_in_panel(other, "/a", "/b", 20_000), None);
        }
    }
}
