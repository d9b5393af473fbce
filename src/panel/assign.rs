//! Which hosts keep a place for which article: an assignment over the whole site that gives every article as many panels as
//! it asks for, where that costs the least relevance.
//!
//! An auction (Bertsekas 1988). A place of a host first costs the score of the card that would have to go; an article offers
//! its own score there and takes the places where it loses least. Whoever wants a place that is taken pays what the next best
//! would have been worth to it, and who was there before looks elsewhere. So an article that has few hosts wins against one
//! that has many. Nothing depends on threads, hashes or time.

use std::collections::VecDeque;

use super::reserve::WHOLE_PANEL;

/// Places of a host that may be reserved: two of the lower half of a panel are left to readers and to exploration.
pub const PLACES: usize = WHOLE_PANEL / 2 - 2;
/// By how much a place gets dearer at least, in scores. Together the articles lose no more than this each beside the best
/// assignment.
const STEP: f32 = 0.01;
/// What the first place may cost an article, in scores; the second half of it, the third a third, so that where there is not
/// room for all, none gets a third place before each has one. No score differs from another by more than 1, so an article that
/// asks for three and has room never goes without.
const DEAREST: f32 = 3.0;

/// A host that an article is related to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Offer {
    /// The host.
    pub host: u32,
    /// How related.
    pub score: f32,
}

/// What the places of a host cost at first: the scores of the last cards of its panel, from the last one up. A place that is
/// free costs nothing.
pub type Costs = [f32; PLACES];

/// The hosts that keep a place for each of the articles with the hosts `offers`, at most `wanted` each; no host twice.
pub fn assign(offers: &[&[Offer]], costs: Vec<Costs>, wanted: usize) -> Vec<Vec<u32>> {
    let mut auction = Auction {
        prices: costs,
        holders: Vec::new(),
        held: vec![Vec::new(); offers.len()],
    };
    auction.holders = vec![[None; PLACES]; auction.prices.len()];
    let mut waiting: VecDeque<u32> = (0..offers.len() as u32).collect();
    let mut choices = Vec::new();
    while let Some(article) = waiting.pop_front() {
        let missing = wanted - auction.held[article as usize].len();
        auction.look_around(article, offers[article as usize], missing, &mut choices);
        // What the first one that is not taken would leave.
        let next = choices.get(missing).map(|choice| choice.left);
        for (nth, choice) in choices.iter().take(missing).enumerate() {
            let nth = wanted - missing + nth + 1;
            let least = -DEAREST / nth as f32;
            if choice.left < least {
                break;
            }
            let next = next.map_or(least, |next| next.max(least));
            let price = choice.price + (choice.left - next) + STEP;
            if let Some(other) = auction.take(article, choice, price) {
                waiting.push_back(other);
            }
        }
    }
    auction.held
}

struct Auction {
    prices: Vec<Costs>,
    holders: Vec<[Option<u32>; PLACES]>,
    /// The hosts that keep a place for each article.
    held: Vec<Vec<u32>>,
}

/// The cheapest place of a host that an article has none with.
struct Choice {
    host: u32,
    place: usize,
    price: f32,
    /// The score of the article there beyond the price.
    left: f32,
}

impl Auction {
    /// The best `missing` choices of an article and the next one, the best first.
    fn look_around(
        &self,
        article: u32,
        offers: &[Offer],
        missing: usize,
        choices: &mut Vec<Choice>,
    ) {
        choices.clear();
        let held = &self.held[article as usize];
        for offer in offers.iter().filter(|offer| !held.contains(&offer.host)) {
            let prices = &self.prices[offer.host as usize];
            let mut place = 0;
            for other in 1..PLACES {
                if prices[other] < prices[place] {
                    place = other;
                }
            }
            let price = prices[place];
            let left = offer.score - price;
            let at = choices.partition_point(|other: &Choice| other.left >= left);
            if at <= missing {
                let host = offer.host;
                let choice = Choice {
                    host,
                    place,
                    price,
                    left,
                };
                choices.insert(at, choice);
                choices.truncate(missing + 1);
            }
        }
    }

    /// Gives a place to `article`; who had it before.
    fn take(&mut self, article: u32, choice: &Choice, price: f32) -> Option<u32> {
        let host = choice.host as usize;
        self.prices[host][choice.place] = price;
        self.held[article as usize].push(choice.host);
        let before = self.holders[host][choice.place].replace(article)?;
        self.held[before as usize].retain(|&other| other != choice.host);
        Some(before)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn assigned(offers: &[&[(u32, f32)]], hosts: usize, cost: f32, wanted: usize) -> Vec<Vec<u32>> {
        let offers: Vec<Vec<Offer>> = offers
            .iter()
            .map(|offers| {
                let offers = offers.iter();
                offers.map(|&(host, score)| Offer { host, score }).collect()
            })
            .collect();
        let offers: Vec<&[Offer]> = offers.iter().map(Vec::as_slice).collect();
        let mut found = assign(&offers, vec![[cost; PLACES]; hosts], wanted);
        found.iter_mut().for_each(|hosts| hosts.sort_unstable());
        found
    }

    #[test]
    fn an_article_takes_the_hosts_where_it_loses_least() {
        let found = assigned(&[&[(0, 0.2), (1, 0.4), (2, 0.3), (3, 0.1)]], 4, 0.5, 2);
        assert_eq!(found, [[1, 2]]);
        // As many as there are, where there are fewer.
        assert_eq!(assigned(&[&[(1, 0.4)], &[]], 2, 0.5, 3), [vec![1], vec![]]);
    }

    #[test]
    fn who_has_no_other_host_gets_its_place_whoever_came_first() {
        let others: Vec<(u32, f32)> = vec![(0, 0.9), (1, 0.2)];
        let lonely: Vec<(u32, f32)> = vec![(0, 0.1)];
        let mut offers: Vec<&[(u32, f32)]> = vec![&others; PLACES];
        offers.push(&lonely);
        offers.push(&lonely);
        let found = assigned(&offers, 2, 0.3, 1);
        assert_eq!(found[PLACES..], [[0], [0]]);
        let elsewhere = found.iter().filter(|hosts| **hosts == [1]).count();
        assert_eq!(elsewhere, 2);
    }

    #[test]
    fn where_there_is_not_room_for_all_each_has_one_before_any_has_two() {
        let both: Vec<(u32, f32)> = vec![(0, 0.3), (1, 0.3)];
        let offers: Vec<&[(u32, f32)]> = vec![&both; 2 * PLACES];
        let found = assigned(&offers, 2, 0.3, 2);
        assert!(found.iter().all(|hosts| hosts.len() == 1), "{found:?}");
    }

    #[test]
    fn no_host_keeps_more_places_than_it_has() {
        let offers: Vec<(u32, f32)> = vec![(0, 0.5)];
        let found = assigned(&vec![offers.as_slice(); 3 * PLACES], 1, 0.2, 3);
        let placed = found.iter().filter(|hosts| hosts.len() == 1).count();
        assert_eq!(placed, PLACES);
    }
}
