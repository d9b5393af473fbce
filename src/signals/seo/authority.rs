//! Internal-link authority: PageRank over the links between the site's articles (Brin and Page 1998), in which links that
//! stand on every page count little.

use crate::model::{DocOrd, Graph};

/// Calibration of authority, `x / (x + k)`, where x is an article's PageRank times the number of articles: 1 on the average.
pub const AUTHORITY: f64 = 1.0;

/// The chance that who reads on follows a link.
const DAMPING: f64 = 0.85;
/// Rounds, at most, and the change of all ranks together at which they end.
const ROUNDS: usize = 100;
const SETTLED: f64 = 1e-6;

/// Links to one article count together no more than those of this share of the site, or of so many articles: more are its
/// navigation.
const NAVIGATION_SHARE: f64 = 0.1;
const NAVIGATION_LEAST: f64 = 10.0;

/// The authority of every article, 1 on the average, by ordinal; ranks without a link add up and are shared out evenly.
pub fn authority(out: &Graph) -> Vec<f64> {
    let count = out.len();
    let articles = || (0..count as u32).map(DocOrd);
    let mut inbound = vec![0.0; count];
    for target in articles().flat_map(|from| out.targets(from)) {
        inbound[target.index()] += 1.0;
    }
    let most = (NAVIGATION_SHARE * count as f64).max(NAVIGATION_LEAST);
    let weights: Vec<f64> = inbound
        .iter()
        .map(|&links: &f64| (most / links).min(1.0))
        .collect();
    let given: Vec<f64> = articles()
        .map(|from| out.targets(from).iter().map(|to| weights[to.index()]).sum())
        .collect();
    let mut ranks = vec![1.0; count];
    for _ in 0..ROUNDS {
        let kept: f64 = ranks
            .iter()
            .zip(&given)
            .filter(|(_, given)| **given == 0.0)
            .map(|(rank, _)| rank)
            .sum();
        let mut next = vec![1.0 - DAMPING + DAMPING * kept / count.max(1) as f64; count];
        for from in articles() {
            let share = DAMPING * ranks[from.index()] / given[from.index()];
            for to in out.targets(from) {
                next[to.index()] += share * weights[to.index()];
            }
        }
        let change: f64 = ranks.iter().zip(&next).map(|(a, b)| (a - b).abs()).sum();
        ranks = next;
        if change <= SETTLED * count as f64 {
            break;
        }
    }
    ranks
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(lists: &[&[u32]]) -> Vec<f64> {
        let lists = lists
            .iter()
            .map(|list| list.iter().map(|&ord| DocOrd(ord)).collect());
        authority(&Graph::of(lists))
    }

    #[test]
    fn ranks_are_one_on_the_average_and_follow_the_links() {
        // The hub of a star of 4: with r the rank of a leaf, hub = .15 + .85 * (3 * r), r = .15 + .85 * hub / 3.
        let ranks = of(&[&[1, 2, 3], &[0], &[0], &[0]]);
        let hub = (0.15 + 0.85 * 3.0 * 0.15) / (1.0 - 0.85 * 0.85);
        assert!((ranks[0] - hub).abs() < 1e-4, "{ranks:?}");
        assert!((ranks.iter().sum::<f64>() - 4.0).abs() < 1e-5);
        assert_eq!(of(&[&[], &[]]), [1.0, 1.0]);
        assert_eq!(of(&[]), [0.0; 0]);
    }

    #[test]
    fn a_link_that_stands_on_every_page_counts_less() {
        // Of 100 pages all link page 0; page 2 is linked by ten, page 1 by page 0.
        let mut lists: Vec<Vec<DocOrd>> = vec![vec![DocOrd(0)]; 100];
        for list in lists.iter_mut().skip(10).take(10) {
            list.push(DocOrd(2));
        }
        let ranks = authority(&Graph::of(lists));
        // Links to page 0 weigh 10 / 99, those to page 2 the whole; nobody links page 50.
        let given = 0.85 * 10.0 * ranks[10] / (1.0 + 10.0 / 99.0);
        assert!((ranks[2] - ranks[50] - given).abs() < 1e-4, "{ranks:?}");
    }
}
