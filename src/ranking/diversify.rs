//! Which of nearly equal candidates make the set: those of topics and kinds that are not there yet.
//!
//! Maximal marginal relevance (Carbonell and Goldstein 1998), with shared topic and kind for likeness and a small strength.
//! It chooses who is shown, not the order.

/// By how much of its score a candidate may be put back whose topic and kind all chosen ones share.
const DIVERSITY: f64 = 0.2;

/// Room for themes, so that it seldom has to grow.
const USUAL: usize = 16;

/// What may repeat in a panel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Theme {
    /// A number that is equal for articles of one topic; `None` for no topic.
    pub topic: Option<u32>,
    /// A number that is equal for articles of one kind.
    pub kind: u32,
}

/// Leaves the best set of `most` of `ranked`, in the order it had; `ranked` stands by falling score.
///
/// Candidates that no other could displace are in. The places left go, one after the other, to the candidate with the
/// highest `score * (1 - DIVERSITY * (t + k) / 2)`, where t and k are the shares of chosen ones with its topic and its kind;
/// ties to the one that stood first.
pub fn diversify<T>(
    ranked: &mut Vec<T>,
    most: usize,
    score: impl Fn(&T) -> f64,
    theme: impl Fn(&T) -> Theme,
) {
    if most == 0 || ranked.len() <= most {
        ranked.truncate(most);
        return;
    }
    let outside = score(&ranked[most]);
    let within = |least: f64| ranked.partition_point(|one| score(one) >= least);
    let safe = within(outside / (1.0 - DIVERSITY)).min(most);
    let reach = within(score(&ranked[most - 1]) * (1.0 - DIVERSITY));
    let mut chosen = Vec::with_capacity(most);
    chosen.extend(0..safe);
    let mut heads = Vec::with_capacity(USUAL);
    for (at, one) in ranked.iter().enumerate().take(reach).skip(safe) {
        let theme = theme(one);
        if heads.iter().all(|head: &Head| head.theme != theme) {
            heads.push(Head::new(at, theme));
        }
    }
    for head in &mut heads {
        chosen.iter().for_each(|&at| head.count(theme(&ranked[at])));
    }
    while chosen.len() < most && !heads.is_empty() {
        // Shares are parts of so many.
        let of_each = DIVERSITY / (2 * chosen.len().max(1)) as f64;
        let value = |head: &Head| score(&ranked[head.at]) * head.factor(of_each);
        let place = best_of(&heads, value);
        let Head { at, theme: own, .. } = heads[place];
        heads.iter_mut().for_each(|head| head.count(own));
        chosen.push(at);
        match (at + 1..reach).find(|&next| theme(&ranked[next]) == own) {
            Some(next) => heads[place].at = next,
            None => {
                heads.swap_remove(place);
            }
        }
    }
    chosen.sort_unstable();
    for (place, &at) in chosen.iter().enumerate() {
        ranked.swap(place, at);
    }
    ranked.truncate(most);
}

/// The first candidate of its theme that may still be chosen: all of one theme are put back alike, so no other of them can
/// come before it.
struct Head {
    at: usize,
    theme: Theme,
    /// How many of the chosen ones have its topic.
    of_topic: u32,
    /// How many have its kind.
    of_kind: u32,
}

impl Head {
    fn new(at: usize, theme: Theme) -> Self {
        Self {
            at,
            theme,
            of_topic: 0,
            of_kind: 0,
        }
    }

    /// Counts a chosen one.
    fn count(&mut self, chosen: Theme) {
        let topic = self.theme.topic.is_some() && self.theme.topic == chosen.topic;
        self.of_topic += u32::from(topic);
        self.of_kind += u32::from(self.theme.kind == chosen.kind);
    }

    /// What is left of its score beside others, each of which takes `of_each` for its topic and for its kind.
    fn factor(&self, of_each: f64) -> f64 {
        1.0 - of_each * f64::from(self.of_topic + self.of_kind)
    }
}

/// The place of the head of highest value, ties to the one that stood first.
fn best_of(heads: &[Head], value: impl Fn(&Head) -> f64) -> usize {
    let mut best = (0, f64::NEG_INFINITY, usize::MAX);
    for (place, head) in heads.iter().enumerate() {
        let value = value(head);
        if value > best.1 || value == best.1 && head.at < best.2 {
            best = (place, value, head.at);
        }
    }
    best.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(ranked: &[(f64, u32, u32)], most: usize) -> Vec<usize> {
        let mut all: Vec<usize> = (0..ranked.len()).collect();
        diversify(
            &mut all,
            most,
            |&at| ranked[at].0,
            |&at| Theme {
                topic: (ranked[at].1 > 0).then_some(ranked[at].1),
                kind: ranked[at].2,
            },
        );
        all
    }

    #[test]
    fn of_near_equals_the_other_topic_is_taken_and_the_order_stays() {
        let ranked = [
            (0.9, 1, 1),
            (0.8, 1, 1),
            (0.5, 1, 1),
            (0.49, 2, 2),
            (0.2, 3, 3),
        ];
        assert_eq!(chosen(&ranked, 3), [0, 1, 3]);
        assert_eq!(chosen(&ranked, 4), [0, 1, 2, 3]);
        assert_eq!(chosen(&ranked, 9), [0, 1, 2, 3, 4]);
        assert_eq!(chosen(&ranked, 0), [0; 0]);
    }

    #[test]
    fn a_clearly_better_one_is_never_displaced() {
        let ranked = [(0.9, 1, 1), (0.8, 1, 1), (0.7, 1, 1), (0.5, 2, 2)];
        assert_eq!(chosen(&ranked, 3), [0, 1, 2]);
    }

    #[test]
    fn where_all_are_of_one_topic_and_kind_the_best_are_taken() {
        let ranked: Vec<(f64, u32, u32)> = (0..30)
            .map(|at| (0.5 - f64::from(at) * 0.001, 1, 1))
            .collect();
        assert_eq!(chosen(&ranked, 20), (0..20).collect::<Vec<_>>());
        let untold: Vec<(f64, u32, u32)> = ranked.iter().map(|one| (one.0, 0, 1)).collect();
        assert_eq!(chosen(&untold, 20), (0..20).collect::<Vec<_>>());
    }
}
