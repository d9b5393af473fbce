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
            let least = -dearest(wanted - missing + nth + 1, wanted);
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

/// What the `nth` place may cost an article that wants so many, in scores: less for each further one, so that where there is
/// not room for all, those that have a place give up the next one. No two scores differ by more than 1, so nobody gives up one
/// that nobody else wants.
fn dearest(nth: usize, wanted: usize) -> f32 {
    wanted as f32 / nth as f32
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

    const HOSTS: usize = 7;

    /// The most that articles with these `scores` can have beyond `costs`, two hosts each that are not `taken`, no host twice.
    fn best(scores: &[[f32; HOSTS]], costs: &[f32; HOSTS], taken: u32) -> f32 {
        let Some((first, others)) = scores.split_first() else {
            return 0.0;
        };
        let free = (0..1u32 << HOSTS).filter(|two| two.count_ones() == 2 && two & taken == 0);
        let with = free.map(|two| {
            let hosts = (0..HOSTS).filter(|host| two >> host & 1 == 1);
            let own: f32 = hosts.map(|host| first[host] - costs[host]).sum();
            own + best(others, costs, taken | two)
        });
        with.fold(f32::NEG_INFINITY, f32::max)
    }

    #[test]
    fn what_all_have_together_is_the_most_there_is_but_for_a_step_a_place() {
        let mut state = 7u64;
        let mut draw = || {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            (state >> 40) as f32 / (1u64 << 24) as f32
        };
        for round in 0..50 {
            let scores: [[f32; HOSTS]; 3] =
                std::array::from_fn(|_| std::array::from_fn(|_| draw()));
            let costs: [f32; HOSTS] = std::array::from_fn(|_| 0.5 * draw());
            // All places of a host but one cost more than any is worth.
            let prices = costs.map(|cost| {
                let mut all = [9.0; PLACES];
                all[PLACES / 2] = cost;
                all
            });
            let offers: Vec<Vec<Offer>> = scores
                .iter()
                .map(|scores| {
                    let offers = (0..).zip(scores);
                    offers.map(|(host, &score)| Offer { host, score }).collect()
                })
                .collect();
            let offers: Vec<&[Offer]> = offers.iter().map(Vec::as_slice).collect();
            let found = assign(&offers, prices.to_vec(), 2);
            let own = found.iter().zip(&scores).map(|(hosts, scores)| {
                assert_eq!(hosts.len(), 2, "round {round}");
                let worth = hosts
                    .iter()
                    .map(|&host| scores[host as usize] - costs[host as usize]);
                worth.sum::<f32>()
            });
            let (own, most) = (own.sum::<f32>(), best(&scores, &costs, 0));
            assert!(
                own >= most - 6.0 * STEP - 1e-4,
                "round {round}: {own} of {most}"
            );
        }
    }

    #[test]
    fn no_host_keeps_more_places_than_it_has() {
        let offers: Vec<(u32, f32)> = vec![(0, 0.5)];
        let found = assigned(&vec![offers.as_slice(); 3 * PLACES], 1, 0.2, 3);
        let placed = found.iter().filter(|hosts| hosts.len() == 1).count();
        assert_eq!(placed, PLACES);
    }
}
